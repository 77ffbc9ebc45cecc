"""The clustering that benchmarks compare with does what it says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from luvcolor_kernels import reference

pytest.importorskip("benchmarks.common", reason="the benchmarks do not come with the package")

from benchmarks.torch_clustering import lloyd, nearest


def test_nearest_is_the_definition() -> None:
    rng = np.random.default_rng(0)
    points = rng.integers(0, 256, (30, 40, 3)).astype(np.float32)
    centers = rng.random((7, 3)).astype(np.float32) * 255
    labels = nearest(torch.from_numpy(points), torch.from_numpy(centers))
    np.testing.assert_array_equal(labels, reference.nearest(points, centers).reshape(-1))


def test_lloyd_comes_to_rest_where_the_reference_does() -> None:
    rng = np.random.default_rng(1)
    points = np.concatenate([rng.normal(at, 1, (50, 3)) for at in (0, 40, 90)]).astype(np.float32)
    found = lloyd(torch.from_numpy(points), 3, 30).numpy()
    expected, _, _ = reference.kmeans(points, found)
    np.testing.assert_allclose(found, expected, atol=1e-3)
