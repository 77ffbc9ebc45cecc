"""NumPy arrays in the place of arrays on a GPU, with memory around them that nobody may touch."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.libraries import Place
from luvcolor_kernels.views import View

Array = npt.NDArray[Any]

BFLOAT16 = np.dtype([("bfloat16", np.uint16)])
"""NumPy has no such type; the name of the field tells it from a uint16."""

GUARD = 256
"""Bytes before and after an array: what GPU libraries align memory to."""


class NumpyLibrary:
    """See luvcolor_kernels.libraries.Library."""

    name = "numpy"

    def view(self, array: Any) -> View:
        """Look at the memory of an array."""
        strides = tuple(stride // array.itemsize for stride in array.strides)
        return View(array.ctypes.data, array.shape, strides, type_name(array.dtype), array)

    def place(self, array: Any) -> Place:
        """Return the one device there is."""
        return Place(0, 0)

    def empty(self, shape: tuple[int, ...], dtype: str, like: Any) -> Any:
        """Make an array whose elements are a pattern that no kernel writes."""
        return empty(shape, dtype)

    def to_host(self, array: Any) -> Array:
        """Copy an array."""
        return np.array(array)

    def from_host(self, array: Array, like: Any) -> Array:
        """Copy an array to between guards."""
        return placed(array)


def type_name(dtype: np.dtype[Any]) -> str:
    return "bfloat16" if dtype == BFLOAT16 else dtype.name


def numpy_type(name: str) -> np.dtype[Any]:
    return BFLOAT16 if name == "bfloat16" else np.dtype(name)


def empty(shape: tuple[int, ...], dtype: str, misaligned: int = 0) -> Array:
    """Make an array between guards, its address this many elements past a multiple of 256."""
    kind = numpy_type(dtype)
    size = int(np.prod(shape)) * kind.itemsize
    root = np.full(size + 4 * GUARD, 0xA5, np.uint8)
    start = GUARD + -root.ctypes.data % GUARD + misaligned * kind.itemsize
    return root[start : start + size].view(kind).reshape(shape)


def placed(array: Array, misaligned: int = 0) -> Array:
    """Copy an array to between guards."""
    copy = empty(array.shape, type_name(array.dtype), misaligned)
    copy[...] = array
    return copy


def root_of(array: Array) -> Array:
    """Return the bytes of the whole memory that an array is part of."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    flat: Array = array.reshape(-1, order="A")
    return flat.view(np.uint8)


def same_place(array: Array, root: Array, copy: Array) -> Array:
    """Return the view of ``copy`` that is to it what ``array`` is to ``root``."""
    offset = array.ctypes.data - root.ctypes.data
    return np.ndarray(array.shape, array.dtype, copy.data, offset, array.strides)


def to_bfloat16(array: Array) -> Array:
    """Round to the nearest bfloat16, ties to even."""
    bits = array.astype(np.float32).view(np.uint32)
    upper = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
    return upper.astype(np.uint16).view(BFLOAT16)


def to_float64(array: Array) -> npt.NDArray[np.float64]:
    """Return the values of any type, bfloat16 as well."""
    if array.dtype != BFLOAT16:
        return array.astype(np.float64)
    bits = array["bfloat16"].astype(np.uint32) << 16
    return bits.view(np.float32).astype(np.float64)
