"""merge_chroma and chroma_to_rgb of the GPU, run on the CPU, against float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from luvcolor_kernels import gpu, reference
from tests.kernels.cuda.emulation import ORDERS, emulated
from tests.kernels.cuda.layouts import LAYOUTS
from tests.kernels.cuda.memory import empty, placed, to_bfloat16, to_float64
from tests.kernels.cuda.toolchain import Build

pytestmark = pytest.mark.proof

Array = npt.NDArray[Any]

TOLERANCE = 4e-5
"""Of a channel 0..1, beside what rounding to the type of the result costs."""

LIGHTS = ["uint8", "uint16", "float16", "bfloat16", "float32"]
RGB_TYPES = ["uint8", "uint16", "float16", "float32"]
FLOATS = ["float16", "bfloat16", "float32"]
SIZES = [(1, 1), (1, 5), (7, 1), (11, 14), (13, 17), (30, 43), (67, 90)]


def converted(values: Array, dtype: str) -> Array:
    """Convert lightness 0..100, or chroma, to what stands for it in a type."""
    if dtype == "bfloat16":
        return placed(to_bfloat16(values))
    if dtype.startswith("u"):
        return placed((values / 100 * np.iinfo(dtype).max).astype(dtype))
    return placed(values.astype(dtype))


def lightness(*shape: int) -> Array:
    return (np.random.default_rng(sum(shape)).random(shape) * 100).astype(np.float32)


def chroma(*shape: int, scale: float = 80.0) -> Array:
    return np.random.default_rng(sum(shape)).normal(0, scale, shape).astype(np.float32)


def plain(array: Array) -> Array:
    """Return what the reference takes: any float as float64, gray as it is."""
    return array if array.dtype.kind == "u" else to_float64(array)


def merged(L: Array, uv: Array, **named: Any) -> Array:
    settings = {name: named.pop(name) for name in ("build", "order") if name in named}
    options: dict[str, Any] = {"slope": None, "dtype": "uint8", "channel_axis": -1, "out": None}
    kernels, _ = emulated(**settings)
    rgb: Array = kernels.merge_chroma(L, uv, **{**options, **named})
    return rgb


def colored(L: Array, uv: Array, **named: Any) -> Array:
    settings = {name: named.pop(name) for name in ("build", "order") if name in named}
    options: dict[str, Any] = {"guide": None, "radius": 2, "noise": 4.0, "steepest": 1.0}
    options |= {"dtype": "uint8", "channel_axis": -1, "out": None}
    kernels, _ = emulated(**settings)
    rgb: Array = kernels.chroma_to_rgb(L, uv, **{**options, **named})
    return rgb


def check_colors(rgb: Array, expected: Array, tolerance: float = TOLERANCE) -> None:
    """Compare with the float64 colours 0..1: a channel may be off by its rounding and a bit."""
    whole = rgb.dtype.kind == "u"
    levels = np.iinfo(rgb.dtype).max if whole else 1.0
    step = 0.5 / levels if whole else np.spacing(np.abs(expected).astype(rgb.dtype)) / 2.0
    assert (np.abs(rgb / levels - expected) <= step + tolerance).all()


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("follow", [False, True], ids=["flat", "slope"])
def test_it_matches_bisection_in_float64(size: tuple[int, int], follow: bool, build: Build) -> None:
    L, uv = placed(lightness(30, 43)), placed(chroma(2, *size))
    slope = placed(chroma(2, *size, scale=1.0)[:, ::-1]) if follow else None
    rgb = merged(L, uv, slope=slope, dtype="float32", build=build)
    check_colors(rgb, reference.merge_chroma(L, uv, slope=slope, dtype=np.float64))


@pytest.mark.parametrize("dtype", RGB_TYPES)
@pytest.mark.parametrize("light", LIGHTS)
def test_it_reads_and_writes_every_type(light: str, dtype: str, build: Build) -> None:
    L, uv = converted(lightness(9, 13), light), placed(chroma(2, 4, 5, scale=40.0))
    rgb = merged(L, uv, dtype=dtype, build=build)
    assert rgb.dtype == np.dtype(dtype)
    check_colors(rgb, reference.merge_chroma(plain(L), uv, dtype=np.float64))


@pytest.mark.parametrize("follow", [False, True], ids=["flat", "slope"])
@pytest.mark.parametrize("kind", FLOATS)
def test_chroma_is_read_in_every_type_of_a_model(kind: str, follow: bool, build: Build) -> None:
    L, uv = placed(lightness(9, 13)), converted(chroma(2, 4, 5), kind)
    slope = converted(chroma(2, 4, 5, scale=0.5)[:, ::-1], kind) if follow else None
    rgb = merged(L, uv, slope=slope, dtype="float32", build=build)
    steep = None if slope is None else plain(slope)
    check_colors(rgb, reference.merge_chroma(L, plain(uv), slope=steep, dtype=np.float64))


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_no_chroma_gives_back_every_gray_exactly(dtype: str, kind: str, build: Build) -> None:
    gray = placed(np.arange(np.iinfo(dtype).max + 1, dtype=dtype).reshape(-1, 16))
    uv = converted(np.zeros((2, 3, 5), np.float32), kind)
    rgb = merged(gray, uv, dtype=dtype, build=build)
    np.testing.assert_array_equal(rgb, np.repeat(gray[..., None], 3, axis=-1))
    kernels, _ = emulated(build=build)
    light = kernels.luminance(gray, channel_axis=None, out=None)
    rgb = merged(light, uv, dtype=dtype, build=build)
    np.testing.assert_array_equal(rgb, np.repeat(gray[..., None], 3, axis=-1))


@pytest.mark.parametrize("scale", [5.0, 80.0, 1000.0, 1e6])
def test_lightness_is_kept(scale: float, build: Build) -> None:
    L = placed(lightness(30, 43))
    rgb = merged(L, placed(chroma(2, 23, 29, scale=scale)), dtype="float32", build=build)
    np.testing.assert_allclose(reference.luminance(rgb), L, rtol=0, atol=3e-3)


@pytest.mark.parametrize("light", [-20.0, 0.0, 100.0, 120.0])
def test_lightness_at_and_beyond_the_ends_is_black_or_white(light: float, build: Build) -> None:
    rgb = merged(placed(np.full((2, 5), light, np.float32)), placed(chroma(2, 2, 2)), build=build)
    assert (rgb == (0 if light <= 0 else 255)).all()


@pytest.mark.parametrize("width", [12, 13])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_either_side_changes_no_bit(layout: str, width: int) -> None:
    L, uv = lightness(7, width), placed(chroma(2, 3, 4))
    expected = merged(placed(L), uv)
    out = LAYOUTS[layout](np.zeros((7, width, 3), np.uint8))
    np.testing.assert_array_equal(merged(placed(L), uv, out=out), expected)
    light = LAYOUTS[layout](np.stack([L, L, L], -1))[..., 2]
    np.testing.assert_array_equal(merged(light, uv), expected)


@pytest.mark.parametrize("width", [1, 3, 4, 5, 127, 128, 131, 300])
def test_every_width_is_merged_to_its_end(width: int) -> None:
    L, uv = placed(lightness(3, width)), placed(chroma(2, 2, 3))
    expected = reference.merge_chroma(L, uv, dtype=np.float64)
    check_colors(merged(L, uv), expected)
    planar = merged(L, uv, channel_axis=-3)
    check_colors(np.moveaxis(planar, 0, -1), expected)


def test_every_enlargement_is_interpolated() -> None:
    """Chroma of one column up to more than there are pixels, read in two ways by the ratio."""
    L = placed(lightness(3, 43))
    for columns in range(1, 46):
        uv = placed(chroma(2, 2, columns))
        rgb = merged(L, uv, dtype="float32")
        check_colors(rgb, reference.merge_chroma(L, uv, dtype=np.float64))


@pytest.mark.parametrize("axis", [-1, -3])
@pytest.mark.parametrize("shape", [(1, 5, 9), (3, 8, 12), (5, 3, 7)], ids=str)
def test_batches_are_merged_picture_by_picture(
    shape: tuple[int, int, int], axis: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "MOST_ROWS", 2)
    L, uv = placed(lightness(*shape)), placed(chroma(shape[0], 2, 3, 4))
    slope = placed(chroma(shape[0], 2, 3, 4, scale=0.5)[..., ::-1])
    rgb = merged(L, uv, slope=slope, channel_axis=axis)
    expected = reference.merge_chroma(L, uv, slope=slope, dtype=np.float64)
    check_colors(np.moveaxis(rgb, axis, -1), expected)


def test_nan_touches_no_other_pixel() -> None:
    L, uv = lightness(7, 13), placed(chroma(2, 7, 13))
    broken = L.copy()
    broken[3, 4] = np.nan
    found, expected = merged(placed(broken), uv), merged(placed(L), uv)
    found[3, 4] = expected[3, 4]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("radius", [0, 1, 2, 5])
def test_chroma_follows_lightness_as_in_float64(radius: int, guided: bool, build: Build) -> None:
    L, uv = placed(lightness(30, 43)), placed(chroma(2, 6, 9, scale=30.0))
    guide = placed(lightness(6, 9)) if guided else None
    named: dict[str, Any] = {"guide": guide, "radius": radius, "noise": 3.0, "steepest": 0.8}
    rgb = colored(L, uv, dtype="float32", build=build, **named)
    # Slopes are quotients of differences, and lightness multiplies them: ten times less exact.
    check_colors(rgb, reference.chroma_to_rgb(L, uv, dtype=np.float64, **named), 10 * TOLERANCE)


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("light", LIGHTS)
def test_chroma_follows_lightness_of_every_type(light: str, kind: str) -> None:
    L, uv = converted(lightness(2, 20, 26), light), converted(chroma(2, 2, 5, 6, scale=30.0), kind)
    rgb = colored(L, uv, dtype="float32")
    expected = reference.chroma_to_rgb(plain(L), plain(uv), dtype=np.float64)
    check_colors(rgb, expected, 10 * TOLERANCE)


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("shape", [(5, 6), (2, 5, 6), (2, 1, 5, 6)], ids=str)
def test_a_guide_is_read_in_every_type_and_shape(shape: tuple[int, ...], kind: str) -> None:
    batch = shape[:1] if len(shape) > 2 else ()
    L, uv = placed(lightness(*batch, 20, 26)), placed(chroma(*batch, 2, 5, 6, scale=30.0))
    guide = converted(lightness(*shape), kind)
    rgb = colored(L, uv, guide=guide, dtype="float32")
    expected = reference.chroma_to_rgb(L, uv, guide=plain(guide), dtype=np.float64)
    check_colors(rgb, expected, 10 * TOLERANCE)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 1), (40, 50)], ids=str)
def test_windows_larger_than_the_picture_are_clamped(size: tuple[int, int]) -> None:
    L, uv = placed(lightness(9, 14)), placed(chroma(2, *size, scale=30.0))
    rgb = colored(L, uv, radius=3, dtype="float32")
    expected = reference.chroma_to_rgb(L, uv, radius=3, dtype=np.float64)
    check_colors(rgb, expected, 10 * TOLERANCE)


def test_chroma_of_its_own_pixels_is_kept_exactly() -> None:
    L, uv = placed(lightness(6, 9)), placed(chroma(2, 6, 9, scale=30.0))
    np.testing.assert_array_equal(colored(L, uv, guide=L), merged(L, uv))


def test_the_order_of_threads_changes_no_bit() -> None:
    L, uv = placed(lightness(2, 21, 150)), placed(chroma(2, 2, 20, 30, scale=30.0))
    results = [colored(L, uv, order=order, channel_axis=-3) for order in ORDERS]
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 4, 5)], ids=str)
def test_nothing_is_launched_for_no_pixels(shape: tuple[int, ...]) -> None:
    kernels, engine = emulated()
    L, uv = np.zeros(shape, np.float32), np.zeros((*shape[:-2], 2, 3, 3), np.float32)
    named: dict[str, Any] = {"dtype": "uint8", "channel_axis": -1, "out": None}
    assert kernels.merge_chroma(L, uv, slope=None, **named).shape == (*shape, 3)
    named |= {"guide": None, "radius": 2, "noise": 4.0, "steepest": 1.0}
    assert kernels.chroma_to_rgb(L, uv, **named).shape == (*shape, 3)
    assert not engine.launches


def test_wide_accesses_are_used_where_they_are_aligned() -> None:
    kernels, engine = emulated()
    L, uv = placed(lightness(7, 12)), placed(chroma(2, 3, 4))
    for axis in (-1, -3):
        out = empty((7, 12, 3) if axis == -1 else (3, 7, 12), "uint8")
        kernels.merge_chroma(L, uv, slope=None, dtype="uint8", channel_axis=axis, out=out)
    layouts = [(v["LIGHT_LAYOUT"], v["OUT_LAYOUT"]) for _, v, _ in engine.launches]
    assert layouts == [(1, 2), (1, 1)]
