"""soft_assign: the nearest centres in order, and Gaussian weights."""

from __future__ import annotations

import numpy as np
import pytest

from luvcolor_kernels import nearest, reference, soft_assign

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dimensions", [1, 2, 3, 5])
@pytest.mark.parametrize("k", [5, 40, 313])
def test_floats_match_the_reference(dimensions: int, k: int) -> None:
    points = (RNG.normal(size=(7, 91, dimensions)) * 40).astype(np.float32)
    centers = (RNG.normal(size=(k, dimensions)) * 40).astype(np.float32).astype(np.float64)
    labels, weights = soft_assign(points, centers, sigma=5.0)
    expected_labels, expected_weights = reference.soft_assign(points, centers, sigma=5.0)
    assert labels.dtype == (np.uint8 if k <= 256 else np.int32)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(labels, expected_labels)
    np.testing.assert_allclose(weights, expected_weights, rtol=0, atol=1e-5)


def test_colors_match_the_reference() -> None:
    colors, centers = RNG.integers(0, 256, (999, 3), np.uint8), RNG.integers(0, 256, (24, 3))
    labels, weights = soft_assign(colors, centers, neighbors=3, sigma=30.0)
    expected_labels, expected_weights = reference.soft_assign(
        colors, centers, neighbors=3, sigma=30.0
    )
    np.testing.assert_array_equal(labels, expected_labels)
    np.testing.assert_allclose(weights, expected_weights, rtol=0, atol=1e-5)


def test_the_first_label_is_the_nearest() -> None:
    points = RNG.integers(0, 256, (500, 3), np.uint8)
    centers = np.rint(RNG.random((300, 3)) * 25) * 10
    labels, weights = soft_assign(points, centers, sigma=1.0)
    np.testing.assert_array_equal(labels[..., 0], nearest(points, centers))
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0, atol=1e-6)
    assert (np.diff(weights, axis=-1) <= 0).all()


def test_ties_go_to_the_lowest_index() -> None:
    labels, weights = soft_assign(np.zeros((1, 2)), np.array([[1, 0], [0, -1], [0, 1], [0, 0]]),
                                  neighbors=4, sigma=1.0)  # fmt: skip
    assert labels.tolist() == [[3, 0, 1, 2]]
    assert weights[0, 1] == weights[0, 2] == weights[0, 3]


def test_points_far_from_all_centers_have_weights() -> None:
    _, weights = soft_assign(np.array([[1e4]]), np.array([[0.0], [1.0]]), neighbors=2, sigma=0.1)
    assert weights.tolist() == [[1.0, 0.0]]


def test_the_number_of_threads_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    points, centers = RNG.normal(size=(20_000, 2)), RNG.normal(size=(100, 2))
    monkeypatch.setenv("LUVCOLOR_THREADS", "1")
    alone = soft_assign(points, centers, sigma=0.3)
    monkeypatch.setenv("LUVCOLOR_THREADS", "3")
    shared = soft_assign(points, centers, sigma=0.3)
    np.testing.assert_array_equal(alone[0], shared[0])
    np.testing.assert_array_equal(alone[1], shared[1])


def test_out_receives_both() -> None:
    points, centers = RNG.normal(size=(30, 2)), RNG.normal(size=(9, 2))
    out = np.zeros((30, 10), np.uint8)[:, ::2], np.zeros((30, 5), np.float32)
    labels, weights = soft_assign(points, centers, sigma=0.3, out=out)
    assert labels is out[0]
    assert weights is out[1]
    np.testing.assert_array_equal(labels, soft_assign(points, centers, sigma=0.3)[0])


def test_nothing_has_no_neighbors() -> None:
    labels, weights = soft_assign(np.empty((0, 2)), np.ones((6, 2)), sigma=1.0)
    assert labels.shape == weights.shape == (0, 5)


def test_what_makes_no_sense_is_refused() -> None:
    points, centers = np.zeros((4, 2)), np.ones((3, 2))
    with pytest.raises(ValueError, match="neighbors must be a whole number from 1 to 3, not 5"):
        soft_assign(points, centers, sigma=1.0)
    with pytest.raises(ValueError, match=r"sigma must be above 0, found 0\.0"):
        soft_assign(points, centers, neighbors=2, sigma=0)
    with pytest.raises(ValueError, match="must have the same D"):
        soft_assign(points, np.ones((3, 3)), neighbors=2, sigma=1.0)
    with pytest.raises(TypeError, match="out must be of type uint8, not int32"):
        soft_assign(points, centers, neighbors=2, sigma=1.0,
                    out=(np.zeros((4, 2), np.int32), np.zeros((4, 2), np.float32)))  # fmt: skip
