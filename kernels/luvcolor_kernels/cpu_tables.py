"""Kernels of nearest on the CPU for uint8 colours: the labels of all 2**24 colours in a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from luvcolor_kernels.cpu_cells import (
    CELL,
    Centers,
    candidates,
    gather,
    gather_coefficients,
    largest_square,
)
from luvcolor_kernels.cpu_kmeans import GROUP, doubt, scan, settle
from luvcolor_kernels.cpu_math import inline, kernel

MIDDLE = np.float32(128.0)
"""What centres and colours are measured from, so that rounding is smaller."""
HALF_CELL, HALF_BLOCK = np.float32(3.5), np.float32(15.5)
CELLS_PER_BLOCK = 64


@inline
def _bound(number: int, bits: int, half: Any, box: Any) -> None:
    """Write the box of a cell (bits 2) or block (bits 0): its middle and half sides."""
    red = (number >> 6 + 3 * bits & 7) << 5
    green = (number >> 3 + 3 * bits & 7) << 5
    blue = (number >> 3 * bits & 7) << 5
    if bits > 0:
        red |= (number >> 4 & 3) << 3
        green |= (number >> 2 & 3) << 3
        blue |= (number & 3) << 3
    for d in range(3):
        box[3 + d, 0] = half
    box[0, 0] = np.float32(red) + half - MIDDLE
    box[1, 0] = np.float32(green) + half - MIDDLE
    box[2, 0] = np.float32(blue) + half - MIDDLE


@kernel
def label_cells(centers: Centers, labels: Any, table: Any, start: int, stop: int) -> None:
    """Write the labels of all colours of cells start..stop; those of centres are ``labels``."""
    k = centers.exact.shape[0]
    everyone, gaps, found = np.arange(k), np.empty(k, np.float32), np.empty(k + 1, np.int32)
    near, near_planes, many = np.empty(k, np.int32), np.empty((3, k), np.float32), 0
    names, local = np.empty(k, np.int32), np.empty((k + GROUP, 4), np.float32)
    best, second = np.empty(CELL, np.float32), np.empty(CELL, np.float32)
    label, points = np.empty(CELL, np.int32), np.empty((3, CELL), np.float32)
    box, block = np.empty((6, 1), np.float32), -1
    for c in range(start, stop):
        if c // CELLS_PER_BLOCK != block:
            block = c // CELLS_PER_BLOCK
            _bound(block, 0, HALF_BLOCK, box)
            many = candidates(box, 0, centers.planes, k, centers.slack, gaps, found)
            gather(found, many, everyone, centers.planes, near_planes, near)
        _bound(c, 2, HALF_CELL, box)
        m = candidates(box, 0, near_planes, many, centers.slack, gaps, found)
        out = table[c * CELL : (c + 1) * CELL]
        if m == 1:
            out[:] = labels[near[found[0]]]
            continue
        for j in range(m):
            names[j] = near[found[j]]
        largest = gather_coefficients(names, m, centers.coefficients, local)
        xs, ys, zs = points[0], points[1], points[2]
        x, y, z = box[0, 0] - HALF_CELL, box[1, 0] - HALF_CELL, box[2, 0] - HALF_CELL
        for i in range(CELL):
            xs[i] = x + np.float32(i >> 6)
            ys[i] = y + np.float32(i >> 3 & 7)
            zs[i] = z + np.float32(i & 7)
        scan(points, 0, CELL, local, m, best, second, label)
        limit = doubt(3, largest, largest_square(box, 0))
        settle(points, 0, CELL, limit, centers.exact, names, m, best, second, label)
        for i in range(CELL):
            out[i] = labels[names[label[i]]]


@kernel
def look_up(rgb: Any, places: Any, table: Any, out: Any, start: int, stop: int) -> None:
    """Write the labels of flat pixels."""
    reds, greens, blues = places[0], places[1], places[2]
    source, target = rgb[3 * start : 3 * stop], out[start:stop]
    for i in range(stop - start):
        at = reds[source[3 * i]] | greens[source[3 * i + 1]] | blues[source[3 * i + 2]]
        target[i] = table[at]
