"""histogram and kmeans of the GPU, run on the CPU: the results of the CPU, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from luvcolor_kernels import KMeansResult, color_cells, cpu_sums, gpu_clouds, seeding, spaces
from luvcolor_kernels import histogram as cpu_histogram
from luvcolor_kernels import kmeans as cpu_kmeans
from luvcolor_kernels.gpu_launches import SLOTS, Launcher, copies
from tests.kernels.cuda.clustering_cases import SETTINGS, clustering, small_table
from tests.kernels.cuda.emulation import NUMPY, ORDERS
from tests.kernels.cuda.layouts import LAYOUTS
from tests.kernels.cuda.memory import Array, placed
from tests.kernels.cuda.toolchain import Build

pytestmark = pytest.mark.proof

RNG = np.random.default_rng(0)
PICTURE = np.clip(
    RNG.choice(RNG.integers(0, 256, (9, 3)), 40 * 61).reshape(40, 61, 3)
    + RNG.normal(0, 12, (40, 61, 3)),
    0,
    255,
).astype(np.uint8)
DARK = PICTURE // 8
"""Fits a small table."""
DEEP = PICTURE.astype(np.uint16) * 251 + RNG.integers(0, 250, PICTURE.shape).astype(np.uint16)
SHARES = np.where(RNG.random((40, 61)) < 0.2, 0.0, RNG.random((40, 61)))


@pytest.fixture(autouse=True)
def _small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from a part of the points, so that sampling is tried and much is left to do."""
    monkeypatch.setattr(seeding, "SAMPLE", 400)
    monkeypatch.setattr(seeding, "SAMPLE_PER_CENTER", 2)


def found(points: Array, k: int, engine: dict[str, Any] | None = None, **named: Any) -> Any:
    kernels, _ = clustering(**(engine or {}))
    return kernels.kmeans(placed(points), k, **{**SETTINGS, **named})


def assert_same(result: KMeansResult, expected: KMeansResult) -> None:
    np.testing.assert_array_equal(result.centers, expected.centers)
    assert result.history == expected.history
    assert (result.palette is None) == (expected.palette is None)
    if expected.palette is not None:
        np.testing.assert_array_equal(result.palette, expected.palette)


def compare(points: Array, k: int, engine: dict[str, Any] | None = None, **named: Any) -> None:
    assert_same(found(points, k, engine, **named), cpu_kmeans(points, k, **named))


@pytest.mark.parametrize("space", ["rgb", "luv", "uv"])
@pytest.mark.parametrize("k", [1, 24, 256])
def test_the_colors_of_a_picture(space: str, k: int) -> None:
    compare(PICTURE, k, space=space, seed=k)


def test_fused_products_and_wrong_functions_change_no_bit(build: Build) -> None:
    for points, space in ((PICTURE, "luv"), (DEEP, "uv")):
        compare(points, 24, {"build": build}, space=space)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("blocks", [1, 2, 7])
def test_neither_the_order_of_threads_nor_their_number_matters(order: str, blocks: int) -> None:
    with small_table():
        compare(DARK, 24, {"order": order, "most_blocks": blocks})
    compare(DEEP, 9, {"order": order, "most_blocks": blocks})


def test_memory_beside_arrays_is_left_alone() -> None:
    with small_table():
        compare(DARK, 24, {"checked": True}, weights=SHARES)
    compare(RNG.normal(size=(1001, 3)).astype(np.float32), 5, {"checked": True})


@pytest.mark.parametrize("space", ["rgb", "luv", "uv"])
@pytest.mark.parametrize("weights", [None, SHARES, SHARES > 0], ids=["none", "shares", "mask"])
def test_pixels_of_sixteen_bits(space: str, weights: Array | None) -> None:
    compare(DEEP, 24, space=space, weights=weights)


@pytest.mark.parametrize("dimensions", [1, 2, 3, 4, 5, 17])
@pytest.mark.parametrize("weighted", [False, True])
def test_points_of_any_dimension(dimensions: int, weighted: bool) -> None:
    points = (RNG.normal(size=(2003, dimensions)) * 40 + 7).astype(np.float32)
    compare(points, 11, space="rgb", weights=RNG.random(2003) if weighted else None)


@pytest.mark.parametrize("size", [1e-20, 1e20])
def test_points_of_any_size(size: float) -> None:
    compare((RNG.normal(size=(500, 3)) * size).astype(np.float32), 9, space="luv")


def test_halves_are_points_too() -> None:
    compare(RNG.normal(size=(30, 40, 2)).astype(np.float16), 9)


@pytest.mark.parametrize("points", [DARK, DEEP, DEEP.astype(np.float32)], ids=["8", "16", "float"])
@pytest.mark.parametrize("weights", [None, SHARES], ids=["all", "weighted"])
def test_a_sample(points: Array, weights: Array | None) -> None:
    with small_table():
        compare(points, 9, sample=900, seed=3, weights=weights)
        compare(points, 9, sample=10**9, weights=weights)


@pytest.mark.parametrize("k", [6, 600])
def test_centres_without_points_move_to_the_farthest(k: int) -> None:
    with small_table():
        compare(DARK, k, space="rgb", init=np.full((k, 3), 12.0), max_iter=4)


def test_more_starts() -> None:
    with small_table():
        compare(DARK, 7, n_init=3, space="rgb")


@pytest.mark.parametrize("total", [2**32, 2**50])
def test_huge_counts(total: int) -> None:
    colors = np.array([[31, 31, 31], [30, 31, 31], [0, 0, 0], [0, 9, 0]], np.uint8)
    with small_table():
        compare(colors, 2, weights=np.array([total, total, 2 * total, 2 * total]), space="rgb")


