"""nearest and soft_assign of the GPU, run on the CPU: exact labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from luvcolor_kernels import nearest as cpu_nearest
from luvcolor_kernels import reference
from luvcolor_kernels import soft_assign as cpu_soft_assign
from tests.kernels.cuda.clustering_cases import clustering
from tests.kernels.cuda.emulation import ORDERS
from tests.kernels.cuda.layouts import LAYOUTS
from tests.kernels.cuda.memory import Array, empty, placed
from tests.kernels.cuda.toolchain import Build

pytestmark = pytest.mark.proof

RNG = np.random.default_rng(0)
COLORS = RNG.integers(0, 256, (31, 47, 3), np.uint8)


def labels_of(points: Array, centers: Array, out: Array | None = None, **settings: Any) -> Array:
    kernels, _ = clustering(**{"checked": True, **settings})
    found: Array = kernels.nearest(points, centers, out=out)
    return found


@pytest.mark.parametrize("k", [1, 2, 3, 5, 24, 256, 257, 700])
@pytest.mark.parametrize("whole", [False, True], ids=["fractions", "integers"])
def test_colors_match_brute_force(k: int, whole: bool, build: Build) -> None:
    centers = RNG.random((k, 3)) * 255
    centers = np.rint(centers) if whole else centers
    labels = labels_of(placed(COLORS), centers, build=build)
    assert labels.dtype == (np.uint8 if k <= 256 else np.int32)
    np.testing.assert_array_equal(labels, reference.nearest(COLORS, centers))


@pytest.mark.parametrize("dimensions", [1, 2, 3, 4, 7, 20])
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_floats_match_brute_force(dimensions: int, offset: float, build: Build) -> None:
    points = (RNG.normal(size=(1053, dimensions)) * 30 + offset).astype(np.float32)
    centers = points[:19].astype(np.float64) + 0.1
    labels = labels_of(placed(points), centers, build=build)
    np.testing.assert_array_equal(labels, reference.nearest(points, centers))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_every_type(dtype: str) -> None:
    points = RNG.integers(0, 250, (500, 3)).astype(dtype)
    points = points * points.dtype.type(200) if dtype == "uint16" else points
    centers = RNG.random((24, 3)) * float(points.max())
    np.testing.assert_array_equal(
        labels_of(placed(points), centers), reference.nearest(points, centers)
    )


def test_points_on_the_border_are_decided_in_float64(build: Build) -> None:
    pairs = RNG.normal(size=(40, 2, 3)) * 50
    borders = pairs.mean(axis=1).astype(np.float32)
    steps = [borders]
    for _ in range(3):
        steps.append(np.nextafter(steps[-1], np.float32(1e9)))
    points = np.concatenate(steps)
    centers = np.concatenate([pairs[:, 0], pairs[:, 1]])  # each in another group than its partner
    np.testing.assert_array_equal(
        labels_of(placed(points), centers, build=build), reference.nearest(points, centers)
    )


def test_ties_go_to_the_lowest_index(build: Build) -> None:
    lattice = np.stack(np.meshgrid(*[np.arange(0, 256, 15)] * 3), -1).astype(np.uint8)
    grid = np.stack(np.meshgrid(*[np.arange(0, 256, 30)] * 3), -1).reshape(-1, 3)
    grid = np.concatenate([grid, grid[::-1]])  # repetitions are never nearest
    labels = labels_of(placed(lattice), grid, build=build)
    np.testing.assert_array_equal(labels, reference.nearest(lattice, grid))
    np.testing.assert_array_equal(labels, cpu_nearest(lattice, grid))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_in_and_out(layout: str) -> None:
    centers = RNG.random((9, 3)) * 255
    expected = reference.nearest(COLORS, centers)
    np.testing.assert_array_equal(labels_of(LAYOUTS[layout](COLORS), centers), expected)
    out = empty((31, 94), "uint8")[:, ::2]
    assert labels_of(LAYOUTS[layout](COLORS), centers, out) is out
    np.testing.assert_array_equal(out, expected)


def test_two_channels_of_three_are_not_taken_for_pixels_without_gaps() -> None:
    points, centers = placed(COLORS)[..., :2], RNG.random((9, 2)) * 255
    np.testing.assert_array_equal(labels_of(points, centers), reference.nearest(points, centers))


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_of_threads_and_the_size_of_the_grid_change_nothing(order: str) -> None:
    centers = RNG.random((600, 3)) * 255  # more than a tile
    expected = reference.nearest(COLORS, centers)
    for blocks in (1, 3):
        labels = labels_of(placed(COLORS), centers, order=order, most_blocks=blocks)
        np.testing.assert_array_equal(labels, expected)


def test_far_points_and_far_centres() -> None:
    centers = np.array([[1e30, 0, 0], [10, 10, 10], [-1e25, 1e9, 0], [1e19, 1, 1]])
    points = np.array([[0, 0, 0], [9e29, 0, 0], [3e18, 0, 0], [-1e25, 0, 0]], np.float32)
    np.testing.assert_array_equal(labels_of(placed(points), centers), [1, 0, 1, 2])


@pytest.mark.parametrize("size", [1e17, 5e18, 1e19, 1.8e19, 1e25])
def test_scores_too_large_for_float32_decide_nothing(size: float) -> None:
    points = (RNG.normal(size=(300, 3)) * size).astype(np.float32)
    centers = RNG.normal(size=(20, 3)) * size
    np.testing.assert_array_equal(
        labels_of(placed(points), centers), reference.nearest(points, centers)
    )


def test_nan_gets_some_label() -> None:
    points = np.array([[np.nan, 0, 0], [9, 9, 9]], np.float32)
    labels = labels_of(placed(points), np.array([[0.0, 0, 0], [9, 9, 9]]))
    assert labels[0] < 2
    assert labels[1] == 1


def test_no_points_have_no_labels() -> None:
    assert labels_of(np.empty((0, 3), np.uint8), np.zeros((2, 3))).shape == (0,)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize(("dimensions", "k", "neighbors"), [(3, 24, 5), (2, 313, 5), (5, 40, 20)])
def test_soft_assignments_are_those_of_the_cpu(
    dtype: str, dimensions: int, k: int, neighbors: int, build: Build
) -> None:
    points = (RNG.random((7, 91, dimensions)) * 200).astype(dtype)
    centers = np.rint(RNG.random((k, dimensions)) * 25) * 8
    kernels, _ = clustering(build=build, checked=True)
    labels, weights = kernels.soft_assign(
        placed(points), placed(centers), neighbors=neighbors, sigma=30.0, out=None
    )
    expected, shares = cpu_soft_assign(points, centers, neighbors=neighbors, sigma=30.0)
    assert labels.dtype == expected.dtype
    np.testing.assert_array_equal(labels, expected)
    np.testing.assert_allclose(weights, shares, rtol=0, atol=1e-6)


def test_soft_assignments_go_where_they_are_told() -> None:
    points, centers = placed(RNG.random((30, 2)).astype(np.float32)), RNG.random((9, 2))
    out = empty((30, 5), "uint8"), empty((30, 5), "float32")
    kernels, _ = clustering(checked=True)
    labels, weights = kernels.soft_assign(points, centers, neighbors=5, sigma=0.3, out=out)
    assert labels is out[0]
    assert weights is out[1]
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0, atol=1e-6)
    gaps = empty((30, 10), "uint8")[:, ::2], out[1]
    with pytest.raises(ValueError, match="labels of out must be contiguous"):
        kernels.soft_assign(points, centers, neighbors=5, sigma=0.3, out=gaps)


def test_what_makes_no_sense_is_refused() -> None:
    kernels, _ = clustering()
    points, centers = np.zeros((4, 2), np.float32), np.ones((3, 2))
    with pytest.raises(ValueError, match="neighbors must be a whole number from 1 to 3, not 5"):
        kernels.soft_assign(points, centers, neighbors=5, sigma=1.0, out=None)
    with pytest.raises(ValueError, match=r"sigma must be above 0, found 0\.0"):
        kernels.soft_assign(points, centers, neighbors=2, sigma=0, out=None)
    with pytest.raises(ValueError, match="must have the same D"):
        kernels.nearest(points, np.ones((3, 3)), out=None)
    with pytest.raises(ValueError, match="finite numbers only"):
        kernels.nearest(points, np.full((3, 2), np.nan), out=None)
    with pytest.raises(TypeError, match="out must be one of uint8, not int32"):
        kernels.nearest(points, centers, out=np.zeros(4, np.int32))
    with pytest.raises(TypeError, match=r"points must be one of uint8, .* not float64"):
        kernels.nearest(points.astype(float), centers, out=None)
