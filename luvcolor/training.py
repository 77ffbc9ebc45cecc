"""Trains any Colorizer: Lightning behind the plain-torch contract.

Everything a run leaves lies in one folder beside its checkpoint, ``NAME.run``: what resuming needs,
the best weights so far, metrics as CSV, curves as PNG. Each appears whole or not at all, so a run
that is killed loses at most the epoch it was in.
"""

from __future__ import annotations

import csv
import io
import logging
import math
import shutil
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from torch import Tensor

import luvcolor_kernels as kernels
from luvcolor.batches import Batches
from luvcolor.checkpoint import Card, card_of, load, save
from luvcolor.configuration import to_mapping
from luvcolor.dataset import Dataset
from luvcolor.errors import DatasetError, LuvcolorError, OutputError, UsageError
from luvcolor.io.atomic import atomic_path, atomic_write
from luvcolor.model import Batch, Colorizer
from luvcolor.palette import Palette

__all__ = ["TrainingOptions", "TrainingStoppedError", "train"]

WARM_UP = 0.05
"""Share of a run in which the learning rate rises; it falls along a cosine for the rest."""

Watch = Callable[[Iterable[Batch], str], Iterable[Batch]]


class TrainingStoppedError(LuvcolorError):
    """Training cannot go on; the last good checkpoint is kept."""


@dataclass(frozen=True)
class TrainingOptions:
    """How a model is trained.

    Attributes
    ----------
    epochs
        Passes over the training pictures.
    batch_size
        Pictures in a batch.
    crop
        Side of the random crops, in pixels; 0 for whole pictures.
    patience
        Epochs without a better validation loss before stopping early; 0 never stops early.
    clip
        Largest norm of the gradient; 0 leaves it alone.
    precision
        ``"auto"``, ``"32-true"``, ``"bf16-mixed"`` or ``"16-mixed"``.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    seed
        Decides weights, order, crops and flips.
    """

    epochs: int = 20
    batch_size: int = 64
    crop: int = 0
    patience: int = 0
    clip: float = 1.0
    precision: str = "auto"
    device: str = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch_size < 1:
            raise UsageError(
                f"epochs and batch size are at least 1; found {self.epochs} and {self.batch_size}"
            )


