"""histogram and kmeans in the simulator: the results of the CPU, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from luvcolor_kernels import KMeansResult, cpu_exact, gpu_clouds, numba_exact, pixel, seeding
from luvcolor_kernels import histogram as cpu_histogram
from luvcolor_kernels import kmeans as cpu_kmeans
from luvcolor_kernels.gpu_launches import Launcher
from luvcolor_kernels.reference import nearest
from tests.kernels.cuda.clustering_cases import SETTINGS
from tests.kernels.cuda.layouts import LAYOUTS
from tests.kernels.cuda.memory import Array, placed
from tests.kernels.numba.simulation import KERNELS, LIBRARY, small_blocks

RANDOM = np.random.default_rng(0)
SMALL_TABLE = 1 << 13
"""Has all colours of R below 8, G and B below 32; in the order of (R, G, B), those without R."""
DARK = RANDOM.integers(0, 32, (9, 23, 3), np.uint8) // (4, 1, 1)
DARK = DARK.astype(np.uint8)
DEEP = RANDOM.integers(0, 65536, (5, 23, 3), np.uint16)
SHARES = np.where(RANDOM.random((9, 23)) < 0.2, 0.0, RANDOM.random((9, 23)))


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep tables and samples small: a start from some of the points leaves much to do."""
    monkeypatch.setattr(gpu_clouds, "COLORS", SMALL_TABLE)
    monkeypatch.setattr(seeding, "SAMPLE", 60)
    monkeypatch.setattr(seeding, "SAMPLE_PER_CENTER", 2)
    with small_blocks(8):
        yield


def found(points: Array, k: int, **named: Any) -> KMeansResult:
    return KERNELS.kmeans(placed(points), k, **{**SETTINGS, "max_iter": 2, **named})


def compare(points: Array, k: int, **named: Any) -> None:
    result, expected = found(points, k, **named), cpu_kmeans(points, k, **{"max_iter": 2, **named})
    np.testing.assert_array_equal(result.centers, expected.centers)
    assert result.history == expected.history
    if expected.palette is not None:
        np.testing.assert_array_equal(result.palette, expected.palette)


@pytest.mark.parametrize("space", ["rgb", "luv", "uv"])
@pytest.mark.parametrize("k", [1, 24])
def test_the_colors_of_a_picture(space: str, k: int) -> None:
    compare(DARK, k, space=space, seed=k)


@pytest.mark.parametrize("points", [DARK[:1, :1], DARK[:1, :3], np.full((5, 7, 3), 3, np.uint8)])
def test_few_colors(points: Array) -> None:
    compare(points, 1)
    with pytest.raises(ValueError, match="k=9 centres need at least 9"):
        found(points, 9)


@pytest.mark.parametrize("space", ["luv", "uv"])
def test_pixels_of_sixteen_bits(space: str) -> None:
    compare(DEEP, 5, space=space, weights=SHARES[:5])


@pytest.mark.parametrize(
    ("dimensions", "dtype", "weighted"),
    [(1, "float32", False), (2, "float16", True), (3, "float32", True), (6, "float32", False)],
)
def test_points_of_any_dimension(dimensions: int, dtype: str, weighted: bool) -> None:
    points = (RANDOM.normal(size=(203, dimensions)) * 40 + 7).astype(dtype)
    compare(points, 7, weights=RANDOM.random(203) if weighted else None)


@pytest.mark.parametrize("points", [DARK, DEEP, DEEP.astype(np.float32)], ids=["8", "16", "float"])
def test_a_sample(points: Array) -> None:
    compare(points, 3, sample=90, seed=3, weights=SHARES[: len(points)])


def test_centres_without_points_move_to_the_farthest() -> None:
    compare(DARK, 6, space="rgb", init=np.full((6, 3), 12.0))


@pytest.mark.parametrize("total", [2**32, 2**50])
def test_huge_counts(total: int) -> None:
    colors = np.array([[7, 31, 31], [6, 31, 31], [0, 0, 0], [0, 9, 0]], np.uint8)
    compare(colors, 2, weights=np.array([total, total, 2 * total, 2 * total]), space="rgb")


