"""Trains any Colorizer: Lightning behind the plain-torch contract.

Everything a run leaves lies in one folder beside its checkpoint, ``NAME.run``: what resuming needs,
the best weights so far, metrics as CSV, curves as PNG. Each appears whole or not at all, so a run
that is killed loses at most the epoch it was in.
"""

from __future__ import annotations

import logging
import os
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback

import luvcolor_kernels as kernels
from luvcolor.adapter import Adapter
from luvcolor.batches import Batches
from luvcolor.checkpoint import Card, card_of, fill, load, save, short_hash
from luvcolor.classify import PaletteHead
from luvcolor.colorization import pick_device
from luvcolor.configuration import to_mapping
from luvcolor.dataset import Dataset
from luvcolor.errors import DatasetError, UsageError
from luvcolor.model import Batch, Colorizer
from luvcolor.palette import Palette
from luvcolor.runs import Recorder, RunFolder

__all__ = ["TrainingOptions", "train"]

SMALLEST_CROP = 8
ACCELERATORS = {"auto": "auto", "cpu": "cpu", "cuda": "gpu", "mps": "mps"}
PRECISIONS = ("auto", "32-true", "bf16-mixed", "16-mixed")

Watch = Callable[[Iterable[Batch], str], Iterable[Batch]]


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
    film
        Train on pictures that are made to look old as well (`luvcolor.augmentation`).
    patience
        Epochs without a better validation loss before stopping early; 0 never stops early.
    clip
        Largest norm of the gradient; 0 leaves it alone.
    precision
        ``"auto"``, ``"32-true"``, ``"bf16-mixed"`` or ``"16-mixed"``.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    seed
        Decides weights, order, crops, flips and ageing.
    """

    epochs: int = 20
    batch_size: int = 64
    crop: int = 0
    film: bool = False
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
        if not (self.crop == 0 or self.crop >= SMALLEST_CROP):
            raise UsageError(
                f"the crop is at least {SMALLEST_CROP} pixels, or 0 for none; found {self.crop}"
            )
        if self.patience < 0 or not self.clip >= 0:
            raise UsageError(
                f"patience and clip are not negative; found {self.patience} and {self.clip}"
            )
        if self.precision not in PRECISIONS:
            known = ", ".join(PRECISIONS)
            raise UsageError(f"the precision is one of {known}; found {self.precision!r}")


def train(
    name: str,
    model: Colorizer,
    dataset: Dataset,
    output: Path,
    options: TrainingOptions,
    *,
    palette: Palette | None = None,
    start: Path | None = None,
    resume: bool = False,
    force: bool = False,
    half: bool = False,
    licence: str = "",
    notes: str = "",
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
    start
        A checkpoint of the same model to start from, instead of weights drawn by the seed. Weights
        that it does not have are drawn; its palette is kept.
    resume
        Go on with an unfinished run.
    force
        Replace `output`, and forget an unfinished run.
    half
        Store the weights in 16 bits.
    licence, notes
        What the card says of the weights: an SPDX expression, and limits a user should know.
    watch
        Wraps the batches of an epoch for a progress bar, given a title.
    say
        Called with a line after every epoch.

    Raises
    ------
    UsageError
        When the model does not learn, the palette does not fit it, a palette is given beside a
        checkpoint to start from, or the device is not there.
    CheckpointError
        When the checkpoint to start from does not fit the model.
    DatasetError
        When there are no pictures to train on.
    OutputError
        When `output` exists, or an unfinished run lies beside it; when resuming, one of another
        model or dataset.
    TrainingStoppedError
        When the loss is no longer a number.
    """
    if not model.trainable:
        raise UsageError(f"the model {name!r} does not learn: use it as it is")
    if not dataset.count("train"):
        raise DatasetError(f"{dataset.path} has no train pictures")
    accelerator = _accelerator(options.device)
    folder = RunFolder(output)
    folder.refuse(resume=resume, force=force)
    lightning.seed_everything(options.seed, verbose=False)
    # Drawn once more, now that the seed is set.
    model.load_state_dict(type(model)(model.config).state_dict())
    if start is None:
        model.fit_to(dataset, palette=palette, seed=options.seed)
    else:
        _start_from(start, model, palette, say)
    card = _describe(name, model, dataset, options, start)
    folder.enter(card, resume=resume)
    adapter = Adapter(model, options)
    recorder = Recorder(folder, card, say)
    with warnings.catch_warnings():
        # Lightning's advice: on its own loaders (ours feed themselves), on folders that are not
        # empty, on devices left unused; and what it still uses of torch that torch deprecates.
        warnings.filterwarnings("ignore", module=r"lightning\.")
        trainer = _trainer(options, accelerator, folder, [recorder, folder.keeper()])
        with _interruptible():
            trainer.fit(
                adapter,
                _loader(dataset, "train", options, trainer, watch),
                _loader(dataset, "val", options, trainer, None),
                ckpt_path=folder.last if folder.last.exists() else None,
                weights_only=True,
            )
    if trainer.is_global_zero:
        best, card = load(folder.best)
        save(output, best, replace(card, licence=licence, notes=notes), half=half, force=force)
        folder.finish()
    return output


