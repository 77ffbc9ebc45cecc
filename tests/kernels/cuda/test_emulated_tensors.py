"""Clustering of torch's tensors, in the memory of the CPU: what torch is asked for, it has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from luvcolor_kernels import histogram, kmeans, nearest, soft_assign
from luvcolor_kernels.gpu_clustering import Clustering
from luvcolor_kernels.libraries import Place, Torch
from tests.kernels.cuda.clustering_cases import SETTINGS, small_table
from tests.kernels.cuda.emulation import EmulatedEngine

pytestmark = pytest.mark.proof

RNG = np.random.default_rng(0)
COLORS = RNG.integers(0, 32, (40, 41, 3), np.uint8)


class HostTorch(Torch):
    """Has no device and no stream."""

    def place(self, array: Any) -> Place:
        return Place(0, 0)


def tensors() -> Clustering:
    return Clustering(EmulatedEngine(checked=False), lambda array: HostTorch())


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_palettes_are_those_of_the_cpu(dtype: str) -> None:
    points, mask = COLORS.astype(dtype), COLORS[..., 0] > 3
    with small_table():
        found = tensors().kmeans(
            torch.from_numpy(points), 9, **{**SETTINGS, "weights": torch.from_numpy(mask)}
        )
        expected = kmeans(points, 9, weights=mask)
    assert isinstance(found.centers, np.ndarray)
    np.testing.assert_array_equal(found.centers, expected.centers)
    assert found.history == expected.history


def test_results_are_tensors() -> None:
    dark = COLORS.copy()
    dark[..., 0] = 0
    counts = RNG.integers(1, 5, (40, 41))
    with small_table():
        found = tensors().histogram(torch.from_numpy(dark), counts=torch.from_numpy(counts))
    for tensor, expected in zip(found, histogram(dark, counts=counts), strict=True):
        assert isinstance(tensor, torch.Tensor)
        np.testing.assert_array_equal(tensor.numpy(), expected)


@pytest.mark.parametrize("k", [9, 300])
def test_labels_are_tensors(k: int) -> None:
    centers = RNG.random((k, 3)) * 32
    given, points = torch.from_numpy(centers), torch.from_numpy(COLORS)
    labels = tensors().nearest(points, given, out=None)
    assert labels.dtype == (torch.uint8 if k <= 256 else torch.int32)
    np.testing.assert_array_equal(labels.numpy(), nearest(COLORS, centers))
    names, weights = tensors().soft_assign(points, given, neighbors=3, sigma=5.0, out=None)
    expected, shares = soft_assign(COLORS, centers, neighbors=3, sigma=5.0)
    np.testing.assert_array_equal(names.numpy(), expected)
    np.testing.assert_allclose(weights.numpy(), shares, rtol=0, atol=1e-6)
