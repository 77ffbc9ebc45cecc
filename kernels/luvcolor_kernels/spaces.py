"""The colour spaces of k-means: where their middles are, and how they lie on the grid."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import reference
from luvcolor_kernels.arrays import every_value

Array = npt.NDArray[Any]

DIMENSIONS: Final = {"rgb": 3, "luv": 3, "uv": 2}
MIDDLE_L: Final = 50.0


class Placing(NamedTuple):
    """How pixels become points of three coordinates, all float32.

    A value is looked up in ``table``, three of them are converted to LUV if ``in_luv``; then
    ``middle`` is subtracted, the rest multiplied by ``scale`` (3,), rounded, and multiplied by
    ``step``. In "uv", L comes out as zero.
    """

    table: Array
    in_luv: bool
    middle: Array
    scale: Array
    step: np.float32


def used(space: str) -> slice:
    """Return which of three coordinates a space has."""
    return slice(3 - DIMENSIONS[space], 3)


def unit(space: str, dtype: np.dtype[Any]) -> float:
    """Return the unit of coordinates of unsigned integer pixels, in units of the space."""
    return 1.0 if space != "rgb" or dtype.itemsize == 1 else 256.0


def middle(space: str, dtype: np.dtype[Any]) -> npt.NDArray[np.float64]:
    """Return where coordinates (D,) are measured from, in units of the space."""
    if space == "rgb":
        return np.full(3, (np.iinfo(dtype).max + 1) / 2)
    return np.array([MIDDLE_L, 0.0, 0.0])[used(space)]


def placing(space: str, dtype: np.dtype[Any], bits: int) -> Placing:
    """Return how pixels of an unsigned integer type lie on the grid of 2**-bits."""
    scale = np.full(3, 2.0**bits / unit(space, dtype), np.float32)
    center = np.zeros(3, np.float32)
    center[used(space)] = middle(space, dtype)
    if space == "uv":
        scale[0] = 0.0
    table = _levels(dtype) if space == "rgb" else _linear(dtype)
    return Placing(table, space != "rgb", center, scale, np.float32(2.0**-bits))


@cache
def _linear(dtype: np.dtype[Any]) -> Array:
    return reference.decode(every_value(dtype)).astype(np.float32)


@cache
def _levels(dtype: np.dtype[Any]) -> Array:
    return every_value(dtype).astype(np.float32)
