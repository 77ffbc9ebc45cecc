"""Models that need no weights, and how they are told from checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

from luvcolor.checkpoint import find_checkpoint, shipped
from luvcolor.errors import CheckpointError, PluginError, UsageError
from luvcolor.runtimes import open_predictor
from luvcolor.weightless import WeightlessModel, find_model
from tests.hinted_models import Dabs, plug_in


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)


def test_a_name_is_a_checkpoint_or_a_model_that_needs_none() -> None:
    assert find_model(None) == find_model("default") == shipped()["default"]
    assert find_model("dabs") == WeightlessModel("dabs")
    assert find_model("dabs", {"strength": 2.0}).settings == {"strength": 2.0}  # type: ignore[union-attr]


def test_a_file_of_that_name_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dabs").write_bytes(shipped()["default"].read_bytes())
    assert find_model("dabs") == Path("dabs")


def test_what_is_neither_is_said_as_for_checkpoints() -> None:
    with pytest.raises(UsageError, match="no model is called 'nothing'"):
        find_model("nothing")
    with pytest.raises(UsageError, match="ships no weights"):
        find_model("regression")
    with pytest.raises(CheckpointError, match="no such file"):
        find_model("none.safetensors")


def test_where_a_checkpoint_is_needed_it_says_that_there_is_none() -> None:
    with pytest.raises(UsageError, match=r"'dabs' needs no weights, .* no checkpoint of it"):
        find_checkpoint("dabs")


def test_settings_are_not_for_checkpoints() -> None:
    with pytest.raises(UsageError, match=r"settings such as 'width' .* default\.safetensors keeps"):
        find_model("default", {"width": 3})


def test_it_is_built_with_its_settings_and_a_card() -> None:
    model, card = WeightlessModel("dabs", {"strength": 2.0}).build()
    assert isinstance(model, Dabs)
    assert not model.training
    assert (card.model, card.config, card.size) == ("dabs", {"strength": 2.0}, 64)
    with pytest.raises(UsageError, match="no setting is called 'force'; known: strength"):
        WeightlessModel("dabs", {"force": 2}).build()
    with pytest.raises(UsageError, match="setting 'strength' is a float"):
        WeightlessModel("dabs", {"strength": "big"}).build()


def test_a_plugin_that_fails_to_start_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Dabs, config: object = None) -> None:
        raise ValueError("no idea")

    monkeypatch.setattr(Dabs, "__init__", broken)
    words = r"'dabs' of plugin 'dabbing' \(dabbing-dist 3\) failed to start: ValueError: no idea"
    with pytest.raises(PluginError, match=words):
        WeightlessModel("dabs").build()


def test_torch_runs_it_and_no_graph_can() -> None:
    predictor = open_predictor(WeightlessModel("dabs"), device="cpu")
    assert (predictor.runtime, predictor.device, predictor.digest) == ("torch", "cpu", "")
    assert (predictor.uses, predictor.own_size) == (("colours",), True)
    for runtime in ("onnx", "openvino"):
        with pytest.raises(UsageError, match=r"'dabs' needs no weights .* use --runtime torch"):
            open_predictor(WeightlessModel("dabs"), runtime)
