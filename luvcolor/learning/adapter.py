"""A Colorizer as Lightning wants it, so that devices, precision and resuming are Lightning's."""

from __future__ import annotations

from typing import Any

import lightning
import torch
from torch import Tensor

from luvcolor.errors import PluginError, TrainingStoppedError
from luvcolor.learning.options import TrainingOptions
from luvcolor.learning.schedules import SCHEDULES
from luvcolor.model import Batch, Colorizer
from luvcolor.registry import model_and_plugin, model_at_work

__all__ = ["Adapter"]


class Adapter(lightning.LightningModule):
    """A Colorizer as Lightning wants it: every yielded loss steps the optimizer it names."""

    def __init__(self, name: str, model: Colorizer, options: TrainingOptions) -> None:
        super().__init__()
        self.name = name
        """What the model is called, for when its code fails."""
        self.model = model
        self.options = options
        self.automatic_optimization = False
        self.rates: dict[str, list[float]] = {}
        """The rates that the groups of each optimizer start from."""

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Hand over the model's optimizers, and note the rates they start from."""
        with model_at_work(self.name, "in optimizers"):
            optimizers = self.model.optimizers()
        self.rates = {
            name: [group["lr"] for group in optimizer.param_groups]
            for name, optimizer in optimizers.items()
        }
        return list(optimizers.values())

    def on_train_epoch_start(self) -> None:
        """Draw dropout and noise by the epoch, so that a resumed run draws what it would have.

        Every process draws its own.
        """
        seed = self.options.seed + self.current_epoch
        torch.manual_seed(seed + (self.global_rank << 32))

    def training_step(self, batch: Batch, index: int) -> None:
        """Step every optimizer on its loss."""
        optimizers = _as_list(self.optimizers(use_pl_optimizer=True))
        by_name = dict(zip(self.rates, optimizers, strict=True))
        for name, optimizer in by_name.items():
            self._set_rates(optimizer, self.rates[name], self.factor(name, index))
        with model_at_work(self.name, "in losses"):
            for name, loss in self.model.losses(batch):
                self._refuse_unknown(name)
                self.follow(name, loss.detach(), len(batch.luma))
                self._step(by_name[name], loss)

    def factor(self, name: str, index: int) -> float:
        """Return what the rates of the optimizer `name` are multiplied with at a batch."""
        batches = max(1, int(self.trainer.num_training_batches))
        progress = (self.current_epoch + index / batches) / self.options.epochs
        return SCHEDULES[self.options.schedule](progress)

    def follow(self, name: str, loss: Tensor, pictures: int) -> None:
        """Log a loss, before it is stepped on.

        Raises
        ------
        TrainingStoppedError
            When it is no number any more.
        """
        if not torch.isfinite(loss):
            raise TrainingStoppedError(
                f"the loss {name!r} became {loss.item()} in epoch {self.current_epoch + 1}; "
                "the best weights so far are kept; try a lower learning_rate or "
                "precision 32-true"
            )
        self.log(
            f"train_{name}", loss, on_epoch=True, on_step=False, batch_size=pictures, sync_dist=True
        )

    def validation_step(self, batch: Batch, index: int) -> None:
        """Follow the model's metrics."""
        with model_at_work(self.name, "in metrics"):
            metrics = self.model.metrics(batch)
        for name, value in metrics.items():
            self.log(f"val_{name}", value, batch_size=len(batch.luma), sync_dist=True)

    def _refuse_unknown(self, optimizer: str) -> None:
        if optimizer not in self.rates:
            raise PluginError(
                f"{model_and_plugin(self.name)} yields a loss for the optimizer {optimizer!r}, and "
                f"its optimizers are {', '.join(map(repr, self.rates))}; give one of their names"
            )

    def _step(self, optimizer: Any, loss: Tensor) -> None:
        optimizer.zero_grad()
        self.manual_backward(loss)
        if self.options.clip:
            limit = self.options.clip * self._loss_scale()
            torch.nn.utils.clip_grad_norm_(_parameters(optimizer), limit)
        optimizer.step()

    def _loss_scale(self) -> float:
        """Return the factor that 16-mixed precision holds on the loss and so on its gradients."""
        scaler = getattr(self.trainer.precision_plugin, "scaler", None)
        return float(scaler.get_scale()) if scaler is not None else 1.0

    def _set_rates(self, optimizer: Any, rates: list[float], factor: float) -> None:
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * factor


def _parameters(optimizer: Any) -> list[Tensor]:
    return [p for group in optimizer.param_groups for p in group["params"]]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
