"""Palettes that a runtime shows and lets be changed."""

from __future__ import annotations

import numpy as np
import pytest

from luvcolor.errors import OutOfMemoryError, UsageError
from luvcolor.runtimes import open_predictor
from tests.conftest import Exported


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
def test_other_chroma_is_what_a_copy_predicts(unet_graph: Exported, runtime: str) -> None:
    pytest.importorskip({"onnx": "onnxruntime"}.get(runtime, runtime))
    predictor = open_predictor(unet_graph.checkpoint, runtime, "cpu")
    palette = predictor.palette
    assert palette is not None
    assert palette.shape == (6, 2)
    one_color = predictor.repainted(np.full((6, 2), 7, np.float32))
    luma = np.random.default_rng(0).random((1, 1, 16, 24), np.float32)
    before = predictor(luma, temperature=None, seed=None)
    after = one_color(luma, temperature=None, seed=None)
    np.testing.assert_allclose(after.uv, 7, atol=1e-4)
    assert before.confidence is not None
    assert after.confidence is not None
    np.testing.assert_allclose(after.confidence, before.confidence, atol=1e-5)
    again = predictor(luma, temperature=None, seed=None)
    np.testing.assert_array_equal(again.uv, before.uv)


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
def test_a_model_without_a_palette_has_none_and_draws_nothing(
    regression_graph: Exported, runtime: str
) -> None:
    pytest.importorskip({"onnx": "onnxruntime"}.get(runtime, runtime))
    predictor = open_predictor(regression_graph.checkpoint, runtime, "cpu")
    assert predictor.palette is None
    with pytest.raises(UsageError, match="'regression' predicts one"):
        predictor(np.zeros((1, 1, 16, 16), np.float32), temperature=None, seed=3)


def test_a_network_that_does_not_fit_is_want_of_memory(
    unet_graph: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: object, *, device: str) -> None:
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr("luvcolor.checkpoint.load", full)
    with pytest.raises(OutOfMemoryError, match=r"expected memory on cpu for its network"):
        open_predictor(unet_graph.checkpoint, "torch", "cpu")
