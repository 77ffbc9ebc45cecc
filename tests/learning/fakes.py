"""Models that learn in a moment, and what tests of training share."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from luvcolor import checkpoint
from luvcolor.model import Batch, Chroma, Colorizer
from luvcolor.training import TrainingOptions
from luvcolor_unet import UNet, UNetConfig

TINY = UNetConfig(width=4, depth=2, colors=4)
SHORT = TrainingOptions(epochs=2, batch_size=8, precision="32-true", device="cpu")


@dataclass(frozen=True)
class FakeConfig:
    tint: float = 0.0
    poisoned: int = 0
    """The step at which the loss is no number any more; 0 for never."""


class Fake(Colorizer):
    """Two numbers for u* and v*; after dropout, so that it depends on what is drawn."""

    Config = FakeConfig
    config: FakeConfig

    def __init__(self, config: FakeConfig | None = None) -> None:
        super().__init__(config)
        self.uv = nn.Parameter(torch.randn(2))
        self.steps = 0

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self.uv.view(1, 2, 1, 1).expand(len(luma), -1, *luma.shape[-2:]))

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        self.steps += self.training
        uv = nn.functional.dropout(self.uv, 0.5, self.training)
        loss = (batch.uv.mean((0, 2, 3)) / 100 - uv).square().sum()
        yield "main", loss * float("nan") if self.steps == self.config.poisoned else loss


class Adversary(Colorizer):
    """A generator and a discriminator, of two numbers each, and what was stepped when."""

    Config = FakeConfig

    def __init__(self, config: FakeConfig | None = None) -> None:
        super().__init__(config)
        self.generator = nn.Parameter(torch.zeros(2))
        self.discriminator = nn.Parameter(torch.zeros(2))
        self.seen: list[bool] = []

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self.generator.view(1, 2, 1, 1).expand(len(luma), -1, *luma.shape[-2:]))

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        before = self.discriminator.detach().clone()
        real = batch.uv.mean((0, 2, 3)) / 100
        yield "discriminator", (self.discriminator - real).square().sum()
        self.seen.append(torch.equal(before, self.discriminator))
        yield "generator", (self.generator - self.discriminator).square().sum() + 1

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {
            "discriminator": torch.optim.SGD([self.discriminator], lr=0.3),
            "generator": torch.optim.SGD([self.generator], lr=0.3),
        }


class Settled(Fake):
    """Its validation loss is best in the first epoch."""

    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        return {"loss": torch.tensor(float(self.steps))}


class Untrained(Colorizer):
    """Predicts, and does not learn."""

    Config = FakeConfig

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(luma.expand(-1, 2, -1, -1))


class Pair(Colorizer):
    """Two small networks that play against each other, without normalization or dropout.

    Its losses are means over the pictures: of two halves of a batch, the mean is that of the batch.
    """

    Config = FakeConfig

    def __init__(self, config: FakeConfig | None = None) -> None:
        super().__init__(config)
        self.generator = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.Tanh(), nn.Conv2d(4, 2, 1))
        self.discriminator = nn.Sequential(nn.Conv2d(2, 4, 3), nn.Tanh(), nn.Conv2d(4, 1, 1))

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(100 * self.generator(luma))

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        real, made = batch.uv / 100, self.generator(batch.luma)
        told = self.discriminator(real) - self.discriminator(made.detach())
        yield "discriminator", (told - 1).square().mean()
        fooled = (self.discriminator(made) - 1).square().mean()
        yield "generator", fooled + (made - real).square().mean()

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {
            name: torch.optim.SGD(getattr(self, name).parameters(), lr=0.1, momentum=0.9)
            for name in ("discriminator", "generator")
        }


KNOWN: dict[str, type[Colorizer]] = {
    "unet": UNet,
    "fake": Fake,
    "settled": Settled,
    "adversary": Adversary,
    "pair": Pair,
}


def known_models(**more: type[Colorizer]) -> Callable[[], Any]:
    """A registry that knows the models of this file, and others."""
    return lambda: SimpleNamespace(model_class=(KNOWN | more).__getitem__)


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let checkpoints know the models of this file."""
    monkeypatch.setattr(checkpoint, "registry", known_models())


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Compute on one thread: models this small only wait for the others."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def weights(path: Path) -> dict[str, Tensor]:
    return checkpoint.load(path)[0].state_dict()


def alike(first: Path, second: Path) -> bool:
    ours, theirs = weights(first), weights(second)
    return ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours)


def run_of(output: Path) -> Path:
    return output.with_suffix(".run")


def rows(output: Path) -> list[dict[str, str]]:
    with (run_of(output) / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def left(output: Path) -> list[str]:
    """The names of what a run left in its folder."""
    return sorted(path.name for path in run_of(output).iterdir())


def interrupting(epoch: int) -> Callable[[str], None]:
    """A `say` that interrupts, as Ctrl-C does, in the epoch after the one given."""
    return lambda line: _interrupt() if line.startswith(f"epoch {epoch + 1}/") else None


def _interrupt() -> None:
    raise KeyboardInterrupt
