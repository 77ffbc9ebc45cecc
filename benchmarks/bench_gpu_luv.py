"""Conversion between uint8 sRGB and LUV on a GPU, beside the peers there; skipped without one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from benchmarks.common import lattice
from benchmarks.gpu_inputs import (
    AXES,
    GPU_SIZES,
    laid_out,
    lattice_luv,
    luv_on_gpu,
    moved_by_conversion,
    need_gpu,
    picture_on_gpu,
    pixels_of,
    to_gpu,
    to_numpy,
)
from benchmarks.gpu_peers import TO_LUV, TO_RGB, first_result, why_not
from benchmarks.gpu_timing import TIMER, measure
from benchmarks.measuring import largest_error, prepared

pytestmark = pytest.mark.benchmark(timer=TIMER)


@pytest.fixture(autouse=True)
def gpu() -> Iterator[None]:
    """Need a GPU, and leave no memory behind."""
    need_gpu()
    import torch

    yield
    torch.cuda.empty_cache()


@pytest.mark.parametrize("peer", TO_LUV)
@pytest.mark.parametrize("layout", AXES)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("size", GPU_SIZES)
def bench_to_luv(benchmark: Any, size: str, dtype: str, layout: str, peer: str) -> None:
    case = f"uint8 to LUV {dtype}, {layout}, {size}"
    reason = why_not(peer, size, dtype, layout)
    if reason:
        pytest.skip(reason)
    grid = lattice()[None]
    small = to_gpu(laid_out(grid, layout))
    found = first_result(
        case, peer, prepared(case, peer, lambda: TO_LUV[peer](small, dtype, layout))
    )
    error = largest_error(to_numpy(found, layout), lattice_luv())
    call = TO_LUV[peer](picture_on_gpu(size, layout), dtype, layout)
    pixels = pixels_of(size)
    moved = moved_by_conversion(pixels, dtype)
    measure(benchmark, call, case, peer, pixels, moved, max_error=error)


@pytest.mark.parametrize("peer", TO_RGB)
@pytest.mark.parametrize("layout", AXES)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("size", GPU_SIZES)
def bench_to_rgb(benchmark: Any, size: str, dtype: str, layout: str, peer: str) -> None:
    case = f"LUV {dtype} to uint8, {layout}, {size}"
    reason = why_not(peer, size, dtype, layout)
    if reason:
        pytest.skip(reason)
    grid = lattice()[None]
    small = to_gpu(laid_out(lattice_luv(), layout), dtype)
    found = first_result(
        case, peer, prepared(case, peer, lambda: TO_RGB[peer](small, dtype, layout))
    )
    wrong = int((to_numpy(found, layout) != grid).any(axis=-1).sum())
    call = TO_RGB[peer](luv_on_gpu(size, layout, dtype), dtype, layout)
    pixels = pixels_of(size)
    moved = moved_by_conversion(pixels, dtype)
    note = f"{wrong} of {np.prod(grid.shape[:-1])} colours wrong"
    measure(benchmark, call, case, peer, pixels, moved, note=note)
