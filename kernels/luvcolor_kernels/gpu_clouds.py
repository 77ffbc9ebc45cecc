"""Clouds on a GPU: points on the grid of k-means, in planes, where their picture is."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import color_cells, cpu_kmeans, fixed_point, spaces
from luvcolor_kernels.cpu_clouds import PointCloud
from luvcolor_kernels.cpu_pictures import draw_by_weight
from luvcolor_kernels.gpu_launches import PART, Launcher
from luvcolor_kernels.gpu_memory import Points
from luvcolor_kernels.runs import STRIDED, Run
from luvcolor_kernels.views import View

Array = npt.NDArray[Any]
Float64Array = npt.NDArray[np.float64]
Sums = npt.NDArray[np.int64]

COLORS = color_cells.COLORS
MOST_SMALL = (1 << 31) - 1
"""Up to such a total, counts are int32."""


def reach_of(centers: Float64Array) -> np.float32:
    """Return the largest |c|, rounded up; infinite if float32 holds no such number."""
    largest = sqrt(float((centers**2).sum(axis=1).max()))
    with np.errstate(over="ignore"):
        return np.float32(largest * (1.0 + 2.0**-20))


class GpuCloud:
    """Points (D, N) in memory of a GPU; see lloyd.Cloud.

    Attributes
    ----------
    planes : (D, N or a little more) float32
    rows
        Which of the planes of a PointCloud of the same points these are.
    weights
        int32 or int64; None if all are 1.
    repeats
        Whether a point that is drawn twice for a sample comes twice, as of pixels, or with twice
        the weight.
    """

    def __init__(
        self, launcher: Launcher, planes: View, rows: slice, weights: View | None, count: int,
        total: int, middle: Float64Array, unit: float, *, repeats: bool,
    ) -> None:  # fmt: skip
        self.launcher, self.planes, self.rows, self.weights = launcher, planes, rows, weights
        self.count, self.total, self.middle, self.unit = count, total, middle, unit
        self.dimensions, self.repeats = len(middle), repeats
        self.bits = fixed_point.grid_bits(total)

    @property
    def scale(self) -> np.float32:
        """What makes coordinates whole numbers."""
        return np.float32(2.0**self.bits)

    def assign(self, centers: Float64Array) -> Sums:
        """Do what lloyd.Cloud says. Waits for the sums."""
        given, reach = self.launcher.upload(centers), reach_of(centers)
        return self.launcher.download(
            self.launcher.assign(self.planes, self.weights, given, self.count, self.scale, reach)
        )

    def square_sum(self) -> int:
        """Do what lloyd.Cloud says."""
        split = self.bits + fixed_point.REACH_BITS
        sums = self.launcher.square_sum(self.planes, self.weights, self.count, split, self.scale)
        return sum((int(high) << split) + int(low) for high, low in self.launcher.download(sums))

    def farthest(self, centers: Float64Array, number: int) -> tuple[Array, Float64Array]:
        """Do what lloyd.Cloud says. Seldom needed, so all distances go to the host."""
        given, reach = self.launcher.upload(centers), reach_of(centers)
        gaps = self.launcher.download(
            self.launcher.measure_gaps(self.planes, given, self.count, reach)
        )
        number = min(number, self.count)
        far = np.flatnonzero(gaps >= np.partition(gaps, -number)[-number])
        order = far[np.argsort(-gaps[far], kind="stable")[:number]]
        return self._some(order).T.astype(np.float64), gaps[order]

    def draw(self, size: int, rng: np.random.Generator) -> PointCloud:
        """Return ``size`` points drawn by weight, unless there are no more than that."""
        if self.count <= size:
            return self._sample(np.arange(self.count), self._weights())
        drawn = self._drawn(size, rng)
        if self.repeats:
            return self._sample(drawn, np.ones(size, np.int64))
        index, times = np.unique(drawn, return_counts=True)
        return self._sample(index, times.astype(np.int64))

    def _drawn(self, size: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Do what cpu_pictures.draw_by_weight does, with sums of parts of the weights."""
        if self.weights is None:
            return draw_by_weight(None, self.count, size, rng)
        sums = self.launcher.sum_weights(self.weights)
        running = np.cumsum(sums)
        drawn = np.sort(rng.integers(0, running[-1], size))
        part = np.searchsorted(running, drawn, side="right")
        rest = drawn - (running - sums)[part]
        parts, rests = self.launcher.upload(part), self.launcher.upload(rest)
        return self.launcher.find_drawn(self.weights, parts, rests)

    def _weights(self) -> Sums:
        if self.weights is None:
            return np.ones(self.count, np.int64)
        return self.launcher.download(self.weights).astype(np.int64)

    def _sample(self, index: npt.NDArray[np.int64], weights: Sums) -> PointCloud:
        planes = np.zeros((max(3, self.dimensions), len(index) + cpu_kmeans.PAD), np.float32)
        planes[self.rows, : len(index)] = self._some(index)
        return PointCloud(planes, self.rows, weights, self.middle, self.unit, self.bits)

    def _some(self, index: npt.NDArray[np.int64]) -> Array:
        """Return the coordinates (D, n) of some points."""
        stride = self.planes.shape[1]
        points = Points(self.planes, self.dimensions, 1, self.count, Run(0, stride, 1, STRIDED))
        out = self.launcher.array((self.dimensions, len(index)), "float32")
        self.launcher.gather(points, self.launcher.upload(index), out, 1, len(index))
        return self.launcher.download(out)


