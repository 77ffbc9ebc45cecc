"""Plain Python in the place of numba_instructions, for numba-cuda's simulator: slow, and checked.

Addresses are those of NumPy arrays.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.views import ITEM_SIZES

OPTIONS = {"fastmath": True}
UNSUPPORTED: tuple[type[Exception], ...] = ()


class Watch(Protocol):
    """What is told of every access to memory, before it happens."""

    def __call__(self, address: int, size: int, *, writing: bool) -> None:
        """Raise if these bytes may not be read, or written."""
        ...


def _nobody(address: int, size: int, *, writing: bool) -> None:
    """Do not watch."""


watch: Watch = _nobody
"""A test puts its own here: outside an array there is a crash at best."""


def launcher(function: Any, grid: tuple[int, int], block: tuple[int, int], stream: int) -> Any:
    """Return what runs a kernel; it is this very object, which keeps the grid of the last call."""
    return function[grid, block]


def device(function: Callable[..., Any]) -> Callable[..., Any]:
    """Leave it as it is: what calls nothing of numba.cuda needs no simulator."""
    return function


def _memory(address: int, dtype: str, count: int, *, writing: bool) -> npt.NDArray[Any]:
    """Return the array of ``count`` elements at an address; bfloat16 as bits."""
    size = count * ITEM_SIZES[dtype]
    watch(int(address), size, writing=writing)
    buffer = (ctypes.c_ubyte * size).from_address(int(address))
    values: npt.NDArray[Any] = np.ctypeslib.as_array(buffer)
    return values.view("uint16" if dtype == "bfloat16" else dtype)


def loader(dtype: str, count: int) -> Callable[[int], tuple[Any, ...]]:
    """See numba_instructions."""

    def load(address: int) -> tuple[Any, ...]:
        values = _memory(address, dtype, count, writing=False)
        if dtype == "bfloat16":
            return tuple((values.astype(np.uint32) << np.uint32(16)).view(np.float32))
        return tuple(values.astype(np.int32 if values.dtype.kind == "u" else np.float32))

    return load


def storer(dtype: str, count: int) -> Callable[[int, tuple[Any, ...]], None]:
    """See numba_instructions."""

    def store(address: int, values: tuple[Any, ...]) -> None:
        kind = np.int32 if dtype.startswith("uint") else np.float32
        array = np.array(values)
        if array.dtype != kind or array.shape != (count,):
            raise TypeError(f"expected {count} values of {kind.__name__}, found {array!r}")
        if dtype == "bfloat16":
            array = _bfloat_bits(array)
        _memory(address, dtype, count, writing=True)[:] = array.astype(
            "uint16" if dtype == "bfloat16" else dtype
        )

    return store


def _bfloat_bits(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint32]:
    bits = values.view(np.uint32)
    odd = bits >> np.uint32(16) & np.uint32(1)
    return bits + odd + np.uint32(0x7FFF) >> np.uint32(16)


def constants(name: str, values: npt.NDArray[np.float32]) -> Callable[[int], np.float32]:
    """See numba_instructions."""

    def constant(index: int) -> np.float32:
        value: np.float32 = values[index]
        return value

    return constant


def quotient(a: int, b: int) -> int:
    """Divide whole numbers that are not negative."""
    if a < 0 or b <= 0:
        raise ValueError(f"the instruction divides no {a} by {b}")
    return a // b


def level(value: np.float32) -> np.int32:
    """Cut off the fraction; NaN is 0 on the GPU as well."""
    return np.int32(0 if math.isnan(_single(value)) else int(value))


def whole(value: np.float32) -> int:
    """Cut off the fraction."""
    return int(_single(value))


def log2(x: np.float32) -> np.float32:
    """Logarithm of a float32, as one."""
    return np.float32(np.log2(np.float64(_single(x))))


def exp2(x: np.float32) -> np.float32:
    """Power of two of a float32, as one."""
    return np.float32(np.exp2(np.float64(_single(x))))


def _single(x: np.float32) -> np.float32:
    if type(x) is not np.float32:
        raise TypeError(f"expected a float32, found {type(x).__name__}")
    return x
