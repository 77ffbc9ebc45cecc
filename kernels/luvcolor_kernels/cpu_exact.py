"""Formulae of k-means in single steps of IEEE arithmetic: every backend gets the same bits.

Kernels elsewhere let the compiler contract and reorder sums ("fastmath"), which is faster and
differs from processor to processor in the last bit. Here it may not. Every operation is one IEEE
float32 or float64 operation, in the order written, and there is no call of a library. On a GPU the
same steps give the same bits if contraction is off (-fmad=false) and division is IEEE (-prec-div).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

from luvcolor_kernels import pixel
from luvcolor_kernels.cpu_bits import bits_of, float_of
from luvcolor_kernels.cpu_math import FINGERPRINT

Function = TypeVar("Function", bound=Callable[..., Any])
OPTIONS: dict[str, Any] = {"fastmath": False, "error_model": "numpy", "nogil": True}


def exact(function: Function) -> Function:
    """Compile what kernels call, without contraction and reordering."""
    return cast(Function, njit(**OPTIONS)(function))


def exact_kernel(function: Function) -> Function:
    """Compile a kernel so, and keep its machine code as cpu_math.kernel does."""
    function.__qualname__ = f"{function.__name__}_{FINGERPRINT}"
    try:
        return cast(Function, njit(**OPTIONS, cache=True)(function))
    except RuntimeError:  # no folder to write to: compile anew in every process
        return exact(function)


ONE = np.float32(1.0)
# 13 (4 X - u_n D) and 13 (9 Y - v_n D) over D = X + 15 Y + 3 Z, as in pixel.py
Y_R, Y_G, Y_B = pixel.Y_R, pixel.Y_G, pixel.Y_B
D_R, D_G, D_B = pixel.D_R, pixel.D_G, pixel.D_B
U_R, U_G, U_B = pixel.U_R, pixel.U_G, pixel.U_B
V_R, V_G, V_B = pixel.V_R, pixel.V_G, pixel.V_B
TINY, EPSILON, KAPPA = pixel.TINY, pixel.EPSILON, pixel.KAPPA
C116, SIXTEEN = pixel.C116, pixel.SIXTEEN
# x ** (-1/3): the bits of a float divided by -3, and the series of (1 - e) ** (-1/3)
CUBIC_MAGIC, THIRD = np.int32(0x54A2FA8C), np.float32(1 / 3)
CUBIC_2, CUBIC_3 = np.float32(2 / 9), np.float32(14 / 81)


@exact
def exact_cube_root(x: Any) -> Any:
    """Cube root of a float32 x > 0: a guess from its bits, and two steps of a series."""
    r = float_of(np.int32(CUBIC_MAGIC - np.int32(np.float32(bits_of(x)) * THIRD)))
    e = ONE - x * r * r * r
    r = r + r * e * (THIRD + e * (CUBIC_2 + e * CUBIC_3))
    e = ONE - x * r * r * r
    r = r + r * e * (THIRD + e * CUBIC_2)
    return x * r * r


@exact
def exact_luv(r: Any, g: Any, b: Any) -> Any:
    """L, u*, v* (float32) of linear RGB (float32)."""
    y = Y_R * r + Y_G * g + Y_B * b
    root = exact_cube_root(max(y, TINY))
    light = C116 * root - SIXTEEN if y > EPSILON else KAPPA * y
    share = light / (D_R * r + D_G * g + D_B * b + TINY)
    u = (U_R * r + U_G * g + U_B * b) * share
    v = (V_R * r + V_G * g + V_B * b) * share
    return light, u, v


@exact
def on_grid(x: Any, middle: Any, scale: Any, step: Any) -> Any:
    """Distance of x from ``middle`` times ``scale``, rounded, times ``step``."""
    return np.rint((x - middle) * scale) * step


@exact
def place(in_luv: bool, middle: Any, scale: Any, step: Any, x: Any, y: Any, z: Any) -> None:
    """Turn levels of RGB, or linear light for LUV, into coordinates on the grid, in place."""
    if in_luv:
        for i in range(len(x)):
            x[i], y[i], z[i] = exact_luv(x[i], y[i], z[i])
    for i in range(len(x)):
        x[i] = on_grid(x[i], middle[0], scale[0], step)
        y[i] = on_grid(y[i], middle[1], scale[1], step)
        z[i] = on_grid(z[i], middle[2], scale[2], step)


@exact
def square_distance(points: Any, i: int, centers: Any, j: int) -> Any:
    """Squared distance in float64 of column i of ``points`` from row j of ``centers``."""
    distance = 0.0
    for d in range(points.shape[0]):
        gap = np.float64(points[d, i]) - centers[j, d]
        distance += gap * gap
    return distance


@exact
def decide(points: Any, i: int, centers: Any, among: Any, n: int) -> Any:
    """Position in ``among`` (n indices, ascending) of the centre nearest to one point."""
    at, low = np.int32(0), np.inf
    for position in range(n):
        distance = square_distance(points, i, centers, among[position])
        if distance < low:
            at, low = np.int32(position), distance
    return at


@exact
def place_pixels(
    rgb: Any, first: int, table: Any, in_luv: bool, middle: Any, scale: Any, step: Any,
    planes: Any, n: int,
) -> None:  # fmt: skip
    """Turn n flat pixels of unsigned integers into points (3, n or more)."""
    x, y, z = planes[0][:n], planes[1][:n], planes[2][:n]
    source = rgb[3 * first : 3 * (first + n)]
    for i in range(n):
        x[i], y[i], z[i] = table[source[3 * i]], table[source[3 * i + 1]], table[source[3 * i + 2]]
    place(in_luv, middle, scale, step, x, y, z)
