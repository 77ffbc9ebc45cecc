"""Which runtime runs what, and what the runtimes agree on."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from luvcolor import devices, runtimes
from luvcolor.checkpoint import find_checkpoint, load, read_card, short_hash
from luvcolor.errors import CheckpointError, PluginError, UsageError
from luvcolor.runtimes import RUNTIMES, choose, open_predictor
from luvcolor.runtimes.contract import predict
from luvcolor.runtimes.graph_file import Graph
from luvcolor.runtimes.graph_predictor import GraphPredictor
from tests.conftest import Exported

pytestmark = pytest.mark.usefixtures("one_thread")

SIZES = [(1, 1), (1, 40), (17, 23), (32, 64), (33, 32)]
PLAIN: dict[str, Any] = {"temperature": None, "seed": None}


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "may_have_gpu", lambda: False)


def luma(height: int, width: int, count: int = 1) -> Any:
    return np.random.default_rng(3).random((count, 1, height, width), np.float32)


def test_every_runtime_but_auto_is_a_module() -> None:
    folder = Path(runtimes.__file__).parent
    found = {path.stem.removesuffix("_runtime") for path in folder.glob("*_runtime.py")}
    assert found | {"auto"} == set(RUNTIMES)


@pytest.mark.usefixtures("no_gpu")
def test_a_checkpoint_with_its_graph_beside_it_needs_no_torch(
    unet_graph: Exported, tmp_path: Path
) -> None:
    assert choose(unet_graph.checkpoint) == "onnx"
    assert choose(unet_graph.checkpoint, "cpu") == "onnx"
    assert choose(unet_graph.checkpoint, "cuda") == "torch"
    assert choose(unet_graph.alone, "cuda") == "onnx"
    assert choose(find_checkpoint(None)) == "onnx"
    without = Path(shutil.copy(unet_graph.checkpoint, tmp_path))
    assert choose(without) == "torch"


@pytest.mark.usefixtures("no_gpu")
def test_the_graph_of_other_weights_is_left_alone(
    unet_graph: Exported, regression_graph: Exported, tmp_path: Path
) -> None:
    checkpoint = Path(shutil.copy(regression_graph.checkpoint, tmp_path / "unet.safetensors"))
    shutil.copy(unet_graph.beside, tmp_path)
    assert choose(checkpoint) == "torch"
    with pytest.raises(CheckpointError, match=r"found that of a checkpoint .* with --force"):
        open_predictor(checkpoint, "onnx")


def test_where_there_may_be_a_gpu_torch_is_to_find_out(
    unet_graph: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "may_have_gpu", lambda: True)
    assert choose(unet_graph.checkpoint) == "torch"
    assert choose(unet_graph.checkpoint, "cpu") == "onnx"


@pytest.mark.usefixtures("no_gpu")
def test_without_onnx_runtime_there_is_torch(
    unet_graph: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert choose(unet_graph.checkpoint) == "torch"


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_what_to_install_is_said(
    unet_graph: Exported, monkeypatch: pytest.MonkeyPatch, runtime: str
) -> None:
    package = {"onnx": "onnxruntime"}.get(runtime, runtime)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=f"'{runtime}' needs a package.*pip install {package}"):
        open_predictor(unet_graph.checkpoint, runtime)


def test_an_unknown_runtime_is_answered_with_the_known_ones(unet_graph: Exported) -> None:
    with pytest.raises(UsageError, match=r"one of auto, torch, onnx, openvino; found 'steam'"):
        open_predictor(unet_graph.checkpoint, "steam")


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_a_checkpoint_without_a_graph_is_told_how_to_get_one(
    unet_graph: Exported, tmp_path: Path, runtime: str
) -> None:
    pytest.importorskip({"onnx": "onnxruntime"}.get(runtime, runtime))
    checkpoint = Path(shutil.copy(unet_graph.checkpoint, tmp_path))
    with pytest.raises(
        CheckpointError, match=rf"`luvcolor export {checkpoint} --beside` makes it.*--runtime torch"
    ):
        open_predictor(checkpoint, runtime)


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_a_graph_that_is_broken_inside_is_named(
    unet_graph: Exported, tmp_path: Path, runtime: str
) -> None:
    pytest.importorskip({"onnx": "onnxruntime"}.get(runtime, runtime))
    broken = tmp_path / "broken.onnx"
    data = unet_graph.alone.read_bytes()
    broken.write_bytes(data.replace(b"Conv", b"Xonv"))
    with pytest.raises(
        CheckpointError, match=rf"broken\.onnx: expected a graph that {runtime} can"
    ):
        open_predictor(broken, runtime)


def test_torch_has_no_use_for_a_graph(unet_graph: Exported) -> None:
    with pytest.raises(
        CheckpointError, match=r"for torch, found an exported graph.*--runtime onnx"
    ):
        open_predictor(unet_graph.alone, "torch")


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
@pytest.mark.parametrize("device", ["cuda", "mps", "cpu:1", "cuda:x", "abacus"])
def test_a_device_that_a_runtime_has_not_is_named(
    unet_graph: Exported, runtime: str, device: str
) -> None:
    onnxruntime = pytest.importorskip({"onnx": "onnxruntime"}.get(runtime, runtime))
    if device == "cuda" and "CUDA" in str(getattr(onnxruntime, "get_available_providers", str)()):
        pytest.skip("this ONNX Runtime runs on CUDA")
    with pytest.raises(UsageError, match=f"found '{re.escape(device)}'; use --runtime torch"):
        open_predictor(unet_graph.checkpoint, runtime, device)


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("asked", [{}, {"temperature": 0.1}, {"seed": 9}, {"temperature": 1.0}])
def test_graphs_predict_what_torch_predicts(
    unet_graph: Exported, runtime: str, size: tuple[int, int], asked: dict[str, Any]
) -> None:
    pytest.importorskip({"onnx": "onnxruntime"}.get(runtime, runtime))
    one = open_predictor(unet_graph.checkpoint, "torch", "cpu")
    other = open_predictor(unet_graph.checkpoint, runtime, "cpu")
    x = luma(*size, count=2)
    expected, found = (predict(each, x, **{**PLAIN, **asked}) for each in (one, other))
    np.testing.assert_allclose(found.uv, expected.uv, atol=1e-3)
    assert found.confidence is not None
    assert expected.confidence is not None
    np.testing.assert_allclose(found.confidence, expected.confidence, atol=1e-5)


def test_openvino_keeps_no_answer_in_memory_that_it_uses_again(regression_graph: Exported) -> None:
    pytest.importorskip("openvino")
    predictor = open_predictor(regression_graph.checkpoint, "openvino", "cpu")
    first = predictor(luma(8, 8), **PLAIN).uv
    kept = first.copy()
    predictor(1 - luma(8, 8), **PLAIN)
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_what_the_caller_computes_is_left_alone(unet_graph: Exported, runtime: str) -> None:
    """Some runtimes can take very small numbers for zero, and then do so for the whole thread."""
    pytest.importorskip({"onnx": "onnxruntime"}.get(runtime, runtime))
    open_predictor(unet_graph.checkpoint, runtime, "cpu")(luma(8, 8), **PLAIN)
    assert (np.full(8, 1e-40, np.float32) * np.float32(0.5) > 0).all()


def test_runtimes_say_who_they_are(unet_graph: Exported) -> None:
    digest = short_hash(unet_graph.checkpoint)
    for path, runtime, expected in (
        (unet_graph.checkpoint, "torch", digest),
        (unet_graph.checkpoint, "onnx", digest),
        (unet_graph.beside, "onnx", digest),
        (unet_graph.alone, "onnx", short_hash(unet_graph.alone)),
    ):
        opened = open_predictor(path, runtime, "cpu")
        assert (opened.runtime, opened.device, opened.digest) == (runtime, "cpu", expected)
        assert opened.card == read_card(unet_graph.checkpoint)


@pytest.mark.parametrize("asked", [{"temperature": 0.5}, {"seed": 1}])
def test_a_model_without_a_palette_has_nothing_to_choose_from(
    regression_graph: Exported, asked: dict[str, Any]
) -> None:
    predictor = open_predictor(regression_graph.alone)
    (name,) = asked
    with pytest.raises(UsageError, match=f"'regression' predicts one chroma .* no {name}; leave"):
        predictor(luma(8, 8), **{**PLAIN, **asked})
    expected = load(regression_graph.checkpoint)[0].predict
    import torch

    with torch.inference_mode():
        wanted = expected(torch.from_numpy(luma(9, 7))).uv.numpy()
    found = predictor(luma(9, 7), **PLAIN)
    assert found.confidence is None
    np.testing.assert_allclose(found.uv, wanted, atol=1e-3)


def test_the_contract_holds_for_every_runtime(unet_graph: Exported) -> None:
    graph, card = Graph("uv", 1, None, [], "0" * 12), read_card(unet_graph.checkpoint)
    facts = {"runtime": "onnx", "device": "cpu", "digest": ""}
    wrong = GraphPredictor(lambda x: x * np.float32(np.nan), graph, card, **facts)
    with pytest.raises(PluginError, match=r"'unet' of plugin .* with chroma of shape \(1, 2, 4"):
        predict(wrong, luma(4, 4))

    def refusing(x: Any) -> Any:
        raise ValueError("no idea")

    failing = GraphPredictor(refusing, graph, card, **facts)
    with pytest.raises(PluginError, match=r"'unet' of plugin .* failed on a 4x4 .*: no idea"):
        predict(failing, luma(4, 4))
