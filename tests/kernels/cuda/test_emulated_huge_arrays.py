"""Arrays of more than 2 ** 31 elements: only the pages that a block touches are ever there."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from luvcolor_kernels import reference
from luvcolor_kernels.gpu import Argument
from luvcolor_kernels.libraries import Place
from tests.kernels.cuda.emulation import NUMPY, EmulatedEngine, emulated

pytestmark = pytest.mark.proof

Array = npt.NDArray[Any]

MANY = 1 << 31
MAP_NORESERVE = 0x4000


def sparse(shape: tuple[int, ...], dtype: str) -> Array:
    """Make an array of zeros that takes memory only where it is written."""
    size = int(np.prod([*shape, np.dtype(dtype).itemsize], dtype=np.int64))
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE
    try:
        memory = mmap.mmap(-1, size, flags=flags)
    except OSError as error:
        pytest.skip(f"this machine does not lend {size} bytes of addresses: {error}")
    return np.frombuffer(memory, dtype).reshape(shape)


def last_block(**settings: Any) -> Any:
    """Return kernels of which only the last block of a grid without end runs."""
    return emulated(checked=False, only=(-1, -1), most_blocks=1 << 40, **settings)[0]


def noise(shape: tuple[int, ...]) -> Array:
    return np.random.default_rng(0).integers(1, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("axis", [-1, 0])
def test_colors_beyond_two_billion_elements_are_converted(axis: int) -> None:
    length = MANY + 999
    rgb = sparse((length, 3) if axis == -1 else (3, length), "uint8")
    luv = sparse(rgb.shape, "float16")
    tail = (slice(-900, None), slice(None)) if axis == -1 else (slice(None), slice(-900, None))
    rgb[tail] = noise(rgb[tail].shape)
    kernels = last_block()
    kernels.rgb_to_luv(rgb, dtype="float16", channel_axis=axis, out=luv)
    expected = reference.rgb_to_luv(rgb[tail], channel_axis=axis)
    np.testing.assert_allclose(luv[tail].astype(float), expected, rtol=1e-3, atol=1e-3)
    back = sparse(rgb.shape, "uint8")
    kernels.luv_to_rgb(luv, dtype="uint8", channel_axis=axis, out=back)
    assert np.abs(back[tail].astype(int) - rgb[tail]).max() <= 2


def test_lightness_beyond_two_billion_pixels_is_computed() -> None:
    gray, light = sparse((MANY + 999,), "uint8"), sparse((MANY + 999,), "float32")
    gray[-900:] = noise((900,))
    last_block().luminance(gray, channel_axis=None, out=light)
    expected = reference.luminance(gray[-900:], channel_axis=None)
    np.testing.assert_allclose(light[-900:], expected, rtol=0, atol=1e-4)


def test_pictures_beyond_two_billion_pixels_are_averaged() -> None:
    gray = sparse((3, 30000, 30000), "uint8")
    gray[2, -30:] = noise((30, 30000))
    out = last_block().luma_to_input(
        gray, (1000, 1000), channel_axis=None, mean=0.0, std=100.0, dtype="float32", out=None
    )
    expected = reference.luma_to_input(gray[2, -30:], (1, 1000))[0, 0, 0, -3:]
    np.testing.assert_allclose(out[2, 0, -1, -3:], expected, rtol=0, atol=1e-6)


def test_pictures_beyond_two_billion_pixels_are_merged() -> None:
    light, rgb = sparse((2, 40000, 40000), "uint8"), sparse((2, 40000, 40000, 3), "uint8")
    uv = np.zeros((2, 2, 1, 1), np.float32)
    light[1, -8:, -64:] = noise((8, 64))
    last_block().merge_chroma(light, uv, slope=None, dtype="uint8", channel_axis=-1, out=rgb)
    expected = np.repeat(light[1, -8:, -64:, None], 3, axis=-1)
    np.testing.assert_array_equal(rgb[1, -8:, -64:], expected)


def test_chroma_beyond_two_billion_elements_is_smoothed() -> None:
    pictures, side = 1 << 16, 160
    light, uv = (
        sparse((pictures, side, side), "float16"),
        sparse((pictures, 2, side, side), "float16"),
    )
    local, offset, slope = (sparse(uv.shape, "float32") for _ in range(3))
    random = np.random.default_rng(0)
    light[-1] = random.random((side, side)) * 100
    uv[-1] = random.normal(0, 30, (2, side, side))
    expected = reference.follow_lightness(light[-1], uv[-1], radius=1, noise=4.0, steepest=1.0)
    numbers = [np.int64(n) for n in (pictures, side, side, 1)]
    variant: dict[str, str | int] = {"LIGHT": "float16", "UV": "float16"}
    blocks = pictures * side * side // 256
    views = [NUMPY.view(array) for array in (light, uv, local, offset, slope)]
    for block in range(-100, 0):  # the last picture: its last rows need those above
        engine = EmulatedEngine(checked=False, only=(block, 0))
        local_arguments: list[Argument] = [*views[:3], *numbers, np.float32(4.0)]
        engine.run("local_slope", variant, (blocks, 1), (256, 1), local_arguments, Place(0, 0))
    engine = EmulatedEngine(checked=False, only=(-1, 0))
    arguments: list[Argument] = [*views, *numbers, np.float32(1.0)]
    engine.run("smooth_slope", variant, (blocks, 1), (256, 1), arguments, Place(0, 0))
    found = (offset[-1, :, -1, -90:], slope[-1, :, -1, -90:])
    np.testing.assert_allclose(found[0], expected[0][:, -1, -90:], rtol=0, atol=2e-3)
    np.testing.assert_allclose(found[1], expected[1][:, -1, -90:], rtol=0, atol=2e-5)
