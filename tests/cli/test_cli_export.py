"""``luvcolor export``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from luvcolor.dataset import Dataset
from luvcolor.io.comments import RECEIPT_KEY
from luvcolor.runtimes.graph_file import read_graph
from tests.cli.conftest import Run, picture
from tests.conftest import Exported

pytestmark = pytest.mark.usefixtures("one_thread")


def test_what_it_writes_colours_pictures(run: Run, regression_graph: Exported, photo: Path) -> None:
    ran = run("export", regression_graph.checkpoint, "-o", "new.onnx")
    assert ran.status == 0
    assert ran.error.startswith("luvcolor: wrote new.onnx; differs from torch by ")
    assert ran.error.endswith(" on average")
    assert read_graph(Path("new.onnx")).beside == ""
    ran = run("colorize", photo, "-m", "new.onnx", "--device", "cpu", "-o", "new.png")
    assert ran.status == 0
    assert "model regression from new.onnx (" in ran.said[0]
    receipt = json.loads(picture(Path("new.png")).metadata.text[RECEIPT_KEY])
    assert (receipt["checkpoint"], receipt["runtime"]) == ("new.onnx", "onnx")


@pytest.mark.slow
def test_behind_train_it_exports_what_was_trained(run: Run, dataset: Dataset) -> None:
    small = ["--set", "width=2", "--set", "depth=1", "--epochs", "1", "-o", "small.safetensors"]
    trained = ["train", dataset.path, "-m", "regression", "--device", "cpu", *small]
    ran = run(*trained, "!", "export", "--beside")
    assert ran.status == 0, ran.said
    assert read_graph(Path("small.onnx")).beside == "small.safetensors"


def test_a_file_that_is_there_stays(run: Run, unet_graph: Exported) -> None:
    before = unet_graph.beside.read_bytes()
    for words in (["--beside"], ["-o", unet_graph.beside]):
        ran = run("export", unet_graph.checkpoint, *words)
        assert ran.status == 1
        assert "use --force to replace it" in ran.error
    assert unet_graph.beside.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["default"], "with -o FILE, or --beside"),
        (["default", "--beside", "-o", "a.onnx"], "one of the two"),
        (["default", "-o", "a.pt"], "ends in .onnx, found a.pt"),
        (["-o", "a.onnx"], "name a checkpoint, or chain behind `train`"),
        (["missing.safetensors", "-o", "a.onnx"], "found no such file"),
    ],
)
def test_what_cannot_be(run: Run, words: list[str], said: str) -> None:
    ran = run("export", *words)
    assert ran.status == 2
    assert said in ran.error
