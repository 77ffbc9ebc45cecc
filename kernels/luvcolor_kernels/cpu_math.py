"""The formulae of pixel.py compiled for vector units: no libm call, hardly a division.

A compiler turns a loop into vector code only if its body is straight arithmetic, so the three
power functions are written as such. Their relative errors are below 3e-7, that of float32 itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast
from zlib import crc32

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload

from luvcolor_kernels import pixel as formulae

OPTIONS: dict[str, Any] = {"fastmath": True, "error_model": "numpy", "nogil": True}

Function = TypeVar("Function", bound=Callable[..., Any])


def inline(function: Function) -> Function:
    """Compile what kernels call."""
    return cast(Function, njit(**OPTIONS)(function))


def choice(stub: Callable[..., Any]) -> Callable[[Callable[..., Any]], None]:
    """Compile one of several functions in the place of ``stub``, by the types of the arguments.

    The decorated function takes these types and returns the function. numba compares annotations,
    which differ between types and values: they are taken off.
    """

    def register(choose: Callable[..., Any]) -> None:
        choose.__annotations__ = {}

        @wraps(choose)
        def chosen(*arguments: Any, **named: Any) -> Any:
            function = choose(*arguments, **named)
            function.__annotations__ = {}
            return function

        options: Any = OPTIONS
        overload(stub, jit_options=options)(chosen)

    return register


def _fingerprint() -> str:
    """Return a number for all source that machine code is made from."""
    folder = Path(__file__).parent
    names = ["constants.py", "pixel.py", *sorted(path.name for path in folder.glob("cpu_*.py"))]
    return f"{crc32(b''.join((folder / name).read_bytes() for name in names)):08x}"


FINGERPRINT = _fingerprint()


def kernel(function: Function) -> Function:
    """Compile a kernel, and keep the machine code on disk for the next process.

    numba looks for changes in the kernel's own file only, not in what it calls. So the name of
    the kernel, and with it that of the file on disk, tells one state of the source from another.
    """
    function.__qualname__ = f"{function.__name__}_{FINGERPRINT}"
    try:
        return cast(Function, njit(**OPTIONS, cache=True)(function))
    except RuntimeError:  # no folder to write to: compile anew in every process
        return inline(function)


BLOCK = 1024
"""Pixels a kernel takes at a time: three float32 planes of them stay in the first-level cache."""

MIN_PIXELS = 1 << 16
"""Fewer pixels than this take about as long as waking a thread."""


def _f32(value: float) -> float:
    return cast(float, np.float32(value))


def _generate_bits(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return builder.bitcast(args[0], ir.IntType(32))


def _generate_float(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return builder.bitcast(args[0], ir.FloatType())


# An intrinsic is called without its first parameter, which checkers do not know: hence Any.
_bits_of: Any = intrinsic(lambda _, x: (types.int32(types.float32), _generate_bits))
_float_of: Any = intrinsic(lambda _, bits: (types.float32(types.int32), _generate_float))

ZERO, ONE = _f32(0.0), _f32(1.0)

# x ** (-1/n): dividing the bits of a float by -n divides its logarithm, up to a constant. Each
# step multiplies the guess by the series of (1 - e) ** (-1/n), e being what it misses.
THIRD, CUBIC_2, CUBIC_3 = _f32(1 / 3), _f32(2 / 9), _f32(14 / 81)
CUBIC_MAGIC = np.int32(0x54A2FA8C)
FIFTH, FIFTH_2, FIFTH_3 = _f32(1 / 5), _f32(3 / 25), _f32(11 / 125)
FIFTH_MAGIC = np.int32(0x4C2D1E52)  # 127 * 2**23 * 6/5, less what makes the error even


@inline
def cube_root(x: float) -> float:
    """Cube root of x > 0, as x r r with r = x ** (-1/3)."""
    r: float = _float_of(np.int32(CUBIC_MAGIC - np.int32(np.float32(_bits_of(x)) * THIRD)))
    e = ONE - x * r * r * r
    r = r + r * e * (THIRD + e * (CUBIC_2 + e * CUBIC_3))
    e = ONE - x * r * r * r
    r = r + r * e * (THIRD + e * CUBIC_2)
    return x * r * r


@inline
def decode(value: float) -> float:
    """Turn encoded sRGB into linear light: x ** 2.4 = (x r) ** 3 with r = x ** (-1/5)."""
    x = max((value + formulae.OFFSET) * formulae.PER_SCALE, formulae.TINY)
    r: float = _float_of(np.int32(FIFTH_MAGIC - np.int32(np.float32(_bits_of(x)) * FIFTH)))
    for _ in range(2):
        square = r * r
        e = ONE - x * square * square * r
        r = r + r * e * (FIFTH + e * (FIFTH_2 + e * FIFTH_3))
    root = x * r
    return root * root * root if value > formulae.THRESHOLD else value * formulae.PER_SLOPE


# 1.055 x ** (1/2.4) - 0.055 on [0.0031308, 1] as a quotient of polynomials in sqrt(x): minimax fit.
P0, P1, P2 = _f32(-0.050273660761900076), _f32(0.8774343424951989), _f32(28.235581754051047)
P3, P4 = _f32(63.097960849037634), _f32(13.284253112440359)
Q1, Q2, Q3 = _f32(22.06617411860067), _f32(62.12966294090505), _f32(20.24906361435248)


@inline
def encode(linear: float) -> float:
    """Linear light to encoded sRGB 0..1, clipped."""
    x = min(max(linear, ZERO), ONE)
    s = math.sqrt(x)
    above = P0 + s * (P1 + s * (P2 + s * (P3 + s * P4)))
    below = ONE + s * (Q1 + s * (Q2 + s * Q3))
    return min(above / below, ONE) if x > formulae.LINEAR_THRESHOLD else x * formulae.SLOPE


# A float16 has 13 bits less of the fraction than a float32, and 112 less in its exponent. Below
# 2**-14 its steps are those that a float32 has at 0.5.
HALF_LEAST, HALF_STEP = _f32(2.0**-14), _f32(0.5)
HALF_STEP_BITS = np.int32(0x3F000000)
HALF_REBIAS, HALF_ROUND = np.int32(112 << 23), np.int32((1 << 12) - 1)
HALF_SHIFT, INT_ONE = np.int32(13), np.int32(1)


@inline
def half_bits(value: float) -> Any:
    """Round 0 <= value <= 1 to float16, ties to even, and return its bits."""
    bits = np.int32(_bits_of(value))
    odd = np.int32(np.int32(bits >> HALF_SHIFT) & INT_ONE)
    rounded = np.int32(np.int32(bits - HALF_REBIAS) + np.int32(HALF_ROUND + odd))
    normal = np.int32(rounded >> HALF_SHIFT)
    small = np.int32(np.int32(_bits_of(value + HALF_STEP)) - HALF_STEP_BITS)
    return normal if value >= HALF_LEAST else small


pixel = formulae.bind(inline, cube_root=cube_root, decode=decode, encode=encode)
