"""The kernels of clustering on a GPU: names, variants, and the order of arguments, in one place.

A backend that can run these can run gpu_clustering. What each does is told in its source, in cuda/.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from luvcolor_kernels.gpu import Variant
from luvcolor_kernels.gpu_memory import Points, Workplace
from luvcolor_kernels.libraries import HostArray
from luvcolor_kernels.runs import Run
from luvcolor_kernels.views import View

KERNELS: Final = (
    "assign",
    "bound_points",
    "clear",
    "count_colors",
    "count_present",
    "find_drawn",
    "gather",
    "list_present",
    "measure_gaps",
    "nearest",
    "place_colors",
    "place_pixels",
    "place_points",
    "soft_assign",
    "square_sum",
    "sum_weights",
)
PART: Final = 4096
"""Neighbours in a table of colours that are listed by one block."""
PARTS_OF_A_TURN: Final = 8
WEIGHTS_OF_A_PART: Final = 1024
SLOTS, MOST_COPIES = 2048, 32
"""Of sums in shared memory: see assign.cu."""
MOST_DIMENSIONS: Final = 511
"""A group of centres is to find room in shared memory: see scan.cuh."""
FEW_DIMENSIONS: Final = 4
"""Up to so many dimensions, a thread takes four points."""


class Launcher(Workplace):
    """Launches one kernel for each of its methods."""

    def zeros(self, shape: tuple[int, ...], dtype: str) -> View:
        """Return new memory of int64, or of an even number of int32, of zeros."""
        view = self.array(shape, dtype)
        words = int(np.prod(shape)) * view.item_size // 8
        bare = View(view.address, (words,), (1,), "int64", view.owner)
        self.spread("clear", {}, words, [bare, words])
        return view

    def count_colors(
        self, pixels: Points, weights: View | None, table: View, *, by_cells: bool
    ) -> None:
        """Add uint8 pixels to a table of all colours (int32 or int64)."""
        given = weights or _as(pixels.view, "uint8")
        variant: Variant = {
            "COUNT": table.dtype,
            "BY_CELLS": int(by_cells),
            **_kind(given, weights),
            "IN_LAYOUT": pixels.layout,
        }
        numbers = (pixels.pictures, pixels.length, *pixels.run.numbers)
        self.walk("count_colors", variant, pixels, [pixels.view, given, table, *numbers])

    def count_present(self, table: View, found: View) -> None:
        """Write how many colours each part of a table has."""
        parts = found.shape[0]
        turns = -(-parts // PARTS_OF_A_TURN)
        self.blocks("count_present", {"COUNT": table.dtype}, turns, [table, found, parts])

    def list_present(self, table: View, offsets: View, colors: View, counts: View) -> None:
        """Write numbers (int32), or colours (n, 3) of uint8, and their counts."""
        parts = offsets.shape[0] - 1
        variant: Variant = {"COUNT": table.dtype, "OUT": colors.dtype, "TOTAL": counts.dtype}
        self.blocks("list_present", variant, parts, [table, offsets, colors, counts, parts])

    def place_colors(
        self, numbers: View, table: View, planes: View, *, in_luv: bool, floats: Sequence[Any]
    ) -> None:
        """Write planes of points; ``floats`` are the middle (3), the scale and the step."""
        (count,), (dimensions, stride) = numbers.shape, planes.shape
        variant: Variant = {"IN_LUV": int(in_luv), "FIRST": 3 - dimensions}
        self.spread(
            "place_colors", variant, count, [numbers, table, planes, count, stride, *floats]
        )

    def place_pixels(
        self, pixels: Points, table: View, planes: View, *, in_luv: bool, floats: Sequence[Any]
    ) -> None:
        """Write planes of points, of pixels of uint16."""
        dimensions, stride = planes.shape
        variant: Variant = {"IN_LUV": int(in_luv), "FIRST": 3 - dimensions}
        arguments = [pixels.view, table, planes, pixels.count, stride, *pixels.rows, *floats]
        self.spread("place_pixels", variant, pixels.count, arguments)

    def place_points(
        self, points: Points, middle: View, planes: View, scale: np.float32, step: np.float32
    ) -> None:
        """Write planes of points, of points of floats."""
        dimensions, stride = planes.shape
        self.spread(
            "place_points",
            {"IN": points.view.dtype},
            points.count,
            [points.view, middle, planes, points.count, dimensions, stride, *points.rows, scale,
             step],
        )  # fmt: skip

    def bound_points(self, points: Points) -> HostArray:
        """Return the least and the largest of each coordinate: (D, 2), NaN if one is not finite."""
        columns = self.columns(points.count)
        bounds = self.array((points.dimensions, columns, 2), "float32")
        self.run(
            "bound_points",
            {"IN": points.view.dtype},
            (columns, points.dimensions),
            [points.view, bounds, points.count, *points.rows],
        )
        found = self.download(bounds)
        return np.stack([found[..., 0].min(axis=1), found[..., 1].max(axis=1)], axis=1)

    def gather(self, points: Points, indices: View, out: View, pixel: int, channel: int) -> None:
        """Copy points by their indices (int64) to where ``pixel`` and ``channel`` say."""
        (count,) = indices.shape
        arguments = [points.view, indices, out, count, points.dimensions, *points.rows]
        self.spread("gather", {"IN": points.view.dtype}, count, [*arguments, pixel, channel])

    def sum_weights(self, weights: View) -> HostArray:
        """Return the sums of weights of parts."""
        (count,) = weights.shape
        parts = -(-count // WEIGHTS_OF_A_PART)
        sums = self.array((parts,), "int64")
        variant: Variant = {"WEIGHT": weights.dtype}
        self.blocks("sum_weights", variant, parts, [weights, sums, count, parts])
        return self.download(sums)

    def find_drawn(self, weights: View, parts: View, rests: View) -> HostArray:
        """Return the points in whose weight a part's weight falls, after so much of it."""
        (count,), (number,) = weights.shape, parts.shape
        indices = self.array((number,), "int64")
        variant: Variant = {"WEIGHT": weights.dtype}
        self.spread("find_drawn", variant, number, [weights, parts, rests, indices, count, number])
        return self.download(indices)

    def assign(
        self, planes: View, weights: View | None, centers: View, count: int, scale: np.float32,
        reach: np.float32,
    ) -> View:  # fmt: skip
        """Return the sums (k, 1 + D), int64, of the points nearest to each centre (k, D)."""
        k, dimensions = centers.shape
        sums = self.zeros((k, 1 + dimensions), "int64")
        given = weights or _as(planes, "int32")
        variant: Variant = {"DIMENSIONS": dimensions, **_kind(given, weights)}
        numbers = (count, planes.shape[1], k, copies(k * (1 + dimensions)))
        arguments = [planes, given, centers, sums, *numbers, scale, reach]
        self.spread("assign", variant, -(-count // _each(dimensions)), arguments)
        return sums

    def measure_gaps(self, planes: View, centers: View, count: int, reach: np.float32) -> View:
        """Return the squared distance of each point from its centre, float64."""
        k, dimensions = centers.shape
        gaps = self.array((count,), "float64")
        arguments = [planes, centers, gaps, count, planes.shape[1], k, reach]
        work = -(-count // _each(dimensions))
        self.spread("measure_gaps", {"DIMENSIONS": dimensions}, work, arguments)
        return gaps

    def square_sum(
        self, planes: View, weights: View | None, count: int, split: int, scale: np.float32
    ) -> View:
        """Return the sums (D, 2) of the upper and lower bits of weighted squares."""
        dimensions, stride = planes.shape
        sums = self.zeros((dimensions, 2), "int64")
        given = weights or _as(planes, "int32")
        variant = _kind(given, weights)
        arguments = [planes, given, sums, count, stride, split, scale]
        self.run("square_sum", variant, (self.columns(count), dimensions), arguments)
        return sums

    def nearest(
        self, points: Points, centers: View, shift: View, names: View, out: View, out_run: Run,
        reach: np.float32,
    ) -> None:  # fmt: skip
        """Write the names (int32) of the nearest centres, which are measured from ``shift``."""
        k, dimensions = centers.shape
        variant: Variant = {
            "IN": points.view.dtype,
            "OUT": out.dtype,
            "DIMENSIONS": dimensions,
            "IN_LAYOUT": points.layout,
            "OUT_LAYOUT": out_run.layout,
        }
        numbers = (points.pictures, points.length, *points.run.numbers, out_run.step,
                   out_run.pixel, k)  # fmt: skip
        arguments = [points.view, centers, shift, names, out, *numbers, reach]
        self.walk("nearest", variant, points, arguments)

    def soft_assign(
        self, points: Points, centers: View, labels: View, weights: View, factor: np.float32
    ) -> None:
        """Write the nearest centres (k, D) of float32, and their weights: both without gaps."""
        variant: Variant = {
            "IN": points.view.dtype,
            "OUT": labels.dtype,
            "DIMENSIONS": points.dimensions,
            "NEIGHBORS": labels.shape[-1],
        }
        numbers = (points.count, centers.shape[0], *points.rows)
        arguments = [points.view, centers, labels, weights, *numbers, factor]
        self.spread("soft_assign", variant, points.count, arguments)


def copies(values: int) -> int:
    """Return how many copies of sums a block holds: a power of two, or 0 if there is no room."""
    if values > SLOTS:
        return 0
    return min(MOST_COPIES, 1 << (SLOTS // values).bit_length() - 1)


def _each(dimensions: int) -> int:
    return 4 if dimensions <= FEW_DIMENSIONS else 1


def _kind(given: View, weights: View | None) -> Variant:
    return {"WEIGHT": given.dtype, "WEIGHTED": int(weights is not None)}


def _as(view: View, dtype: str) -> View:
    """Stand in for an argument that a variant never reads; the type is as large as the view's."""
    return View(view.address, (1,), (1,), dtype, view.owner)
