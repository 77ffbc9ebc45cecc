"""NumPy memory, seen as kernels on a GPU see theirs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.views import View

Array = npt.NDArray[Any]

MEMORY = np.arange(4 * 6 * 10 * 12, dtype=np.uint16)


def view_of(array: Array) -> View:
    """Look at an array."""
    strides = tuple(stride // array.itemsize for stride in array.strides)
    return View(array.ctypes.data, array.shape, strides, array.dtype.name, array)


def solid(*shape: int) -> Array:
    """Contiguous memory, counted through."""
    return MEMORY[: int(np.prod(shape))].reshape(shape)
