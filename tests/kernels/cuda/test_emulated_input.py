"""luma_to_input of the GPU, run on the CPU, against float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from luvcolor_kernels import gpu, reference
from tests.kernels.cuda.emulation import ORDERS, emulated
from tests.kernels.cuda.layouts import LAYOUTS
from tests.kernels.cuda.memory import placed, to_bfloat16, to_float64
from tests.kernels.cuda.toolchain import Build

pytestmark = pytest.mark.proof

Array = npt.NDArray[Any]

TOLERANCE = 1e-4 / 100
"""Of L / 100: what the CPU promises. At their worst the approximate functions stay within it."""

SIZES = {
    "smaller": ((37, 53), (5, 7)),
    "larger": ((5, 7), (37, 53)),
    "the same": ((9, 11), (9, 11)),
    "one pixel of many": ((23, 41), (1, 1)),
    "many of one pixel": ((1, 1), (6, 5)),
    "lower and wider": ((64, 3), (2, 40)),
    "several blocks of columns": ((3, 700), (2, 600)),
    "a row of more than 1024 columns to one": ((2, 2500), (1, 1)),
    "more than 1024 columns, few results": ((3, 4999), (2, 3)),
    "more than 1024 columns, just": ((2, 1025), (2, 2)),
    "one column": ((3000, 1), (7, 1)),
    "large primes": ((211, 307), (13, 17)),
}


def random_pixels(shape: tuple[int, ...], dtype: str) -> Array:
    rng = np.random.default_rng(len(shape) + sum(shape))
    if dtype.startswith("float"):
        return rng.random(shape).astype(dtype)
    return rng.integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def shrunk(pixels: Array, size: tuple[int, int], **named: Any) -> Array:
    settings = {name: named.pop(name) for name in ("build", "order") if name in named}
    options: dict[str, Any] = {"channel_axis": -1, "mean": 0.0, "std": 100.0, "dtype": "float32"}
    kernels, _ = emulated(**settings)
    result: Array = kernels.luma_to_input(pixels, size, **{**options, "out": None, **named})
    return result


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", SIZES)
def test_it_matches_float64_at_every_ratio(name: str, channels: int, build: Build) -> None:
    shape, size = SIZES[name]
    pixels = random_pixels(shape if channels == 1 else (*shape, 3), "uint8")
    found = shrunk(placed(pixels), size, build=build)
    assert found.shape == (1, 1, *size)
    np.testing.assert_allclose(found, reference.luma_to_input(pixels, size), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_it_reads_every_type(dtype: str, channels: int, build: Build) -> None:
    pixels = random_pixels((3, 19, 23, 3)[: 3 if channels == 1 else 4], dtype)
    axis = None if channels == 1 else -1
    found = shrunk(placed(pixels), (4, 6), channel_axis=axis, build=build)
    expected = reference.luma_to_input(pixels, (4, 6), channel_axis=axis)
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize(("dtype", "bits"), [("float16", 11), ("bfloat16", 8), ("float32", 24)])
def test_it_writes_every_type_of_a_model(dtype: str, bits: int, build: Build) -> None:
    pixels = random_pixels((40, 50, 3), "uint8")
    found = shrunk(placed(pixels), (8, 9), mean=50.0, std=25.0, dtype=dtype, build=build)
    expected = reference.luma_to_input(pixels, (8, 9), mean=50.0, std=25.0)
    error = np.abs(to_float64(found) - expected)
    assert (error <= np.abs(expected) * 2.0**-bits + 4 * TOLERANCE).all()


def test_bfloat16_is_rounded_to_the_nearest_and_ties_to_even() -> None:
    pixels = random_pixels((64, 64), "float32")
    exact = shrunk(placed(pixels), (64, 64))
    found = shrunk(placed(pixels), (64, 64), dtype="bfloat16")
    np.testing.assert_array_equal(found, to_bfloat16(exact))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_reads_every_layout(layout: str) -> None:
    rgb = random_pixels((10, 13, 3), "uint8")
    expected = shrunk(placed(rgb), (3, 4))
    np.testing.assert_array_equal(shrunk(LAYOUTS[layout](rgb), (3, 4)), expected)
    gray = LAYOUTS[layout](rgb)[..., 2]
    np.testing.assert_array_equal(shrunk(gray, (3, 4)), shrunk(placed(gray), (3, 4)))


def test_batches_of_any_strides_are_read() -> None:
    rgb = random_pixels((5, 3, 8, 9), "uint8")
    every_second = placed(rgb)[::-2]
    found = shrunk(every_second, (3, 2), channel_axis=-3)
    expected = reference.luma_to_input(every_second, (3, 2), channel_axis=-3)
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


def test_blocks_go_on_to_further_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "MOST_ROWS", 3)
    pixels = random_pixels((2, 30, 1100), "uint8")
    found = shrunk(placed(pixels), (5, 2), channel_axis=None)
    expected = reference.luma_to_input(pixels, (5, 2), channel_axis=None)
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


def test_the_order_of_threads_changes_no_bit() -> None:
    pixels = placed(random_pixels((2, 6, 2500), "uint8"))  # 1250 columns to one: two rounds
    results = [shrunk(pixels, (2, 2), channel_axis=None, order=order) for order in ORDERS]
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_nan_touches_only_the_results_that_cover_it(dtype: str) -> None:
    pixels = random_pixels((12, 12), "float32")
    broken = pixels.copy()
    broken[5, 9] = np.array(0x7FFFFFFF, np.uint32).view(np.float32)  # the NaN that GPUs make
    found = to_float64(shrunk(placed(broken), (3, 4), dtype=dtype))
    expected = to_float64(shrunk(placed(pixels), (3, 4), dtype=dtype))
    expected[0, 0, 1, 3] = np.nan
    np.testing.assert_array_equal(found, expected)


def test_white_is_one_however_many_pixels_it_is_averaged_over(build: Build) -> None:
    white = np.full((503, 1511), 255, np.uint8)
    found = shrunk(placed(white), (1, 2), build=build)
    np.testing.assert_allclose(found, 1.0, rtol=0, atol=TOLERANCE)
