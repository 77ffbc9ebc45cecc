"""nearest and soft_assign in the simulator: exact labels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from luvcolor_kernels import reference
from luvcolor_kernels import soft_assign as cpu_soft_assign
from tests.kernels.cuda.layouts import LAYOUTS
from tests.kernels.cuda.memory import Array, empty, placed
from tests.kernels.numba.simulation import KERNELS, small_blocks

RANDOM = np.random.default_rng(2)
COLORS = RANDOM.integers(0, 256, (5, 19, 3), np.uint8)


@pytest.fixture(autouse=True)
def _small_blocks() -> Iterator[None]:
    with small_blocks(8):
        yield


def labels_of(points: Array, centers: Array, out: Array | None = None) -> Array:
    result: Array = KERNELS.nearest(points, centers, out=out)
    return result


@pytest.mark.parametrize("k", [1, 24, 256, 257, 1024])
def test_colors_match_brute_force(k: int) -> None:
    centers = RANDOM.random((k, 3)) * 255
    labels = labels_of(placed(COLORS), centers)
    assert labels.dtype == (np.uint8 if k <= 256 else np.int32)
    np.testing.assert_array_equal(labels, reference.nearest(COLORS, centers))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize("dimensions", [1, 2, 3, 4, 7])
def test_every_type_and_dimension(dtype: str, dimensions: int) -> None:
    points = RANDOM.integers(0, 250, (93, dimensions)).astype(dtype)
    centers = RANDOM.random((11, dimensions)) * 250
    expected = reference.nearest(points, centers)
    np.testing.assert_array_equal(labels_of(placed(points), centers), expected)
    planes = np.moveaxis(placed(np.ascontiguousarray(points.T)), 0, -1)
    np.testing.assert_array_equal(labels_of(planes, centers), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_in_and_out(layout: str) -> None:
    centers = RANDOM.random((9, 3)) * 255
    out = empty((5, 38), "uint8")[:, ::2]
    assert labels_of(LAYOUTS[layout](COLORS), centers, out) is out
    np.testing.assert_array_equal(out, reference.nearest(COLORS, centers))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_few_points(count: int) -> None:
    points, centers = COLORS[0, :count], RANDOM.random((3, 3)) * 255
    expected = reference.nearest(points, centers) if count else np.empty(0)
    np.testing.assert_array_equal(labels_of(placed(points), centers), expected)


def test_points_on_the_border_are_decided_in_float64() -> None:
    pairs = RANDOM.normal(size=(20, 2, 3)) * 50
    borders = pairs.mean(axis=1).astype(np.float32)
    points = np.concatenate([borders, np.nextafter(borders, np.float32(1e9))])
    centers = np.concatenate([pairs[:, 0], pairs[:, 1]])  # each in another group than its partner
    np.testing.assert_array_equal(
        labels_of(placed(points), centers), reference.nearest(points, centers)
    )


def test_ties_go_to_the_lowest_index() -> None:
    lattice = np.stack(np.meshgrid(*[np.arange(0, 256, 45)] * 3), -1).astype(np.uint8)
    grid = np.stack(np.meshgrid(*[np.arange(0, 256, 90)] * 3), -1).reshape(-1, 3)
    grid = np.concatenate([grid, grid[::-1]])  # repetitions are never nearest
    np.testing.assert_array_equal(
        labels_of(placed(lattice), grid), reference.nearest(lattice, grid)
    )


@pytest.mark.parametrize("size", [1e17, 1e19, 1e25])
def test_scores_too_large_for_float32_decide_nothing(size: float) -> None:
    points = (RANDOM.normal(size=(50, 3)) * size).astype(np.float32)
    centers = RANDOM.normal(size=(9, 3)) * size
    np.testing.assert_array_equal(
        labels_of(placed(points), centers), reference.nearest(points, centers)
    )


def test_a_nan_touches_only_its_point() -> None:
    points = np.array([[np.nan, 0, 0], [9, 9, 9]], np.float32)
    labels = labels_of(placed(points), np.array([[0.0, 0, 0], [9, 9, 9]]))
    assert labels[0] < 2
    assert labels[1] == 1


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize(("dimensions", "k", "neighbors"), [(3, 24, 5), (2, 300, 3), (5, 7, 1)])
def test_soft_assignments_are_those_of_the_cpu(
    dtype: str, dimensions: int, k: int, neighbors: int
) -> None:
    points = (RANDOM.random((2, 13, dimensions)) * 200).astype(dtype)
    centers = np.rint(RANDOM.random((k, dimensions)) * 25) * 8
    labels, weights = KERNELS.soft_assign(
        placed(points), placed(centers), neighbors=neighbors, sigma=30.0, out=None
    )
    expected, shares = cpu_soft_assign(points, centers, neighbors=neighbors, sigma=30.0)
    assert labels.dtype == expected.dtype
    np.testing.assert_array_equal(labels, expected)
    np.testing.assert_allclose(weights, shares, rtol=0, atol=1e-6)


def test_soft_assignments_go_where_they_are_told() -> None:
    points, centers = placed(RANDOM.random((30, 2)).astype(np.float32)), RANDOM.random((9, 2))
    out = empty((30, 5), "uint8"), empty((30, 5), "float32")
    labels, weights = KERNELS.soft_assign(points, centers, neighbors=5, sigma=0.3, out=out)
    assert labels is out[0]
    assert weights is out[1]
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0, atol=1e-6)
