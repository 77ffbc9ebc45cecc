"""Finding a learning rate."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor.learning.rates import STEPS, RateTest
from luvcolor.model import Batch
from luvcolor.training import find_rate
from tests.learning.fakes import (
    SHORT,
    Adversary,
    Fake,
    FakeConfig,
    fakes,
    left,
    one_thread,
    run_of,
)

__all__ = ["fakes", "one_thread"]

FREE = replace(SHORT, clip=0)
CURVATURE = 10.0
RATES = [1e-4 * 1.325**step for step in range(20)]


class Bowl(Fake):
    """Plain gradient descent in it diverges at rates above 2 / CURVATURE."""

    def __init__(self, config: FakeConfig | None = None) -> None:
        super().__init__(config)
        nn.init.constant_(self.uv, 3)

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        self.steps += 1
        target = batch.uv.mean((0, 2, 3)) / 100
        yield "main", CURVATURE / 2 * (self.uv - target).square().sum()

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"main": torch.optim.SGD([self.uv], lr=0.01)}


def test_the_suggestion_is_a_rate_at_which_the_loss_falls(dataset: Dataset, tmp_path: Path) -> None:
    lines: list[str] = []
    output = tmp_path / "a.safetensors"
    found = find_rate("bowl", Bowl(), dataset, output, FREE, say=lines.append)
    assert found.suggestion is not None
    assert 0.02 / CURVATURE < found.suggestion < 1 / CURVATURE
    assert found.rates[0] == pytest.approx(1e-5)
    assert found.rates[-1] > 2 / CURVATURE
    assert len(found.rates) < STEPS  # it ends when the loss has risen
    assert lines == [found.in_words()]
    assert f"suggestion: {found.suggestion:g}" in lines[0]


def test_a_curve_is_written_and_nothing_else(dataset: Dataset, tmp_path: Path) -> None:
    output = tmp_path / "a.safetensors"
    found = find_rate("bowl", Bowl(), dataset, output, FREE)
    assert [path.name for path in tmp_path.iterdir()] == ["a.run"]
    assert left(output) == ["rates.csv", "rates.png"]
    with (run_of(output) / "rates.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [float(row["rate"]) for row in table] == found.rates
    assert [float(row["loss"]) for row in table] == found.losses
    with Image.open(run_of(output) / "rates.png") as curve:
        curve.load()


def test_the_model_stays_as_it_was(dataset: Dataset, tmp_path: Path) -> None:
    model = Fake()
    before = model.uv.detach().clone()
    find_rate("fake", model, dataset, tmp_path / "a", SHORT)
    assert torch.equal(model.uv, before)
    assert model.steps == 0
    assert model.uv.grad is None


def test_of_two_optimizers_the_one_that_is_swept_is_named(dataset: Dataset, tmp_path: Path) -> None:
    lines: list[str] = []
    found = find_rate("adversary", Adversary(), dataset, tmp_path / "a", FREE, say=lines.append)
    assert found.optimizer == "generator"
    assert lines[0].startswith("tried learning rates of 'generator' from 3.0e-04 to")


def test_a_loss_that_is_no_number_ends_the_test(dataset: Dataset, tmp_path: Path) -> None:
    model = Fake(FakeConfig(poisoned=4))
    assert len(find_rate("fake", model, dataset, tmp_path / "a", SHORT).rates) == 3


def test_a_loss_that_never_falls_gives_no_suggestion() -> None:
    risen = RateTest("main", RATES, [1.0 + step for step in range(20)])
    assert risen.suggestion is None
    assert "did not fall; look at rates.png" in risen.in_words()
    nothing = RateTest("main", [], [])
    assert nothing.suggestion is None
    assert "no number at any rate" in nothing.in_words()


def test_the_option_that_takes_the_suggestion_is_named_where_there_is_one() -> None:
    fallen = RateTest("main", RATES, [9.0 - step / 2 for step in range(15)] + [99.0] * 5)
    assert fallen.suggestion == pytest.approx(0.1 * RATES[14], rel=0.05)
    assert fallen.in_words({"learning_rate"}).endswith("suggestion: --set learning_rate=0.00051")
    assert fallen.in_words().endswith("suggestion: 0.00051")


def test_several_processes_are_refused(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UsageError, match="in one process, found 2"):
        find_rate("fake", Fake(), dataset, tmp_path / "a", SHORT)
