"""The plugin of docs/plugins.md, as it stands there, registers, trains and colours."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from luvcolor.colorization import ColorizeOptions, Engine
from luvcolor.dataset import Dataset
from luvcolor.frame import Frame
from luvcolor.registry import build_registry, installed_plugins
from luvcolor.training import TrainingOptions, train

PAGE = Path(__file__).parent.parent / "docs" / "plugins.md"
FILE = re.compile(r"`(mytint/[\w.]+\.py)`\n\n```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tutorial's files, installed as pip leaves them."""
    for name, code in FILE.findall(PAGE.read_text()):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)
    info = tmp_path / "luvcolor_mytint-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: luvcolor-mytint\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[luvcolor]\nmytint = mytint\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("LUVCOLOR_PLUGINS", raising=False)
    for module in ("mytint", "mytint.model"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    return tmp_path


def test_the_tutorial_plugin_trains_and_colours(
    tutorial: Path, dataset: Dataset, photograph: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = build_registry(installed_plugins())
    assert not registry.broken
    assert "mytint.model" not in sys.modules
    model_class = registry.model_class("tint")
    options = TrainingOptions(epochs=1, batch_size=8, precision="32-true", device="cpu")
    output = tutorial / "tint.safetensors"
    for module in ("luvcolor.registry", "luvcolor.checkpoint"):
        monkeypatch.setattr(f"{module}.registry", lambda: registry)
    train("tint", model_class(), dataset, output, options)
    colored = Engine.open(output, ColorizeOptions(device="cpu"))(photograph)
    assert colored.pixels.shape == photograph.pixels.shape


def test_a_working_model_is_at_most_forty_lines() -> None:
    files = FILE.findall(PAGE.read_text())
    assert len(files) == 2
    assert all(len(code.splitlines()) <= 40 for _, code in files)
