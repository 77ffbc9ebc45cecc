"""The steps of clustering on the CPU: count colours, seed, move and label."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import cpu_histogram, cpu_kmeans
from luvcolor_kernels.threads import run_blocks, thread_count

Array = npt.NDArray[Any]
Float64Array = npt.NDArray[np.float64]

COLORS = 1 << 24
TABLE_PIXELS = 1 << 21
"""From this many pixels on, counting into a table of all colours (64 MiB) beats sorting."""
MIN_ROWS = 64
CHUNKS = 64
"""Parts whose sums are added in a fixed order: the result does not depend on the threads."""
MIN_CHUNK = 1 << 13
MIN_WORK = 1 << 19
"""Distances to compute before another thread pays."""


def histogram(rgb: Array) -> tuple[Array, Array]:
    """Return the unique colours (n, 3) in ascending order, and how often each occurs."""
    flat = np.ascontiguousarray(rgb).reshape(-1)
    if flat.size // 3 >= TABLE_PIXELS:
        return _table_histogram(flat)
    keys, counts = np.unique(pack(flat.reshape(-1, 3)), return_counts=True)
    return unpack(keys), counts.astype(np.int64)


def _table_histogram(flat: Array) -> tuple[Array, Array]:
    tables = _count(flat)
    rows = COLORS // cpu_histogram.ROW
    found = np.empty(rows, np.int64)
    run_blocks(
        lambda start, stop: cpu_histogram.add_tables(tables, found, start, stop), rows, MIN_ROWS
    )
    offsets = np.cumsum(found) - found
    total = int(found.sum())
    colors, counts = np.empty((total, 3), np.uint8), np.empty(total, np.int64)
    run_blocks(
        lambda start, stop: cpu_histogram.list_colors(
            tables[0], offsets, colors, counts, start, stop
        ),
        rows,
        MIN_ROWS,
    )
    return colors, counts


def pack(colors: Array) -> Array:
    """Return each colour as one number, 0xRRGGBB."""
    wide = colors.astype(np.uint32)
    packed: Array = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    return packed


def unpack(keys: Array) -> Array:
    """Return the colours (n, 3) of numbers 0xRRGGBB."""
    return np.stack([keys >> 16, keys >> 8 & 255, keys & 255], axis=-1).astype(np.uint8)


def _count(flat: Array) -> Array:
    """Count pixels into one table for each thread."""
    pixels = flat.size // 3
    parts = min(thread_count(), max(1, pixels // (2 * TABLE_PIXELS)), 4)
    tables = np.zeros((parts, COLORS), np.uint32)
    edges = [pixels * i // parts for i in range(parts + 1)]

    def count(start: int, stop: int) -> None:
        for i in range(start, stop):
            cpu_histogram.count_colors(flat, tables[i], edges[i], edges[i + 1])

    run_blocks(count, parts, 1)
    return tables


def _three_or_more(planes: Array) -> Array:
    """Add planes of zeros to one- and two-dimensional points: the kernel for three is faster."""
    missing = max(0, 3 - planes.shape[0])
    return np.ascontiguousarray(np.pad(planes, ((0, missing), (0, 0))))


def _coefficients(centers: Float64Array) -> tuple[Array, np.float32]:
    """Return |c|^2 and -2 c of every centre, and the largest |c|."""
    norms = (centers**2).sum(axis=1)
    rows = np.column_stack([norms, -2.0 * centers]).astype(np.float32)
    return rows, np.float32(np.sqrt(norms.max()))


def nearest(points: Array, centers: Array, out: Array) -> None:
    """Write the index of the nearest centre of every point (..., D) to a contiguous ``out``."""
    dimensions = points.shape[-1]
    # Smaller numbers leave less in doubt; moving integers by integers rounds nothing.
    integers = points.dtype.kind == "u"
    origin = np.rint(centers.mean(axis=0)) if integers else np.zeros(dimensions)
    shift = _three_or_more(origin[:, None])[:, 0]
    moved = np.ascontiguousarray(_three_or_more(centers.astype(np.float64).T).T) - shift
    coefficients, reach = _coefficients(moved)
    flat, target, origin32 = points.reshape(-1), out.reshape(-1), shift.astype(np.float32)
    run_blocks(
        lambda start, stop: cpu_kmeans.label_points(
            flat, dimensions, origin32, moved, coefficients, reach, target, start, stop
        ),
        target.size,
        max(1, MIN_WORK // len(centers)),
        cpu_kmeans.BLOCK,
    )


def seed_centers(
    points: Array, weights: Array, k: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return the indices of up to k distinct points (D, N) chosen by greedy k-means++."""
    draws = rng.random((k, 2 + int(np.log(k))))
    chosen = np.zeros(k, np.int64)
    found = cpu_kmeans.seed_centers(np.ascontiguousarray(points), weights, draws, chosen)
    return chosen[:found]


def lloyd(
    points: Array, weights: Array, centers: Float64Array, max_iter: int, tol: float
) -> tuple[Float64Array, list[float]]:
    """Move centres (k, D) to the means of their points (D, N) until they rest.

    Returns the centres and the mean squared distance before every move and after the last.
    """
    dimensions, count = points.shape
    shift = np.rint(np.average(points, axis=1, weights=weights))
    planes = _three_or_more((points - shift[:, None]).astype(np.float32))
    center = np.ascontiguousarray(_three_or_more((centers - shift).T).T)
    weight = float(weights.sum())
    spread = sum(float(np.einsum("i,i,i", p, p, weights, dtype=np.float64)) for p in planes)
    chunk = max(MIN_CHUNK, -(-count // CHUNKS))
    sums = np.empty((-(-count // chunk), center.shape[0], center.shape[1] + 1))
    history: list[float] = []
    while True:
        total = _assign(planes, weights, center, chunk, sums)
        mass, moment = total[:, 0], total[:, 1:]
        gain = 2.0 * (center * moment).sum() - (mass * (center**2).sum(axis=1)).sum()
        history.append(max(0.0, (spread - float(gain)) / weight))
        if len(history) > max_iter:
            break
        moved = moment / np.where(mass > 0.0, mass, 1.0)[:, None]
        empty = np.flatnonzero(mass <= 0.0)
        if empty.size:
            moved[empty] = _farthest(planes, center, moved, empty)
        rest = float(np.sqrt(((moved - center) ** 2).sum(axis=1)).max()) <= tol
        if rest:
            break
        center = moved
    return center[:, :dimensions] + shift, history


def _assign(
    planes: Array, weights: Array, center: Float64Array, chunk: int, sums: Float64Array
) -> Float64Array:
    coefficients, reach = _coefficients(center)
    run_blocks(
        lambda start, stop: cpu_kmeans.sum_clusters(
            planes, weights, center, coefficients, reach, chunk, sums, start, stop
        ),
        len(sums),
        max(1, MIN_WORK // (len(center) * chunk)),
    )
    total: Float64Array = sums.sum(axis=0)
    return total


def _farthest(
    planes: Array, center: Float64Array, moved: Float64Array, empty: npt.NDArray[np.int64]
) -> Float64Array:
    """Return new places for empty clusters: the points farthest from their centres."""
    points = np.ascontiguousarray(planes.T)
    label = np.empty(len(points), np.int32)
    nearest(points, center, label)
    gap = ((points - center[label]) ** 2).sum(axis=1)
    order = np.argsort(-gap, kind="stable")[: empty.size]
    places = moved[empty]
    places[: len(order)] = np.where(gap[order, None] > 0.0, points[order], center[empty])
    return places
