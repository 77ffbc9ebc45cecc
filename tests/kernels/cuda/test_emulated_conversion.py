"""rgb_to_luv, luv_to_rgb and luminance of the GPU, run on the CPU, against float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from luvcolor_kernels import gpu, reference, runs
from tests.kernels.cuda.emulation import ORDERS, emulated
from tests.kernels.cuda.layouts import LAYOUTS
from tests.kernels.cuda.memory import placed
from tests.kernels.cuda.toolchain import Build

pytestmark = pytest.mark.proof

Array = npt.NDArray[Any]

RGB_TYPES = ["uint8", "uint16", "float16", "float32"]
FLOATS = ["float16", "float32"]
TOLERANCE = 5e-4
"""In L, u* and v*, with the approximate functions of the hardware at their worst."""


def random_rgb(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    rng = np.random.default_rng(seed)
    if dtype.startswith("float"):
        return rng.random(shape).astype(dtype)
    return rng.integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def random_luv(shape: tuple[int, ...], dtype: str = "float32") -> Array:
    luv: Array = reference.rgb_to_luv(random_rgb(shape, "float32")).astype(dtype)
    return luv


def half_step(values: Array, dtype: str) -> Array:
    """Half the distance between floats of a type: what rounding to it costs."""
    step: Array = np.spacing(np.abs(values).astype(dtype)).astype(np.float64)
    return step / 2


def forward(rgb: Array, *, out: Array | None = None, axis: int = -1, **settings: Any) -> Array:
    kernels, _ = emulated(**settings)
    luv: Array = kernels.rgb_to_luv(rgb, dtype="float32", channel_axis=axis, out=out)
    return luv


def backward(luv: Array, *, out: Array | None = None, axis: int = -1, **settings: Any) -> Array:
    kernels, _ = emulated(**settings)
    rgb: Array = kernels.luv_to_rgb(luv, dtype="uint8", channel_axis=axis, out=out)
    return rgb


@pytest.mark.slow
def test_every_uint8_color_is_close_to_float64_and_survives_the_round_trip(build: Build) -> None:
    green, blue = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    rgb = np.empty((16, 256, 256, 3), np.uint8)
    rgb[..., 1], rgb[..., 2] = green, blue
    for red in range(0, 256, 16):
        rgb[..., 0] = np.arange(red, red + 16)[:, None, None]
        luv = forward(rgb, build=build, checked=False)
        assert np.abs(luv - reference.rgb_to_luv(rgb)).max() <= TOLERANCE
        np.testing.assert_array_equal(backward(luv, build=build, checked=False), rgb)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("source", RGB_TYPES)
def test_forward_matches_float64(source: str, dtype: str, build: Build) -> None:
    rgb = random_rgb((41, 53, 3), source)
    kernels, _ = emulated(build=build)
    luv = kernels.rgb_to_luv(placed(rgb), dtype=dtype, channel_axis=-1, out=None)
    assert luv.dtype == np.dtype(dtype)
    expected = reference.rgb_to_luv(rgb)
    error = np.abs(luv - expected)
    assert (error <= TOLERANCE + half_step(expected, dtype)).all()


@pytest.mark.parametrize("dtype", RGB_TYPES)
@pytest.mark.parametrize("source", FLOATS)
def test_inverse_matches_float64(source: str, dtype: str, build: Build) -> None:
    luv = random_luv((41, 53, 3), source)
    kernels, _ = emulated(build=build)
    rgb = kernels.luv_to_rgb(placed(luv), dtype=dtype, channel_axis=-1, out=None)
    assert rgb.dtype == np.dtype(dtype)
    expected = reference.luv_to_rgb(luv, dtype=np.float64)
    whole = dtype.startswith("u")
    levels = np.iinfo(dtype).max if whole else 1.0
    rounding = 0.5 / levels if whole else half_step(expected, dtype)
    assert (np.abs(rgb / levels - expected) <= rounding + 2e-5).all()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", RGB_TYPES)
def test_luminance_matches_float64(dtype: str, channels: int, build: Build) -> None:
    pixels = random_rgb((41, 53, 3), dtype) if channels == 3 else random_rgb((41, 53), dtype)
    kernels, _ = emulated(build=build)
    light = kernels.luminance(placed(pixels), channel_axis=-1, out=None)
    assert light.shape == (41, 53)
    np.testing.assert_allclose(light, reference.luminance(pixels), rtol=0, atol=2e-4)


@pytest.mark.parametrize("color", [-0.5, -0.01, 0.0, 1.0, 2.5])
def test_floats_beyond_the_gamut_follow_the_same_curve(color: float, build: Build) -> None:
    rgb = np.array([[1.0, 1.2, color], [color, color, color]], np.float32)
    luv = forward(placed(rgb), build=build)
    np.testing.assert_allclose(luv, reference.rgb_to_luv(rgb), rtol=2e-5, atol=2e-3)


def test_colors_outside_the_gamut_are_clipped_channel_by_channel(build: Build) -> None:
    luv = np.array([[60, 200, 0], [60, -200, 50], [150, 0, 0], [-5, 0, 0]], np.float32)
    expected = reference.luv_to_rgb(luv)
    np.testing.assert_array_equal(backward(placed(luv), build=build), expected)


def test_black_and_white_survive_in_every_type(build: Build) -> None:
    kernels, _ = emulated(build=build)
    for dtype in RGB_TYPES:
        top = np.iinfo(dtype).max if dtype.startswith("u") else 1
        rgb = np.array([[0, 0, 0], [top, top, top]], dtype)
        luv = kernels.rgb_to_luv(placed(rgb), dtype="float32", channel_axis=-1, out=None)
        np.testing.assert_array_equal(luv[0], 0)
        back = kernels.luv_to_rgb(luv, dtype=dtype, channel_axis=-1, out=None)
        np.testing.assert_allclose(back.astype(float) / top, rgb.astype(float) / top, atol=2e-5)


@pytest.mark.parametrize("width", [12, 13])
@pytest.mark.parametrize("other", ["interleaved", "planar"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_either_side_changes_no_bit(layout: str, other: str, width: int) -> None:
    rgb = random_rgb((7, width, 3), "uint8")
    luv = forward(placed(rgb))
    arranged, plain = LAYOUTS[layout], LAYOUTS[other]
    blank_luv, blank_rgb = np.zeros_like(luv), np.zeros_like(rgb)
    np.testing.assert_array_equal(forward(arranged(rgb), out=plain(blank_luv)), luv)
    np.testing.assert_array_equal(forward(plain(rgb), out=arranged(blank_luv)), luv)
    np.testing.assert_array_equal(backward(arranged(luv), out=plain(blank_rgb)), rgb)
    np.testing.assert_array_equal(backward(plain(luv), out=arranged(blank_rgb)), rgb)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_luminance_reads_and_writes_every_layout(layout: str) -> None:
    rgb = random_rgb((7, 12, 3), "uint8")
    kernels, _ = emulated()
    expected = kernels.luminance(placed(rgb), channel_axis=-1, out=None)
    found = kernels.luminance(LAYOUTS[layout](rgb), channel_axis=-1, out=None)
    np.testing.assert_array_equal(found, expected)
    gray, out = LAYOUTS[layout](rgb)[..., 1], LAYOUTS[layout](np.zeros((7, 12, 3), np.float32))
    kernels.luminance(gray, channel_axis=-1, out=out[..., 1])
    np.testing.assert_allclose(out[..., 1], reference.luminance(gray), rtol=0, atol=2e-4)


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("interleaved", runs.INTERLEAVED),
        ("planar", runs.PLANAR),
        ("rows on multiples of four", runs.INTERLEAVED),
        ("interleaved, misaligned", runs.STRIDED),
        ("planar, misaligned", runs.STRIDED),
        ("RGBA", runs.STRIDED),
        ("BGR", runs.STRIDED),
        ("crop", runs.STRIDED),
    ],
)
def test_wide_accesses_are_used_where_they_are_aligned(layout: str, expected: int) -> None:
    kernels, engine = emulated()
    rgb = LAYOUTS[layout](random_rgb((8, 12, 3), "uint8"))
    kernels.rgb_to_luv(rgb, dtype="float32", channel_axis=-1, out=None)
    assert engine.launches[0][1]["IN_LAYOUT"] == expected


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 127, 1031, 4099])
@pytest.mark.parametrize("axis", [-1, 0])
def test_every_length_is_converted_to_its_end(length: int, axis: int) -> None:
    rgb = random_rgb((length, 3), "uint8")
    luv = reference.rgb_to_luv(rgb)
    if axis == 0:
        rgb, luv = np.ascontiguousarray(rgb.T), luv.T
    for most_blocks in (1, 3, 1000):
        found = forward(placed(rgb), axis=axis, most_blocks=most_blocks)
        np.testing.assert_allclose(found, luv, rtol=0, atol=1e-4)
        np.testing.assert_array_equal(backward(found, axis=axis, most_blocks=most_blocks), rgb)


@pytest.mark.parametrize(
    "shape", [(5, 3, 7, 9), (2, 5, 3, 4, 4), (1, 3, 1, 1), (3, 3, 2, 6)], ids=str
)
def test_batches_are_converted_in_one_launch(shape: tuple[int, ...], monkeypatch: Any) -> None:
    monkeypatch.setattr(gpu, "MOST_ROWS", 2)  # so that blocks go on to further pictures
    kernels, engine = emulated()
    rgb = random_rgb(shape, "uint8")
    luv = kernels.rgb_to_luv(placed(rgb), dtype="float32", channel_axis=-3, out=None)
    expected = reference.rgb_to_luv(rgb, channel_axis=-3)
    np.testing.assert_allclose(luv, expected, rtol=0, atol=1e-4)
    back = kernels.luv_to_rgb(luv, dtype="uint8", channel_axis=-3, out=None)
    np.testing.assert_array_equal(back, rgb)
    assert len(engine.launches) == 2


@pytest.mark.parametrize("shape", [(0, 3), (0, 5, 3), (4, 0, 3)], ids=str)
def test_nothing_is_launched_for_no_pixels(shape: tuple[int, ...]) -> None:
    kernels, engine = emulated()
    rgb = np.zeros(shape, np.uint8)
    luv = kernels.rgb_to_luv(rgb, dtype="float32", channel_axis=-1, out=None)
    light = kernels.luminance(rgb, channel_axis=-1, out=None)
    assert luv.shape == shape
    assert light.size == 0
    assert not engine.launches


def test_the_order_of_threads_changes_no_bit() -> None:
    rgb = placed(random_rgb((3001, 3), "uint8"))
    results = [forward(rgb, order=order, most_blocks=2) for order in ORDERS]
    backs = [backward(luv, order=order) for luv, order in zip(results, ORDERS, strict=True)]
    for luv, back in zip(results, backs, strict=True):
        np.testing.assert_array_equal(luv, results[0])
        np.testing.assert_array_equal(back, rgb)


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_result_may_take_the_place_of_the_input(dtype: str) -> None:
    rgb = random_rgb((5, 13, 3), dtype)
    kernels, _ = emulated()
    expected = kernels.rgb_to_luv(placed(rgb), dtype=dtype, channel_axis=-1, out=None)
    array = placed(rgb)
    assert kernels.rgb_to_luv(array, dtype=dtype, channel_axis=-1, out=array) is array
    np.testing.assert_array_equal(array, expected)


def test_one_color_may_stand_for_all_pixels() -> None:
    rgb = np.broadcast_to(placed(np.array([255, 0, 0], np.uint8)), (6, 5, 3))
    np.testing.assert_allclose(forward(rgb), reference.rgb_to_luv(rgb), rtol=0, atol=1e-4)


@pytest.mark.parametrize("layout", ["interleaved", "planar", "RGBA"])
def test_nan_touches_no_other_pixel(layout: str) -> None:
    rgb = random_rgb((5, 13, 3), "float32")
    broken = rgb.copy()
    broken[2, 7, 1] = np.nan
    others = np.ones((5, 13), bool)
    others[2, 7] = False
    arranged = LAYOUTS[layout]
    luv = forward(placed(rgb))
    np.testing.assert_array_equal(forward(arranged(broken))[others], luv[others])
    broken = luv.copy()
    broken[2, 7, 2] = np.nan
    found, expected = backward(arranged(broken)), backward(placed(luv))
    np.testing.assert_array_equal(found[others], expected[others])


def test_halves_are_rounded_to_the_nearest_and_ties_to_even() -> None:
    every = np.arange(0x5640, dtype=np.uint16).view(np.float16)  # 0 up to 100
    middle = (every[:-1].astype(np.float32) + every[1:].astype(np.float32)) / 2
    gray = np.stack([middle, middle, middle], -1)
    kernels, _ = emulated()
    exact = kernels.luv_to_rgb(placed(gray), dtype="float32", channel_axis=-1, out=None)
    rounded = kernels.luv_to_rgb(placed(gray), dtype="float16", channel_axis=-1, out=None)
    np.testing.assert_array_equal(rounded, exact.astype(np.float16))
