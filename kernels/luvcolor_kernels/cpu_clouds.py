"""Clouds on the CPU: points of any kind, and the unique colours of uint8 pictures in cells."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import color_cells, cpu_cells, cpu_kmeans, cpu_sums, fixed_point, spaces
from luvcolor_kernels.cpu_cells import Cells, Centers, Owners
from luvcolor_kernels.threads import run_blocks

Array = npt.NDArray[Any]
Float64Array = npt.NDArray[np.float64]
Sums = npt.NDArray[np.int64]

MIN_WORK = 1 << 19
"""Distances to compute before another thread pays."""
MIN_POINTS = 1 << 16
MIN_CELLS = 1 << 8
MIN_TESTS = 1 << 16
"""Cells times centres before another thread pays."""
POINTS_PER_CELL, MANY = 24, 512
"""With fewer points in a cell than this, and fewer centres, cells do not pay."""
SLACK = np.float32(fixed_point.REACH**2 * 2.0**-18)


def add_up(
    work: Callable[[int, int, Sums], Any], shape: tuple[int, ...], items: int, minimum: int
) -> Sums:
    """Let threads add to sums of their own; whole numbers add up to the same in any order."""
    total, lock = np.zeros(shape, np.int64), Lock()

    def add(start: int, stop: int) -> None:
        sums = np.zeros(shape, np.int64)
        work(start, stop, sums)
        with lock:
            np.add(total, sums, out=total)

    run_blocks(add, items, minimum)
    return total


def coefficients_of(centers: Float64Array) -> tuple[Array, np.float32]:
    """Return |c|^2 and -2 c of all centres as cpu_kmeans.scan takes them; the largest |c|^2."""
    k, dimensions = centers.shape
    squares = (centers**2).sum(axis=1)
    rows = np.zeros((-(-k // cpu_kmeans.GROUP) * cpu_kmeans.GROUP, 1 + dimensions), np.float32)
    rows[:, 0] = cpu_kmeans.HUGE
    rows[:k, 0], rows[:k, 1:] = squares, -2.0 * centers
    return rows, np.float32(squares.max())


class PointCloud:
    """Points (D, N) on the grid, in memory; see lloyd.Cloud.

    ``planes`` (P, N + PAD) holds the D coordinates in its rows ``rows``, and zeros elsewhere: the
    kernel for three dimensions is faster than that for fewer.
    """

    def __init__(
        self, planes: Array, rows: slice, weights: Sums, middle: Float64Array, unit: float,
        bits: int,
    ) -> None:  # fmt: skip
        self.planes, self.rows, self.weights = planes, rows, weights
        self.middle, self.unit, self.bits = middle, unit, bits
        self.dimensions, self.count = len(middle), len(weights)
        self.total = int(weights.sum())

    @property
    def scale(self) -> np.float32:
        """What makes coordinates whole numbers."""
        return np.float32(2.0**self.bits)

    def full(self, centers: Float64Array) -> Float64Array:
        """Return centres with as many coordinates as there are planes."""
        result = np.zeros((len(centers), len(self.planes)))
        result[:, self.rows] = centers
        return result

    def used(self, sums: Sums) -> Sums:
        """Return sums without those of coordinates that are zero."""
        coordinates = sums[:, 1:]
        return np.concatenate([sums[:, :1], coordinates[:, self.rows]], axis=1)

    def assign(self, centers: Float64Array) -> Sums:
        """Do what lloyd.Cloud says."""
        full = self.full(centers)
        coefficients, largest = coefficients_of(full)
        sums = add_up(
            lambda start, stop, sums: cpu_kmeans.sum_points(
                self.planes, self.weights, self.scale, full, coefficients, largest, sums,
                start, stop,
            ),
            (len(full), 1 + len(self.planes)),
            self.count,
            max(1, MIN_WORK // len(full)),
        )  # fmt: skip
        return self.used(sums)

    def square_sum(self) -> int:
        """Do what lloyd.Cloud says."""
        split = self.bits + fixed_point.REACH_BITS
        sums = add_up(
            lambda start, stop, sums: cpu_sums.square_sums(
                self.planes, self.weights, self.scale, split, sums, start, stop
            ),
            (len(self.planes), 2),
            self.count,
            MIN_POINTS,
        )
        return sum((int(high) << split) + int(low) for high, low in sums)

    def farthest(self, centers: Float64Array, number: int) -> tuple[Array, Float64Array]:
        """Do what lloyd.Cloud says."""
        full = self.full(centers)
        coefficients, largest = coefficients_of(full)
        labels, gaps = np.empty(self.count, np.int32), np.empty(self.count)

        def work(start: int, stop: int) -> None:
            cpu_kmeans.label_planes(self.planes, full, coefficients, largest, labels, start, stop)
            cpu_sums.own_gaps(self.planes, full, labels, gaps, start, stop)

        run_blocks(work, self.count, max(1, MIN_WORK // len(full)))
        order = np.argsort(-gaps, kind="stable")[:number]
        return self.planes[self.rows, order].T.astype(np.float64), gaps[order]

    def draw(self, size: int, rng: np.random.Generator) -> PointCloud:
        """Draw ``size`` points by weight, unless there are no more than that."""
        if self.count <= size:
            return self
        running = np.cumsum(self.weights)
        drawn = np.sort(rng.integers(0, self.total, size))
        index, times = np.unique(np.searchsorted(running, drawn, side="right"), return_counts=True)
        planes = np.zeros((len(self.planes), len(index) + cpu_kmeans.PAD), np.float32)
        planes[:, : len(index)] = self.planes[:, index]
        weights = times.astype(np.int64)
        return PointCloud(planes, self.rows, weights, self.middle, self.unit, self.bits)


def cloud_of_points(points: Array, weights: Sums) -> PointCloud:
    """Return the cloud of float32 points (N, D)."""
    low, high = (bound.astype(np.float64) for bound in (points.min(axis=0), points.max(axis=0)))
    middle = ((low + high) / 2.0).astype(np.float32)
    unit = fixed_point.unit_of(float(np.maximum(high - middle, middle - low).max()))
    bits = fixed_point.grid_bits(int(weights.sum()))
    count, dimensions = points.shape
    planes = np.zeros((max(3, dimensions), count + cpu_kmeans.PAD), np.float32)
    scale = np.float32(2.0**bits / unit)
    for plane, column, center in zip(planes, points.T, middle, strict=False):
        plane[:count] = np.rint((column - center) * scale) * np.float32(2.0**-bits)
    return PointCloud(planes, slice(0, dimensions), weights, middle.astype(np.float64), unit, bits)


class ColorCloud(PointCloud):
    """Unique uint8 colours, given by their numbers in ascending order: see color_cells."""

    def __init__(self, numbers: Array, weights: Sums, space: str) -> None:
        dtype = np.dtype(np.uint8)
        bits = fixed_point.grid_bits(int(weights.sum()))
        placing = spaces.placing(space, dtype, bits)
        planes = np.empty((3, len(numbers) + cpu_kmeans.PAD), np.float32)
        planes[:, len(numbers) :] = 0.0
        run_blocks(
            lambda start, stop: cpu_sums.place_colors(numbers, *placing, planes, start, stop),
            len(numbers),
            MIN_POINTS,
        )
        super().__init__(
            planes, spaces.used(space), weights, spaces.middle(space, dtype), 1.0, bits
        )
        self._cells = self._bounded(numbers)
        self._owners: Owners | None = None
        self._sums: Sums = np.zeros((0, 4), np.int64)

    def _bounded(self, numbers: Array) -> Cells:
        edges = np.arange(0, color_cells.COLORS + 1, color_cells.CELL)
        firsts = np.unique(np.searchsorted(numbers, edges.astype(numbers.dtype)))
        count = len(firsts) - 1
        boxes, totals = np.empty((6, count), np.float32), np.empty((count, 4), np.int64)
        run_blocks(
            lambda start, stop: cpu_cells.box_cells(
                self.planes, self.weights, self.scale, firsts, boxes, totals, start, stop
            ),
            count,
            MIN_CELLS,
        )
        block = numbers[firsts[:-1]] >> color_cells.BLOCK_BITS
        begins = np.flatnonzero(np.diff(block, prepend=-1))
        which = np.repeat(np.arange(len(begins)), np.diff(begins, append=count))
        return Cells(
            self.planes, self.weights, firsts, boxes, totals, which, _joined(boxes, begins)
        )

    def assign(self, centers: Float64Array) -> Sums:
        """Do what lloyd.Cloud says."""
        if self.count < POINTS_PER_CELL * len(self._cells.blocks) and len(centers) < MANY:
            return super().assign(centers)
        return self.assign_cells(centers)

    def assign_cells(self, centers: Float64Array) -> Sums:
        """Assign by cells: only what changed since the last time moves from sum to sum."""
        full, k, cells = self.full(centers), len(centers), len(self._cells.blocks)
        if self._owners is None or len(self._sums) != k:
            nobody = np.full(cells, -1, np.int32), np.full(self.count, -1, np.int32)
            self._owners = Owners(*nobody)
            self._sums = np.zeros((k, 4), np.int64)
        owners, coefficients = self._owners, coefficients_of(full)[0]
        planes = np.ascontiguousarray(full.T, np.float32)
        given = Centers(full, planes, coefficients, SLACK)
        self._sums += add_up(
            lambda start, stop, sums: cpu_cells.assign_cells(
                self._cells, owners, given, self.scale, sums, start, stop
            ),
            (k, 4),
            cells,
            max(1, MIN_TESTS // k),
        )
        return self.used(self._sums)


def _joined(boxes: Array, begins: Array) -> Array:
    """Return the boxes of neighbours together."""
    low = np.minimum.reduceat(boxes[:3] - boxes[3:], begins, axis=1)
    high = np.maximum.reduceat(boxes[:3] + boxes[3:], begins, axis=1)
    joined: Array = np.concatenate([(low + high) / 2, (high - low) / 2]).astype(np.float32)
    return joined
