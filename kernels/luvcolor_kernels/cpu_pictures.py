"""The cloud of a 16-bit picture: too many colours to list, so it is converted block by block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import cpu_kmeans, cpu_sums, fixed_point, spaces
from luvcolor_kernels.cpu_clouds import MIN_WORK, PointCloud, Sums, add_up, coefficients_of
from luvcolor_kernels.cpu_exact import place_pixels
from luvcolor_kernels.cpu_kmeans import BLOCK, label_block
from luvcolor_kernels.cpu_math import kernel

Array = npt.NDArray[Any]
Float64Array = npt.NDArray[np.float64]

PART = 1 << 20
"""Pixels held as coordinates at a time, where not even a block at a time."""


@kernel
def sum_pixels(
    rgb: Any, weights: Any, table: Any, in_luv: bool, middle: Any, steps: Any, step: Any,
    scale: Any, centers: Any, coefficients: Any, largest: Any, sums: Any, start: int, stop: int,
) -> None:  # fmt: skip
    """Convert pixels start..stop, and do with them what cpu_kmeans.sum_points does.

    ``weights`` may be empty: then all are 1.
    """
    best, second = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    label, everyone = np.empty(BLOCK, np.int32), np.arange(centers.shape[0])
    planes, given = np.empty((3, BLOCK), np.float32), len(weights) > 0
    for first in range(start, stop, BLOCK):
        n = min(BLOCK, stop - first)
        place_pixels(rgb, first, table, in_luv, middle, steps, step, planes, n)
        label_block(planes, 0, n, centers, coefficients, largest, everyone, best, second, label)
        for i in range(n):
            total, weight = sums[label[i]], weights[first + i] if given else np.int64(1)
            total[0] += weight
            total[1] += weight * np.int64(planes[0, i] * scale)
            total[2] += weight * np.int64(planes[1, i] * scale)
            total[3] += weight * np.int64(planes[2, i] * scale)


class PictureCloud:
    """Pixels (N, 3) of an unsigned integer type; see lloyd.Cloud."""

    def __init__(self, pixels: Array, weights: Sums | None, space: str) -> None:
        self._pixels, self._weights = pixels, weights
        self._rows = spaces.used(space)
        self.dimensions, self.count = spaces.DIMENSIONS[space], len(pixels)
        self.total = len(pixels) if weights is None else int(weights.sum())
        self.middle = spaces.middle(space, pixels.dtype)
        self.unit = spaces.unit(space, pixels.dtype)
        self.bits = fixed_point.grid_bits(self.total)
        self._placing = spaces.placing(space, pixels.dtype, self.bits)

    def assign(self, centers: Float64Array) -> Sums:
        """Do what lloyd.Cloud says."""
        full = np.zeros((len(centers), 3))
        full[:, self._rows] = centers
        coefficients, largest = coefficients_of(full)
        flat, scale = self._pixels.reshape(-1), np.float32(2.0**self.bits)
        weights = np.zeros(0, np.int64) if self._weights is None else self._weights
        sums = add_up(
            lambda start, stop, sums: sum_pixels(
                flat, weights, *self._placing, scale, full, coefficients, largest, sums,
                start, stop,
            ),
            (len(centers), 4),
            self.count,
            max(1, MIN_WORK // len(centers)),
        )  # fmt: skip
        return np.concatenate([sums[:, :1], sums[:, 1:][:, self._rows]], axis=1)

    def square_sum(self) -> int:
        """Do what lloyd.Cloud says."""
        return sum(part.square_sum() for part in self._parts())

    def farthest(self, centers: Float64Array, number: int) -> tuple[Array, Float64Array]:
        """Do what lloyd.Cloud says."""
        found = [part.farthest(centers, number) for part in self._parts()]
        points, gaps = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.argsort(-gaps, kind="stable")[:number]
        return points[order], gaps[order]

    def draw(self, size: int, rng: np.random.Generator) -> PointCloud:
        """Draw ``size`` pixels by weight, unless there are no more than that."""
        if self.count <= size:
            return self._points(slice(None))
        index = draw_by_weight(self._weights, self.count, size, rng)
        return self._points(index, np.ones(size, np.int64))

    def _parts(self) -> Iterator[PointCloud]:
        for first in range(0, self.count, PART):
            yield self._points(slice(first, first + PART))

    def _points(self, which: Any, weights: Sums | None = None) -> PointCloud:
        """Return some pixels as points on the grid of all."""
        pixels = np.ascontiguousarray(self._pixels[which])
        if weights is None:
            ones = np.ones(len(pixels), np.int64)
            weights = ones if self._weights is None else self._weights[which]
        planes = np.zeros((3, len(pixels) + cpu_kmeans.PAD), np.float32)
        room = np.empty((3, len(pixels)), np.float32)
        cpu_sums.convert_pixels(pixels.reshape(-1), *self._placing, room)
        planes[:, : len(pixels)] = room
        return PointCloud(planes, self._rows, weights, self.middle, self.unit, self.bits)


def draw_by_weight(
    weights: Sums | None, count: int, size: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return the indices of ``size`` points drawn by weight, ascending; a point may come twice."""
    if weights is None:
        return np.sort(rng.integers(0, count, size))
    running = np.cumsum(weights)
    return np.searchsorted(running, np.sort(rng.integers(0, running[-1], size)), side="right")