@pytest.mark.parametrize("total", [3000, 2**40])
def test_points_are_drawn_by_weight_as_on_the_cpu(total: int) -> None:
    points = RNG.normal(size=(3001, 2)).astype(np.float32)  # three parts, the last not full
    weights = RNG.integers(1, 9, 3001)
    weights[[0, 1500, 3000]] = total
    with small_table():
        compare(points, 5, weights=weights, max_iter=1)


def test_the_start_is_that_of_the_cpu_where_a_sample_has_few_points() -> None:
    few = np.concatenate([np.zeros((3000, 1)), [[1.0], [2.0]]]).astype(np.float32)
    compare(few, 3)
    with pytest.raises(ValueError, match="found 3; ask for k=3"):
        found(few, 4)


@pytest.mark.slow
@pytest.mark.parametrize("space", ["rgb", "luv", "uv"])
def test_every_color_is_placed_where_the_cpu_places_it(space: str) -> None:
    every, dtype = np.arange(color_cells.COLORS, dtype=np.int32), np.dtype(np.uint8)
    table, in_luv, middle, scale, step = spaces.placing(space, dtype, 20)
    expected = np.empty((3, len(every)), np.float32)
    cpu_sums.place_colors(every, table, in_luv, middle, scale, step, expected, 0, len(every))
    _, engine = clustering()
    launcher = Launcher(engine, NUMPY, NUMPY.place(every), every)
    planes = gpu_clouds.new_planes(launcher, spaces.DIMENSIONS[space], len(every))
    launcher.place_colors(
        launcher.upload(every), launcher.upload(table), planes, in_luv=in_luv,
        floats=(*middle, scale[-1], step),
    )  # fmt: skip
    np.testing.assert_array_equal(planes.owner, expected[spaces.used(space)])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_colors_are_counted_in_every_layout(layout: str) -> None:
    dark = DARK.copy()
    dark[..., 0] = 0
    kernels, _ = clustering()
    with small_table():
        colors, counts = kernels.histogram(LAYOUTS[layout](dark), counts=None)
    expected_colors, expected_counts = cpu_histogram(dark)
    np.testing.assert_array_equal(colors, expected_colors)
    np.testing.assert_array_equal(counts, expected_counts)
    assert (colors.dtype, counts.dtype) == (np.uint8, np.int64)


@pytest.mark.parametrize("order", ORDERS)
def test_colors_are_listed_in_order(order: str) -> None:
    kernels, _ = clustering(order=order, most_blocks=5)
    batch = np.stack([PICTURE, PICTURE[::-1] // 2])
    for found_, expected in zip(
        kernels.histogram(placed(batch), counts=None), cpu_histogram(batch), strict=True
    ):
        np.testing.assert_array_equal(found_, expected)


def test_counts_of_pixels_add_up() -> None:
    rgb = RNG.integers(0, 3, (700, 3), np.uint8) * 80
    counts = RNG.integers(1, 2**40, 700)
    kernels, _ = clustering()
    for found_, expected in zip(
        kernels.histogram(placed(rgb), counts=placed(counts)),
        cpu_histogram(rgb, counts=counts),
        strict=True,
    ):
        np.testing.assert_array_equal(found_, expected)


def test_nothing_has_no_colors() -> None:
    kernels, engine = clustering()
    colors, counts = kernels.histogram(np.empty((0, 3), np.uint8), counts=None)
    assert (colors.shape, counts.shape) == ((0, 3), (0,))
    assert engine.launches == []


def test_copies_of_sums_find_room() -> None:
    for values in (1, 2, 96, 1024, SLOTS, SLOTS + 1):
        number = copies(values)
        assert values * number <= SLOTS
        assert number & (number - 1) == 0
    assert [copies(4 * k) for k in (1, 24, 256, 512, 513)] == [32, 16, 2, 1, 0]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_points_that_are_no_numbers_are_refused(value: float) -> None:
    points = np.ones((700, 2), np.float32)
    points[600, 1] = value
    with pytest.raises(ValueError, match="points must be finite; drop those with NaN"):
        found(points, 2)
    mask = np.isfinite(points[:, 1])
    points[:300] = 3
    compare(points, 2, weights=mask)


def test_what_kmeans_and_histogram_refuse() -> None:
    kernels, _ = clustering()
    for points, message in (
        (PICTURE.astype(np.float64), "points must be one of uint8, .* not float64"),
        (PICTURE.astype(np.int32), "points must be one of"),
    ):
        with pytest.raises(TypeError, match=message):
            found(points, 2)
    refused: list[tuple[dict[str, Any], str]] = [
        ({"space": "lab"}, "unknown space 'lab'"),
        ({"n_init": 0}, "n_init must be a whole number of at least 1"),
        ({"sample": 0}, "sample must be"),
        ({"weights": np.ones(3)}, "weights must hold one number for each point"),
        ({"weights": np.zeros((40, 61))}, "k=2 centres need at least 2 .* found 0"),
        ({"init": np.zeros((3, 3))}, "init must be"),
    ]
    for named, message in refused:
        with pytest.raises(ValueError, match=message):
            found(PICTURE, 2, **{"max_iter": 1, **named})
    with pytest.raises(ValueError, match=r"points must be of shape \(\.\.\., 3\)"):
        found(PICTURE[..., :2], 2)
    with pytest.raises(ValueError, match="1 to 511 dimensions on a GPU"):
        found(np.zeros((4, 512), np.float32), 2)
    with pytest.raises(TypeError, match="counts must be integers"):
        kernels.histogram(PICTURE, counts=np.ones((40, 61)))
