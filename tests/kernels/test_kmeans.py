"""kmeans against Lloyd's algorithm in float64, and what it promises."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest

from luvcolor_kernels import (
    color_cells,
    fixed_point,
    histogram,
    kmeans,
    luminance,
    nearest,
    reference,
    rgb_to_luv,
)
from luvcolor_kernels.cpu_clouds import ColorCloud, PointCloud
from luvcolor_kernels.cpu_colors import unique_colors

Array = npt.NDArray[Any]
Space = Literal["rgb", "luv", "uv"]

RNG = np.random.default_rng(0)
PICTURE = np.clip(
    RNG.choice(RNG.integers(0, 256, (9, 3)), 60 * 70).reshape(60, 70, 3)
    + RNG.normal(0, 12, (60, 70, 3)),
    0,
    255,
).astype(np.uint8)


@pytest.mark.parametrize("dimensions", [1, 2, 3, 5])
@pytest.mark.parametrize("weighted", [False, True])
def test_points_match_float64_lloyd_from_the_same_start(dimensions: int, weighted: bool) -> None:
    points = (RNG.normal(size=(3001, dimensions)) * 40).astype(np.float32)
    weights = RNG.random(3001) if weighted else None
    start = points[:11].astype(np.float64)
    found = kmeans(points, 11, init=start, weights=weights, space="uv", tol=0, max_iter=500)
    centers, labels, inertia = reference.kmeans(points, start, weights=weights, iterations=500)
    if dimensions == 2:  # given in order of hue
        order = np.argsort(np.arctan2(centers[:, 1], centers[:, 0]), kind="stable")
        centers, labels = centers[order], np.argsort(order)[labels]
    np.testing.assert_allclose(found.centers, centers, rtol=0, atol=1e-4)
    np.testing.assert_array_equal(nearest(points, found.centers), labels)
    assert found.inertia == pytest.approx(inertia, rel=1e-5)


@pytest.mark.parametrize("space", ["rgb", "luv"])
def test_a_picture_gives_what_lloyd_on_all_pixels_gives(space: Space) -> None:
    pixels = PICTURE.reshape(-1, 3).astype(np.float32)
    pixels = rgb_to_luv(PICTURE).reshape(-1, 3) if space == "luv" else pixels
    start = pixels[::500].astype(np.float64)
    found = kmeans(PICTURE, len(start), init=start, space=space, tol=0, max_iter=500)
    centers, _, inertia = reference.kmeans(pixels, start, iterations=500)
    light = centers[:, 0] if space == "luv" else reference.luminance(centers[None] / 255)[0]
    np.testing.assert_allclose(found.centers, centers[np.argsort(light)], rtol=0, atol=1e-4)
    assert found.inertia == pytest.approx(inertia, rel=1e-5)


@pytest.mark.parametrize("space", ["rgb", "luv", "uv"])
@pytest.mark.parametrize("k", [1, 2, 9, 40])
def test_inertia_never_rises(space: Space, k: int) -> None:
    start = RNG.random((k, 2 if space == "uv" else 3)) * 50
    found = kmeans(PICTURE, k, space=space, init=start)
    assert len(found.history) == found.n_iter + 1
    assert found.history[-1] == found.inertia
    assert np.diff(found.history).max(initial=0.0) <= 1e-6


@pytest.mark.parametrize("space", ["rgb", "luv", "uv"])
@pytest.mark.parametrize("sample", [None, 3000])
def test_the_order_of_pixels_does_not_matter(space: Space, sample: int | None) -> None:
    pixels = PICTURE.reshape(-1, 3)
    shuffled = pixels if sample else RNG.permutation(pixels)
    first = kmeans(PICTURE, 8, space=space, sample=sample)
    second = kmeans(shuffled, 8, space=space, sample=sample)
    np.testing.assert_array_equal(first.centers, second.centers)
    assert first.history == second.history


@pytest.mark.parametrize("space", ["rgb", "luv"])
def test_weights_equal_repetition(space: Space) -> None:
    colors, counts = histogram(PICTURE)
    pixels = kmeans(PICTURE, 8, space=space)
    np.testing.assert_array_equal(
        kmeans(colors, 8, weights=counts, space=space).centers, pixels.centers
    )
    twice, half = np.concatenate([colors, colors]), np.tile(counts / 2, 2)
    halves = kmeans(twice, 8, weights=half, space=space, init=pixels.centers, tol=0)
    again = kmeans(PICTURE, 8, space=space, init=pixels.centers, tol=0)
    np.testing.assert_allclose(halves.centers, again.centers, atol=1e-9)


def test_weights_of_points_equal_repetition() -> None:
    points, counts = RNG.normal(size=(500, 2)), RNG.integers(0, 4, 500)
    start = points[:5]
    weighted = kmeans(points, 5, weights=counts, init=start, space="rgb")
    repeated = kmeans(np.repeat(points, counts, axis=0), 5, init=start, space="rgb")
    np.testing.assert_allclose(weighted.centers, repeated.centers, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.float32])
def test_weights_are_a_mask(dtype: Any) -> None:
    mask = np.zeros(PICTURE.shape[:2], dtype)
    mask[10:50, 5:60] = 1
    masked = kmeans(PICTURE, 8, weights=mask)
    cropped = kmeans(PICTURE[10:50, 5:60], 8)
    np.testing.assert_array_equal(masked.centers, cropped.centers)


def test_nothing_but_zero_weights_is_too_few_points() -> None:
    with pytest.raises(ValueError, match="k=2 centres need at least 2 different points, found 0"):
        kmeans(PICTURE, 2, weights=np.zeros(PICTURE.shape[:2]))


def test_points_without_weight_do_not_count() -> None:
    points = np.array([[0.0], [1.0], [50.0]])
    found = kmeans(points, 2, weights=np.array([1.0, 1.0, 0.0]))
    assert sorted(found.centers[:, 0].tolist()) == [0.0, 1.0]


def fits() -> list[Any]:
    points = np.random.default_rng(1).normal(size=(50_000, 3)).astype(np.float32)
    wide = np.tile(PICTURE, (13, 13, 1))[:800, :800]  # enough pixels for the counting table
    deep = PICTURE.astype(np.uint16) * 251
    return [
        kmeans(points, 40, seed=3),
        kmeans(points[:, :2], 40, seed=3, weights=np.abs(points[:, 2])),
        kmeans(wide, 60, seed=3),
        kmeans(wide, 60, seed=3, space="rgb"),
        kmeans(deep, 9, seed=3),
        kmeans(wide, 30, seed=3, sample=5000),
    ]


def test_a_seed_decides_the_result_on_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("LUVCOLOR_THREADS", threads)
        found.append(fits())
    for alone, two, three in zip(*found, strict=True):
        np.testing.assert_array_equal(alone.centers, two.centers)
        np.testing.assert_array_equal(alone.centers, three.centers)
        assert alone.history == two.history == three.history


def test_seeds_differ() -> None:
    assert not np.array_equal(kmeans(PICTURE, 9, seed=3).centers, kmeans(PICTURE, 9).centers)


def test_more_starts_are_not_worse() -> None:
    points = RNG.random((2000, 2))
    assert kmeans(points, 25, n_init=8).inertia <= kmeans(points, 25, n_init=1).inertia


def test_a_good_start_is_found() -> None:
    blobs = np.repeat(np.arange(12.0)[:, None] * 100, 50, axis=0) + RNG.normal(size=(600, 1))
    assert kmeans(blobs, 12).inertia < 2.0


def test_one_center_is_the_mean() -> None:
    found = kmeans(PICTURE, 1, space="rgb")
    np.testing.assert_allclose(found.centers[0], PICTURE.mean(axis=(0, 1)), atol=1e-9)
    assert found.inertia == pytest.approx(PICTURE.reshape(-1, 3).var(axis=0).sum())


def test_one_color_is_its_own_palette() -> None:
    found = kmeans(np.full((5, 5, 3), (7, 80, 200), np.uint8), 1)
    assert found.palette is not None
    assert found.palette.tolist() == [[7, 80, 200]]
    assert found.inertia == pytest.approx(0.0, abs=1e-9)


def test_as_many_centers_as_colors_leave_no_error() -> None:
    colors = RNG.permutation(np.arange(60, dtype=np.uint8)).reshape(20, 3)
    found = kmeans(colors, 20)
    assert found.palette is not None
    np.testing.assert_array_equal(np.unique(found.palette, axis=0), np.unique(colors, axis=0))


def test_too_few_colors_are_counted_in_the_error() -> None:
    colors = np.array([[0, 0, 0], [1, 1, 1], [0, 0, 0]], np.uint8)
    with pytest.raises(ValueError, match=r"k=3 .* found 2; ask for k=2"):
        kmeans(colors, 3)
    with pytest.raises(ValueError, match="found 2; ask for k=2"):
        kmeans(np.array([[0.0], [1.0], [1.0], [0.0]]), 3)


def test_an_empty_cluster_moves_to_the_farthest_point() -> None:
    points = np.array([[0.0, 0], [1, 0], [0, 1], [90, 90], [91, 90], [500, 0]])
    start = np.array([[0.0, 0], [1e6, 1e6], [90, 90]])
    found = kmeans(points, 3, init=start)
    assert found.inertia == pytest.approx((2 / 3 + 2 / 3 + 0.5) / 6, abs=0.02)
    assert [500.0, 0.0] in found.centers.round(3).tolist()


@pytest.mark.parametrize("space", ["rgb", "luv"])
def test_palettes_run_from_dark_to_light(space: Space) -> None:
    found = kmeans(PICTURE, 9, space=space)
    assert found.palette is not None
    assert found.palette.dtype == np.uint8
    assert (np.diff(luminance(found.palette[None])[0]) > -0.5).all()
    if space == "rgb":
        np.testing.assert_array_equal(found.palette, np.rint(found.centers))


def test_a_palette_of_chroma_is_of_one_lightness() -> None:
    found = kmeans(PICTURE, 9, space="uv")
    assert found.centers.shape == (9, 2)
    assert found.palette is not None
    np.testing.assert_allclose(luminance(found.palette[None]), 65.0, atol=0.5)


def test_float_colors_get_a_palette_and_other_points_none() -> None:
    floats = (PICTURE / 255).astype(np.float32)
    found = kmeans(floats, 9, space="rgb")
    assert found.palette is not None
    np.testing.assert_array_equal(found.palette, np.rint(found.centers * 255))
    assert kmeans(floats[..., :2], 9).palette is None


@pytest.mark.parametrize("space", ["rgb", "luv", "uv"])
@pytest.mark.parametrize("k", [1, 2, 24, 300, 600])
def test_cells_sum_what_brute_force_sums(space: Space, k: int) -> None:
    noise = np.random.default_rng(k).normal(0, 6, (300, 400, 3))
    slopes = np.stack(np.meshgrid(np.linspace(20, 200, 300), np.linspace(0, 255, 400)), -1)
    slopes = np.concatenate([slopes, slopes[..., :1]], -1).transpose(1, 0, 2)
    rgb = np.clip(slopes.reshape(300, 400, 3) + noise, 0, 255).astype(np.uint8)
    cloud = ColorCloud(*unique_colors(rgb), space)
    brute = PointCloud(
        cloud.planes, cloud.rows, cloud.weights, cloud.middle, cloud.unit, cloud.bits
    )
    for _ in range(3):  # sums go from one set of centres to the next
        index = RNG.integers(0, cloud.count, k)
        centers = cloud.planes[cloud.rows, index].T + RNG.normal(0, 3, (k, cloud.dimensions))
        centers[-1] = centers[0]
        np.testing.assert_array_equal(cloud.assign_cells(centers), brute.assign(centers))


def test_numbers_of_colors_go_back_to_colors() -> None:
    numbers = color_cells.pack(PICTURE.reshape(-1, 3))
    np.testing.assert_array_equal(color_cells.unpack(numbers), PICTURE.reshape(-1, 3))
    every = color_cells.pack(color_cells.unpack(np.arange(1 << 24, dtype=np.int32)))
    assert (every == np.arange(1 << 24)).all()


def test_points_are_those_of_the_reference() -> None:
    every = np.arange(0, 1 << 24, 97, dtype=np.int32)
    cloud = ColorCloud(every, np.ones(len(every), np.int64), "luv")
    points = cloud.planes[:, : cloud.count].T + cloud.middle
    expected = reference.rgb_to_luv(color_cells.unpack(every))
    np.testing.assert_allclose(points, expected, rtol=0, atol=2e-4)
    whole = cloud.planes * 2.0**cloud.bits
    np.testing.assert_array_equal(whole, np.rint(whole))


@pytest.mark.parametrize("space", ["rgb", "luv", "uv"])
def test_sixteen_bits_give_what_eight_give(space: Space) -> None:
    start = kmeans(PICTURE, 9, space=space, max_iter=1).centers
    scale = 257.0 if space == "rgb" else 1.0
    eight = kmeans(PICTURE, 9, space=space, init=start)
    sixteen = kmeans(PICTURE.astype(np.uint16) * 257, 9, space=space, init=start * scale)
    np.testing.assert_allclose(sixteen.centers, eight.centers * scale, rtol=0, atol=2e-3 * scale)
    assert sixteen.palette is not None
    np.testing.assert_array_equal(sixteen.palette, eight.palette)


def test_sixteen_bits_match_float64_lloyd() -> None:
    rgb = RNG.integers(0, 65536, (40, 50, 3)).astype(np.uint16)
    points = reference.rgb_to_luv(rgb).reshape(-1, 3)
    start = points[::200]
    found = kmeans(rgb, len(start), init=start, tol=0, max_iter=500)
    centers, _, inertia = reference.kmeans(points, start, iterations=500)
    np.testing.assert_allclose(found.centers, centers[np.argsort(centers[:, 0])], rtol=0, atol=2e-4)
    assert found.inertia == pytest.approx(inertia, rel=1e-5)


def test_sixteen_bits_take_weights_and_a_sample() -> None:
    rgb = RNG.integers(0, 65536, (100, 100, 3)).astype(np.uint16)
    mask = np.zeros((100, 100))
    mask[:50] = 0.25
    np.testing.assert_allclose(
        kmeans(rgb, 1, space="rgb", weights=mask).centers[0],
        rgb[:50].mean(axis=(0, 1)),
        rtol=1e-6,
    )
    whole, part = kmeans(rgb, 5), kmeans(rgb, 5, sample=4000)
    assert part.inertia == pytest.approx(whole.inertia, rel=0.1)


def test_a_sample_stands_for_the_picture() -> None:
    whole, part = kmeans(PICTURE, 8, space="rgb"), kmeans(PICTURE, 8, space="rgb", sample=2000)
    again = kmeans(PICTURE, 8, space="rgb", init=part.centers, max_iter=1)
    assert again.history[0] < 1.1 * whole.inertia
    everything = kmeans(PICTURE, 8, space="rgb", sample=10**9)
    np.testing.assert_array_equal(everything.centers, whole.centers)


def test_a_sample_too_small_says_so() -> None:
    with pytest.raises(ValueError, match=r"in a sample of 3; .* or for a larger sample"):
        kmeans(PICTURE, 8, sample=3)
    with pytest.raises(ValueError, match="sample must be a whole number of at least 1, not 0"):
        kmeans(PICTURE, 8, sample=0)


@pytest.mark.parametrize("space", ["rgb", "luv"])
def test_grays_only(space: Space) -> None:
    gray = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    found = kmeans(gray, 4, space=space, tol=0, max_iter=500)
    assert found.palette is not None
    assert (np.ptp(found.palette.astype(int), axis=1) <= 1).all()
    assert kmeans(gray, 256, space=space).inertia < 1e-9


@pytest.mark.parametrize("total", [2**30, 2**40, 2**50])
def test_huge_counts_do_not_overflow(total: int) -> None:
    colors = np.array([[255, 255, 255], [250, 255, 255], [0, 0, 0], [0, 9, 0]], np.uint8)
    counts = np.array([total, total, 2 * total, 2 * total])
    found = kmeans(colors, 2, weights=counts, space="rgb")
    np.testing.assert_allclose(found.centers, [[0, 4.5, 0], [252.5, 255, 255]], atol=1e-2)
    assert found.inertia == pytest.approx((2 * 2.5**2 + 4 * 4.5**2) / 6, rel=1e-3)


@pytest.mark.parametrize("size", [1e-20, 1e-3, 1e20])
def test_points_of_any_size(size: float) -> None:
    points = np.repeat([[0.0, 1.0], [3.0, 1.0], [3.0, 9.0]], 5, axis=0) * size
    found = kmeans(points, 3, tol=0)
    np.testing.assert_allclose(
        found.centers[np.lexsort(found.centers.T)] / size, [[0, 1], [3, 1], [3, 9]], atol=1e-6
    )


def test_equal_starts_part() -> None:
    found = kmeans(PICTURE, 6, space="rgb", init=np.full((6, 3), 100.0))
    assert len(np.unique(found.centers, axis=0)) == 6
    assert np.diff(found.history).max() <= 0.0


def test_many_centers() -> None:
    rgb = RNG.integers(0, 256, (80, 80, 3), np.uint8)
    found = kmeans(rgb, 1024, space="rgb", max_iter=3)
    labels = nearest(rgb, found.centers)
    gap = ((rgb - found.centers[labels]) ** 2).sum(axis=-1).mean()
    assert found.inertia == pytest.approx(gap, rel=1e-9)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_points_that_are_no_numbers_are_refused(value: float) -> None:
    points = np.ones((10, 2))
    points[4, 1] = value
    with pytest.raises(ValueError, match="points must be finite; drop those with NaN"):
        kmeans(points, 2)
    with pytest.raises(ValueError, match="weights must be finite and not negative"):
        kmeans(np.ones((10, 2)), 2, weights=points[:, 1])


def test_whole_weights_keep_proportions() -> None:
    counts = np.array([3.0, 0.0, 5.0])
    assert fixed_point.whole_weights(counts).tolist() == [3, 0, 5]
    shares = np.array([0.25, 0.0, 0.5, 1e-300])
    whole = fixed_point.whole_weights(shares)
    assert whole[2] == 2 * whole[0]
    assert whole[1] == 0
    assert whole[3] == 1
    assert 2**32 < whole.sum() <= 2**34
