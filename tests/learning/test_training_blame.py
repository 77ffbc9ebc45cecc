"""What a model's own code raises while it learns names the model, its plugin and the line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from luvcolor.dataset import Dataset
from luvcolor.discovery import Plugin
from luvcolor.errors import PluginError, UsageError
from luvcolor.hookspecs import ModelSpec
from luvcolor.model import Batch
from luvcolor.registry import registry
from luvcolor.training import TrainingOptions, find_rate, train
from luvcolor_regression import Regression, RegressionConfig

pytestmark = pytest.mark.usefixtures("one_thread", "plugin")
WHOLE = "the model 'strange' of plugin 'lvc_strange' (lvc-strange 3)"
OPTIONS = TrainingOptions(epochs=1, batch_size=8, precision="32-true", device="cpu")


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a plugin have registered a model of this module."""
    spec = ModelSpec("strange", "Fails.", f"{__name__}:Failing")
    plugin = Plugin("lvc_strange", "lvc-strange", "3", lambda: None, models=[spec])
    monkeypatch.setattr(registry(), "plugins", [*registry().plugins, plugin])
    monkeypatch.setitem(registry().models, "strange", spec)


class Failing(Regression):
    """Fails where it is told to."""

    where = ""
    error: BaseException = KeyError("no such colour")

    def __init__(self, config: Any = None) -> None:
        super().__init__(config or RegressionConfig(width=2, depth=1))
        self.fail("to start")

    def fail(self, where: str) -> None:
        if where == type(self).where:
            raise self.error

    def fit_to(self, dataset: Any, **_: Any) -> None:
        self.fail("in fit_to")

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        self.fail("in losses")
        for name, loss in super().losses(batch):
            yield ("other" if type(self).where == "name" else name), loss

    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        self.fail("in metrics")
        return super().metrics(batch)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        self.fail("in optimizers")
        return super().optimizers()


def trained(
    monkeypatch: pytest.MonkeyPatch, dataset: Dataset, folder: Path, where: str, how: Any = train
) -> None:
    model = Failing()
    monkeypatch.setattr(Failing, "where", where)
    how("strange", model, dataset, folder / "strange.safetensors", OPTIONS)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("to start", "to start"),
        ("in fit_to", "to start"),
        ("in optimizers", "in optimizers"),
        ("in losses", "in losses"),
        ("in metrics", "in metrics"),
    ],
)
def test_what_it_raises_names_plugin_and_line(
    monkeypatch: pytest.MonkeyPatch, dataset: Dataset, tmp_path: Path, where: str, said: str
) -> None:
    with pytest.raises(PluginError) as raised:
        trained(monkeypatch, dataset, tmp_path, where)
    expected = f"{WHOLE} failed {said}: KeyError: 'no such colour' ({__name__}, line "
    assert str(raised.value).startswith(expected)


def test_a_loss_for_no_optimizer_says_which_there_are(
    monkeypatch: pytest.MonkeyPatch, dataset: Dataset, tmp_path: Path
) -> None:
    with pytest.raises(PluginError) as raised:
        trained(monkeypatch, dataset, tmp_path, "name")
    assert str(raised.value) == (
        f"{WHOLE} yields a loss for the optimizer 'other', and its optimizers are 'main'; "
        "give one of their names"
    )


def test_finding_a_rate_does_so_too(
    monkeypatch: pytest.MonkeyPatch, dataset: Dataset, tmp_path: Path
) -> None:
    with pytest.raises(PluginError, match=r"'lvc_strange'.* failed in losses: KeyError"):
        trained(monkeypatch, dataset, tmp_path, "in losses", find_rate)


@pytest.mark.parametrize(
    "error", [UsageError("give a file"), RuntimeError("out of memory"), KeyboardInterrupt()]
)
def test_what_is_in_words_and_want_of_memory_and_interrupts_pass(
    monkeypatch: pytest.MonkeyPatch, dataset: Dataset, tmp_path: Path, error: BaseException
) -> None:
    monkeypatch.setattr(Failing, "error", error)
    with pytest.raises(type(error)) as raised:
        trained(monkeypatch, dataset, tmp_path, "in losses")
    assert raised.value is error or isinstance(error, KeyboardInterrupt)
