"""A Colorizer as Lightning wants it, so that devices, precision and resuming are Lightning's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import lightning
import torch
from torch import Tensor

from luvcolor.errors import TrainingStoppedError
from luvcolor.model import Batch, Colorizer

if TYPE_CHECKING:
    from luvcolor.training import TrainingOptions

__all__ = ["Adapter"]

WARM_UP = 0.05
"""Share of a run in which the learning rate rises; it falls along a cosine for the rest."""


class Adapter(lightning.LightningModule):
    """A Colorizer as Lightning wants it: every yielded loss steps the optimizer it names."""

    def __init__(self, model: Colorizer, options: TrainingOptions) -> None:
        super().__init__()
        self.model = model
        self.options = options
        self.automatic_optimization = False
        self.names: list[str] = []
        self.rates: list[list[float]] = []

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Hand over the model's optimizers, and note the rates they start from."""
        optimizers = self.model.optimizers()
        self.names = list(optimizers)
        self.rates = [[g["lr"] for g in o.param_groups] for o in optimizers.values()]
        return list(optimizers.values())

    def on_train_epoch_start(self) -> None:
        """Draw dropout and noise by the epoch, so that a resumed run draws what it would have."""
        torch.manual_seed(self.options.seed + self.current_epoch)

    def training_step(self, batch: Batch, index: int) -> None:
        """Step every optimizer on its loss."""
        optimizers = self.optimizers(use_pl_optimizer=True)
        by_name = dict(zip(self.names, _as_list(optimizers), strict=True))
        self._set_rates(self._progress(index))
        for name, loss in self.model.losses(batch):
            if not torch.isfinite(loss):
                raise TrainingStoppedError(
                    f"the loss {name!r} became {loss.item()} in epoch {self.current_epoch + 1}; "
                    "the best weights so far are kept; try a lower learning_rate or "
                    "precision 32-true"
                )
            optimizer = by_name[name]
            optimizer.zero_grad()
            self.manual_backward(loss)
            if self.options.clip:
                limit = self.options.clip * self._loss_scale()
                torch.nn.utils.clip_grad_norm_(_parameters(optimizer), limit)
            optimizer.step()
            self.log(
                f"train_{name}",
                loss.detach(),
                on_epoch=True,
                on_step=False,
                batch_size=len(batch.luma),
                sync_dist=True,
            )

    def validation_step(self, batch: Batch, index: int) -> None:
        """Follow the model's metrics."""
        for name, value in self.model.metrics(batch).items():
            self.log(f"val_{name}", value, batch_size=len(batch.luma), sync_dist=True)

    def _loss_scale(self) -> float:
        """Return the factor that 16-mixed precision holds on the loss and so on its gradients."""
        scaler = getattr(self.trainer.precision_plugin, "scaler", None)
        return float(scaler.get_scale()) if scaler is not None else 1.0

    def _progress(self, index: int) -> float:
        batches = max(1, int(self.trainer.num_training_batches))
        return (self.current_epoch + index / batches) / self.options.epochs

    def _set_rates(self, progress: float) -> None:
        factor = min(1.0, progress / WARM_UP + 0.02) * 0.5 * (1 + math.cos(math.pi * progress))
        optimizers = _as_list(self.optimizers(use_pl_optimizer=False))
        for optimizer, rates in zip(optimizers, self.rates, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor


def _parameters(optimizer: Any) -> list[Tensor]:
    return [p for group in optimizer.param_groups for p in group["params"]]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
