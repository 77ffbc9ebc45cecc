"""Pruning by cells on the CPU: most centres are too far from a box of points to matter in it.

Let i be the centre nearest to the middle m of a box with half sides h. For a point x of the box,

    |x - c_j|^2 - |x - c_i|^2  >=  |m - c_j|^2 - |m - c_i|^2 - 2 sum_d |c_j - c_i|_d h_d,

so centre j cannot be nearest to any point of the box where the right side is positive (Kanungo et
al., "An efficient k-means clustering algorithm", 2002). Boxes nest: a cell looks only at the
centres left in its block. Whoever stays alone owns the cell, and takes it with the sums computed
once. Elsewhere only points that change their centre are moved from sum to sum; the sums are whole
numbers, so moving loses nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from luvcolor_kernels.cpu_kmeans import GROUP, HUGE, PAD, doubt, scan, settle
from luvcolor_kernels.cpu_math import inline, kernel

CELL = 512
TWO, HALF, NEAR = np.float32(2.0), np.float32(0.5), np.float32(0.0)
SURE = np.float32(1.0 - 2.0**-20)
NOBODY = np.int32(-1)


class Cells(NamedTuple):
    """Points in the order of cells, and what holds for all points of a cell or block.

    Boxes are (6, n): the middle and the half sides.
    """

    points: Any
    weights: Any
    firsts: Any
    boxes: Any
    totals: Any
    blocks: Any
    block_boxes: Any


class Owners(NamedTuple):
    """Who has what: the centre of whole cells, or -1; and of points in the other cells."""

    cells: Any
    points: Any


class Centers(NamedTuple):
    """The same centres for every purpose: float64; planes and coefficients in float32."""

    exact: Any
    planes: Any
    coefficients: Any
    slack: Any


@kernel
def box_cells(
    points: Any, weights: Any, scale: Any, firsts: Any, boxes: Any, totals: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    """Bound cells start..stop, and sum their weights and weighted coordinates."""
    for c in range(start, stop):
        first, last = firsts[c], firsts[c + 1]
        mass, weight = weights[first:last], np.int64(0)
        for i in range(last - first):
            weight += mass[i]
        totals[c, 0] = weight
        for d in range(3):
            plane = points[d][first:last]
            low, high, total = plane[0], plane[0], np.int64(0)
            for i in range(last - first):
                low, high = min(low, plane[i]), max(high, plane[i])
                total += mass[i] * np.int64(plane[i] * scale)
            boxes[d, c], boxes[3 + d, c] = (low + high) * HALF, (high - low) * HALF
            totals[c, 1 + d] = total


@inline
def candidates(boxes: Any, box: int, planes: Any, n: int, slack: Any, gaps: Any, found: Any) -> Any:
    """Write which of n centres may be nearest somewhere in a box; return how many.

    Rounding, that of the boxes too, is less than 2**-20 of a gap and ``slack`` together.
    """
    mx, my, mz = boxes[0, box], boxes[1, box], boxes[2, box]
    # 2 |c_j - c_i| h; what rounding adds grows with the gap, and with the space: slack
    hx, hy, hz = TWO * boxes[3, box], TWO * boxes[4, box], TWO * boxes[5, box]
    xs, ys, zs, low = planes[0], planes[1], planes[2], HUGE
    for j in range(n):
        x, y, z = xs[j] - mx, ys[j] - my, zs[j] - mz
        gap = x * x + y * y + z * z
        gaps[j] = gap
        low = min(low, gap)
    i = 0
    while gaps[i] != low and i < n - 1:
        i += 1
    x, y, z, limit = xs[i], ys[i], zs[i], gaps[i] + slack
    for j in range(n):
        reach = abs(xs[j] - x) * hx + abs(ys[j] - y) * hy + abs(zs[j] - z) * hz
        gaps[j] = gaps[j] * SURE - reach
    m = 0
    for j in range(n):
        found[m] = j
        m += 1 if gaps[j] <= limit else 0
    return m


@inline
def gather(among: Any, m: int, names: Any, planes: Any, out: Any, out_names: Any) -> None:
    """Copy m of the centres in ``planes``, and their names."""
    for j in range(m):
        at = among[j]
        out[0, j], out[1, j], out[2, j] = planes[0, at], planes[1, at], planes[2, at]
        out_names[j] = names[at]


@inline
def gather_coefficients(among: Any, m: int, coefficients: Any, out: Any) -> Any:
    """Copy the coefficients of m centres; return their largest |c|^2."""
    largest = np.float32(0)
    for j in range(m):
        source = coefficients[among[j]]
        out[j, 0], out[j, 1], out[j, 2], out[j, 3] = source[0], source[1], source[2], source[3]
        largest = max(largest, source[0])
    while m % GROUP > 0:
        out[m, 0], out[m, 1], out[m, 2], out[m, 3] = HUGE, NEAR, NEAR, NEAR
        m += 1
    return largest


@inline
def largest_square(boxes: Any, box: int) -> Any:
    """Bound |x|^2 in a box."""
    x = abs(boxes[0, box]) + boxes[3, box]
    y = abs(boxes[1, box]) + boxes[4, box]
    z = abs(boxes[2, box]) + boxes[5, box]
    return x * x + y * y + z * z


@kernel
def assign_cells(
    cells: Cells, owners: Owners, centers: Centers, scale: Any, sums: Any, start: int, stop: int
) -> Any:
    """Give cells start..stop to their nearest centres; add the changes to ``sums`` (k, 4).

    Returns how many points and cells changed their centre.
    """
    k = centers.exact.shape[0]
    everyone, gaps, found = np.arange(k), np.empty(k, np.float32), np.empty(k + 1, np.int32)
    near, near_planes, many = np.empty(k, np.int32), np.empty((3, k), np.float32), 0
    names, local = np.empty(k, np.int32), np.empty((k + GROUP, 4), np.float32)
    best, second = np.empty(CELL + PAD, np.float32), np.empty(CELL + PAD, np.float32)
    label = np.empty(CELL + PAD, np.int32)
    block, changes = -1, 0
    for c in range(start, stop):
        if cells.blocks[c] != block:
            block = cells.blocks[c]
            many = candidates(
                cells.block_boxes, block, centers.planes, k, centers.slack, gaps, found
            )
            gather(found, many, everyone, centers.planes, near_planes, near)
        m = candidates(cells.boxes, c, near_planes, many, centers.slack, gaps, found)
        if m == 1:
            changes += _give_cell(cells, owners, c, near[found[0]], scale, sums)
            continue
        for j in range(m):
            names[j] = near[found[j]]
        largest = gather_coefficients(names, m, centers.coefficients, local)
        first, n = cells.firsts[c], cells.firsts[c + 1] - cells.firsts[c]
        scan(cells.points, first, (n + PAD - 1) // PAD * PAD, local, m, best, second, label)
        limit = doubt(3, largest, largest_square(cells.boxes, c))
        settle(cells.points, first, n, limit, centers.exact, names, m, best, second, label)
        for i in range(n):
            label[i] = names[label[i]]
        changes += _give_points(cells, owners, c, label, scale, sums)
    return changes


@inline
def _add(sums: Any, center: int, sign: int, cells: Any, i: int, scale: Any) -> None:
    total, weight = sums[center], sign * cells.weights[i]
    total[0] += weight
    total[1] += weight * np.int64(cells.points[0, i] * scale)
    total[2] += weight * np.int64(cells.points[1, i] * scale)
    total[3] += weight * np.int64(cells.points[2, i] * scale)


@inline
def _add_cell(sums: Any, center: int, sign: int, cells: Any, c: int) -> None:
    for d in range(4):
        sums[center, d] += sign * cells.totals[c, d]


@inline
def _give_cell(cells: Any, owners: Any, c: int, center: int, scale: Any, sums: Any) -> Any:
    old = owners.cells[c]
    if old == center:
        return 0
    changes = 1 if old >= 0 else 0
    if old >= 0:
        _add_cell(sums, old, -1, cells, c)
    else:
        for i in range(cells.firsts[c], cells.firsts[c + 1]):
            owner = owners.points[i]
            if owner >= 0:
                _add(sums, owner, -1, cells, i, scale)
            changes += 1 if owner != center else 0
    _add_cell(sums, center, 1, cells, c)
    owners.cells[c] = center
    return changes


@inline
def _give_points(cells: Any, owners: Any, c: int, label: Any, scale: Any, sums: Any) -> Any:
    first, n = cells.firsts[c], cells.firsts[c + 1] - cells.firsts[c]
    mine = owners.points[first : first + n]
    old = owners.cells[c]
    if old >= 0:
        for i in range(n):
            mine[i] = old
        owners.cells[c] = NOBODY
    changes = 0
    for i in range(n):
        changes += 1 if mine[i] != label[i] else 0
    if changes > 0:
        for i in range(n):
            if mine[i] != label[i]:
                if mine[i] >= 0:
                    _add(sums, mine[i], -1, cells, first + i, scale)
                _add(sums, label[i], 1, cells, first + i, scale)
                mine[i] = label[i]
    return changes
