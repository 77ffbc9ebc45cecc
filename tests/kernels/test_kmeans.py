"""kmeans against Lloyd's algorithm in float64, and what it promises."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest

from luvcolor_kernels import histogram, kmeans, luminance, nearest, reference, rgb_to_luv

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


def test_the_order_of_pixels_does_not_matter() -> None:
    shuffled = RNG.permutation(PICTURE.reshape(-1, 3))
    first, second = kmeans(PICTURE, 8), kmeans(shuffled, 8)
    np.testing.assert_array_equal(first.centers, second.centers)
    assert first.history == second.history


def test_weights_equal_repetition() -> None:
    colors, counts = histogram(PICTURE)
    by_weight = kmeans(colors, 8, weights=counts)
    np.testing.assert_array_equal(by_weight.centers, kmeans(PICTURE, 8).centers)
    halves = kmeans(np.concatenate([colors, colors]), 8, weights=np.tile(counts / 2, 2))
    np.testing.assert_allclose(halves.centers, by_weight.centers, atol=1e-9)


def test_points_without_weight_do_not_count() -> None:
    points = np.array([[0.0], [1.0], [50.0]])
    found = kmeans(points, 2, weights=np.array([1.0, 1.0, 0.0]))
    assert sorted(found.centers[:, 0].tolist()) == [0.0, 1.0]


def test_a_seed_decides_the_result_on_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = RNG.normal(size=(50_000, 3)).astype(np.float32)
    monkeypatch.setenv("LUVCOLOR_THREADS", "1")
    alone = kmeans(points, 40, seed=3)
    monkeypatch.setenv("LUVCOLOR_THREADS", "4")
    shared = kmeans(points, 40, seed=3)
    np.testing.assert_array_equal(alone.centers, shared.centers)
    assert alone.history == shared.history
    assert not np.array_equal(kmeans(points, 40, seed=4).centers, alone.centers)


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
