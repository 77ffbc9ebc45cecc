"""The scan of k-means and nearest on the CPU: which of some centres is nearest to each point.

Points are planes (D, N) of float32. The nearest centre has the least |c|^2 - 2 c.x, computed in
float32 for a block of points at a time. Where the two best are closer than float32 can tell apart,
float64 decides, so labels are exact, and ties go to the lowest index.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from luvcolor_kernels.cpu_exact import decide
from luvcolor_kernels.cpu_math import inline, kernel

BLOCK = 512
PAD = 16
"""Spare places after planes, so that vector code need not stop before the end."""
HUGE = np.float32(3e38)
GROUP = 4
"""Centres that one pass over points looks at."""
ROUNDING = np.float32(2.0**-24)


@inline
def scan(
    points: Any, start: int, n: int, coefficients: Any, m: int, best: Any, second: Any, label: Any
) -> None:
    """Find the best and second-best score of n points, and the position of the best centre.

    ``coefficients`` (m or more, 1 + D) are |c|^2 and -2 c of m centres, then rows (HUGE, 0, ...)
    that no point is near, up to a multiple of GROUP.
    """
    if points.shape[0] == 3:
        _scan_three_dimensions(points, start, n, coefficients, m, best, second, label)
    else:
        _scan_any_dimensions(points, start, n, coefficients, m, best, second, label)


@inline
def _scan_three_dimensions(
    points: Any, start: int, n: int, coefficients: Any, m: int, best: Any, second: Any, label: Any
) -> None:
    """Four centres at a time: their coefficients stay in registers, each point is read once."""
    stop = start + n
    # rows of one plane each, so that the compiler sees memory without gaps
    x, y, z = points[0][start:stop], points[1][start:stop], points[2][start:stop]
    for j in range(0, m, GROUP):
        a, b, c, d = coefficients[j], coefficients[j + 1], coefficients[j + 2], coefficients[j + 3]
        a0, a1, a2, a3 = a[0], a[1], a[2], a[3]
        b0, b1, b2, b3 = b[0], b[1], b[2], b[3]
        c0, c1, c2, c3 = c[0], c[1], c[2], c[3]
        d0, d1, d2, d3 = d[0], d[1], d[2], d[3]
        ja, jb, jc, jd = np.int32(j), np.int32(j + 1), np.int32(j + 2), np.int32(j + 3)
        if j == 0:
            for i in range(n):
                best[i], second[i], label[i] = HUGE, HUGE, ja
        for i in range(n):
            low, next_low, at = best[i], second[i], label[i]
            score = a0 + a1 * x[i] + a2 * y[i] + a3 * z[i]
            next_low = min(next_low, max(low, score))
            at, low = ja if score < low else at, min(low, score)
            score = b0 + b1 * x[i] + b2 * y[i] + b3 * z[i]
            next_low = min(next_low, max(low, score))
            at, low = jb if score < low else at, min(low, score)
            score = c0 + c1 * x[i] + c2 * y[i] + c3 * z[i]
            next_low = min(next_low, max(low, score))
            at, low = jc if score < low else at, min(low, score)
            score = d0 + d1 * x[i] + d2 * y[i] + d3 * z[i]
            next_low = min(next_low, max(low, score))
            at, low = jd if score < low else at, min(low, score)
            best[i], second[i], label[i] = low, next_low, at


@inline
def _scan_any_dimensions(
    points: Any, start: int, n: int, coefficients: Any, m: int, best: Any, second: Any, label: Any
) -> None:
    score = np.empty(n, np.float32)
    for i in range(n):
        best[i], second[i], label[i] = HUGE, HUGE, np.int32(0)
    for j in range(m):
        offset, at = coefficients[j, 0], np.int32(j)
        for i in range(n):
            score[i] = offset
        for d in range(points.shape[0]):
            factor, plane = coefficients[j, d + 1], points[d][start : start + n]
            for i in range(n):
                score[i] += factor * plane[i]
        for i in range(n):
            second[i] = min(second[i], max(best[i], score[i]))
            label[i] = at if score[i] < best[i] else label[i]
            best[i] = min(best[i], score[i])


@inline
def doubt(dimensions: int, largest_center: Any, largest_point: Any) -> Any:
    """Return how far apart two scores must be for float32 to be sure which is lower.

    A score is a sum of D + 1 terms, each and each partial sum at most |c|^2 + 2 |c| |x|. Takes the
    largest squares |c|^2 and |x|^2.
    """
    terms = np.float32(4 * dimensions + 4)
    reach = np.sqrt(largest_center)
    return terms * ROUNDING * reach * (reach + np.float32(2) * np.sqrt(largest_point))


@inline
def _largest_square(points: Any, start: int, n: int) -> Any:
    total = np.float32(0)
    for d in range(points.shape[0]):
        plane, extent = points[d][start : start + n], np.float32(0)
        for i in range(n):
            extent = max(extent, abs(plane[i]))
        total += extent * extent
    return total


@inline
def settle(
    points: Any, start: int, n: int, limit: Any, centers: Any, among: Any, m: int,
    best: Any, second: Any, label: Any,
) -> None:  # fmt: skip
    """Decide in float64 where the two best scores are no farther apart than ``limit``."""
    doubtful = 0
    for i in range(n):
        doubtful += 1 if second[i] - best[i] <= limit else 0
    if doubtful == 0:
        return
    for i in range(n):
        if second[i] - best[i] <= limit:
            label[i] = decide(points, start + i, centers, among, m)


@inline
def label_block(
    points: Any, start: int, n: int, centers: Any, coefficients: Any, largest: Any, everyone: Any,
    best: Any, second: Any, label: Any,
) -> None:  # fmt: skip
    """Label n points; ``everyone`` is 0, 1, ... and ``largest`` the largest |c|^2."""
    k = centers.shape[0]
    scan(points, start, n, coefficients, k, best, second, label)
    limit = doubt(points.shape[0], largest, _largest_square(points, start, n))
    settle(points, start, n, limit, centers, everyone, k, best, second, label)


@kernel
def sum_points(
    points: Any, weights: Any, scale: Any, centers: Any, coefficients: Any, largest: Any,
    sums: Any, start: int, stop: int,
) -> None:  # fmt: skip
    """Add weights and weighted coordinates (times ``scale``) of points to ``sums`` (k, 1 + D)."""
    best, second = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    label, everyone = np.empty(BLOCK, np.int32), np.arange(centers.shape[0])
    for i in range(start, stop, BLOCK):
        n = min(BLOCK, stop - i)
        label_block(points, i, n, centers, coefficients, largest, everyone, best, second, label)
        for m in range(n):
            total, weight = sums[label[m]], weights[i + m]
            total[0] += weight
            for d in range(points.shape[0]):
                total[d + 1] += weight * np.int64(points[d, i + m] * scale)


@kernel
def label_planes(
    points: Any, centers: Any, coefficients: Any, largest: Any, out: Any, start: int, stop: int
) -> None:
    """Label planes (D, N)."""
    best, second = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    label, everyone = np.empty(BLOCK, np.int32), np.arange(centers.shape[0])
    for i in range(start, stop, BLOCK):
        n = min(BLOCK, stop - i)
        label_block(points, i, n, centers, coefficients, largest, everyone, best, second, label)
        for m in range(n):
            out[i + m] = label[m]


@kernel
def label_points(
    points: Any, dimensions: int, shift: Any, centers: Any, labels: Any, coefficients: Any,
    largest: Any, out: Any, start: int, stop: int,
) -> None:  # fmt: skip
    """Label flat interleaved points; ``centers`` and ``shift`` have 3 dimensions or more.

    ``labels`` are those of the centres.
    """
    best, second = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    label, everyone = np.empty(BLOCK, np.int32), np.arange(centers.shape[0])
    planes = np.zeros((centers.shape[1], BLOCK), np.float32)
    for i in range(start, stop, BLOCK):
        n = min(BLOCK, stop - i)
        source = points[i * dimensions : (i + n) * dimensions]
        if dimensions == 3:  # a fixed stride, which compiles to vector code
            x, y, z = planes[0], planes[1], planes[2]
            for m in range(n):
                x[m] = np.float32(source[3 * m]) - shift[0]
                y[m] = np.float32(source[3 * m + 1]) - shift[1]
                z[m] = np.float32(source[3 * m + 2]) - shift[2]
        else:
            for d in range(dimensions):
                for m in range(n):
                    planes[d, m] = np.float32(source[m * dimensions + d]) - shift[d]
        label_block(planes, 0, n, centers, coefficients, largest, everyone, best, second, label)
        for m in range(n):
            out[i + m] = labels[label[m]]
