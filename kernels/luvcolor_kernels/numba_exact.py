"""Formulae of k-means for numba: twin of exact.cuh, of cpu_exact.py and of the sums in wide.cuh.

Products are rounded by themselves, and sums are not reordered, so the bits are the CPU's.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

from luvcolor_kernels.numba_target import (
    add_shared,
    bits_of,
    exact,
    float_of,
    folded,
    level,
    loader,
    mapped,
    product,
    rounded,
)
from luvcolor_kernels.pixel import (
    C116,
    D_B,
    D_G,
    D_R,
    EPSILON,
    KAPPA,
    ONE,
    SIXTEEN,
    THIRD,
    TINY,
    U_B,
    U_G,
    U_R,
    V_B,
    V_G,
    V_R,
    Y_B,
    Y_G,
    Y_R,
)
from luvcolor_kernels.views import ITEM_SIZES

CUBIC_MAGIC: Final = 0x54A2FA8C
CUBIC_2, CUBIC_3 = np.float32(2 / 9), np.float32(14 / 81)
LOW: Final = 0xFFFFFFFF
"""The lower of the two words of a sum."""


@exact
def cube_root(x: Any) -> Any:
    """Cube root of a float32 x > 0."""
    third = level(product(np.float32(bits_of(x)), THIRD))
    r = float_of(np.int32(CUBIC_MAGIC - third))
    e = ONE - product(product(product(x, r), r), r)
    r = r + product(product(r, e), THIRD + product(e, CUBIC_2 + product(e, CUBIC_3)))
    e = ONE - product(product(product(x, r), r), r)
    r = r + product(product(r, e), THIRD + product(e, CUBIC_2))
    return product(product(x, r), r)


@exact
def row(r: Any, g: Any, b: Any, color: Any) -> Any:
    """Sum of products with linear RGB."""
    return product(r, color[0]) + product(g, color[1]) + product(b, color[2])


@exact
def luv(color: Any) -> Any:
    """L, u*, v* of linear RGB."""
    y = row(Y_R, Y_G, Y_B, color)
    root = cube_root(max(y, TINY))
    light = product(C116, root) - SIXTEEN if y > EPSILON else product(KAPPA, y)
    share = light / (row(D_R, D_G, D_B, color) + TINY)
    u = product(row(U_R, U_G, U_B, color), share)
    return light, u, product(row(V_R, V_G, V_B, color), share)


@exact
def on_grid(x: Any, middle: Any, scale: Any, step: Any) -> Any:
    """Distance of x from ``middle`` times ``scale``, rounded, times ``step``."""
    return product(rounded(product(x - middle, scale)), step)


@exact
def add_square(total: Any, x: Any, center: Any, none: int) -> Any:
    """Add the square of a distance along one axis, in the precision of the centre."""
    gap = x - center
    return total + product(gap, gap)


add_squares = folded(add_square)
"""Of a sum, a point, a centre and nothing: adds its squared distance."""


def numbers(count: int) -> tuple[int, ...]:
    """Return the indices of the items of a tuple."""
    return tuple(range(count))


@cache
def row_loader(dtype: str, count: int, neighbors: int = 1) -> Any:
    """Return what reads elements at (address, step): a tuple of them, or of groups of them."""
    load, items = loader(dtype, neighbors), numbers(count)
    if neighbors == 1:
        read = mapped(exact(lambda item, place: load(place[0] + item * place[1])[0]))
    else:
        read = mapped(exact(lambda item, place: load(place[0] + item * place[1])))
    return exact(lambda address, step: read(items, (address, step)))


@cache
def weight_of(dtype: str, weighted: int) -> Any:
    """Return what reads the weight at an index, which is 1 where there are none."""
    load, size = loader(dtype, 1), ITEM_SIZES[dtype]
    if weighted:
        return exact(lambda weights, i: load(weights + i * size)[0])
    return exact(lambda weights, i: np.int64(1))


@exact
def add_words(low: Any, high: Any, at: int, value: int) -> None:
    """Add to a sum in shared memory, of two words: see wide.cuh.

    The carry goes from one to the other with whoever caused it.
    """
    part = value & LOW
    before = np.int64(add_shared(low, at, np.uint32(part)))
    rest = ((value >> 32) + ((before + part) >> 32)) & LOW
    if rest != 0:
        add_shared(high, at, np.uint32(rest))


@exact
def joined(low: Any, high: Any) -> Any:
    """Return the sum that two words are."""
    return np.int64(high) << 32 | np.int64(low)
