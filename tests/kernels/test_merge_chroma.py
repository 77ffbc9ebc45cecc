"""merge_chroma: lightness is kept, gray stays gray, chroma is shortened and never clipped."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from luvcolor_kernels import luminance, merge_chroma, reference, rgb_to_luv

Array = npt.NDArray[Any]

RNG = np.random.default_rng(0)
LIGHT = (RNG.random((67, 71)) * 100).astype(np.float32)


def chroma(height: int, width: int, scale: float = 80.0) -> Array:
    rng = np.random.default_rng(height * 1000 + width)
    return rng.normal(0, scale, (2, height, width)).astype(np.float32)


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (7, 1), (13, 17), (67, 71), (101, 150)], ids=str)
@pytest.mark.parametrize("follow", [False, True], ids=["flat", "slope"])
@pytest.mark.parametrize(
    ("dtype", "atol"), [("uint8", 1), ("uint16", 2), ("float32", 2e-5), ("float16", 6e-4)]
)
def test_it_matches_bisection_in_float64(
    size: tuple[int, int], follow: bool, dtype: str, atol: float
) -> None:
    uv = chroma(*size)
    slope = chroma(*size, scale=1.0)[:, ::-1] if follow else None
    rgb = merge_chroma(LIGHT, uv, slope=slope, dtype=dtype)
    assert rgb.dtype == np.dtype(dtype)
    assert rgb.shape == (67, 71, 3)
    expected = reference.merge_chroma(LIGHT, uv, slope=slope, dtype=dtype).astype(np.float64)
    np.testing.assert_allclose(rgb.astype(np.float64), expected, rtol=0, atol=atol)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_no_chroma_gives_back_every_gray_exactly(dtype: str) -> None:
    gray = np.arange(np.iinfo(dtype).max + 1, dtype=dtype).reshape(-1, 16)
    for light in (gray, luminance(gray)):
        rgb = merge_chroma(light, np.zeros((2, 3, 5), np.float32), dtype=dtype)
        np.testing.assert_array_equal(rgb, np.repeat(gray[..., None], 3, axis=-1))


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("follow", [False, True], ids=["flat", "slope"])
def test_a_gray_picture_stands_for_its_lightness(dtype: str, follow: bool) -> None:
    gray, uv = RNG.integers(0, np.iinfo(dtype).max + 1, (67, 71), dtype), chroma(5, 7)
    slope = chroma(5, 7, scale=1.0) if follow else None
    found = merge_chroma(gray, uv, slope=slope, dtype=np.float32)
    expected = merge_chroma(luminance(gray), uv, slope=slope, dtype=np.float32)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("axis", [-1, -3, 1, 2])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float16"])
def test_a_batch_is_its_pictures_with_channels_along_any_axis(axis: int, dtype: str) -> None:
    batch, uv = np.stack([LIGHT, LIGHT[::-1], LIGHT / 2]), np.stack([chroma(5, 7)] * 3)
    uv[1] *= -1
    found = merge_chroma(batch, uv, slope=uv / 100, dtype=dtype, channel_axis=axis)
    each = [
        merge_chroma(one, two, slope=two / 100, dtype=dtype)
        for one, two in zip(batch, uv, strict=True)
    ]
    atol = {"float16": 6e-4, "float32": 1e-5}.get(dtype, 1)
    expected = np.moveaxis(np.stack(each), -1, axis).astype(np.float64)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.astype(np.float64), expected, rtol=0, atol=atol)


@pytest.mark.parametrize("size", [(1, 1), (2, 4099), (7, 9), (3, 5000)], ids=str)
def test_pictures_wider_than_a_strip_match_float64(size: tuple[int, int]) -> None:
    light, uv = (RNG.random((3, 4999)) * 100).astype(np.float32), chroma(*size)
    found = merge_chroma(light, uv, slope=uv / 100, dtype=np.float32)
    expected = reference.merge_chroma(light, uv, slope=uv / 100, dtype=np.float64)
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-5)


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    batch, uv = (RNG.random((3, 301, 307)) * 100).astype(np.float32), chroma(5, 7)
    results = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("LUVCOLOR_THREADS", threads)
        results.append(merge_chroma(batch, np.stack([uv, -uv, uv]), dtype=np.float32))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_the_chroma_of_a_uint8_picture_gives_it_back() -> None:
    rgb = RNG.integers(0, 256, (300, 310, 3), np.uint8)
    luv = rgb_to_luv(rgb)
    merged = merge_chroma(luv[..., 0], np.ascontiguousarray(luv[..., 1:].transpose(2, 0, 1)))
    np.testing.assert_array_equal(merged, rgb)


@pytest.mark.parametrize("scale", [5.0, 80.0, 1000.0, 1e6])
def test_lightness_is_kept(scale: float) -> None:
    rgb = merge_chroma(LIGHT, chroma(23, 29, scale), dtype=np.float32)
    np.testing.assert_allclose(reference.luminance(rgb), LIGHT, rtol=0, atol=2e-3)


@settings(max_examples=150, deadline=None)
@given(
    st.floats(0.0, 100.0, width=32),
    st.floats(-500.0, 500.0, width=32),
    st.floats(-500.0, 500.0, width=32),
)
def test_chroma_keeps_its_hue_and_is_shortened_no_more_than_needed(
    light: float, u: float, v: float
) -> None:
    uv = np.array([u, v], np.float32).reshape(2, 1, 1)
    rgb = merge_chroma(np.full((1, 1), light, np.float32), uv, dtype=np.float32)
    expected = reference.merge_chroma(np.full((1, 1), light), uv, dtype=np.float64)
    np.testing.assert_allclose(rgb, expected, rtol=0, atol=1e-4)


def test_the_hue_of_shortened_chroma_is_kept() -> None:
    uv = np.array([150.0, -220.0], np.float32).reshape(2, 1, 1)
    light = np.linspace(5, 95, 50, dtype=np.float32)[None]
    found = reference.rgb_to_luv(merge_chroma(light, uv, dtype=np.float32))[0]
    hue = np.arctan2(found[:, 2], found[:, 1])
    np.testing.assert_allclose(hue, np.arctan2(-220.0, 150.0), atol=2e-3)


def test_clipping_each_channel_would_have_changed_the_lightness() -> None:
    luv = np.array([[[60.0, 200.0, 100.0]]])
    clipped = reference.luminance(reference.luv_to_rgb(luv, dtype=np.float64))
    assert abs(clipped[0, 0] - 60.0) > 1.0
    merged = merge_chroma(luv[..., 0], luv[..., 1:].transpose(2, 0, 1), dtype=np.float32)
    assert abs(reference.luminance(merged)[0, 0] - 60.0) < 1e-3


@pytest.mark.parametrize("size", [(1, 1), (5, 9), (67, 71), (90, 40)], ids=str)
def test_it_interpolates_as_torch_does(size: tuple[int, int]) -> None:
    uv = chroma(*size, scale=10.0)
    wide = torch.nn.functional.interpolate(
        torch.from_numpy(uv)[None], size=LIGHT.shape, mode="bilinear", align_corners=False
    )[0].numpy()
    expected = merge_chroma(LIGHT, wide, dtype=np.float32)
    found = merge_chroma(LIGHT, uv, dtype=np.float32)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_slope_makes_chroma_follow_lightness() -> None:
    slope = chroma(4, 4, scale=0.3)
    wide = reference.bilinear(slope, *LIGHT.shape) * LIGHT
    expected = merge_chroma(LIGHT, wide.astype(np.float32), dtype=np.float32)
    found = merge_chroma(LIGHT, np.zeros_like(slope), slope=slope, dtype=np.float32)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("light", [-20.0, 0.0, 100.0, 120.0])
def test_lightness_at_and_beyond_the_ends_is_black_or_white(light: float) -> None:
    rgb = merge_chroma(np.full((2, 2), light, np.float32), chroma(2, 2))
    assert (rgb == (0 if light <= 0 else 255)).all()


def test_out_and_input_may_be_views() -> None:
    big = np.zeros((134, 71, 3), np.uint8)
    uv = chroma(14, 18)
    merge_chroma(LIGHT, uv, out=big[::2])
    np.testing.assert_array_equal(big[::2], merge_chroma(LIGHT, uv))
    turned = np.asfortranarray(LIGHT)
    np.testing.assert_array_equal(merge_chroma(turned, uv), merge_chroma(LIGHT, uv))
    for dtype in ("uint8", "float16"):
        planes = np.zeros((3, 67, 142), dtype)
        merge_chroma(LIGHT, uv, dtype=dtype, channel_axis=0, out=planes[..., ::2])
        expected = merge_chroma(LIGHT, uv, dtype=dtype, channel_axis=0)
        np.testing.assert_array_equal(planes[..., ::2], expected)
        assert not planes[..., 1::2].any()


def test_out_may_lie_where_the_lightness_is() -> None:
    memory, uv = np.zeros(3 * LIGHT.size, np.float32), chroma(5, 7)
    light, out = memory[1000 : 1000 + LIGHT.size].reshape(LIGHT.shape), memory.reshape(67, 71, 3)
    light[...] = LIGHT
    merge_chroma(light, uv, dtype=np.float32, out=out)
    np.testing.assert_array_equal(out, merge_chroma(LIGHT, uv, dtype=np.float32))


def test_nan_touches_no_other_pixel() -> None:
    light = LIGHT.copy()
    light[3, 4] = np.nan
    found, expected = merge_chroma(light, chroma(5, 5)), merge_chroma(LIGHT, chroma(5, 5))
    found[3, 4] = expected[3, 4]
    np.testing.assert_array_equal(found, expected)
