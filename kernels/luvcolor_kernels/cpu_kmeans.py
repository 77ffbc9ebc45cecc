"""Kernels of kmeans and nearest on the CPU.

Points are planes (D, N) of float32, weights and sums float64. The nearest centre has the least
|c|^2 - 2 c.x, computed in float32 for a block of points at a time. Where the two best are closer
than float32 can tell apart, float64 decides, so labels are exact, and ties go to the lowest index.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from luvcolor_kernels.cpu_math import inline, kernel

BLOCK = 512
HUGE = np.float32(3e38)
ROUNDING = np.float32(2.0**-24)


@inline
def _nearest_of_block(
    points: Any, start: int, n: int, coefficients: Any, best: Any, second: Any, label: Any
) -> None:
    """Find the best and second-best score of each point, and the best centre's index."""
    if points.shape[0] == 3:
        _scan_three_dimensions(points, start, n, coefficients, best, second, label)
    else:
        _scan_any_dimensions(points, start, n, coefficients, best, second, label)


@inline
def _scan_three_dimensions(
    points: Any, start: int, n: int, coefficients: Any, best: Any, second: Any, label: Any
) -> None:
    """Four centres at a time: their coefficients stay in registers, each point is read once."""
    k, stop = coefficients.shape[0], start + n
    # rows of one plane each, so that the compiler sees memory without gaps
    x, y, z = points[0][start:stop], points[1][start:stop], points[2][start:stop]
    for i in range(n):
        best[i], second[i], label[i] = HUGE, HUGE, np.int32(0)
    j = 0
    while j + 4 <= k:
        a, b, c, d = coefficients[j], coefficients[j + 1], coefficients[j + 2], coefficients[j + 3]
        a0, a1, a2, a3 = a[0], a[1], a[2], a[3]
        b0, b1, b2, b3 = b[0], b[1], b[2], b[3]
        c0, c1, c2, c3 = c[0], c[1], c[2], c[3]
        d0, d1, d2, d3 = d[0], d[1], d[2], d[3]
        ja, jb, jc, jd = np.int32(j), np.int32(j + 1), np.int32(j + 2), np.int32(j + 3)
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
        j += 4
    while j < k:
        a0, a1, a2, a3 = (
            coefficients[j, 0],
            coefficients[j, 1],
            coefficients[j, 2],
            coefficients[j, 3],
        )
        ja = np.int32(j)
        for i in range(n):
            score = a0 + a1 * x[i] + a2 * y[i] + a3 * z[i]
            second[i] = min(second[i], max(best[i], score))
            label[i] = ja if score < best[i] else label[i]
            best[i] = min(best[i], score)
        j += 1


@inline
def _scan_any_dimensions(
    points: Any, start: int, n: int, coefficients: Any, best: Any, second: Any, label: Any
) -> None:
    k = coefficients.shape[0]
    score = np.empty(BLOCK, np.float32)
    for i in range(n):
        best[i], second[i], label[i] = HUGE, HUGE, np.int32(0)
    for j in range(k):
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
def _doubt(points: Any, start: int, n: int, reach: Any) -> Any:
    """Return how far apart two scores must be for float32 to be sure which is lower.

    A score is a sum of D + 1 terms, each and each partial sum at most |c|^2 + 2 |c| |x|.
    """
    largest = np.float32(0)
    for d in range(points.shape[0]):
        plane, extent = points[d][start : start + n], np.float32(0)
        for i in range(n):
            extent = max(extent, abs(plane[i]))
        largest += extent * extent
    terms = np.float32(4 * points.shape[0] + 4)
    return terms * ROUNDING * reach * (reach + np.float32(2) * np.sqrt(largest))


@inline
def _decide(points: Any, i: int, centers: Any) -> Any:
    """Nearest centre of one point in float64."""
    at, low = np.int32(0), 1e300
    for j in range(centers.shape[0]):
        distance = 0.0
        for d in range(centers.shape[1]):
            gap = np.float64(points[d, i]) - centers[j, d]
            distance += gap * gap
        if distance < low:
            at, low = np.int32(j), distance
    return at


