"""The kernel of greedy k-means++ on the CPU, in whole numbers: equal on every processor."""

from __future__ import annotations

from typing import Any

import numpy as np

from luvcolor_kernels.cpu_exact import exact, exact_kernel

BLOCK = 512
FAR = np.int32(2**31 - 1)


@exact_kernel
def seed_centers(points: Any, weights: Any, scale: Any, draws: Any, chosen: Any) -> Any:
    """Choose centres from points (D, N): of several candidates each time, the one that helps most.

    ``weights`` are int32 of a total of at most 2**31; squared distances times ``scale`` stay below
    2**30. ``draws`` (k, candidates) are uniform in 0..1. Returns how many points were chosen; fewer
    than k when those chosen cover all others.
    """
    n, k, most = points.shape[1], draws.shape[0], draws.shape[1]
    distance = np.empty(n, np.int32)
    blocks = (n + BLOCK - 1) // BLOCK
    parts = np.empty(blocks, np.int64)
    sums, trial = np.empty(most, np.int64), np.empty(most, np.int64)
    distance[:] = np.int32(1)
    _sum_blocks(distance, weights, parts)
    for j in range(k):
        running = parts.sum()
        if running <= 0:
            return j
        tries = 1 if j == 0 else most
        for t in range(tries):
            trial[t] = _draw(draws[j, t], running, distance, weights, parts)
        if j == 0:
            distance[:] = FAR
        winner = trial[0]
        if tries > 1:
            winner = trial[_best(points, weights, scale, distance, trial, sums)]
        chosen[j] = winner
        _come_closer(points, weights, scale, winner, distance, parts)
    return k


@exact
def _sum_blocks(distance: Any, weights: Any, parts: Any) -> None:
    for b in range(len(parts)):
        near, mass = distance[b * BLOCK : (b + 1) * BLOCK], weights[b * BLOCK : (b + 1) * BLOCK]
        total = np.int64(0)
        for i in range(len(near)):
            total += np.int64(mass[i]) * np.int64(near[i])
        parts[b] = total


@exact
def _draw(share: Any, running: Any, distance: Any, weights: Any, parts: Any) -> Any:
    """Draw a point in proportion to weight times distance."""
    left = min(np.int64(share * np.float64(running)), running - 1)
    b = 0
    while left >= parts[b]:
        left -= parts[b]
        b += 1
    i = b * BLOCK
    while left >= np.int64(weights[i]) * np.int64(distance[i]):
        left -= np.int64(weights[i]) * np.int64(distance[i])
        i += 1
    return i


@exact
def whole(gap: Any, scale: Any) -> Any:
    """Return a squared distance as a whole number, zero only if it is."""
    return np.int32(np.int32(gap * scale) + np.int32(1 if gap > np.float32(0) else 0))


@exact
def _gap(points: Any, i: int, at: int, scale: Any) -> Any:
    """Squared distance of two points as a whole number, zero only if they are equal."""
    total = np.float32(0)
    for d in range(points.shape[0]):
        step = points[d, i] - points[d, at]
        total += step * step
    return whole(total, scale)


@exact
def _best(points: Any, weights: Any, scale: Any, distance: Any, trial: Any, sums: Any) -> Any:
    """Position of the candidate that leaves the least distance."""
    sums[:] = 0
    n = len(distance)
    for start in range(0, n, BLOCK):
        stop = min(n, start + BLOCK)
        for t in range(len(trial)):
            sums[t] += _left(points, weights, scale, distance, trial[t], start, stop)
    return np.argmin(sums)


@exact
def _left(
    points: Any, weights: Any, scale: Any, distance: Any, at: int, start: int, stop: int
) -> Any:
    total = np.int64(0)
    if points.shape[0] == 3:
        xs, ys, zs = points[0][start:stop], points[1][start:stop], points[2][start:stop]
        near, mass = distance[start:stop], weights[start:stop]
        x, y, z = points[0, at], points[1, at], points[2, at]
        for i in range(stop - start):
            a, b, c = xs[i] - x, ys[i] - y, zs[i] - z
            gap = whole(a * a + b * b + c * c, scale)
            total += np.int64(mass[i]) * np.int64(min(near[i], gap))
    else:
        for i in range(start, stop):
            total += np.int64(weights[i]) * np.int64(min(distance[i], _gap(points, i, at, scale)))
    return total


@exact
def _come_closer(points: Any, weights: Any, scale: Any, at: int, distance: Any, parts: Any) -> None:
    if points.shape[0] == 3:
        xs, ys, zs = points[0], points[1], points[2]
        x, y, z = xs[at], ys[at], zs[at]
        for i in range(len(distance)):
            a, b, c = xs[i] - x, ys[i] - y, zs[i] - z
            distance[i] = min(distance[i], whole(a * a + b * b + c * c, scale))
    else:
        for i in range(len(distance)):
            distance[i] = min(distance[i], _gap(points, i, at, scale))
    _sum_blocks(distance, weights, parts)