@pytest.mark.parametrize("total", [3000, 2**40])
def test_points_are_drawn_by_weight_as_on_the_cpu(total: int) -> None:
    points = RANDOM.normal(size=(1101, 1)).astype(np.float32)  # two parts, the second not full
    weights = RANDOM.integers(1, 9, 1101)
    weights[[0, 500, 1100]] = total
    compare(points, 3, weights=weights, max_iter=1)


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_points_that_are_no_numbers_are_refused(value: float) -> None:
    points = np.ones((90, 2), np.float32)
    points[80, 1] = value
    with pytest.raises(ValueError, match="points must be finite"):
        found(points, 2)


@pytest.mark.parametrize(
    ("k", "dimensions", "weights"),
    [(1, 3, None), (24, 4, "int32"), (256, 3, "int64"), (1024, 3, "int32"), (3, 17, None)],
)
def test_sums_are_those_of_float64(k: int, dimensions: int, weights: str | None) -> None:
    """Also of more values than a block holds: those go to global memory at once."""
    count, scale = 75, np.float32(2.0**20)
    points = np.rint(RANDOM.normal(size=(count, dimensions)) * 2.0**21) * 2.0**-20
    masses = np.ones(count, np.int64)
    if weights:
        masses = RANDOM.integers(0, 2**7 if weights == "int32" else 2**34, count)
    centers = RANDOM.normal(size=(k, dimensions)) * 16
    launcher = Launcher(KERNELS.engine, LIBRARY, LIBRARY.place(points), points)
    planes = gpu_clouds.new_planes(launcher, dimensions, count)
    planes.owner[:, :count] = points.T
    given = launcher.upload(masses.astype(weights)) if weights else None
    reach = gpu_clouds.reach_of(centers)
    sums = launcher.assign(planes, given, launcher.upload(centers), count, scale, reach)
    expected = np.zeros((k, 1 + dimensions), np.int64)
    whole = np.column_stack([np.ones(count), points * 2.0**20]).astype(np.int64)
    np.add.at(expected, nearest(points, centers), whole * masses[:, None])
    np.testing.assert_array_equal(sums.owner, expected)


def test_colors_are_placed_as_on_the_cpu() -> None:
    colors = RANDOM.random((2000, 3)).astype(np.float32) ** 3
    colors[:4] = np.array([[0, 0, 0], [1, 1, 1], [8e-3, 9e-3, 1e-2], [0, 1e-6, 0]], np.float32)
    for color in colors:
        luv = numba_exact.luv(tuple(color))
        assert luv == cpu_exact.exact_luv(*color)
        grid = luv[0], pixel.THIRD, np.float32(2.0**18 / 3), np.float32(2.0**-20)
        assert numba_exact.on_grid(*grid) == cpu_exact.on_grid(*grid)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_colors_are_counted_in_every_layout(layout: str) -> None:
    dark = DARK * np.array([0, 1, 1], np.uint8)
    colors, counts = KERNELS.histogram(LAYOUTS[layout](dark), counts=None)
    expected, times = cpu_histogram(dark)
    np.testing.assert_array_equal(colors, expected)
    np.testing.assert_array_equal(counts, times)
    assert (colors.dtype, counts.dtype) == (np.uint8, np.int64)


def test_counts_of_pixels_add_up() -> None:
    rgb = RANDOM.integers(0, 2, (2, 70, 3), np.uint8) * np.array([0, 31, 5], np.uint8)
    counts = RANDOM.integers(0, 2**40, (2, 70))
    for result, expected in zip(
        KERNELS.histogram(placed(rgb), counts=placed(counts)),
        cpu_histogram(rgb, counts=counts),
        strict=True,
    ):
        np.testing.assert_array_equal(result, expected)


def test_larger_blocks() -> None:
    with small_blocks(64):
        compare(DARK[:4], 5)