@inline
def _label_block(
    points: Any, start: int, n: int, centers: Any, coefficients: Any, reach: Any,
    best: Any, second: Any, label: Any,
) -> None:  # fmt: skip
    _nearest_of_block(points, start, n, coefficients, best, second, label)
    doubt = _doubt(points, start, n, reach)
    for i in range(n):
        if second[i] - best[i] <= doubt:
            label[i] = _decide(points, start + i, centers)


@kernel
def sum_clusters(
    points: Any, weights: Any, centers: Any, coefficients: Any, reach: Any, chunk: int,
    sums: Any, start: int, stop: int,
) -> None:  # fmt: skip
    """Assign chunks start..stop and sum weights and coordinates: sums (chunks, k, 1 + D)."""
    best, second = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    label = np.empty(BLOCK, np.int32)
    dimensions = points.shape[0]
    for part in range(start, stop):
        totals = sums[part]
        totals[:] = 0.0
        # Neighbours mostly share a centre (colours come sorted): their sums stay in registers.
        last, mass, sx, sy, sz = np.int32(0), 0.0, 0.0, 0.0, 0.0
        end = min(points.shape[1], (part + 1) * chunk)
        for i in range(part * chunk, end, BLOCK):
            n = min(BLOCK, end - i)
            _label_block(points, i, n, centers, coefficients, reach, best, second, label)
            for m in range(n):
                if label[m] != last:
                    _add(totals[last], mass, sx, sy, sz)
                    last, mass, sx, sy, sz = label[m], 0.0, 0.0, 0.0, 0.0
                weight = weights[i + m]
                mass += weight
                sx += weight * points[0, i + m]
                sy += weight * points[1, i + m]
                sz += weight * points[2, i + m]
                for d in range(3, dimensions):
                    totals[last, d + 1] += weight * points[d, i + m]
        _add(totals[last], mass, sx, sy, sz)


@inline
def _add(cluster: Any, mass: Any, x: Any, y: Any, z: Any) -> None:
    cluster[0] += mass
    cluster[1] += x
    cluster[2] += y
    cluster[3] += z


@kernel
def label_points(
    points: Any, dimensions: int, shift: Any, centers: Any, coefficients: Any, reach: Any,
    out: Any, start: int, stop: int,
) -> None:  # fmt: skip
    """Label flat interleaved points; ``centers`` and ``shift`` have 3 dimensions or more."""
    best, second = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    label = np.empty(BLOCK, np.int32)
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
        _label_block(planes, 0, n, centers, coefficients, reach, best, second, label)
        for m in range(n):
            out[i + m] = label[m]


@kernel
def seed_centers(points: Any, weights: Any, draws: Any, chosen: Any) -> Any:
    """Choose centres by greedy k-means++: of several candidates, the one that helps most.

    ``draws`` (k, candidates) are uniform in 0..1. Returns how many points were chosen; fewer than
    k when the points chosen cover all others.
    """
    n, k = points.shape[1], draws.shape[0]
    gap, distance, total = np.empty(n, np.float32), np.empty(n, np.float32), np.empty(n, np.float64)
    distance[:] = 1.0
    for j in range(k):
        running = 0.0
        for i in range(n):
            running += weights[i] * distance[i]
            total[i] = running
        if running <= 0.0:
            return j
        if j == 0:
            distance[:] = HUGE
        least, winner = 1e300, 0
        for candidate in draws[j, : 1 if j == 0 else draws.shape[1]]:
            at = min(np.searchsorted(total, candidate * running, side="right"), n - 1)
            _gaps(points, at, gap)
            left = 0.0
            for i in range(n):
                left += weights[i] * min(distance[i], gap[i])
            if left < least:
                least, winner = left, at
        chosen[j] = winner
        _gaps(points, winner, gap)
        for i in range(n):
            distance[i] = min(distance[i], gap[i])
    return k


@inline
def _gaps(points: Any, at: int, out: Any) -> None:
    """Squared distances of all points from one."""
    out[:] = np.float32(0)
    for d in range(points.shape[0]):
        plane, center = points[d], points[d, at]
        for i in range(out.size):
            step = plane[i] - center
            out[i] += step * step
