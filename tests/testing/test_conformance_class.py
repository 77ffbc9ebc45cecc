"""What an author gets: a class to derive from, and failures that need no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from luvcolor.hookspecs import ModelSpec
from luvcolor.registry import registry
from luvcolor.testing import ModelConformance
from luvcolor.testing.subject import Subject

PLUGIN = """
from luvcolor import ModelSpec, hookimpl

@hookimpl
def luvcolor_register_models(register):
    register(ModelSpec("tint", "One learned colour.", "lvc_models:Tint"))
    register(ModelSpec("plain", "One colour.", "lvc_models:Plain", learns=False))
    register(ModelSpec("half", "Half a picture.", "lvc_models:Half", learns=False))
"""
MODELS = """
from dataclasses import dataclass

import torch
from luvcolor import Chroma, Colorizer

@dataclass(frozen=True)
class TintConfig:
    u: float = 1.0

class Plain(Colorizer):
    Config = TintConfig

    def predict(self, luma, **_):
        return Chroma(torch.cat([luma, luma], 1) * self.config.u)

class Half(Plain):
    def predict(self, luma, **_):
        return Chroma(super().predict(luma).uv[..., : luma.shape[-2] // 2, :])

class Tint(Colorizer):
    Config = TintConfig

    def __init__(self, config=None):
        super().__init__(config)
        self.uv = torch.nn.Parameter(torch.zeros(1, 2, 1, 1))

    def predict(self, luma, **_):
        return Chroma(self.uv * 100 * torch.ones_like(luma))

    def losses(self, batch):
        yield "main", (self.predict(batch.luma).uv / 100 - 1).abs().mean()

    def optimizers(self):
        return {"main": torch.optim.SGD(self.parameters(), lr=0.1)}
"""
TESTS = """
from luvcolor.testing import ModelConformance

class TestTint(ModelConformance):
    model = "tint"

class TestPlain(ModelConformance):
    model = "plain"
    settings = {"u": 40.0}

class TestHalf(ModelConformance):
    model = "half"

class TestUnknown(ModelConformance):
    model = "tnit"
"""


def rules_of(kind: type[ModelConformance]) -> set[str]:
    return {name for name in dir(kind) if name.startswith("test_") and getattr(kind, name)}


def test_a_model_that_does_not_learn_is_not_put_to_what_only_learners_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = ModelSpec("wash", "Washes.", "lvc_wash:Wash", learns=False)
    monkeypatch.setitem(registry().models, "wash", spec)

    class Washes(ModelConformance):
        model = "wash"

    class Learns(ModelConformance):
        model = "unet"

    assert rules_of(Learns) == rules_of(ModelConformance)
    left = rules_of(Learns) - rules_of(Washes)
    assert {"test_its_loss_falls_on_four_pictures", "test_a_checkpoint_gives_it_back"} <= left
    assert "test_it_answers_pictures_of_any_size" in rules_of(Washes)


class TestSettingsThatNameAFile(ModelConformance):
    """The settings are asked for once, with a folder to write to."""

    model = "regression"
    asked: list[Path] = []  # noqa: RUF012

    def make_settings(self, folder: Path) -> Mapping[str, Any]:
        self.asked.append(folder)
        (folder / "width").write_text("4")
        return {"width": int((folder / "width").read_text()), "depth": 1}

    def test_it_learns_from_pictures_of_any_side(self, subject: Subject) -> None:
        super().test_it_learns_from_pictures_of_any_side(subject)
        assert subject.config.width == 4
        assert len(self.asked) == 1


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A plugin's folder with its tests, and the plugin as pip leaves it."""
    info = tmp_path / "lvc_plugin-2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: lvc-plugin\nVersion: 2\n")
    (info / "entry_points.txt").write_text("[luvcolor]\nlvc_plugin = lvc_plugin\n")
    (tmp_path / "lvc_plugin.py").write_text(PLUGIN)
    (tmp_path / "lvc_models.py").write_text(MODELS)
    (tmp_path / "test_mine.py").write_text(TESTS)
    return tmp_path


@pytest.mark.slow
def test_an_author_runs_it_with_pytest(project: Path) -> None:
    paths = [str(project), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    environment.pop("LUVCOLOR_PLUGINS", None)
    words = ["pytest", "-q", "-rA", "-W", "error", "-p", "no:cacheprovider", "test_mine.py"]
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    out = done.stdout
    count = len(rules_of(ModelConformance))
    assert out.count("PASSED test_mine.py::TestTint::") == count
    assert (
        out.count("FAILED test_mine.py::TestTint::")
        == out.count("FAILED test_mine.py::TestPlain")
        == 0
    )
    assert 0 < out.count("PASSED test_mine.py::TestPlain::") < count
    assert "SKIPPED" not in out
    assert "FAILED test_mine.py::TestHalf::test_it_answers_pictures_of_any_size" in out
    assert (
        "the model 'half' of plugin 'lvc_plugin' (lvc-plugin 2) does not keep its contract:\n"
        "expected  chroma (uv) of shape (2, 2, 1, 1) for 2 pictures of 1 x 1 (height x width)\n"
        "found     shape (2, 2, 0, 1)\n"
        "to do     Pad with luvcolor.model.pad_to_multiple"
    ) in out
    assert "no model is called 'tnit'; known models: cnn, " in out
    assert "luvcolor/testing/" not in out
    assert "Traceback" not in out
