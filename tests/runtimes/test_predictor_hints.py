"""What of hints reaches a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from luvcolor.errors import PluginError
from luvcolor.hints import HintPlanes
from luvcolor.runtimes import open_predictor
from luvcolor.runtimes.contract import predict
from luvcolor.weightless import WeightlessModel
from tests.conftest import Exported
from tests.hinted_models import plug_in

LUMA = np.full((1, 1, 8, 8), 0.5, np.float32)


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)


def planes(*, colours: bool = True, reference: bool = True) -> HintPlanes:
    uv, mask = np.zeros((1, 2, 8, 8), np.float32), np.zeros((1, 1, 8, 8), bool)
    if colours:
        uv[0, :, 3, 4], mask[..., 3, 4] = (40, 10), True
    luv = np.full((1, 3, 5, 6), 9, np.float32)
    return HintPlanes(uv, mask, luv if reference else None)


def ask(predictor: Any, hints: HintPlanes | None) -> Any:
    return predictor(LUMA, temperature=None, seed=None, hints=hints)


def test_the_model_gets_tensors_of_what_was_given() -> None:
    predictor: Any = open_predictor(WeightlessModel("both"), device="cpu")
    for given in (planes(), planes(reference=False), planes(colours=False)):
        ask(predictor, given)
        seen = predictor.model.seen[-1]
        np.testing.assert_array_equal(seen.uv, given.uv)
        np.testing.assert_array_equal(seen.mask, given.mask)
        assert seen.mask.dtype == torch.bool
        if given.reference is None:
            assert seen.reference is None
        else:
            np.testing.assert_array_equal(seen.reference, given.reference)


def test_without_hints_it_is_not_asked_with_any() -> None:
    predictor: Any = open_predictor(WeightlessModel("both"), device="cpu")
    ask(predictor, None)
    ask(predictor, planes(colours=False, reference=False))
    assert predictor.model.seen == [None, None]


def test_it_gets_only_what_it_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor: Any = open_predictor(WeightlessModel("both"), device="cpu")
    monkeypatch.setattr(type(predictor.model), "uses", ("reference",))
    ask(predictor, planes())
    assert not predictor.model.seen[-1].mask.any()
    assert not predictor.model.seen[-1].uv.any()
    monkeypatch.setattr(type(predictor.model), "uses", ("colours",))
    ask(predictor, planes())
    assert predictor.model.seen[-1].reference is None
    monkeypatch.setattr(type(predictor.model), "uses", ())
    ask(predictor, planes())
    assert predictor.model.seen[-1] is None


def test_a_graph_makes_no_use_of_hints(regression_graph: Exported) -> None:
    predictor = open_predictor(regression_graph.alone)
    assert (predictor.uses, predictor.own_size) == ((), False)
    np.testing.assert_array_equal(ask(predictor, planes()).uv, ask(predictor, None).uv)


def test_a_models_exception_names_the_model_and_its_plugin() -> None:
    predictor = open_predictor(WeightlessModel("dabs"), device="cpu")
    words = r"'dabs' of plugin 'dabbing' \(dabbing-dist 3\) failed on a 8x8 picture: ValueError"
    with pytest.raises(PluginError, match=words):
        predict(predictor, 0 * LUMA)
