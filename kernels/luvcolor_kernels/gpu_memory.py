"""Memory of clustering on a GPU, how points lie in it, and how many threads work on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from luvcolor_kernels.gpu import MOST_ROWS, THREADS, Argument, Engine, Variant
from luvcolor_kernels.libraries import HostArray, Library, Place
from luvcolor_kernels.runs import INTERLEAVED, STRIDED, Run, common_runs
from luvcolor_kernels.views import View


@dataclass(frozen=True)
class Points:
    """Points (or pixels) as they lie in memory: ``pictures`` runs of ``length``.

    Attributes
    ----------
    dimensions
        Coordinates (or channels) of a point.
    """

    view: View
    dimensions: int
    pictures: int
    length: int
    run: Run

    @property
    def count(self) -> int:
        """How many there are."""
        return self.pictures * self.length

    @property
    def layout(self) -> int:
        """How four of them can be read: what has gaps is not INTERLEAVED."""
        packed = self.run.layout != INTERLEAVED or self.dimensions == 3
        return self.run.layout if packed else STRIDED

    @property
    def rows(self) -> tuple[int, int, int, int]:
        """Where a point lies: see Rows in wide.cuh; and from channel to channel."""
        return self.length, self.run.step, self.run.pixel, self.run.channel


def points_of(view: View, name: str) -> Points:
    """Return the points (..., D) of an array.

    Raises
    ------
    ValueError
        If they are not the same distance apart.
    """
    if view.empty:
        return Points(view, view.shape[-1], 0, 0, Run(0, 0, 0, STRIDED))
    pictures, length, (run,) = common_runs([(view, len(view.shape) - 1)], [name])
    return Points(view, view.shape[-1], pictures, length, run)


@dataclass(frozen=True)
class Workplace:
    """Where ``like`` is, on the caller's stream."""

    engine: Engine
    library: Library
    place: Place
    like: Any

    def array(self, shape: tuple[int, ...], dtype: str) -> View:
        """Return new memory, unset."""
        return self.library.view(self.library.empty(shape, dtype, self.like))

    def upload(self, array: HostArray) -> View:
        """Return a copy of an array on the host."""
        return self.library.view(self.library.from_host(array, self.like))

    def download(self, view: View) -> HostArray:
        """Wait, and return a copy on the host."""
        return self.library.to_host(view.owner)

    def walk(self, kernel: str, variant: Variant, points: Points, arguments: Sequence[Any]) -> None:
        """Launch over runs, four points a thread."""
        rows = min(points.pictures, MOST_ROWS)
        needed = -(-points.length // (4 * THREADS))
        columns = max(1, min(needed, -(-self.engine.blocks(self.place) // rows)))
        self.run(kernel, variant, (columns, rows), arguments)

    def spread(self, kernel: str, variant: Variant, work: int, arguments: Sequence[Any]) -> None:
        """Launch as many threads as there is work, or as keep the GPU busy."""
        self.run(kernel, variant, (self.columns(work), 1), arguments)

    def blocks(self, kernel: str, variant: Variant, parts: int, arguments: Sequence[Any]) -> None:
        """Launch a block for each part, or as many as keep the GPU busy."""
        self.run(kernel, variant, (min(parts, self.engine.blocks(self.place)), 1), arguments)

    def columns(self, work: int) -> int:
        """Return how many blocks of threads there is work for, or keep the GPU busy."""
        return max(1, min(-(-work // THREADS), self.engine.blocks(self.place)))

    def run(
        self, kernel: str, variant: Variant, grid: tuple[int, int], arguments: Sequence[Any]
    ) -> None:
        """Launch a kernel; whole numbers are passed as int64."""
        given: list[Argument] = [np.int64(a) if isinstance(a, int) else a for a in arguments]
        self.engine.run(kernel, variant, grid, (THREADS, 1), given, self.place)
