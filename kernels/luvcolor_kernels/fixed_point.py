"""Sums that do not depend on their order: coordinates and weights as whole numbers.

Floating-point sums differ with the order of their terms, and so with the number of threads and
from a CPU to a GPU. Whole numbers do not. So k-means rounds coordinates to a grid, weights to whole
numbers, and sums their products as int64. From there on every backend has the same few numbers,
and computes with them in the same order.

Coordinates are measured from the middle of their range, in a unit that makes the largest at most
256 (1 for colours). The grid is 2**-20 of that unit, finer than float32 is from 8 on; a coordinate
takes 28 bits. The weights of all points together take 34 bits, that is 17 thousand million pixels,
before the grid gets coarser. So no sum exceeds 2**62.
"""

from __future__ import annotations

from math import frexp
from typing import Final

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.int64]

REACH: Final = 256.0
"""Largest coordinate."""
REACH_BITS: Final = 8
COORDINATE_BITS: Final = 28
WEIGHT_BITS: Final = 34


def whole_weights(weights: npt.NDArray[np.float64]) -> Weights:
    """Return weights as whole numbers, in proportion.

    Whole numbers (counts) stay as they are, up to a total of 2**53. Others are multiplied by the
    power of two that brings their total just below 2**34, and rounded; what is not zero stays so.
    """
    total = float(weights.sum())
    if total < 2.0**53 and np.array_equal(weights, np.rint(weights)):
        return weights.astype(np.int64)
    scaled = np.rint(weights * 2.0 ** (WEIGHT_BITS - frexp(total)[1])).astype(np.int64)
    return np.where(weights > 0.0, np.maximum(scaled, 1), 0)


def grid_bits(total: int) -> int:
    """Return how many bits after the point coordinates may have, for weights of a total."""
    return min(COORDINATE_BITS, COORDINATE_BITS + WEIGHT_BITS - total.bit_length()) - REACH_BITS


def unit_of(largest: float) -> float:
    """Return the power of two in which the largest coordinate is between 128 and 256."""
    return 2.0 ** (max(frexp(largest)[1], -100) - REACH_BITS)