def _start_from(
    start: Path, model: Colorizer, palette: Palette | None, say: Callable[[str], None]
) -> None:
    if palette is not None:
        raise UsageError(
            "a palette comes with the weights to start from; leave one of the two out: "
            "the palette, or the checkpoint"
        )
    new = fill(model, start)
    if new:
        say(f"{start.name} has no {', '.join(new)}: drawn by the seed")


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let an interrupt come out as one; Lightning makes an exit of it, and ignores the next."""
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit as error:
        if not isinstance(error.__context__, KeyboardInterrupt):
            raise
        signal.signal(signal.SIGINT, handler)
        raise KeyboardInterrupt from None


@dataclass(frozen=True)
class _Watched:
    """Batches whose passes are wrapped for a progress bar."""

    batches: Batches
    watch: Watch

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[Batch]:
        # A generator: Lightning asks for one iterator more than it uses.
        yield from self.watch(self.batches, f"epoch {self.batches.epoch() + 1}")


def _loader(
    dataset: Dataset,
    split: str,
    options: TrainingOptions,
    trainer: lightning.Trainer,
    watch: Watch | None,
) -> Any:
    if not dataset.count(split):
        return []
    learning = split == "train"
    batches = Batches(
        dataset,
        split,
        options.batch_size,
        augment=learning,
        crop=options.crop or None,
        film=options.film,
        seed=options.seed,
        epoch=lambda: trainer.current_epoch,
        rank=trainer.global_rank,
        world=trainer.world_size,
    )
    return batches if watch is None else _Watched(batches, watch)


def _trainer(
    options: TrainingOptions, accelerator: str, folder: RunFolder, callbacks: list[Callback]
) -> lightning.Trainer:
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    return lightning.Trainer(
        max_epochs=options.epochs,
        accelerator=accelerator,
        # One device, unless torchrun started a process for each.
        devices=int(os.environ.get("LOCAL_WORLD_SIZE", "1")),
        precision=choose_precision(options.precision, accelerator),
        callbacks=callbacks,
        default_root_dir=folder.path,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


def _accelerator(device: str) -> str:
    """Return Lightning's name for the device, once it is sure to be there."""
    if device not in ACCELERATORS:
        known = ", ".join(ACCELERATORS)
        raise UsageError(f"the device to train on is one of {known}; found {device!r}")
    if device != "auto":
        pick_device(device)
    return ACCELERATORS[device]


def choose_precision(asked: str, accelerator: str) -> Any:
    """Return Lightning's name for the precision; ``"auto"`` takes bf16 where it is native."""
    if asked != "auto":
        return asked
    if accelerator in {"auto", "gpu"} and torch.cuda.is_available():
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return "bf16-mixed" if native else "16-mixed"
    if accelerator == "mps":
        return "32-true"
    return "bf16-mixed" if torch.cpu._is_avx512_bf16_supported() else "32-true"


def _describe(
    name: str, model: Colorizer, dataset: Dataset, options: TrainingOptions, start: Path | None
) -> Card:
    data = {key: dataset.manifest[key] for key in ("sources", "counts", "size", "fingerprint")} | {
        "mean_uv": mean_chroma(dataset, seed=options.seed)
    }
    head = getattr(model, "palette", None)
    started = {} if start is None else {"started_from": short_hash(start)}
    return card_of(
        model,
        name,
        min(options.crop or dataset.size, dataset.size),
        data=data,
        training={**to_mapping(options), **started, "torch": torch.__version__},
        palette=head.describe() if isinstance(head, PaletteHead) else {},
    )


def mean_chroma(dataset: Dataset, *, seed: int) -> list[float]:
    """Return the mean u* and v* of a sample of the training pictures."""
    means = [
        kernels.rgb_to_luv(picture)[..., 1:].mean((0, 1))
        for picture in dataset.sample("train", seed=seed)
    ]
    return [round(float(value), 3) for value in np.mean(means, 0)]
