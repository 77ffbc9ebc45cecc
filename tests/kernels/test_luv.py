"""rgb_to_luv and luv_to_rgb against float64 and against scikit-image."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import luv2rgb, rgb2luv  # type: ignore[attr-defined]

from luvcolor_kernels import luv_to_rgb, reference, rgb_to_luv
from luvcolor_kernels.cpu_math import half_bits

Array = npt.NDArray[Any]

SHAPES = [(3,), (1, 3), (1, 1, 3), (41, 53, 3), (7, 13, 11, 3), (2, 3, 5, 7, 3), (1031, 3)]
TOLERANCE = 1e-4


def random_rgb(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    rng = np.random.default_rng(seed)
    if dtype.startswith("float"):
        return rng.random(shape).astype(dtype)
    return rng.integers(0, np.iinfo(dtype).max + 1, shape, dtype)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32", "float64"])
def test_forward_matches_float64(shape: tuple[int, ...], dtype: str) -> None:
    rgb = random_rgb(shape, dtype)
    luv = rgb_to_luv(rgb)
    assert luv.dtype == np.float32
    assert luv.shape == shape
    np.testing.assert_allclose(luv, reference.rgb_to_luv(rgb), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    ("dtype", "atol"), [("uint8", 0), ("uint16", 1), ("float32", 2e-5), ("float16", 6e-4)]
)
def test_inverse_matches_float64(shape: tuple[int, ...], dtype: str, atol: float) -> None:
    luv = reference.rgb_to_luv(random_rgb(shape, "float32")).astype(np.float32)
    rgb = luv_to_rgb(luv, dtype=dtype)
    assert rgb.dtype == np.dtype(dtype)
    expected = reference.luv_to_rgb(luv, dtype=dtype).astype(np.float64)
    np.testing.assert_allclose(rgb.astype(np.float64), expected, rtol=0, atol=atol)


def test_rounding_to_float16_is_that_of_numpy() -> None:
    ties = np.r_[0x3F000000:0x3F010000:0x1000]
    ends = np.r_[0x33000000:0x33000040, 0x387FFFC0:0x38800040, 0x3F800000]
    bits = np.r_[0:0x3F800001:104729, ties, ends]
    values = bits.astype(np.int32).view(np.float32)
    found = np.array([half_bits(value) for value in values], np.uint16)
    np.testing.assert_array_equal(found, values.astype(np.float16).view(np.uint16))


@pytest.mark.parametrize("axis", [-1, 1])
def test_float16_is_float32_rounded(axis: int) -> None:
    luv = rgb_to_luv(random_rgb((2, 3, 41, 3), "uint8"), channel_axis=axis)
    found = luv_to_rgb(luv, dtype="float16", channel_axis=axis)
    expected = luv_to_rgb(luv, dtype="float32", channel_axis=axis)
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, expected, rtol=2.0**-11, atol=1e-6)


def test_forward_and_reference_match_scikit_image() -> None:
    rgb = random_rgb((64, 65, 3), "uint8")
    expected = rgb2luv(rgb)
    np.testing.assert_allclose(reference.rgb_to_luv(rgb), expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(rgb_to_luv(rgb), expected, rtol=0, atol=TOLERANCE)


def test_inverse_and_reference_match_scikit_image() -> None:
    luv = rgb2luv(random_rgb((64, 65, 3), "float64"))
    expected = luv2rgb(luv)
    found = reference.luv_to_rgb(luv, dtype=np.float64)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    found = luv_to_rgb(luv.astype(np.float32), dtype=np.float32)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5)


def test_black_and_white_are_where_cie_puts_them() -> None:
    luv = rgb_to_luv(np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8))[0]
    np.testing.assert_array_equal(luv[0], 0)
    np.testing.assert_allclose(luv[1], [100, 0, 0], atol=0.01)


def test_every_uint8_color_is_close_to_float64_and_survives_the_round_trip() -> None:
    green, blue = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    rgb = np.empty((16, 256, 256, 3), np.uint8)
    rgb[..., 1], rgb[..., 2] = green, blue
    for red in range(0, 256, 16):
        rgb[..., 0] = np.arange(red, red + 16)[:, None, None]
        luv = rgb_to_luv(rgb)
        assert np.abs(luv - reference.rgb_to_luv(rgb)).max() < TOLERANCE
        np.testing.assert_array_equal(luv_to_rgb(luv), rgb)


def test_uint16_colors_survive_the_round_trip_to_one_level() -> None:
    rgb = random_rgb((1000, 1000, 3), "uint16")
    back = luv_to_rgb(rgb_to_luv(rgb), dtype=np.uint16)
    assert np.abs(back.astype(int) - rgb).max() <= 1


def test_float_colors_survive_the_round_trip() -> None:
    rgb = random_rgb((500, 500, 3), "float32")
    back = luv_to_rgb(rgb_to_luv(rgb), dtype=np.float32)
    np.testing.assert_allclose(back, rgb, rtol=0, atol=2e-5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-0.5, 3.0, width=32), min_size=3, max_size=3))
def test_floats_beyond_the_gamut_follow_the_same_curve(color: list[float]) -> None:
    rgb = np.array([color], np.float32)
    expected = reference.rgb_to_luv(rgb)
    linear = reference.decode(rgb) @ [[1.0], [15.0], [3.0]]
    if linear.min() > 0.5:  # a colour without light has no chromaticity
        np.testing.assert_allclose(rgb_to_luv(rgb), expected, rtol=2e-5, atol=1e-3)


def test_inverse_clips_each_channel_to_the_gamut() -> None:
    luv = np.array([[60, 200, 0], [60, -200, 50], [150, 0, 0], [-5, 0, 0]], np.float32)
    rgb = luv_to_rgb(luv, dtype=np.float32)
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    np.testing.assert_allclose(rgb, reference.luv_to_rgb(luv, dtype=np.float64), atol=2e-5)


def test_nan_touches_no_other_pixel() -> None:
    rgb = random_rgb((50, 3), "float32")
    broken = rgb.copy()
    broken[7, 1] = np.nan
    others = np.arange(50) != 7
    np.testing.assert_array_equal(rgb_to_luv(broken)[others], rgb_to_luv(rgb)[others])
    luv = rgb_to_luv(rgb)
    broken = luv.copy()
    broken[7, 2] = np.nan
    np.testing.assert_array_equal(luv_to_rgb(broken)[others], luv_to_rgb(luv)[others])


def peak_of(call: Callable[[], Array]) -> tuple[int, int]:
    """Bytes of the result, and the most that were allocated at a time."""
    tracemalloc.start()
    result = call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result.nbytes, peak


def test_nothing_but_the_result_is_allocated() -> None:
    rgb = random_rgb((600, 700, 3), "uint8")
    luv = rgb_to_luv(rgb)
    luv_to_rgb(luv)  # so that tables and machine code are there
    for size, peak in (peak_of(lambda: rgb_to_luv(rgb)), peak_of(lambda: luv_to_rgb(luv))):
        assert peak < size + 64 * 1024


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    rgb = random_rgb((701, 503, 3), "uint8")
    results = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("LUVCOLOR_THREADS", threads)
        results.append(rgb_to_luv(rgb))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
