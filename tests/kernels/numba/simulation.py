"""Runs numba's kernels in numba-cuda's simulator, and watches every access to memory.

To be imported where ``NUMBA_ENABLE_CUDASIM=1``: test_simulator.py starts a process for it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from numba.cuda.simulator.kernelapi import FakeCUDAShared

from luvcolor_kernels import gpu, gpu_memory, numba_cuda, numba_simulated, numba_target
from luvcolor_kernels.gpu import Argument, Variant
from luvcolor_kernels.gpu_clustering import Clustering
from luvcolor_kernels.libraries import Place
from luvcolor_kernels.views import View
from tests.kernels.cuda.memory import NumpyLibrary

assert numba_target.SIMULATED

LIBRARY = NumpyLibrary()
OUTPUTS = {
    "rgb_to_luv": (1,),
    "luv_to_rgb": (1,),
    "luminance": (1,),
    "luma_to_input": (1,),
    "local_slope": (2,),
    "smooth_slope": (3, 4),
    "merge_chroma": (3,),
    "bound_points": (1,),
    "clear": (0,),
    "count_present": (1,),
    "find_drawn": (3,),
    "gather": (2,),
    "list_present": (2, 3),
    "measure_gaps": (2,),
    "nearest": (4,),
    "place_colors": (2,),
    "place_pixels": (2,),
    "place_points": (2,),
    "soft_assign": (2, 3),
    "sum_weights": (1,),
}
"""Which arguments a kernel writes; each element of them once."""
SUMS = {"assign": (3,), "count_colors": (2,), "square_sum": (2,)}
"""Which it adds to."""


class Guard:
    """Lets a launch read its arrays, write each byte of its results once, and add to its sums."""

    def __init__(
        self, inputs: Sequence[View], outputs: Sequence[View], sums: Sequence[View]
    ) -> None:
        self.readable = set[int]().union(*map(_bytes, [*inputs, *outputs]))
        self.unwritten = set[int]().union(*map(_bytes, outputs))
        self.sums = set[int]().union(*map(_bytes, sums))

    def __call__(self, address: int, size: int, access: numba_simulated.Access) -> None:
        """See numba_simulated.Watch."""
        touched = set(range(address, address + size))
        if address % size:
            raise AssertionError(f"an access of {size} bytes is not aligned")
        if not touched <= (self.sums if access == "add" else self.readable):
            raise AssertionError(f"an access of {size} bytes is beside the arrays")
        if access == "write":
            if not touched <= self.unwritten:
                raise AssertionError(f"{size} bytes are no result, or were written before")
            self.unwritten -= touched


def _bytes(view: View) -> set[int]:
    """Addresses of all bytes of an array."""
    places: npt.NDArray[np.int64] = np.array(view.address, np.int64)
    for length, stride in zip(view.shape, view.strides, strict=True):
        places = places[..., None] + np.arange(length) * stride * view.item_size
    return set((places[..., None] + np.arange(view.item_size)).ravel().tolist())


class SimulatedEngine(numba_cuda.NumbaEngine):
    """Launches as the backend does, on few blocks so that they have to walk on."""

    def blocks(self, place: Place) -> int:
        """See Engine."""
        return 2

    def run(
        self,
        kernel: str,
        variant: Variant,
        grid: tuple[int, int],
        block: tuple[int, int],
        arguments: Sequence[Argument],
        place: Place,
    ) -> None:
        """See Engine."""
        outputs = [_written(kernel, arguments, i) for i in OUTPUTS.get(kernel, ())]
        sums = [_view(arguments[i]) for i in SUMS.get(kernel, ())]
        changed = {view.address for view in (*outputs, *sums)}
        views = [argument for argument in arguments if isinstance(argument, View)]
        guard = Guard([view for view in views if view.address not in changed], outputs, sums)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(numba_simulated, "watch", guard)
            super().run(kernel, variant, grid, block, arguments, place)
        assert not guard.unwritten, f"{len(guard.unwritten)} bytes of the result are unset"


def _written(kernel: str, arguments: Sequence[Argument], i: int) -> View:
    """Return the part of an argument that a kernel writes: planes of points have room to spare."""
    view = _view(arguments[i])
    if not kernel.startswith("place"):
        return view
    count = arguments[3]
    assert isinstance(count, np.int64)
    return View(view.address, (view.shape[0], int(count)), view.strides, view.dtype, view.owner)


def _view(argument: Argument) -> View:
    assert isinstance(argument, View)
    return argument


@contextmanager
def small_blocks(threads: int = 32, most_rows: int = 3) -> Iterator[None]:
    """Simulate few threads a block, and few rows of blocks: a thread takes long to start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpu, "THREADS", threads)
        patch.setattr(gpu_memory, "THREADS", threads)
        patch.setattr(gpu, "WIDE", threads // 4)
        patch.setattr(gpu, "HIGH", 4)
        patch.setattr(gpu, "MOST_ROWS", most_rows)
        patch.setattr(gpu_memory, "MOST_ROWS", most_rows)
        yield


def poison_shared_memory() -> None:
    """Fill shared memory when a block starts, so that what reads it too early shows."""
    lock = threading.Lock()

    def array(self: Any, shape: int, dtype: Any, alignment: None = None) -> Any:
        frame = sys._getframe(1)
        place = (frame.f_code.co_filename, frame.f_lineno)
        with lock:
            if place not in self._allocations:
                kind = np.dtype(str(dtype))
                poison = np.nan if kind.kind == "f" else 0x5A5A5A5A
                self._allocations[place] = np.full(shape, poison, kind)
            return self._allocations[place]

    FakeCUDAShared.array = array


poison_shared_memory()
KERNELS = Clustering(SimulatedEngine(), lambda array: LIBRARY)
