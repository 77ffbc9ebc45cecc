"""Clustering on a GPU: the results of the CPU, bit for bit, whichever library the arrays are of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from tests.gpu.libraries import LIBRARIES, Array, give, library_of, need, take

pytestmark = pytest.mark.gpu

RNG = np.random.default_rng(0)
SHAPE = (601, 803)


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest, backend: str) -> str:
    """Each library whose arrays a backend takes."""
    need(str(request.param), backend)
    return str(request.param)


@pytest.fixture(scope="module")
def picture() -> Array:
    """More unique colours than a sample takes."""
    blobs = RNG.choice(RNG.integers(0, 256, (30, 3)), SHAPE[0] * SHAPE[1]).reshape(*SHAPE, 3)
    return np.clip(blobs + RNG.normal(0, 15, blobs.shape), 0, 255).astype(np.uint8)


def compare(library: str, backend: str, points: Array, k: int, **named: Any) -> None:
    found = kernels.kmeans(give(library, points), k, backend=backend, **named)
    expected = kernels.kmeans(points, k, **named)
    np.testing.assert_array_equal(found.centers, expected.centers)
    assert found.history == expected.history
    if expected.palette is not None:
        np.testing.assert_array_equal(found.palette, expected.palette)


@pytest.mark.parametrize("space", ["rgb", "luv", "uv"])
@pytest.mark.parametrize("k", [1, 24, 256, 700])
def test_colors(library: str, backend: str, picture: Array, space: str, k: int) -> None:
    compare(library, backend, picture, k, space=space, max_iter=20)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_moves_is_a_race(library: str, backend: str, seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(300_000, 3)).astype(np.float32)
    compare(library, backend, points, 24, seed=seed, max_iter=20)


@pytest.mark.parametrize("dimensions", [1, 2, 5, 17])
def test_points(library: str, backend: str, dimensions: int) -> None:
    points = (RNG.normal(size=(50_000, dimensions)) * 40).astype(np.float32)
    compare(library, backend, points, 11, max_iter=20, weights=RNG.random(50_000))


def test_sixteen_bits_samples_and_weights(library: str, backend: str, picture: Array) -> None:
    deep = picture.astype(np.uint16) * 257
    weights = RNG.random(SHAPE)
    weights[:50] = 0
    compare(library, backend, deep, 24, max_iter=10)
    compare(library, backend, deep, 24, max_iter=10, weights=weights, sample=50_000)
    compare(library, backend, picture, 24, max_iter=10, weights=weights)
    compare(library, backend, picture, 300, max_iter=10, init=np.full((300, 3), 50.0))


def test_histograms(library: str, backend: str, picture: Array) -> None:
    for rgb in (picture, np.full((2000, 2000, 3), 77, np.uint8)):
        found = kernels.histogram(give(library, rgb), backend=backend)
        assert library_of(found[0]) == library
        for result, expected in zip(found, kernels.histogram(rgb), strict=True):
            np.testing.assert_array_equal(take(result), expected)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize("k", [1, 24, 256, 1000])
def test_labels(library: str, backend: str, dtype: str, k: int) -> None:
    points = RNG.integers(0, 256, (301, 403, 3)).astype(dtype)
    centers = np.rint(RNG.random((k, 3)) * 255)  # many ties
    found = kernels.nearest(give(library, points), centers, backend=backend)
    assert library_of(found) == library
    np.testing.assert_array_equal(take(found), kernels.nearest(points, centers))
    near = min(5, k)
    labels, weights = kernels.soft_assign(
        give(library, points), centers, neighbors=near, sigma=20.0, backend=backend
    )
    expected, shares = kernels.soft_assign(points, centers, neighbors=near, sigma=20.0)
    np.testing.assert_array_equal(take(labels), expected)
    np.testing.assert_allclose(take(weights), shares, rtol=0, atol=1e-5)