def new_planes(launcher: Launcher, dimensions: int, count: int) -> View:
    """Return memory for points, a multiple of four of them in a plane."""
    return launcher.array((dimensions, -(-count // 4) * 4), "float32")


def count_colors(
    launcher: Launcher, pixels: Points, mass: View | None, total: int, *, by_cells: bool
) -> tuple[View, View, int]:
    """Count pixels into a table; return it, where the list of each part begins, and its length.

    ``mass`` are weights of int64, ``total`` is their sum. Waits for the length.
    """
    small = total <= MOST_SMALL
    table = launcher.zeros((COLORS,), "int32" if small else "int64")
    launcher.count_colors(pixels, mass, table, by_cells=by_cells)
    found = launcher.array((COLORS // PART,), "int32")
    launcher.count_present(table, found)
    offsets = np.concatenate([[0], np.cumsum(launcher.download(found), dtype=np.int64)])
    return table, launcher.upload(offsets), int(offsets[-1])


def cloud_of_colors(
    launcher: Launcher, pixels: Points, mass: View | None, total: int, space: str
) -> GpuCloud | None:
    """Return the cloud of the unique colours of uint8 pixels; None if there are none."""
    if pixels.count == 0 or total == 0:
        return None
    table, offsets, count = count_colors(launcher, pixels, mass, total, by_cells=True)
    numbers = launcher.array((count,), "int32")
    counts = launcher.array((count,), table.dtype)
    launcher.list_present(table, offsets, numbers, counts)
    planes = new_planes(launcher, spaces.DIMENSIONS[space], count)
    levels, in_luv, floats = _placing(launcher, space, "uint8", total)
    launcher.place_colors(numbers, levels, planes, in_luv=in_luv, floats=floats)
    return _in_space(launcher, planes, counts, count, total, space, "uint8")


def cloud_of_pixels(
    launcher: Launcher, pixels: Points, mass: View | None, total: int, space: str
) -> GpuCloud:
    """Return the cloud of all pixels of uint16."""
    planes = new_planes(launcher, spaces.DIMENSIONS[space], pixels.count)
    levels, in_luv, floats = _placing(launcher, space, "uint16", total)
    launcher.place_pixels(pixels, levels, planes, in_luv=in_luv, floats=floats)
    return _in_space(launcher, planes, mass, pixels.count, total, space, "uint16")


def cloud_of_points(launcher: Launcher, points: Points, mass: View | None, total: int) -> GpuCloud:
    """Return the cloud of points of floats; twin of cpu_clouds.cloud_of_points."""
    bounds = launcher.bound_points(points)
    if not np.isfinite(bounds).all():
        raise ValueError("points must be finite; drop those with NaN or infinity first")
    low, high = bounds.T.astype(np.float64)
    middle = ((low + high) / 2.0).astype(np.float32)
    unit = fixed_point.unit_of(float(np.maximum(high - middle, middle - low).max()))
    bits = fixed_point.grid_bits(total)
    planes = new_planes(launcher, points.dimensions, points.count)
    scale, step = np.float32(2.0**bits / unit), np.float32(2.0**-bits)
    launcher.place_points(points, launcher.upload(middle), planes, scale, step)
    return GpuCloud(
        launcher, planes, slice(0, points.dimensions), mass, points.count, total,
        middle.astype(np.float64), unit, repeats=False,
    )  # fmt: skip


def _placing(
    launcher: Launcher, space: str, dtype: str, total: int
) -> tuple[View, bool, tuple[np.float32, ...]]:
    bits = fixed_point.grid_bits(total)
    table, in_luv, middle, scale, step = spaces.placing(space, np.dtype(dtype), bits)
    return launcher.upload(table), in_luv, (*middle, scale[-1], step)


def _in_space(
    launcher: Launcher, planes: View, weights: View | None, count: int, total: int, space: str,
    dtype: str,
) -> GpuCloud:  # fmt: skip
    kind = np.dtype(dtype)
    middle, unit = spaces.middle(space, kind), spaces.unit(space, kind)
    return GpuCloud(
        launcher, planes, spaces.used(space), weights, count, total, middle, unit,
        repeats=kind != np.uint8,
    )  # fmt: skip
