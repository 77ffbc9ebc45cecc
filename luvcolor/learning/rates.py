"""Finds a learning rate by trying them all, from far too low to far too high.

The range test of Smith, "Cyclical learning rates for training neural networks" (2017): a model
takes steps at rates that rise from one to the next. The loss falls once they are high enough, and
rises when they are too high.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Container
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor.io.atomic import atomic_path, atomic_write
from luvcolor.learning import processes
from luvcolor.learning.adapter import Adapter
from luvcolor.learning.options import TrainingOptions
from luvcolor.learning.trainer import Watch, Watched, feed, quietly, trainer_for
from luvcolor.model import Batch, Colorizer

__all__ = ["RateTest", "sweep"]

STEPS = 100
RANGE = (1e-3, 1e3)
"""The rates tried, over the one that the model asks for."""
SMOOTHING = 0.9
AT_FIRST = 10
"""Steps at rates that change nothing; their mean loss is where the model starts from."""
TOO_HIGH = 3.0
"""The test ends when the loss has risen by so many times what it was at first."""
SAFE = 0.1
"""The suggestion, over the rate at which the loss was lowest."""


@dataclass(frozen=True)
class RateTest:
    """What a range test found.

    Attributes
    ----------
    optimizer
        Whose rate was swept; any others kept theirs.
    rates, losses
        One of each a step.
    """

    optimizer: str
    rates: list[float]
    losses: list[float]

    @property
    def smooth(self) -> list[float]:
        """The losses, each averaged with those before it."""
        mean, smooth = 0.0, []
        for step, loss in enumerate(self.losses, 1):
            mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
            smooth.append(mean / (1 - SMOOTHING**step))
        return smooth

    @property
    def suggestion(self) -> float | None:
        """A tenth of the rate at which the loss was lowest; None where it never fell."""
        smooth = self.smooth
        lowest = min(range(len(smooth)), key=smooth.__getitem__, default=0)
        if lowest < AT_FIRST:
            return None
        return float(f"{SAFE * self.rates[lowest]:.1e}")

    def in_words(self, settings: Container[str] = ()) -> str:
        """Say what was found; `settings` are those of the model, which may take the suggestion."""
        if not self.rates:
            return f"the loss of {self.optimizer!r} was no number at any rate; lower precision?"
        tried = (
            f"tried learning rates of {self.optimizer!r} from {self.rates[0]:.1e} to "
            f"{self.rates[-1]:.1e} in {len(self.rates)} steps"
        )
        if self.suggestion is None:
            return f"{tried}: the loss did not fall; look at rates.png"
        option = "--set learning_rate=" if "learning_rate" in settings else ""
        return f"{tried}; suggestion: {option}{self.suggestion:g}"

    def write(self, folder: Path) -> None:
        """Write ``rates.csv`` and ``rates.png``."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["rate", "loss", "smooth"])
        writer.writerows(zip(self.rates, self.losses, self.smooth, strict=True))
        atomic_write(folder / "rates.csv", text.getvalue().encode(), force=True)
        self._draw(folder / "rates.png")

    def _draw(self, path: Path) -> None:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.subplots()
        axes.semilogx(self.rates, self.losses, color="0.75", label="loss")
        axes.semilogx(self.rates, self.smooth, label="smoothed")
        if self.suggestion is not None:
            axes.axvline(self.suggestion, color="C1", label=f"suggestion, {self.suggestion:g}")
        axes.set(xlabel=f"learning rate of {self.optimizer!r}", ylabel="training loss")
        axes.grid(alpha=0.3)
        axes.legend()
        with atomic_path(path, force=True) as temporary:
            figure.savefig(temporary, format="png", dpi=120)


def sweep(
    name: str,
    model: Colorizer,
    dataset: Dataset,
    options: TrainingOptions,
    folder: Path,
    watch: Watch | None,
) -> RateTest:
    """Try learning rates on a copy of `model`, called `name`, as it would learn from `dataset`.

    Where a model has several optimizers, the last one's rate is swept: of a GAN, the generator's.
    """
    if processes.world() > 1:
        raise UsageError(
            f"a learning rate is found in one process, found {processes.world()}; "
            "start it without torchrun"
        )
    adapter = _Sweep(name, deepcopy(model), replace(options, epochs=STEPS))
    batches = feed(dataset, "train", options, adapter)
    trainer = trainer_for(adapter.options, folder, [])
    with quietly():
        trainer.fit(adapter, batches if watch is None else Watched(batches, watch))
    return adapter.found()


class _Sweep(Adapter):
    """Learns at a higher rate with every step, and remembers the losses."""

    def __init__(self, name: str, model: Colorizer, options: TrainingOptions) -> None:
        super().__init__(name, model, options)
        self.factors: list[float] = []
        self.losses: list[float] = []

    @property
    def swept(self) -> str:
        return list(self.rates)[-1]

    def found(self) -> RateTest:
        """Return what was found; of groups with rates of their own, the highest stands for all."""
        highest = max(self.rates[self.swept])
        rates = [highest * factor for factor in self.factors]
        return RateTest(self.swept, rates, self.losses)

    def training_step(self, batch: Batch, index: int) -> None:
        super().training_step(batch, index)
        if len(self.losses) >= STEPS or self._too_high():
            self.trainer.should_stop = True

    def factor(self, name: str, index: int) -> float:
        if name != self.swept:
            return 1.0
        low, high = RANGE
        return float(low * (high / low) ** (len(self.losses) / (STEPS - 1)))

    def follow(self, name: str, loss: Tensor, pictures: int) -> None:
        if not torch.isfinite(loss):
            self.trainer.should_stop = True
        elif name == self.swept:
            self.factors.append(self.factor(name, 0))
            self.losses.append(float(loss))

    def _too_high(self) -> bool:
        smooth, first = self.found().smooth, self.losses[:AT_FIRST]
        if len(smooth) <= AT_FIRST:
            return False
        return smooth[-1] > min(smooth) + TOO_HIGH * abs(sum(first) / AT_FIRST)
