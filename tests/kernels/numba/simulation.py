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

from luvcolor_kernels import gpu, numba_cuda, numba_simulated, numba_target
from luvcolor_kernels.gpu import Argument, Kernels, Variant
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
}
"""Which arguments a kernel writes; each element of them once."""


class Guard:
    """Lets a launch read its arrays, and write each byte of its results once."""

    def __init__(self, inputs: Sequence[View], outputs: Sequence[View]) -> None:
        self.readable = set[int]().union(*map(_bytes, [*inputs, *outputs]))
        self.unwritten = set[int]().union(*map(_bytes, outputs))

    def __call__(self, address: int, size: int, *, writing: bool) -> None:
        """See numba_simulated.Watch."""
        touched = set(range(address, address + size))
        if address % size:
            raise AssertionError(f"an access of {size} bytes is not aligned")
        if not touched <= self.readable:
            raise AssertionError(f"an access of {size} bytes is beside the arrays")
        if writing:
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
        views = [argument for argument in arguments if isinstance(argument, View)]
        outputs = [views[i] for i in OUTPUTS[kernel]]
        guard = Guard([view for view in views if view not in outputs], outputs)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(numba_simulated, "watch", guard)
            super().run(kernel, variant, grid, block, arguments, place)
        assert not guard.unwritten, f"{len(guard.unwritten)} bytes of the result are unset"


@contextmanager
def small_blocks(threads: int = 32, most_rows: int = 3) -> Iterator[None]:
    """Simulate few threads a block, and few rows of blocks: a thread takes long to start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpu, "THREADS", threads)
        patch.setattr(gpu, "WIDE", threads // 4)
        patch.setattr(gpu, "HIGH", 4)
        patch.setattr(gpu, "MOST_ROWS", most_rows)
        yield


def poison_shared_memory() -> None:
    """Fill shared memory with NaN when a block starts, so that what reads it too early shows."""
    lock = threading.Lock()

    def array(self: Any, shape: int, dtype: Any) -> Any:
        frame = sys._getframe(1)
        place = (frame.f_code.co_filename, frame.f_lineno)
        with lock:
            if place not in self._allocations:
                self._allocations[place] = np.full(shape, np.nan, np.float32)
            return self._allocations[place]

    FakeCUDAShared.array = array


poison_shared_memory()
KERNELS = Kernels(SimulatedEngine(), lambda array: LIBRARY)
