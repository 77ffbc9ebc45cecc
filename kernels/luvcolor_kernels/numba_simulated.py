"""Plain Python in the place of numba_instructions, for numba-cuda's simulator: slow, and checked.

Addresses are those of NumPy arrays.
"""

from __future__ import annotations

import ctypes
import math
import threading
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.views import ITEM_SIZES

OPTIONS = {"fastmath": True}
EXACT = {"fastmath": False}
UNSUPPORTED: tuple[type[Exception], ...] = ()
ALIGNMENT = None
VALUES = {"u": np.int32, "i": np.int64}
"""What a kernel sees of whole numbers, by their kind in memory."""
Access = Literal["read", "write", "add"]
_turn = threading.Lock()
"""Held by the thread that adds."""


class Watch(Protocol):
    """What is told of every access to memory, before it happens."""

    def __call__(self, address: int, size: int, access: Access) -> None:
        """Raise if these bytes may not be read, or written, or added to."""
        ...


def _nobody(address: int, size: int, access: Access) -> None:
    """Do not watch."""


watch: Watch = _nobody
"""A test puts its own here: outside an array there is a crash at best."""


def launcher(function: Any, grid: tuple[int, int], block: tuple[int, int], stream: int) -> Any:
    """Return what runs a kernel; it is this very object, which keeps the grid of the last call."""
    return function[grid, block]


def device(function: Callable[..., Any]) -> Callable[..., Any]:
    """Leave it as it is: what calls nothing of numba.cuda needs no simulator."""
    return function


exact = device


def _memory(address: int, dtype: str, count: int, access: Access) -> npt.NDArray[Any]:
    """Return the array of ``count`` elements at an address; bfloat16 as bits."""
    size = count * ITEM_SIZES[dtype]
    watch(int(address), size, access)
    buffer = (ctypes.c_ubyte * size).from_address(int(address))
    values: npt.NDArray[Any] = np.ctypeslib.as_array(buffer)
    return values.view("uint16" if dtype == "bfloat16" else dtype)


def _value(dtype: str) -> Any:
    """Return the type that a kernel sees of an element."""
    return np.float64 if dtype == "float64" else VALUES.get(dtype[0], np.float32)


def loader(dtype: str, count: int) -> Callable[[int], tuple[Any, ...]]:
    """See numba_instructions."""

    def load(address: int) -> tuple[Any, ...]:
        values = _memory(address, dtype, count, "read")
        if dtype == "bfloat16":
            return tuple((values.astype(np.uint32) << np.uint32(16)).view(np.float32))
        return tuple(values.astype(_value(dtype)))

    return load


def storer(dtype: str, count: int) -> Callable[[int, tuple[Any, ...]], None]:
    """See numba_instructions."""

    def store(address: int, values: tuple[Any, ...]) -> None:
        kind = _value(dtype)
        array = np.array(values)
        if array.dtype != kind or array.shape != (count,):
            raise TypeError(f"expected {count} values of {kind.__name__}, found {array!r}")
        if dtype == "bfloat16":
            array = _bfloat_bits(array)
        _memory(address, dtype, count, "write")[:] = array.astype(
            "uint16" if dtype == "bfloat16" else dtype
        )

    return store


def _bfloat_bits(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint32]:
    bits = values.view(np.uint32)
    odd = bits >> np.uint32(16) & np.uint32(1)
    return bits + odd + np.uint32(0x7FFF) >> np.uint32(16)


@cache
def adder(dtype: str) -> Callable[[int, int], None]:
    """See numba_instructions."""

    def add(address: int, value: int) -> None:
        with _turn:
            place = _memory(address, dtype, 1, "add")
            np.add(place, place.dtype.type(value), out=place)

    return add


def neighbors(count: int) -> Callable[[Any, int], tuple[Any, ...]]:
    """See numba_instructions."""
    return lambda array, at: tuple(array[at : at + count])


def add_shared(array: Any, at: int, value: Any) -> Any:
    """See numba_instructions."""
    with _turn:
        before = array[at]
        array[at] = before + value
    return before


def barrier() -> None:
    """Wait for the other threads of the block."""
    thread: Any = threading.current_thread()
    thread.syncthreads()


def mapped(function: Any) -> Callable[..., Any]:
    """See numba_tuples."""
    return lambda *given: tuple(
        [function(*items, given[-1]) for items in zip(*given[:-1], strict=True)]
    )


def folded(step: Any) -> Callable[..., Any]:
    """See numba_tuples."""

    def fold(state: Any, *given: Any) -> Any:
        for items in zip(*given[:-1], strict=True):
            state = step(state, *items, given[-1])
        return state

    return fold


def product(a: Any, b: Any) -> Any:
    """Multiply two floats of one type."""
    if type(a) is not type(b) or type(a) not in (np.float32, np.float64):
        raise TypeError(f"expected two floats alike, found {a!r} and {b!r}")
    return a * b


def rounded(x: np.float32) -> np.float32:
    """Round to the nearest, ties to even."""
    return np.float32(np.rint(_single(x)))


def bits_of(x: np.float32) -> np.int32:
    """See the bits of a float32."""
    return _single(x).view(np.int32)


def float_of(bits: np.int32) -> np.float32:
    """See bits as a float32."""
    return np.int32(bits).view(np.float32)


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
