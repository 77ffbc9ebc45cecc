"""luma_to_input in the simulator, against float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from luvcolor_kernels import reference
from tests.kernels.cuda.layouts import LAYOUTS
from tests.kernels.cuda.memory import Array, placed, to_float64
from tests.kernels.numba.simulation import KERNELS, small_blocks

RANDOM = np.random.default_rng(1)


@pytest.fixture(autouse=True)
def _small_blocks() -> Iterator[None]:
    with small_blocks():
        yield


def picture(*shape: int, dtype: str = "uint8") -> Array:
    if dtype.startswith("float"):
        return RANDOM.random(shape).astype(dtype)
    return RANDOM.integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def check(
    pixels: Array,
    size: tuple[int, int],
    axis: int | None = -1,
    dtype: str = "float32",
    tolerance: float = 1e-6,
) -> None:
    named: dict[str, Any] = {"channel_axis": axis, "mean": 40.0, "std": 25.0}
    found = KERNELS.luma_to_input(pixels, size, **named, dtype=dtype, out=None)
    expected = reference.luma_to_input(pixels, size, **named)
    np.testing.assert_allclose(to_float64(found), expected, rtol=tolerance, atol=4e-6)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout(layout: str) -> None:
    check(LAYOUTS[layout](picture(7, 12, 3)), (3, 5))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize(
    ("shape", "axis"), [((9, 10, 3), -1), ((3, 9, 10), -3), ((9, 10), None), ((2, 9, 10), None)]
)
def test_every_type(dtype: str, shape: tuple[int, ...], axis: int | None) -> None:
    check(placed(picture(*shape, dtype=dtype)), (4, 3), axis)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 5e-4), ("bfloat16", 4e-3)])
def test_results_of_half_size(dtype: str, tolerance: float) -> None:
    check(placed(picture(2, 3, 8, 9)), (3, 4), -3, dtype, tolerance)


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((5, 7), (5, 7)),
        ((3, 4), (7, 9)),
        ((1, 1), (3, 2)),
        ((20, 3), (1, 1)),
        ((2, 70), (3, 70)),
        ((2, 301), (2, 2)),
        ((2, 300), (1, 97)),
    ],
)
def test_sizes(shape: tuple[int, int], size: tuple[int, int]) -> None:
    """Also more columns than a block sums up at a time, and than it makes."""
    check(placed(picture(*shape)), size)


def test_blocks_of_full_size() -> None:
    with small_blocks(256):
        check(placed(picture(1, 1300)), (1, 1))


def test_a_nan_touches_what_covers_it() -> None:
    pixels = placed(picture(6, 8, dtype="float32"))
    pixels[2, 5] = np.nan
    named: dict[str, Any] = {
        "channel_axis": None,
        "mean": 0.0,
        "std": 1.0,
        "dtype": "float32",
        "out": None,
    }
    found = KERNELS.luma_to_input(pixels, (3, 4), **named)[0, 0]
    touched = np.zeros((3, 4), bool)
    touched[1, 2] = True
    np.testing.assert_array_equal(np.isnan(found), touched)
