"""Lightning's trainer as we use it: quiet, on one device a process, fed by our own batches."""

from __future__ import annotations

import logging
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.strategies import DDPStrategy

from luvcolor.batches import Batches
from luvcolor.dataset import Dataset
from luvcolor.devices import pick_device
from luvcolor.errors import UsageError
from luvcolor.io.parallel import cores
from luvcolor.learning import processes
from luvcolor.learning.adapter import Adapter
from luvcolor.learning.options import TrainingOptions
from luvcolor.model import Batch

__all__ = ["Watch", "Watched", "accelerator_for", "feed", "quietly", "trainer_for"]

ACCELERATORS = {"auto": "auto", "cpu": "cpu", "cuda": "gpu", "mps": "mps"}
MOST_MAKERS = 4
"""Threads that make batches for a device that is not the CPU."""

Watch = Callable[[Iterable[Batch], str], Iterable[Batch]]


def trainer_for(
    options: TrainingOptions, folder: Path, callbacks: list[Callback]
) -> lightning.Trainer:
    """Return a trainer that says and writes nothing but what `callbacks` do."""
    for part in ("pytorch", "fabric"):
        logging.getLogger(f"lightning.{part}").setLevel(logging.ERROR)
    accelerator = accelerator_for(options.device)
    several = processes.world() > 1
    return lightning.Trainer(
        max_epochs=options.epochs,
        accelerator=accelerator,
        # One device, unless torchrun started a process for each.
        devices=processes.here(),
        num_nodes=processes.world() // processes.here(),
        # A loss of a model with two optimizers leaves the weights of the other unused.
        strategy=DDPStrategy(find_unused_parameters=True) if several else "auto",
        precision=choose_precision(options.precision, accelerator),
        callbacks=callbacks,
        default_root_dir=folder,
        logger=False,
        enable_checkpointing=bool(callbacks),
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


def accelerator_for(device: str) -> str:
    """Return Lightning's name for the device, once it is sure to be there.

    Raises
    ------
    UsageError
        When it is not, or has no such name.
    """
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


def feed(dataset: Dataset, split: str, options: TrainingOptions, adapter: Adapter) -> Batches:
    """Return the batches of a split that this process gets."""
    return Batches(
        dataset,
        split,
        options.batch_size,
        augment=split == "train" and not options.overfit,
        crop=options.crop or None,
        film=options.film,
        seed=options.seed,
        epoch=lambda: adapter.current_epoch,
        rank=processes.rank(),
        world=processes.world(),
        # On a CPU they would take from the model's own threads.
        makers=1 if pick_device(options.device) == "cpu" else min(MOST_MAKERS, cores()),
    )


@dataclass(frozen=True)
class Watched:
    """Batches whose passes are wrapped for a progress bar."""

    batches: Batches
    watch: Watch

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[Batch]:
        # A generator: Lightning asks for one iterator more than it uses.
        yield from self.watch(self.batches, f"epoch {self.batches.epoch() + 1}")


@contextmanager
def quietly() -> Iterator[None]:
    """Hold back Lightning's advice, and let an interrupt come out as one.

    The advice is on its own loaders (ours feed themselves), on folders that are not empty, on
    devices left unused; and what it still uses of torch that torch deprecates. Of an interrupt it
    makes an exit, and it ignores the next.
    """
    handler = signal.getsignal(signal.SIGINT)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"lightning\.")
        warnings.filterwarnings("ignore", message="find_unused_parameters=True")
        try:
            yield
        except SystemExit as error:
            if not isinstance(error.__context__, KeyboardInterrupt):
                raise
            signal.signal(signal.SIGINT, handler)
            raise KeyboardInterrupt from None
