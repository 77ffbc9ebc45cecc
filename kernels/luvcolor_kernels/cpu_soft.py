"""soft_assign of the CPU backend: the nearest few centres of every point, and their weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import arrays
from luvcolor_kernels.cpu_exact import exact, exact_kernel
from luvcolor_kernels.cpu_nearest import checked
from luvcolor_kernels.threads import run_blocks

Array = npt.NDArray[Any]

BLOCK = 256
MIN_WORK = 1 << 18
FAR = np.float32(np.inf)


def soft_assign(
    points: Any, centers: Any, *, neighbors: int, sigma: float, out: tuple[Array, Array] | None
) -> tuple[Array, Array]:
    """Run luvcolor_kernels.soft_assign on NumPy arrays."""
    source, center = checked(points, centers)
    count = arrays.whole(neighbors, "neighbors", 1, len(center))
    width = arrays.finite(sigma, "sigma")
    if width <= 0.0:
        raise ValueError(f"sigma must be above 0, found {width}")
    shape, dtype = (*source.shape[:-1], count), np.uint8 if len(center) <= 256 else np.int32
    given = (None, None) if out is None else out
    labels = arrays.checked_out(given[0], shape, dtype)
    weights = arrays.checked_out(given[1], shape, np.float32)
    if labels.size:
        flat = np.ascontiguousarray(source).reshape(-1, len(center[0]))
        factor, near = np.float32(-0.5 / width**2), center.astype(np.float32)
        names = np.empty((len(flat), count), dtype)
        shares = np.empty((len(flat), count), np.float32)
        run_blocks(
            lambda start, stop: assign_softly(flat, near, factor, names, shares, start, stop),
            len(flat),
            max(1, MIN_WORK // len(center)),
        )
        labels[...], weights[...] = names.reshape(shape), shares.reshape(shape)
    return labels, weights


@exact
def _measure(planes: Any, center: Any, gap: Any, n: int) -> None:
    """Squared distance of n points from one centre."""
    gap[:n] = np.float32(0)
    for d in range(len(center)):
        plane, at = planes[d], center[d]
        for i in range(n):
            step = plane[i] - at
            gap[i] += step * step


@exact
def _insert(gap: Any, name: Any, gaps: Any, names: Any, n: int) -> None:
    """Keep the nearest centres of each point in order; of equals, the first stays ahead."""
    closer = 0
    last = gaps[len(gaps) - 1]
    for i in range(n):
        closer += 1 if gap[i] < last[i] else 0
    if closer == 0:
        return
    names_last = names[len(gaps) - 1]
    for i in range(n):
        names_last[i] = name if gap[i] < last[i] else names_last[i]
        last[i] = min(gap[i], last[i])
    for t in range(len(gaps) - 1, 0, -1):
        near, far, owner, other = gaps[t - 1], gaps[t], names[t - 1], names[t]
        for i in range(n):
            swap = far[i] < near[i]
            a, b, p, q = near[i], far[i], owner[i], other[i]
            near[i], far[i] = min(a, b), max(a, b)
            owner[i], other[i] = q if swap else p, p if swap else q


@exact
def _weigh(gaps: Any, names: Any, i: int, factor: Any, labels: Any, weights: Any) -> None:
    total = np.float32(0)
    for t in range(len(labels)):
        labels[t] = names[t, i]
        # measured from the nearest, so that far points have weights too
        weights[t] = np.exp(factor * (gaps[t, i] - gaps[0, i]))
        total += weights[t]
    for t in range(len(labels)):
        weights[t] /= total


@exact_kernel
def assign_softly(
    points: Any, centers: Any, factor: Any, labels: Any, weights: Any, start: int, stop: int
) -> None:
    """Find the nearest centres of points start..stop, and weigh them by exp(factor d^2)."""
    many, neighbors = centers.shape[0], labels.shape[1]
    planes = np.empty((centers.shape[1], BLOCK), np.float32)
    gaps = np.empty((neighbors, BLOCK), np.float32)
    names = np.empty((neighbors, BLOCK), np.int32)
    gap = np.empty(BLOCK, np.float32)
    for first in range(start, stop, BLOCK):
        n = min(BLOCK, stop - first)
        for d in range(centers.shape[1]):
            for i in range(n):
                planes[d, i] = np.float32(points[first + i, d])
        gaps[:], names[:] = FAR, np.int32(0)
        for j in range(many):
            _measure(planes, centers[j], gap, n)
            _insert(gap, np.int32(j), gaps, names, n)
        for i in range(n):
            _weigh(gaps, names, i, factor, labels[first + i], weights[first + i])
