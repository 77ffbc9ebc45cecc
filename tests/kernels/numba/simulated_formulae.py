"""What numba's kernels are made of, in the simulator: formulae and memory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from luvcolor_kernels import numba_math, numba_simulated, pixel
from tests.kernels.cuda.memory import Array

EDGES = [0.0, 1e-30, 0.0031, 0.0032, 0.0088, 0.0089, 0.0404, 0.0405, 0.5, 1.0, 1.7]
VALUES = [np.float32(value) for value in [*EDGES, *np.random.default_rng(3).random(40)]]


@pytest.mark.parametrize("formula", pixel.FORMULAE, ids=lambda formula: formula.__name__)
def test_formulae_are_those_of_pixel(formula: object) -> None:
    """numba's differ from them by their powers, which are rounded to float32."""
    name = getattr(formula, "__name__", "")
    plain, bound = getattr(pixel, name), getattr(numba_math.pixel, name)
    assert bound.__code__ is plain.__code__
    count, scale = plain.__code__.co_argcount, 100 if "luv_to" in name or "merge" in name else 1
    for first in range(0, len(VALUES) - count):
        arguments = [np.float32(scale) * value for value in VALUES[first : first + count]]
        if name == "cube_root":
            arguments = [np.maximum(arguments[0], pixel.TINY)]
        found, expected = bound(*arguments), plain(*arguments)
        assert {type(value) for value in np.atleast_1d(found)} == {np.float32}
        np.testing.assert_allclose(found, np.float32(expected), rtol=2e-6, atol=2e-6)


def test_powers_are_float32() -> None:
    for value in VALUES[1:]:
        assert numba_simulated.log2(value) == np.float32(math.log2(value))
        assert numba_simulated.exp2(value) == np.float32(math.exp2(value))


def _around_ties() -> Array:
    """Bits of float32 on both sides of each tie between two values of bfloat16, and on it."""
    upper = np.r_[0x0080, 0x3F7F:0x3F84, 0x4048, 0x7F7E, 0xBF80:0xBF84].astype(np.uint32) << 16
    lower = np.array([0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF], np.uint32)
    bits: Array = (upper[:, None] | lower).ravel()
    return bits


def test_rounding_to_bfloat16_is_to_the_nearest_and_ties_to_even() -> None:
    for bits in _around_ties():
        value = bits.view(np.float32)
        target = np.zeros(1, np.uint16)
        numba_simulated.storer("bfloat16", 1)(target.ctypes.data, (value,))
        low = (bits >> 16) << 16
        candidates = np.array([low, low + 0x10000], np.uint32)
        distances = np.abs(candidates.view(np.float32).astype(np.float64) - float(value))
        even = candidates[(candidates >> 16) % 2 == 0]
        nearest = even if distances[0] == distances[1] else candidates[distances.argmin() :][:1]
        assert target[0] == nearest[0] >> 16
        (back,) = numba_simulated.loader("bfloat16", 1)(target.ctypes.data)
        assert back.view(np.uint32) == nearest[0]


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_elements_survive_memory(dtype: str, count: int) -> None:
    source, target = np.arange(4).astype(dtype), np.full(4, 7, dtype)
    values = numba_simulated.loader(dtype, count)(source.ctypes.data)
    assert {type(v) for v in values} == {np.int32 if dtype.startswith("u") else np.float32}
    numba_simulated.storer(dtype, count)(target.ctypes.data, values)
    np.testing.assert_array_equal(target[:count], source[:count])
    np.testing.assert_array_equal(target[count:], np.full(4 - count, 7, dtype))


def test_what_is_no_float32_is_refused() -> None:
    target = np.zeros(4, np.float32)
    with pytest.raises(TypeError, match="float32"):
        numba_simulated.storer("float32", 1)(target.ctypes.data, (np.float64(1),))
    value: Any = np.float64(1)
    with pytest.raises(TypeError, match="float32"):
        numba_simulated.exp2(value)
