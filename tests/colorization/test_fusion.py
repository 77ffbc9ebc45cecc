"""Predictions at several sizes, fused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from luvcolor.colorization.fusion import fuse
from luvcolor.runtimes import Prediction


def constant(u: float, size: int, confidence: float | None = None) -> Prediction:
    uv = np.full((1, 2, size, size), u, np.float32)
    sure = None if confidence is None else np.full((1, 1, size, size), confidence, np.float32)
    return Prediction(uv, sure)


def as_tensors(prediction: Prediction) -> Prediction:
    return Prediction(*(None if x is None else torch.from_numpy(x) for x in prediction))


def test_one_prediction_comes_back_as_it_is() -> None:
    alone = constant(3, 4)
    assert fuse([alone]) is alone


@pytest.mark.parametrize("kind", [lambda x: x, as_tensors], ids=["numpy", "torch"])
def test_chroma_is_the_mean_at_the_largest_size(kind: Any) -> None:
    fused = fuse([kind(constant(3, 4)), kind(constant(6, 6)), kind(constant(9, 8))])
    np.testing.assert_allclose(fused.uv, np.full((1, 2, 8, 8), 6), rtol=1e-6)


@pytest.mark.parametrize("kind", [lambda x: x, as_tensors], ids=["numpy", "torch"])
def test_confidence_falls_with_disagreement(kind: Any) -> None:
    agreed = fuse([kind(constant(5, 4, 0.2)), kind(constant(5, 8, 0.4))]).confidence
    assert agreed is not None
    np.testing.assert_allclose(agreed, np.full((1, 1, 8, 8), 0.3), rtol=1e-5)
    apart = fuse([kind(constant(-15, 4, 0.2)), kind(constant(15, 8, 0.4))]).confidence
    assert apart is not None
    np.testing.assert_allclose(apart, 0.3 * np.exp(-np.sqrt(450) / 30), rtol=1e-5)


def test_a_model_that_cannot_tell_is_as_sure_as_its_sizes_agree() -> None:
    fused = fuse([constant(0, 4), constant(0, 8)])
    np.testing.assert_array_equal(fused.confidence, np.ones((1, 1, 8, 8)))