def train(
    name: str,
    model: Colorizer,
    dataset: Dataset,
    output: Path,
    options: TrainingOptions,
    *,
    palette: Palette | None = None,
    resume: bool = False,
    force: bool = False,
    half: bool = False,
    watch: Watch | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Train `model`, registered as `name`, and write its best weights to `output`.

    Parameters
    ----------
    name, model
        The model; it is changed in place.
    dataset
        Where its pictures come from; with no validation pictures the training loss decides.
    output
        The checkpoint to write; the run's folder lies beside it.
    options
        Epochs, batch size and so on.
    palette
        A palette to use instead of one found in the pictures.
    resume
        Go on with an unfinished run.
    force
        Replace `output`, and forget an unfinished run.
    half
        Store the weights in 16 bits.
    watch
        Wraps the batches of an epoch for a progress bar, given a title.
    say
        Called with a line after every epoch.

    Raises
    ------
    OutputError
        When `output` exists, or an unfinished run lies beside it.
    TrainingStoppedError
        When the loss is no longer a number.
    """
    if not model.trainable:
        raise UsageError(f"the model {name!r} does not learn: use it as it is")
    folder = RunFolder(output)
    folder.enter(resume=resume, force=force)
    lightning.seed_everything(options.seed, verbose=False)
    model.apply(_fresh)
    model.fit_to(dataset, palette=palette, seed=options.seed)
    card = _describe(name, model, dataset, options)
    adapter = Adapter(model, options)
    recorder = Recorder(folder, card, say)
    trainer = _trainer(options, folder, [recorder, folder.keeper()])
    adapter.watch = watch
    with warnings.catch_warnings():
        # Lightning's advice is about its own loaders; ours feed themselves.
        warnings.filterwarnings("ignore", module="lightning")
        trainer.fit(
            adapter,
            _loader(dataset, "train", options, trainer, adapter),
            _loader(dataset, "val", options, trainer, adapter),
            ckpt_path=folder.last if resume and folder.last.exists() else None,
            weights_only=True,
        )
    best, card = load(folder.best)
    if best.config != model.config:
        raise OutputError(f"{folder.best} holds another model; give --force to start anew")
    save(output, best, card, half=half, force=force)
    return output


@dataclass(frozen=True)
class RunFolder:
    """Where a run keeps what it needs; `output` is the checkpoint it is for."""

    output: Path

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.output.with_suffix(".run")

    @property
    def last(self) -> Path:
        """Everything that resuming needs."""
        return self.path / "last.ckpt"

    @property
    def best(self) -> Path:
        """The weights with the lowest validation loss."""
        return self.path / "best.safetensors"

    def enter(self, *, resume: bool, force: bool) -> None:
        """Make the folder, or refuse to run over what lies there."""
        if self.output.exists() and not force:
            raise OutputError(f"{self.output} exists already; name another, or give --force")
        if self.last.exists() and not resume:
            if not force:
                raise OutputError(
                    f"an unfinished run lies in {self.path}; "
                    "--resume goes on with it, --force starts anew"
                )
            shutil.rmtree(self.path)
        self.path.mkdir(parents=True, exist_ok=True)

    def keeper(self) -> ModelCheckpoint:
        """Return the callback that keeps what resuming needs, after every epoch."""
        return ModelCheckpoint(
            self.path,
            filename="last",
            save_top_k=1,
            monitor=None,
            enable_version_counter=False,
            save_on_train_epoch_end=True,
        )


class Adapter(lightning.LightningModule):
    """A Colorizer as Lightning wants it: every yielded loss steps the optimizer it names."""

    def __init__(self, model: Colorizer, options: TrainingOptions) -> None:
        super().__init__()
        self.model = model
        self.options = options
        self.automatic_optimization = False
        self.watch: Watch | None = None
        self.names: list[str] = []
        self.rates: list[list[float]] = []

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Hand over the model's optimizers, and note the rates they start from."""
        optimizers = self.model.optimizers()
        self.names = list(optimizers)
        self.rates = [[g["lr"] for g in o.param_groups] for o in optimizers.values()]
        return list(optimizers.values())

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
                torch.nn.utils.clip_grad_norm_(_parameters(optimizer), self.options.clip)
            optimizer.step()
            self.log(
                f"train_{name}",
                loss.detach(),
                on_epoch=True,
                on_step=False,
                batch_size=len(batch.luma),
            )

    def validation_step(self, batch: Batch, index: int) -> None:
        """Follow the model's metrics."""
        for name, value in self.model.metrics(batch).items():
            self.log(f"val_{name}", value, batch_size=len(batch.luma), sync_dist=True)

    def _progress(self, index: int) -> float:
        batches = max(1, int(self.trainer.num_training_batches))
        return (self.current_epoch + index / batches) / self.options.epochs

    def _set_rates(self, progress: float) -> None:
        factor = min(1.0, progress / WARM_UP + 0.02) * 0.5 * (1 + math.cos(math.pi * progress))
        optimizers = _as_list(self.optimizers(use_pl_optimizer=False))
        for optimizer, rates in zip(optimizers, self.rates, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor


class Recorder(Callback):
    """Writes metrics, curves and the best weights after every epoch; stops early."""

    def __init__(self, folder: RunFolder, card: Card, say: Callable[[str], None]) -> None:
        self.folder, self.card, self.say = folder, card, say
        self.rows: list[dict[str, float]] = []
        self.started = time.monotonic()

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs to go on writing the same tables."""
        return {"rows": self.rows}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up the tables of the run that was cut off."""
        self.rows = list(state["rows"])

    def on_train_epoch_start(self, trainer: Any, adapter: Any) -> None:
        """Start the clock of this epoch."""
        self.started = time.monotonic()

    def on_train_epoch_end(self, trainer: Any, adapter: Any) -> None:
        """Record the epoch that ended."""
        logged = {key: round(float(value), 6) for key, value in trainer.callback_metrics.items()}
        seconds = round(time.monotonic() - self.started, 1)
        self.rows.append({"epoch": trainer.current_epoch + 1, **logged, "seconds": seconds})
        if not trainer.is_global_zero:
            return
        best = min(self.rows, key=_score)
        if best is self.rows[-1]:
            reached = replace(self.card, metrics={k: v for k, v in best.items() if k != "seconds"})
            save(self.folder.best, adapter.model, reached, force=True)
        _write_csv(self.folder.path / "metrics.csv", self.rows)
        _draw_curves(self.folder.path / "curves.png", self.rows)
        self.say(_line(self.rows[-1], adapter.options.epochs, best is self.rows[-1]))
        patience = adapter.options.patience
        if patience and self.rows[-1]["epoch"] - best["epoch"] >= patience:
            self.say(f"no better for {patience} epochs: stopped early")
            trainer.should_stop = True


class _Watched:
    """A loader whose passes are wrapped for a progress bar."""

    def __init__(self, batches: Batches, adapter_watch: Callable[[], Watch | None]) -> None:
        self.batches, self.adapter_watch = batches, adapter_watch

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Any:
        watch = self.adapter_watch()
        title = f"epoch {self.batches.epoch() + 1}"
        return iter(watch(self.batches, title) if watch else self.batches)


def _loader(
    dataset: Dataset,
    split: str,
    options: TrainingOptions,
    trainer: lightning.Trainer,
    adapter: Adapter,
) -> Any:
    if not dataset.count(split):
        if split == "val":
            return []
        raise DatasetError(f"{dataset.path} has no {split} pictures")
    learning = split == "train"
    batches = Batches(
        dataset,
        split,
        options.batch_size,
        augment=learning,
        crop=options.crop or None,
        seed=options.seed,
        epoch=lambda: trainer.current_epoch,
        rank=trainer.global_rank,
        world=trainer.world_size,
    )
    return _Watched(batches, lambda: adapter.watch) if learning else batches


def _trainer(
    options: TrainingOptions, folder: RunFolder, callbacks: list[Callback]
) -> lightning.Trainer:
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    return lightning.Trainer(
        max_epochs=options.epochs,
        accelerator=options.device.replace("cuda", "gpu"),
        devices="auto" if options.device != "cpu" else 1,
        precision=choose_precision(options.precision),
        callbacks=callbacks,
        default_root_dir=folder.path,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


def choose_precision(asked: str) -> Any:
    """Return Lightning's name for the precision; ``"auto"`` takes bf16 where it is native."""
    if asked != "auto":
        return asked
    if torch.cuda.is_available():
        return "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"
    return "bf16-mixed" if torch.cpu._is_avx512_bf16_supported() else "32-true"


def _describe(name: str, model: Colorizer, dataset: Dataset, options: TrainingOptions) -> Card:
    data = {key: dataset.manifest[key] for key in ("sources", "counts", "size", "fingerprint")} | {
        "mean_uv": mean_chroma(dataset, seed=options.seed)
    }
    return card_of(
        model,
        name,
        options.crop or dataset.size,
        data=data,
        training={**to_mapping(options), "torch": torch.__version__},
    )


def mean_chroma(dataset: Dataset, *, seed: int) -> list[float]:
    """Return the mean u* and v* of a sample of the training pictures."""
    means = [
        kernels.rgb_to_luv(picture)[..., 1:].mean((0, 1))
        for picture in dataset.sample("train", seed=seed)
    ]
    return [round(float(value), 3) for value in np.mean(means, 0)]


def _score(row: dict[str, float]) -> float:
    """Return what decides which epoch is best: validation loss, else the training loss."""
    value = row.get("val_loss", next(v for k, v in row.items() if k.startswith("train_")))
    return value if math.isfinite(value) else math.inf


def _line(row: dict[str, float], epochs: int, best: bool) -> str:
    words = [f"{key} {value:.4g}" for key, value in row.items() if key not in {"epoch", "seconds"}]
    mark = " (best)" if best else ""
    return f"epoch {row['epoch']:g}/{epochs}: {', '.join(words)}, {row['seconds']:.0f} s{mark}"


def _write_csv(path: Path, rows: list[dict[str, float]]) -> None:
    text = io.StringIO()
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    atomic_write(path, text.getvalue().encode(), force=True)


def _draw_curves(path: Path, rows: list[dict[str, float]]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    epochs = [row["epoch"] for row in rows]
    for key in (k for k in rows[-1] if k not in {"epoch", "seconds"}):
        axes.plot(epochs, [row.get(key, math.nan) for row in rows], marker=".", label=key)
    axes.set_xlabel("epoch")
    axes.grid(alpha=0.3)
    axes.legend()
    with atomic_path(path, force=True) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def _fresh(module: torch.nn.Module) -> None:
    """Draw initial weights again, now that the seed is set."""
    reset = getattr(module, "reset_parameters", None)
    if callable(reset):
        reset()


def _parameters(optimizer: Any) -> list[Tensor]:
    return [p for group in optimizer.param_groups for p in group["params"]]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
