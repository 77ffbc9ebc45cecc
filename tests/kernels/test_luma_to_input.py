"""luma_to_input: the mean lightness of exactly the area that each pixel of the result covers."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from luvcolor_kernels import luma_to_input, luminance, reference

Array = npt.NDArray[Any]

TYPES = ["uint8", "uint16", "float16", "float32", "float64"]
SIZES = [(1, 1), (1, 5), (13, 1), (7, 11), (13, 17), (61, 67), (67, 71), (101, 150)]
TOLERANCE = 1e-4


def pictures(shape: tuple[int, ...], dtype: str = "uint8") -> Array:
    rng = np.random.default_rng(sum(shape))
    if dtype.startswith("float"):
        return rng.random(shape).astype(dtype)
    return rng.integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def assert_matches(rgb_or_gray: Array, size: tuple[int, int], channel_axis: int | None) -> None:
    found = luma_to_input(rgb_or_gray, size, channel_axis=channel_axis, std=1.0)
    expected = reference.luma_to_input(rgb_or_gray, size, channel_axis=channel_axis, std=1.0)
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("dtype", TYPES)
def test_gray_matches_float64(dtype: str, size: tuple[int, int]) -> None:
    assert_matches(pictures((67, 71), dtype), size, None)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("dtype", TYPES)
def test_colors_match_float64(dtype: str, size: tuple[int, int]) -> None:
    assert_matches(pictures((67, 71, 3), dtype), size, -1)


@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((3, 31, 37), None),
        ((5, 1, 37), None),
        ((4, 31, 37, 3), -1),
        ((3, 31, 37), -3),
        ((4, 3, 31, 37), -3),
        ((31, 3, 37), 1),
        ((3, 4, 31, 37), 0),
    ],
    ids=str,
)
def test_batches_and_layouts_match_float64(shape: tuple[int, ...], axis: int | None) -> None:
    assert_matches(pictures(shape), (7, 11), axis)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 3)], ids=str)
def test_tiny_pictures_match_float64(shape: tuple[int, int]) -> None:
    for size in [(1, 1), (2, 3), (5, 7)]:
        assert_matches(pictures(shape), size, None)
        assert_matches(pictures((*shape, 3)), size, -1)


def test_rows_longer_than_a_block_and_areas_higher_than_a_sum_match_float64() -> None:
    assert_matches(pictures((9, 2501)), (2, 3), None)
    assert_matches(pictures((9, 2501, 3)), (2, 1201), -1)
    assert_matches(pictures((997, 5)), (3, 2), None)


@pytest.mark.parametrize(
    "view",
    [
        np.s_[:, ::2],
        np.s_[:, :, ::-1],
        np.s_[:, ::-3, 5:],
        np.s_[..., ::-1],
        np.s_[::-2, 3:, ::5],
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_views_are_read_as_they_are_seen(view: Any, dtype: str) -> None:
    rgb = pictures((5, 41, 37, 3), dtype)[view]
    assert_matches(rgb, (5, 3), -1)
    assert_matches(rgb.transpose(0, 3, 1, 2), (5, 3), -3)
    assert_matches(rgb[..., 1], (5, 3), None)
    assert_matches(np.broadcast_to(rgb[:, :1], rgb.shape), (5, 3), -1)


def test_elements_that_lie_across_each_other_are_read_as_they_are_seen() -> None:
    packed = np.zeros(67 * 71, np.dtype([("gray", np.float32), ("flag", np.uint8)]))
    packed["gray"] = pictures((67 * 71,), "float32")
    assert_matches(packed["gray"].reshape(67, 71), (7, 11), None)
    swapped = pictures((67, 71), "uint16").astype(">u2")
    native = swapped.astype(np.uint16)
    np.testing.assert_array_equal(luma_to_input(swapped, (7, 11)), luma_to_input(native, (7, 11)))


def test_memory_beyond_32_bits_is_reached() -> None:
    rows = 1 << 31
    gray = np.zeros(rows + 10, np.uint8)[:: rows + 5].reshape(2, 1)  # pages that stay untouched
    gray[1] = 255
    np.testing.assert_array_equal(luma_to_input(gray, (2, 1)).ravel(), [0, 1])


@pytest.mark.parametrize("size", [(1, 1), (6, 8), (12, 40), (60, 80), (120, 160)], ids=str)
def test_it_averages_as_torch_does_where_sizes_divide(size: tuple[int, int]) -> None:
    gray = pictures((60, 80))
    light = torch.from_numpy(luminance(gray))[None, None]
    expected = torch.nn.functional.interpolate(light, size=size, mode="area").numpy()
    np.testing.assert_allclose(luma_to_input(gray, size, std=1.0), expected, rtol=1e-6, atol=0)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 255),
    st.tuples(st.integers(1, 90), st.integers(1, 90)),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
def test_the_mean_of_a_constant_picture_is_the_constant(
    level: int, shape: tuple[int, int], size: tuple[int, int]
) -> None:
    gray = np.full(shape, level, np.uint8)
    expected = np.broadcast_to(luminance(gray[:1, :1]), (1, 1, *size))
    np.testing.assert_allclose(luma_to_input(gray, size, std=1.0), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("shape", [(700, 3001), (5, 100_003), (100_003, 3)], ids=str)
def test_large_areas_lose_no_digits(shape: tuple[int, int]) -> None:
    gray = np.full(shape, 200, np.uint8)
    for size in [(1, 1), (2, 3)]:
        found = luma_to_input(gray, size, std=1.0)
        np.testing.assert_allclose(found, luminance(gray)[0, 0], rtol=5e-7)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.tuples(st.integers(1, 90), st.integers(1, 90)),
)
def test_the_mean_of_all_pixels_is_kept(shape: tuple[int, int], size: tuple[int, int]) -> None:
    gray = pictures(shape)
    mean = reference.luminance(gray).mean()
    found = luma_to_input(gray, size, std=1.0).mean(dtype=np.float64)
    assert found == pytest.approx(mean, abs=TOLERANCE)


def test_it_is_normalized() -> None:
    gray = pictures((67, 71))
    light = luma_to_input(gray, (7, 11), std=1.0)
    np.testing.assert_allclose(luma_to_input(gray, (7, 11)), light / 100, rtol=1e-6)
    found = luma_to_input(gray, (7, 11), mean=48.5, std=-27.0)
    np.testing.assert_allclose(found, (light - 48.5) / -27.0, rtol=0, atol=1e-5)


def test_float16_is_float32_rounded() -> None:
    gray = pictures((67, 71))
    half = luma_to_input(gray, (7, 11), dtype="float16")
    assert half.dtype == np.float16
    np.testing.assert_array_equal(half, luma_to_input(gray, (7, 11)).astype(np.float16))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_out_receives_the_result_and_may_be_a_view(dtype: str) -> None:
    rgb = pictures((2, 31, 37, 3))
    expected = luma_to_input(rgb, (7, 11), dtype=dtype)
    wide = np.zeros((2, 1, 14, 11), dtype)
    out = wide[:, :, ::2]
    assert luma_to_input(rgb, (7, 11), dtype=dtype, out=out) is out
    np.testing.assert_array_equal(out, expected)
    assert not wide[:, :, 1::2].any()


def test_out_may_be_the_input() -> None:
    gray = pictures((31, 37), "float32")
    expected = luma_to_input(gray, (31, 37))
    luma_to_input(gray, (31, 37), out=gray[None, None, ::-1])
    np.testing.assert_array_equal(gray[::-1], expected[0, 0])


def test_no_pictures_give_none() -> None:
    assert luma_to_input(np.empty((0, 5, 4, 3), np.uint8), (7, 11)).shape == (0, 1, 7, 11)
    assert luma_to_input(np.empty((0, 0, 4), np.uint8), (7, 11), channel_axis=None).size == 0


@pytest.mark.parametrize("channels", [1, 3])
def test_nan_touches_only_the_pixels_that_cover_it(channels: int) -> None:
    rgb = pictures((60, 70, 3), "float32")[..., :channels].squeeze()
    broken = rgb.copy()
    broken[20, 29] = np.nan  # covered by rows 3 of 10 and columns 2 of 7, and by no other
    found, expected = luma_to_input(broken, (10, 7)), luma_to_input(rgb, (10, 7))
    found[0, 0, 3, 2] = expected[0, 0, 3, 2]
    np.testing.assert_array_equal(found, expected)


def test_no_lightness_of_full_size_is_stored() -> None:
    rgb = pictures((600, 701, 3))[:, 1:]
    luma_to_input(rgb, (19, 23))  # so that tables and machine code are there
    tracemalloc.start()
    luma_to_input(rgb, (19, 23))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 1024


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    rgb = pictures((3, 301, 307, 3))
    results = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("LUVCOLOR_THREADS", threads)
        results.append(luma_to_input(rgb, (37, 41)))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
