"""rgb_to_luv, luv_to_rgb and luminance in the simulator, against float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from luvcolor_kernels import reference
from tests.kernels.cuda.layouts import LAYOUTS
from tests.kernels.cuda.memory import Array, placed
from tests.kernels.numba.simulation import KERNELS, small_blocks

RANDOM = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _small_blocks() -> Iterator[None]:
    with small_blocks():
        yield


def picture(*shape: int, dtype: str = "uint8") -> Array:
    if dtype.startswith("float"):
        return RANDOM.random(shape).astype(dtype)
    return RANDOM.integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def luv_of(*shape: int, dtype: str = "float32") -> Array:
    return reference.rgb_to_luv(RANDOM.random(shape)).astype(dtype)


def forward(rgb: Array, axis: int = -1, dtype: str = "float32", out: Any = None) -> Array:
    result: Array = KERNELS.rgb_to_luv(rgb, dtype=dtype, channel_axis=axis, out=out)
    return result


def backward(luv: Array, axis: int = -1, dtype: str = "uint8", out: Any = None) -> Array:
    result: Array = KERNELS.luv_to_rgb(luv, dtype=dtype, channel_axis=axis, out=out)
    return result


@pytest.mark.parametrize("layout", LAYOUTS)
def test_forward_of_every_layout(layout: str) -> None:
    rgb = LAYOUTS[layout](picture(5, 11, 3))
    np.testing.assert_allclose(forward(rgb), reference.rgb_to_luv(rgb), rtol=0, atol=1e-4)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_backward_to_every_layout(layout: str) -> None:
    luv = placed(luv_of(5, 11, 3))
    out = LAYOUTS[layout](np.zeros((5, 11, 3), np.uint8))
    assert backward(luv, out=out) is out
    np.testing.assert_array_equal(out, reference.luv_to_rgb(luv))


@pytest.mark.parametrize("axis", [-1, -3])
@pytest.mark.parametrize(
    ("dtype", "out", "atol"),
    [
        ("uint8", "float16", 0.07),
        ("uint16", "float32", 1e-4),
        ("float16", "float32", 1e-4),
        ("float32", "float16", 0.07),
    ],
)
def test_forward_of_every_type(dtype: str, out: str, atol: float, axis: int) -> None:
    rgb = placed(picture(2, 3, 3, 7, dtype=dtype) if axis == -3 else picture(2, 5, 3, dtype=dtype))
    expected = reference.rgb_to_luv(rgb, channel_axis=axis)
    np.testing.assert_allclose(forward(rgb, axis, out), expected, rtol=0, atol=atol)


@pytest.mark.parametrize("axis", [-1, -3])
@pytest.mark.parametrize(
    ("dtype", "out", "atol"),
    [
        ("float32", "uint16", 1),
        ("float32", "float16", 6e-4),
        ("float32", "float32", 2e-5),
        ("float16", "uint8", 0),
    ],
)
def test_backward_to_every_type(dtype: str, out: str, atol: float, axis: int) -> None:
    luv = luv_of(2, 13, 3, dtype=dtype)
    luv = placed(np.ascontiguousarray(np.moveaxis(luv[None], -1, axis)))
    expected = reference.luv_to_rgb(luv, dtype=out, channel_axis=axis).astype(np.float64)
    found = backward(luv, axis, out).astype(np.float64)
    np.testing.assert_allclose(found, expected, rtol=0, atol=atol)


def test_more_pictures_and_pixels_than_threads() -> None:
    rgb = placed(picture(4, 3, 29, 19))
    expected = reference.rgb_to_luv(rgb, channel_axis=-3)
    np.testing.assert_allclose(forward(rgb, -3), expected, rtol=0, atol=1e-4)


def test_blocks_of_full_size() -> None:
    rgb = placed(picture(1, 13, 3))
    with small_blocks(256):
        np.testing.assert_allclose(forward(rgb), reference.rgb_to_luv(rgb), rtol=0, atol=1e-4)


def test_all_levels_survive_there_and_back() -> None:
    levels = np.arange(256, dtype=np.uint8)
    rgb = placed(np.stack([levels, np.roll(levels, 85), levels[::-1]], -1))
    np.testing.assert_array_equal(backward(forward(rgb)), rgb)


def test_conversion_in_place() -> None:
    rgb = placed(picture(3, 5, 3, dtype="float32"))
    expected = reference.rgb_to_luv(rgb)
    assert forward(rgb, out=rgb) is rgb
    np.testing.assert_allclose(rgb, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("run", [forward, backward])
def test_a_nan_touches_only_its_pixel(run: Any) -> None:
    pixels = placed(picture(3, 7, 3, dtype="float32"))
    clean = run(pixels)
    for place in [(1, 3, 0), (2, 6, 2)]:
        pixels[place] = np.nan
    kept = ~np.isnan(pixels).any(-1)
    np.testing.assert_array_equal(run(pixels)[kept], clean[kept])


def test_lightness_of_all_grays_is_that_of_the_table() -> None:
    grays = placed(np.arange(256, dtype=np.uint8).reshape(2, 128))
    found = KERNELS.luminance(grays, channel_axis=None, out=None)
    np.testing.assert_array_equal(found, reference.luminance(grays).astype(np.float32))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize(("shape", "axis"), [((3, 7, 3), -1), ((2, 3, 5, 3), -3), ((5, 7), -1)])
def test_lightness(dtype: str, shape: tuple[int, ...], axis: int) -> None:
    pixels = placed(picture(*shape, dtype=dtype))
    found = KERNELS.luminance(pixels, channel_axis=axis, out=None)
    expected = reference.luminance(pixels, channel_axis=axis)
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-5)


def test_lightness_of_every_other_pixel() -> None:
    grays, out = placed(picture(6, 20))[:, ::-2], placed(np.zeros((12, 10), np.float32))[::2]
    assert KERNELS.luminance(grays, channel_axis=None, out=out) is out
    np.testing.assert_allclose(out, reference.luminance(grays), rtol=0, atol=5e-5)
