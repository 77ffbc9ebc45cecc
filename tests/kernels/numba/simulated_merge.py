"""merge_chroma and chroma_to_rgb in the simulator, against float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from luvcolor_kernels import reference
from tests.kernels.cuda.memory import Array, placed, to_bfloat16, to_float64
from tests.kernels.numba.simulation import KERNELS, small_blocks

RANDOM = np.random.default_rng(2)
TOLERANCES = {"uint8": 1, "uint16": 8, "float16": 1e-3, "float32": 1e-4}


@pytest.fixture(autouse=True)
def _small_blocks() -> Iterator[None]:
    with small_blocks():
        yield


def lightness(*shape: int, dtype: str = "float32") -> Array:
    return (RANDOM.random(shape) * 100).astype(dtype)


def chroma(*shape: int, dtype: str = "float32", spread: float = 40.0) -> Array:
    values = RANDOM.normal(0, spread, shape).astype(np.float32)
    return placed(to_bfloat16(values) if dtype == "bfloat16" else values.astype(dtype))


def merge(
    L: Array,
    uv: Array,
    *,
    slope: Array | None = None,
    axis: int = -1,
    dtype: str = "uint8",
    out: Any = None,
) -> Array:
    result: Array = KERNELS.merge_chroma(
        L, uv, slope=slope, dtype=dtype, channel_axis=axis, out=out
    )
    return result


def check(found: Array, expected: Array, exact: float = 0.95) -> None:
    """Compare; a colour on the edge of the gamut may round either way."""
    apart = np.abs(found.astype(np.float64) - expected.astype(np.float64))
    assert apart.max() <= TOLERANCES[found.dtype.name]
    if found.dtype == np.uint8:
        assert (apart == 0).mean() >= exact


def reference_merge(L: Array, uv: Array, slope: Array | None, axis: int, dtype: str) -> Array:
    values = L if L.dtype.kind == "u" else to_float64(L)
    follow = None if slope is None else to_float64(slope)
    result: Array = reference.merge_chroma(
        values, to_float64(uv), slope=follow, dtype=dtype, channel_axis=axis
    )
    return result


@pytest.mark.parametrize("axis", [-1, -3])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 9), (12, 31)], ids=str)
def test_chroma_of_every_size(size: tuple[int, int], axis: int) -> None:
    L, uv = placed(lightness(5, 14)), chroma(2, *size)
    check(merge(L, uv, axis=axis), reference_merge(L, uv, None, axis, "uint8"))


@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize(
    ("light", "uv", "dtype"),
    [
        ("uint8", "float16", "uint8"),
        ("uint16", "float32", "uint16"),
        ("float16", "float32", "float32"),
        ("bfloat16", "bfloat16", "float16"),
        ("float32", "bfloat16", "float32"),
    ],
)
def test_every_type_in_batches(light: str, uv: str, dtype: str, follow: bool) -> None:
    L = lightness(2, 5, 9, dtype="float32" if light == "bfloat16" else light)
    L = placed(to_bfloat16(L) if light == "bfloat16" else L)
    small = chroma(2, 2, 3, 4, dtype=uv)
    slope = chroma(2, 2, 3, 4, dtype=uv, spread=0.3) if follow else None
    check(merge(L, small, slope=slope, dtype=dtype), reference_merge(L, small, slope, -1, dtype))


def test_all_grays_stay_themselves() -> None:
    grays = placed(np.arange(256, dtype=np.uint8).reshape(8, 32))
    found = merge(grays, chroma(2, 1, 1, spread=0.0))
    np.testing.assert_array_equal(found, np.repeat(grays[..., None], 3, -1))


def test_arrays_with_steps_and_backwards() -> None:
    L = placed(lightness(10, 27))[::2, ::-1]
    out = placed(np.zeros((5, 27, 4), np.uint8))[::-1, :, :3]
    uv = chroma(2, 3, 3)
    assert merge(L, uv, out=out) is out
    check(out, reference_merge(L, uv, None, -1, "uint8"))


def test_results_that_overlap_chroma_are_refused() -> None:
    out = placed(np.zeros((3, 4, 4), np.float32))
    for small in ({"uv": out[1:]}, {"uv": chroma(2, 4, 4), "slope": out[:2]}):
        with pytest.raises(ValueError, match="apart from uv and slope"):
            merge(placed(lightness(4, 4)), **small, axis=-3, dtype="float32", out=out)


def test_blocks_of_full_size() -> None:
    L, uv = placed(lightness(2, 9, dtype="uint8")), chroma(2, 2, 2)
    with small_blocks(256):
        check(merge(L, uv), reference_merge(L, uv, None, -1, "uint8"), exact=0.9)


def test_a_nan_touches_only_its_pixel() -> None:
    L, uv = placed(lightness(4, 9)), chroma(2, 2, 2)
    clean = merge(L, uv)
    L[1, 2] = L[3, 8] = np.nan
    kept = ~np.isnan(L)
    np.testing.assert_array_equal(merge(L, uv)[kept], clean[kept])


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("radius", [0, 2])
@pytest.mark.parametrize(
    ("light", "uv"), [("uint8", "float32"), ("float32", "float16"), ("uint16", "bfloat16")]
)
def test_chroma_that_follows_lightness(light: str, uv: str, radius: int, guided: bool) -> None:
    L, small = placed(lightness(2, 9, 14, dtype=light)), chroma(2, 2, 4, 5, dtype=uv)
    guide = placed(lightness(2, 1, 4, 5)) if guided else None
    named: dict[str, Any] = {"radius": radius, "noise": 3.0, "steepest": 0.5}
    found = KERNELS.chroma_to_rgb(
        L, small, guide=guide, **named, dtype="uint8", channel_axis=-1, out=None
    )
    expected = reference.chroma_to_rgb(L, to_float64(small), guide=guide, **named)
    check(found, expected)
