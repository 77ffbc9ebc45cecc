"""Every kernel, both backends, all libraries: what they compute is what the reference computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from luvcolor_kernels import reference
from tests.gpu.libraries import LIBRARIES, Array, address, give, library_of, need, take

pytestmark = pytest.mark.gpu

RNG = np.random.default_rng(0)
SHAPE = (41, 403)
"""Odd: no row is a multiple of what a thread takes."""
LARGEST = {"uint8": 255, "uint16": 65535}


def colors(shape: tuple[int, ...], dtype: str) -> Array:
    """Random sRGB of a type."""
    if dtype in LARGEST:
        return RNG.integers(0, LARGEST[dtype] + 1, shape, dtype)
    return RNG.random(shape).astype(dtype)


def apart(found: Any, expected: Array) -> float:
    """Largest absolute difference."""
    return float(np.abs(take(found).astype(np.float64) - expected.astype(np.float64)).max())


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest, backend: str) -> str:
    """Each library whose arrays a backend takes."""
    need(str(request.param), backend)
    return str(request.param)


@pytest.fixture(scope="module")
def cube() -> tuple[Array, Array]:
    """All 256**3 colours, (4096, 4096, 3), and their LUV."""
    levels = np.arange(256, dtype=np.uint8)
    rgb = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(4096, 4096, 3)
    return rgb, np.concatenate([reference.rgb_to_luv(part) for part in np.split(rgb, 32)])


def test_every_color_there_and_back(backend: str, library: str, cube: tuple[Array, Array]) -> None:
    rgb, exact = cube
    luv = kernels.rgb_to_luv(give(library, rgb), backend=backend)
    assert library_of(luv) == library
    assert apart(luv, exact) <= 5e-4
    back = kernels.luv_to_rgb(luv, backend=backend)
    assert library_of(back) == library
    np.testing.assert_array_equal(take(back), rgb)


@pytest.mark.parametrize("result", ["float32", "float16"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_rgb_of_all_types_to_luv(backend: str, library: str, dtype: str, result: str) -> None:
    rgb = colors((*SHAPE, 3), dtype)
    luv = kernels.rgb_to_luv(give(library, rgb), dtype=result, backend=backend)
    assert take(luv).dtype == result
    # Half a unit in the last place of 175 is 0.0625 in float16.
    atol = 5e-4 if result == "float32" else 0.07
    assert apart(luv, reference.rgb_to_luv(rgb)) <= atol


@pytest.mark.parametrize(
    ("dtype", "atol"), [("uint8", 0), ("uint16", 1), ("float16", 1e-3), ("float32", 1e-4)]
)
def test_luv_to_rgb_of_all_types(backend: str, library: str, dtype: str, atol: float) -> None:
    rgb = colors((*SHAPE, 3), dtype)
    luv = reference.rgb_to_luv(rgb).astype(np.float32)
    found = kernels.luv_to_rgb(give(library, luv), dtype=dtype, backend=backend)
    assert take(found).dtype == dtype
    assert apart(found, rgb) <= atol


@pytest.mark.parametrize("batch", [(), (3,)], ids=["one", "batch"])
@pytest.mark.parametrize("axis", [-1, -3])
def test_layouts_and_batches(backend: str, library: str, axis: int, batch: tuple[int, ...]) -> None:
    rgb = np.ascontiguousarray(np.moveaxis(colors((*batch, *SHAPE, 3), "uint8"), -1, axis))
    luv = kernels.rgb_to_luv(give(library, rgb), channel_axis=axis, backend=backend)
    assert tuple(luv.shape) == rgb.shape
    assert apart(luv, reference.rgb_to_luv(rgb, channel_axis=axis)) <= 5e-4
    back = kernels.luv_to_rgb(luv, channel_axis=axis, backend=backend)
    np.testing.assert_array_equal(take(back), rgb)


@pytest.mark.parametrize("view", ["crop", "rgba", "odd address"])
def test_views_are_read_in_place(backend: str, library: str, view: str) -> None:
    whole = colors((50, 61, 4 if view == "rgba" else 3), "uint8")
    index: tuple[slice, ...] = {
        "crop": (slice(3, 44), slice(5, 58)),
        "rgba": (slice(None), slice(None), slice(0, 3)),
        "odd address": (slice(1, None),),
    }[view]
    luv = kernels.rgb_to_luv(give(library, whole)[index], backend=backend)
    assert apart(luv, reference.rgb_to_luv(whole[index])) <= 5e-4


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_luminance(backend: str, library: str, dtype: str) -> None:
    rgb = colors((2, *SHAPE, 3), dtype)
    light = kernels.luminance(give(library, rgb), backend=backend)
    assert apart(light, reference.luminance(rgb)) <= 5e-4
    gray = rgb[0, ..., 1]
    light = kernels.luminance(give(library, gray), backend=backend)
    assert apart(light, reference.luminance(gray)) <= 5e-4


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_every_gray_stays_that_gray(backend: str, library: str, dtype: str) -> None:
    gray = np.arange(LARGEST[dtype] + 1, dtype=dtype).reshape(16, -1)
    given, chroma = give(library, gray), give(library, np.zeros((2, 3, 5), np.float32))
    expected = np.repeat(gray[..., None], 3, -1)
    for light in (given, kernels.luminance(given, backend=backend)):
        merged = kernels.merge_chroma(light, chroma, dtype=dtype, backend=backend)
        np.testing.assert_array_equal(take(merged), expected)


@pytest.mark.parametrize("shape", [(*SHAPE, 3), (2, 60, 80, 3), SHAPE], ids=str)
@pytest.mark.parametrize("size", [(1, 1), (7, 13), (41, 403), (50, 450)], ids=str)
def test_luma_to_input(
    backend: str, library: str, shape: tuple[int, ...], size: tuple[int, int]
) -> None:
    rgb = colors(shape, "uint8")
    found = kernels.luma_to_input(give(library, rgb), size, backend=backend)
    assert tuple(found.shape) == (shape[0] if len(shape) == 4 else 1, 1, *size)
    assert apart(found, reference.luma_to_input(rgb, size)) <= 1e-5


@pytest.mark.parametrize(("dtype", "atol"), [("float16", 2e-3), ("bfloat16", 1.6e-2)])
def test_luma_to_input_in_halves(backend: str, library: str, dtype: str, atol: float) -> None:
    if dtype == "bfloat16" and library != "torch":
        pytest.skip(f"{library} has no bfloat16")
    rgb = colors((*SHAPE, 3), "uint8")
    options: Any = {"mean": 50.0, "std": 25.0}
    found = kernels.luma_to_input(
        give(library, rgb), (17, 29), dtype=dtype, backend=backend, **options
    )
    assert str(found.dtype).removeprefix("torch.") == dtype
    assert apart(found, reference.luma_to_input(rgb, (17, 29), **options)) <= atol


MERGED = [("uint8", 1.0), ("uint16", 16.0), ("float32", 3e-4)]


@pytest.mark.parametrize(("dtype", "atol"), MERGED)
@pytest.mark.parametrize("axis", [-1, -3])
@pytest.mark.parametrize("follow", [False, True], ids=["flat", "slope"])
def test_merge_chroma(
    backend: str, library: str, follow: bool, axis: int, dtype: str, atol: float
) -> None:
    light = (RNG.random((2, *SHAPE)) * 100).astype(np.float32)
    uv = RNG.normal(0, 60, (2, 2, 9, 14)).astype(np.float32)
    slope = RNG.normal(0, 0.5, uv.shape).astype(np.float32) if follow else None
    found = kernels.merge_chroma(
        give(library, light), give(library, uv),
        slope=None if slope is None else give(library, slope),
        dtype=dtype, channel_axis=axis, backend=backend,
    )  # fmt: skip
    expected = reference.merge_chroma(light, uv, slope=slope, dtype=dtype, channel_axis=axis)
    assert apart(found, expected) <= atol


@pytest.mark.parametrize("given", [False, True], ids=["no guide", "guide"])
@pytest.mark.parametrize("radius", [0, 2])
@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_chroma_to_rgb(backend: str, library: str, kind: str, radius: int, given: bool) -> None:
    light = colors((2, 41, 77), "uint8")
    if kind == "float32":
        light = reference.luminance(light, channel_axis=None).astype(np.float32)
    uv = RNG.normal(0, 40, (2, 2, 9, 14)).astype(np.float32)
    guide = (RNG.random((2, 9, 14)) * 100).astype(np.float32) if given else None
    found = kernels.chroma_to_rgb(
        give(library, light), give(library, uv),
        guide=None if guide is None else give(library, guide), radius=radius, backend=backend,
    )  # fmt: skip
    expected = reference.chroma_to_rgb(light, uv, guide=guide, radius=radius)
    assert apart(found, expected) <= 1


def test_out_is_written_where_it_lies(backend: str, library: str) -> None:
    rgb = colors((*SHAPE, 3), "uint8")
    out = give(library, np.zeros(rgb.shape, np.float32))
    where = address(out)
    found = kernels.rgb_to_luv(give(library, rgb), out=out, backend=backend)
    assert found is out
    assert address(found) == where
    assert apart(out, reference.rgb_to_luv(rgb)) <= 5e-4


def test_no_pixels_are_no_work(backend: str, library: str) -> None:
    if library == "numba":
        pytest.skip("numba makes no empty arrays of this shape")
    empty = give(library, np.zeros((0, 5, 3), np.uint8))
    assert tuple(kernels.rgb_to_luv(empty, backend=backend).shape) == (0, 5, 3)
