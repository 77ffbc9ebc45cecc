"""Kernels of k-means on the CPU that read every point once, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from luvcolor_kernels.cpu_exact import exact_kernel, place, place_pixels, square_distance


@exact_kernel
def square_sums(
    points: Any, weights: Any, scale: Any, split: int, sums: Any, start: int, stop: int
) -> None:
    """Add weighted squares of coordinates times ``scale`` to ``sums``, (D, 2) int64.

    A square has up to twice ``split`` bits: the upper and the lower ones are summed apart.
    """
    lower = (np.int64(1) << split) - 1
    for d in range(points.shape[0]):
        plane, mass = points[d][start:stop], weights[start:stop]
        high, low = np.int64(0), np.int64(0)
        for i in range(stop - start):
            whole = np.int64(plane[i] * scale)
            square = whole * whole
            high += mass[i] * (square >> split)
            low += mass[i] * (square & lower)
        sums[d, 0] += high
        sums[d, 1] += low


@exact_kernel
def own_gaps(points: Any, centers: Any, labels: Any, gaps: Any, start: int, stop: int) -> None:
    """Squared distance of each point from the centre of its label."""
    for i in range(start, stop):
        gaps[i] = square_distance(points, i, centers, labels[i])


@exact_kernel
def place_colors(
    numbers: Any, table: Any, in_luv: bool, middle: Any, scale: Any, step: Any, planes: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    """Turn numbers of colours (see color_cells) into points (3, n)."""
    x, y, z = planes[0][start:stop], planes[1][start:stop], planes[2][start:stop]
    given = numbers[start:stop]
    for i in range(stop - start):
        number = given[i]
        x[i] = table[(number >> 21 & 7) << 5 | (number >> 13 & 3) << 3 | (number >> 6 & 7)]
        y[i] = table[(number >> 18 & 7) << 5 | (number >> 11 & 3) << 3 | (number >> 3 & 7)]
        z[i] = table[(number >> 15 & 7) << 5 | (number >> 9 & 3) << 3 | (number & 7)]
    place(in_luv, middle, scale, step, x, y, z)


@exact_kernel
def convert_pixels(
    rgb: Any, table: Any, in_luv: bool, middle: Any, scale: Any, step: Any, planes: Any
) -> None:
    """Turn flat pixels into points (3, n)."""
    place_pixels(rgb, 0, table, in_luv, middle, scale, step, planes, planes.shape[1])
