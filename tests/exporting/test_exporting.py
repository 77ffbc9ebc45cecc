"""Exported graphs: the same colours as torch, whole files, and models that cannot be exported."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from luvcolor.checkpoint import read_card, shipped, short_hash
from luvcolor.errors import CheckpointError, OutputError, UsageError
from luvcolor.exporting import graph
from luvcolor.exporting.graph import export, measure_parity
from luvcolor.exporting.tracing import multiple_of, trace
from luvcolor.exporting.weights import attach
from luvcolor.model import Chroma, Colorizer
from luvcolor.runtimes import open_predictor
from luvcolor.runtimes.graph_file import read_graph
from luvcolor_regression import Regression, RegressionConfig
from luvcolor_unet import UNet, UNetConfig
from tests.conftest import Exported

pytestmark = pytest.mark.usefixtures("one_thread")


@dataclass(frozen=True)
class Setting:
    """Of models that are here for their faults."""


class Stubborn(Colorizer):
    """Does something else with bright pictures than with dark ones, which no graph can hold."""

    Config = Setting

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(luma.expand(-1, 2, -1, -1) * (2 if luma.mean() > 0.5 else 1))


class Broken(Stubborn):
    """Fails on small pictures."""

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        raise ValueError("too small")


def test_the_graph_that_ships_is_of_the_weights_that_ship() -> None:
    for checkpoint in shipped().values():
        graph = checkpoint.with_suffix(".onnx")
        assert graph.is_file(), f"run `make graphs`; there is no {graph.name}"
        described = read_graph(graph)
        assert described.checkpoint == short_hash(checkpoint), "run `make graphs`"
        assert described.beside == checkpoint.name
        assert read_card(graph) == read_card(checkpoint)
        assert graph.stat().st_size < 1_000_000


def test_what_ships_predicts_the_same_in_both() -> None:
    for checkpoint in shipped().values():
        torch_one, onnx_one = (
            open_predictor(checkpoint, name, "cpu") for name in ("torch", "onnx")
        )
        parity = measure_parity(torch_one, onnx_one)
        assert parity.largest < 1e-3
        assert parity.confidence < 1e-5


def test_parity_tells_models_apart(unet_graph: Exported, regression_graph: Exported) -> None:
    one = open_predictor(unet_graph.checkpoint, "torch", "cpu")
    other = open_predictor(regression_graph.checkpoint, "torch", "cpu")
    assert measure_parity(one, one) == graph.Parity(0, 0, 0)
    assert measure_parity(other, one).largest > 1


def test_an_exported_file_needs_nothing_beside_it(unet_graph: Exported, tmp_path: Path) -> None:
    alone = Path(shutil.copy(unet_graph.alone, tmp_path / "moved.onnx"))
    luma = np.full((1, 1, 8, 12), 0.5, np.float32)
    asked: dict[str, Any] = {"temperature": None, "seed": None}
    found = open_predictor(alone)(luma, **asked)
    expected = open_predictor(unet_graph.checkpoint, "torch", "cpu")(luma, **asked)
    np.testing.assert_allclose(found.uv, expected.uv, atol=1e-3)


def test_weights_stay_as_they_are_stored(unet_graph: Exported) -> None:
    stored = load_file(unet_graph.checkpoint)
    found = {
        tensor.name.removesuffix(".stored"): onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(unet_graph.alone).graph.initializer
        if tensor.name.endswith(".stored")
    }
    assert set(found) < set(stored)
    for name, array in found.items():
        np.testing.assert_array_equal(array, stored[name].numpy())
        assert array.dtype == np.float16
    floats = {name for name, tensor in stored.items() if tensor.is_floating_point()}
    assert floats - set(found) == {"palette.centers", "palette.chroma", "palette.share"}


def test_a_graph_beside_its_checkpoint_holds_no_weights(unet_graph: Exported) -> None:
    graph = onnx.load(unet_graph.beside, load_external_data=False).graph
    outside = [t for t in graph.initializer if t.data_location == onnx.TensorProto.EXTERNAL]
    assert len(outside) > 20
    assert {t.external_data[0].value for t in outside} == {"unet.safetensors"}
    onnx.checker.check_model(str(unet_graph.beside), full_check=True)


def test_nothing_of_this_machine_is_in_a_graph(unet_graph: Exported) -> None:
    data = unet_graph.alone.read_bytes()
    assert not [
        word for word in (sys.prefix, str(Path.home()), "site-packages") if word.encode() in data
    ]


@pytest.mark.parametrize(
    ("model", "multiple"),
    [
        (UNet(UNetConfig(width=2, depth=3)), 8),
        (Regression(RegressionConfig(width=2, depth=1)), 2),
        (Stubborn(), 1),
    ],
)
def test_how_a_model_pads_is_found_by_looking(model: Colorizer, multiple: int) -> None:
    assert multiple_of(model.eval()) == multiple


@pytest.mark.parametrize(
    ("model", "reason"), [(Stubborn(), "Could not guard|data-dependent"), (Broken(), "too small")]
)
def test_a_model_that_no_graph_can_hold_is_named(model: Colorizer, reason: str) -> None:
    with pytest.raises(
        UsageError, match=f"'odd' cannot be exported: .*({reason}).*--runtime torch"
    ):
        trace(model.eval(), "odd")


def test_a_graph_that_predicts_something_else_is_not_written(
    regression_graph: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "TOLERANCE", -1)
    with pytest.raises(UsageError, match="'regression' cannot be exported: its graph differs by"):
        export(regression_graph.checkpoint, tmp_path / "new.onnx")
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_replaced(unet_graph: Exported) -> None:
    before = unet_graph.alone.read_bytes()
    with pytest.raises(OutputError, match="--force"):
        export(unet_graph.checkpoint, unet_graph.alone)
    assert unet_graph.alone.read_bytes() == before


def test_a_graph_beside_its_checkpoint_lies_there(unet_graph: Exported, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lies in"):
        export(unet_graph.checkpoint, tmp_path / "new.onnx", beside=True)


@pytest.mark.parametrize("module", ["onnx", "onnxscript", "onnxruntime"])
def test_what_to_install_is_said(
    unet_graph: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    for name in ("luvcolor.exporting.tracing", "luvcolor.exporting.weights"):
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(UsageError, match=rf"\({module}.*pip install 'luvcolor\[export\]'"):
        export(unet_graph.checkpoint, tmp_path / "new.onnx")


def test_weights_of_strange_types_are_named(unet_graph: Exported, tmp_path: Path) -> None:
    path = tmp_path / "wide.safetensors"
    save_file({"first.0.weight": torch.zeros(1, dtype=torch.float64)}, path)
    proto = onnx.load(unet_graph.alone)
    proto.graph.input.add(name="first.0.weight")
    with pytest.raises(
        CheckpointError, match=r"weight first\.0\.weight as F16, BF16, F32, found F64"
    ):
        attach(proto, path, beside=False)
