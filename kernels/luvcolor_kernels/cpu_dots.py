"""Kernels of dither on the CPU: both start from the labels of the nearest centres.

Error diffusion computes in whole numbers of 1/32 of a unit: what a float loses in its last bit
would change dots farther on, and the result must not depend on the machine.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from luvcolor_kernels.cpu_math import inline, kernel

SCALE = 32
FULL = 32
"""An error is carried on in this many parts of itself at most."""
COUNT = 8
"""Colours around the nearest one that blend looks at: a power of two, as many as a vector holds."""

_SCALE, _HALF = np.float32(SCALE), np.float32(0.5)
_NUMBER, _SCORE = np.int32(COUNT - 1), np.int32(~(COUNT - 1))


@kernel
def diffuse(
    points: Any, visible: Any, centers: Any, limits: Any, neighbours: Any, gaps: Any, labels: Any
) -> None:
    """Replace the nearest labels (H, W) by those of Floyd-Steinberg, to and fro.

    Errors lie one pixel to the right of where they belong, so that the edges need no care.
    """
    height, width = labels.shape
    rows = np.zeros((3, 3, width + 2), np.int32)
    part, limit = np.empty(width, np.int64), np.empty(width, np.int64)
    errors = np.zeros((2, width + 2, 3), np.int64)
    _load(points, 0, rows[0])
    rows[2] = rows[0]
    for y in range(height):
        own = rows[y % 3]
        _load(points, min(y + 1, height - 1), rows[(y + 1) % 3])
        _weigh(rows[(y + 2) % 3], own, rows[(y + 1) % 3], labels[y], centers, limits, gaps, part,
               limit)  # fmt: skip
        errors[1 - (y & 1)] = 0
        _diffuse_row(own, visible[y], 1 - 2 * (y & 1), part, limit, centers, neighbours, gaps,
                     errors[y & 1], errors[1 - (y & 1)], labels[y])  # fmt: skip


@inline
def _load(points: Any, y: int, row: Any) -> None:
    """Write one row in steps, a plane for each coordinate, and its ends once more."""
    width, dimensions = points.shape[1], points.shape[2]
    for d in range(dimensions):
        plane = row[d]
        for x in range(width):
            plane[x + 1] = np.int32(math.floor(np.float32(points[y, x, d]) * _SCALE + _HALF))
        plane[0], plane[width + 1] = plane[1], plane[width]


@inline
def _weigh(
    above: Any, own: Any, below: Any, guess: Any, centers: Any, limits: Any, gaps: Any,
    part: Any, limit: Any,
) -> None:  # fmt: skip
    """Say for each pixel what part of its error goes on, and how much of others' it takes.

    Where a picture has detail of its own nobody sees steps, but everybody sees dots. And an error
    that has piled up must not reach beyond the colours around: dots of a far one stand out.
    Whole numbers below 2^53 are exact in float64, which has vector code.
    """
    for x in range(guess.size):
        label = guess[x]
        detail, off = 0.0, 0.0
        for d in range(3):
            middle = np.float64(own[d, x + 1])
            around = np.float64(above[d, x + 1]) + np.float64(below[d, x + 1])
            around += np.float64(own[d, x]) + np.float64(own[d, x + 2])
            detail += (around - 4.0 * middle) ** 2
            off = max(off, abs(middle - np.float64(centers[label, d])))
        space = max(np.float64(gaps[label, 1]), off * off)
        part[x] = np.int64(FULL * space / (space + detail * 0.625 + 1.0))
        limit[x] = max(limits[label], np.int64(off))


@inline
def _diffuse_row(
    own: Any, visible: Any, step: int, part: Any, limit: Any, centers: Any, neighbours: Any,
    gaps: Any, here: Any, below: Any, labels: Any,
) -> None:  # fmt: skip
    width = labels.size
    for n in range(width):
        x = n if step > 0 else width - 1 - n
        if not visible[x]:
            continue
        most = limit[x]
        a = own[0, x + 1] + min(max((here[x + 1, 0] + 8) >> 4, -most), most)
        b = own[1, x + 1] + min(max((here[x + 1, 1] + 8) >> 4, -most), most)
        c = own[2, x + 1] + min(max((here[x + 1, 2] + 8) >> 4, -most), most)
        at = _nearest(a, b, c, np.int64(labels[x]), centers, neighbours, gaps)
        labels[x] = at
        share = part[x]
        for d, value in ((0, a), (1, b), (2, c)):
            error = ((value - centers[at, d]) * share + 16) >> 5
            here[x + 1 + step, d] += 7 * error
            below[x + 1 - step, d] += 3 * error
            below[x + 1, d] += 5 * error
            below[x + 1 + step, d] += error


@inline
def _nearest(a: Any, b: Any, c: Any, guess: Any, centers: Any, neighbours: Any, gaps: Any) -> Any:
    """Return the nearest centre of a point, looking around the one guessed from near to far.

    With r its distance from the guess and s the least found, none farther from the guess than
    r + s can be nearer, and (r + s)^2 <= 2 (r^2 + s^2). Ties go to the lowest index.
    """
    first = _square(a, b, c, centers[guess])
    best, at = first, guess
    for n in range(1, neighbours.shape[1]):
        if gaps[guess, n] > 2 * (first + best):
            break
        j = np.int64(neighbours[guess, n])
        distance = _square(a, b, c, centers[j])
        if distance < best or (distance == best and j < at):
            best, at = distance, j
    return at


@inline
def _square(a: Any, b: Any, c: Any, center: Any) -> Any:
    a, b, c = a - center[0], b - center[1], c - center[2]
    return a * a + b * b + c * c


@kernel
def blend(
    points: Any, visible: Any, pairs: Any, partners: Any, lengths: Any, mask: Any, labels: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    """Give pixels of rows start..stop the partner of their nearest colour where the mask says so.

    The partner is the one with which a mixture comes nearest; cpu_dither.py says how it is scored.
    ``mask`` is square, its size a power of two.
    """
    width, wrap = labels.shape[1], mask.shape[1] - 1
    third = points.shape[2] > 2
    # A float above 0 is ordered as its bits are; the last of them make room for the partner's
    # number, so that finding the largest score is arithmetic alone.
    scores, best = np.empty(COUNT, np.float32), np.empty(1, np.float32)
    bits, best_bits = scores.view(np.int32), best.view(np.int32)
    for y in range(start, stop):
        thresholds = mask[y & wrap]
        for x in range(width):
            if not visible[y, x]:
                continue
            own = np.int64(labels[y, x])
            a, b = np.float32(points[y, x, 0]), np.float32(points[y, x, 1])
            c = np.float32(points[y, x, 2]) if third else np.float32(0)
            u, v, w, offset = pairs[own, 0], pairs[own, 1], pairs[own, 2], pairs[own, 3]
            for n in range(COUNT):
                scores[n] = u[n] * a + v[n] * b + w[n] * c + offset[n]
            top = np.int32(0)
            for n in range(COUNT):
                top = max(top, np.int32(np.int32(bits[n] & _SCORE) | np.int32(n)))
            found, best_bits[0] = top & _NUMBER, np.int32(top & _SCORE)
            if best[0] * lengths[own, found] > thresholds[x & wrap]:
                labels[y, x] = partners[own, found]
