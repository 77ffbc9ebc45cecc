"""Every built-in model keeps the contract; a new one is tested by being registered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from luvcolor.registry import build_registry, builtin_plugins
from luvcolor.testing import ModelConformance
from tests.plugins.test_onnx_plugin import HEAD, graph

SMALL: dict[str, dict[str, Any]] = {
    "regression": {"width": 4, "depth": 2},
    "cnn": {"width": 4, "depth": 2, "detail": 4, "colors": 6},
    "unet": {"width": 4, "depth": 2, "colors": 6},
    "gan": {"width": 8, "depth": 3, "judge_depth": 2},
    "lite": {"width": 12, "colors": 8},
    "zhang": {"side": 30.0, "width": 4},
    "hwang-zhou": {"bins": 8, "width": 4},
    "dahl": {"width": 4},
    "larsson": {"bins": 8, "width": 4, "deep": 16, "hidden": 8, "places": 32},
    "transfer": {"samples": 256},
}
"""Settings that make a model small; a model without an entry is tested as it is."""


def settings_of_a_graph(folder: Path) -> dict[str, Any]:
    """Make a graph and its declaration."""
    path = graph(folder / "tiny.onnx", np.array([[40.0], [-20.0]]))
    declared = {"input": {"channels": "L"}, "output": {"channels": "uv"}}
    path.with_suffix(".json").write_text(json.dumps(HEAD | declared))
    return {"file": str(path)}


MADE: dict[str, Callable[[Path], Mapping[str, Any]]] = {"onnx": settings_of_a_graph}
"""Settings that name a file, which is made first."""


@pytest.fixture(autouse=True, scope="module")
def without_pretrained_weights() -> Iterator[None]:
    """Let the encoder of `lite` begin at random: its weights are a package of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("luvcolor_lite.Encoder.load_pretrained", lambda encoder: None)
        yield


def conformance(name: str) -> type[ModelConformance]:
    """Return the tests of one model."""

    def make_settings(self: ModelConformance, folder: Path) -> Mapping[str, Any]:
        return MADE[name](folder) if name in MADE else self.settings

    given = {"model": name, "settings": SMALL.get(name, {}), "make_settings": make_settings}
    title = f"Test_{name.replace('-', '_')}"
    return type(title, (ModelConformance,), {"__module__": __name__, **given})


every = [conformance(name) for name in build_registry(builtin_plugins()).models]
globals().update({tests.__name__: tests for tests in every})
