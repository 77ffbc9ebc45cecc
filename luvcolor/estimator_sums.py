"""Sums over samples that KMeans needs beside the kernels, a block of samples at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Numbers looked at together where NumPy needs intermediate values: they stay in the cache.
_BLOCK = 1 << 15


def middle_of(values: NDArray[Any], weights: Floats | None) -> Floats:
    """Return the middle of the range of every feature; of float32, which stay as they are, zeros.

    Unlike the mean, it depends neither on the order of samples nor on how often one occurs.
    """
    if values.dtype == np.float32:
        return np.zeros(values.shape[1])
    if weights is not None and not weights.all():
        values = values[weights > 0]
    # NumPy reduces a few long rows much faster than many rows of two or three numbers.
    whole = len(values) // 64 * 64 if values.flags.c_contiguous else 0
    rows = [values[:whole].reshape(-1, 64, values.shape[1]), values[None, whole:]]
    parts = [part for part in rows if part.size]
    low = [part.min(axis=0).min(axis=0) for part in parts]
    high = [part.max(axis=0).max(axis=0) for part in parts]
    middle: Floats = np.min(low, axis=0) / 2.0 + np.max(high, axis=0) / 2.0
    return middle


def merged(
    points: NDArray[np.float32], weights: Floats | None
) -> tuple[NDArray[np.float32], Floats]:
    """Return the different points of a weight, in an order that depends on them alone."""
    if weights is not None:
        points, weights = points[weights > 0], weights[weights > 0]
    # adding zero makes equal numbers equal bytes: there is a negative zero
    rows = np.ascontiguousarray(points + np.float32(0))
    keys = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1])))[:, 0]
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first], np.bincount(group, weights).astype(np.float64)


def parts(values: NDArray[Any]) -> Iterator[slice]:
    """Return the samples of one block after the other."""
    step = max(1, _BLOCK // values.shape[1])
    return (slice(start, start + step) for start in range(0, len(values), step))


def rest_of(points: NDArray[np.float32], weights: Floats | None, share: float) -> float:
    """Return the root of a share of the mean variance of the features."""
    if not share:
        return 0.0
    mass, square, moment = 0.0, 0.0, np.zeros(points.shape[1])
    for part in parts(points):
        # einsum, unlike a product of matrices, adds up in one order on any number of threads
        block = points[part].T.astype(np.float64)
        weight = np.ones(block.shape[1]) if weights is None else weights[part]
        mass += float(weight.sum())
        moment += np.einsum("ij,j->i", block, weight)
        square += float(np.einsum("ij,ij,j->", block, block, weight))
    variance = (square - float((moment**2).sum()) / mass) / mass / points.shape[1]
    return float(np.sqrt(share * max(0.0, variance)))


def distances(values: NDArray[Any], centers: Floats) -> NDArray[Any]:
    """Return the distance of every sample from every centre, by differences: small ones too."""
    dtype = np.float32 if values.dtype == np.float32 else np.float64
    distances = np.empty((len(values), len(centers)), dtype)
    for part in parts(values):
        for i, center in enumerate(centers):
            gap = values[part] - center
            distances[part, i] = np.sqrt(np.einsum("ij,ij->i", gap, gap))
    return distances


def inertia(
    values: NDArray[Any], weights: Floats | None, centers: Floats, labels: NDArray[np.int32]
) -> float:
    """Return the weighted sum of squared distances of samples from their centres."""
    total = 0.0
    for part in parts(values):
        gap = values[part] - centers[labels[part]]
        weight = np.ones(len(gap)) if weights is None else weights[part]
        total += float(np.einsum("ij,ij,i->", gap, gap, weight))
    return total
