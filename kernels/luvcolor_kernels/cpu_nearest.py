"""nearest of the CPU backend: a scan of all centres, or a table of all colours."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import arrays, color_cells, cpu_kmeans, cpu_tables
from luvcolor_kernels.cpu_cells import Centers
from luvcolor_kernels.cpu_clouds import MIN_WORK, SLACK, coefficients_of
from luvcolor_kernels.threads import run_blocks

Array = npt.NDArray[Any]
Float64Array = npt.NDArray[np.float64]

POINTS = ("uint8", "uint16", *arrays.FLOATS)
TABLE_WORK = 1 << 26
"""From this many distances on, a table of all colours beats the scan."""
TABLE_PIXELS = 1 << 18
MAX_TABLE = 1 << 16
"""Centres that labels of two bytes can tell apart."""
MIN_CELLS = 1 << 10
MIN_LOOKUPS = 1 << 18


def nearest(points: Any, centers: Any, *, out: Array | None) -> Array:
    """Run luvcolor_kernels.nearest on NumPy arrays."""
    source, center = checked(points, centers)
    dtype = np.uint8 if len(center) <= 256 else np.int32
    result = arrays.checked_out(out, source.shape[:-1], dtype)
    if result.size:
        target = result if result.flags.c_contiguous else np.empty(result.shape, dtype)
        flat = np.ascontiguousarray(arrays.apart(source, target)).reshape(-1)
        if _table_pays(source, center):
            _through_table(flat, center, target.reshape(-1))
        else:
            scan_points(flat, center, target.reshape(-1))
        if target is not result:
            result[...] = target
    return result


def checked(points: Any, centers: Any) -> tuple[Array, Float64Array]:
    """Return points (..., D) and centres (k, D), or say what is wrong with them."""
    source = arrays.as_array(points, "points", POINTS)
    return source, checked_centers(centers, source.shape)


def checked_centers(centers: Any, shape: tuple[int, ...]) -> Float64Array:
    """Return centres (k, D) for points of a shape (..., D), or say what is wrong with them."""
    center = np.asarray(centers, np.float64)
    if not shape or center.ndim != 2 or center.shape[1] != shape[-1]:
        raise ValueError(
            "points (..., D) and centers (k, D) must have the same D, "
            f"found shapes {shape} and {center.shape}"
        )
    if len(center) == 0 or not np.isfinite(center).all():
        raise ValueError("centers must hold at least one centre and finite numbers only")
    return center


def _table_pays(source: Array, centers: Float64Array) -> bool:
    pixels, k = source.size // 3, len(centers)
    return (
        source.dtype == np.uint8
        and source.shape[-1] == 3
        and k <= MAX_TABLE
        and pixels >= TABLE_PIXELS
        and pixels * k >= TABLE_WORK
    )


def _through_table(flat: Array, centers: Float64Array, out: Array) -> None:
    table = table_of(centers)
    run_blocks(
        lambda start, stop: cpu_tables.look_up(flat, color_cells.PLACES, table, out, start, stop),
        out.size,
        MIN_LOOKUPS,
    )


def table_of(centers: Float64Array) -> Array:
    """Return the labels of all colours, by their numbers: 16 MiB, or 32 for more than 256."""
    moved, names = _different(centers - float(cpu_tables.MIDDLE))
    table = np.empty(color_cells.COLORS, np.uint8 if len(centers) <= 256 else np.uint16)
    planes = np.ascontiguousarray(moved.T, np.float32)
    given = Centers(moved, planes, coefficients_of(moved)[0], SLACK)
    run_blocks(
        lambda start, stop: cpu_tables.label_cells(given, names, table, start, stop),
        color_cells.COLORS // color_cells.CELL,
        MIN_CELLS,
    )
    return table


def _different(centers: Float64Array) -> tuple[Float64Array, Array]:
    """Return centres without repetitions, and their indices: of equals, the first is nearest."""
    names = np.sort(np.unique(centers, axis=0, return_index=True)[1]).astype(np.int32)
    return centers[names], names


def scan_points(flat: Array, centers: Float64Array, out: Array) -> None:
    """Write the labels of flat points by looking at all centres."""
    dimensions = centers.shape[1]
    different, names = _different(centers)
    # Smaller numbers leave less in doubt; moving integers by integers rounds nothing.
    full = np.zeros((len(different), max(3, dimensions)))
    shift = np.zeros(full.shape[1], np.float32)
    if flat.dtype.kind == "u":
        shift[:dimensions] = np.rint(centers.mean(axis=0)).clip(0, np.iinfo(flat.dtype).max)
    full[:, :dimensions] = different
    full -= shift
    coefficients, largest = coefficients_of(full)
    run_blocks(
        lambda start, stop: cpu_kmeans.label_points(
            flat, dimensions, shift, full, names, coefficients, largest, out, start, stop
        ),
        out.size,
        max(1, MIN_WORK // len(full)),
        cpu_kmeans.BLOCK,
    )
