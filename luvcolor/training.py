"""Trains any Colorizer: Lightning behind the plain-torch contract.

Everything a run leaves lies in one folder beside its checkpoint, ``NAME.run``: what resuming needs,
the best weights so far, metrics as CSV, curves as PNG, sheets of sample pictures. Each appears
whole or not at all, so a run that is killed loses at most the epoch it was in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, nullcontext
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

from lightning.pytorch.callbacks import Callback

from luvcolor.checkpoint import load, save
from luvcolor.configuration import to_mapping
from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor.learning import processes
from luvcolor.learning.adapter import Adapter
from luvcolor.learning.beginning import begin, describe, few, mean_chroma
from luvcolor.learning.board import Board
from luvcolor.learning.options import TrainingOptions
from luvcolor.learning.pace import Pace
from luvcolor.learning.rates import RateTest, sweep
from luvcolor.learning.recorder import Recorder
from luvcolor.learning.runs import RunFolder
from luvcolor.learning.samples import Samples
from luvcolor.learning.trainer import (
    Watch,
    Watched,
    accelerator_for,
    feed,
    quietly,
    trainer_for,
)
from luvcolor.model import Colorizer
from luvcolor.palette import Palette
from luvcolor.registry import model_at_work

__all__ = ["RateTest", "TrainingOptions", "find_rate", "mean_chroma", "train"]

Say = Callable[[str], None]


def silent(line: str) -> None:
    """Say nothing."""


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
    sheets: int = 1,
    tensorboard: bool = False,
    watch: Watch | None = None,
    say: Say = silent,
) -> Path:
    """Train `model`, registered as `name`, and write its best weights to `output`.

    Several processes that torchrun started learn together; the first one writes and speaks, and
    none returns before it has written.

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
    sheets
        Epochs between two contact sheets of sample pictures; 0 for none.
    tensorboard
        Write numbers and sheets for TensorBoard as well.
    watch
        Wraps the batches of an epoch for a progress bar, given a title.
    say
        Called with a line after every epoch.

    Raises
    ------
    UsageError
        When the model does not learn, the palette does not fit it, a palette is given beside a
        checkpoint to start from, the device is not there, or TensorBoard is not installed.
    CheckpointError
        When the checkpoint to start from does not fit the model.
    DatasetError
        When there are no pictures to train on, or too few for what was asked.
    OutputError
        When `output` exists, or an unfinished run lies beside it; when resuming, one of another
        model or dataset.
    PluginError
        When the model's own code fails; the message names its plugin.
    TrainingStoppedError
        When the loss is no longer a number.
    """
    first = processes.rank() == 0
    say = say if first else silent
    dataset, options = _checked(name, model, dataset, options)
    if sheets < 0:
        raise UsageError(f"the epochs between two sheets are not negative; found {sheets}")
    folder = RunFolder(output)
    folder.refuse(resume=resume, force=force)
    board = Board(folder.path / "tensorboard") if tensorboard else None
    with model_at_work(name, "to start"):
        begin(model, dataset, options, palette=palette, start=start, say=say)
    card = describe(name, model, dataset, options, start)
    if first:
        folder.enter(card, resume=resume)
    if card.notes:
        say(card.notes)
    adapter = Adapter(name, model, options)
    learned = feed(dataset, "train", options, adapter)
    writers: list[Callback] = [Recorder(folder, card, Pace(learned), say, board)]
    if sheets:
        writers.append(Samples(folder.path, dataset, sheets, board))
    with quietly(), closing(board) if board else nullcontext():
        trainer = trainer_for(options, folder.path, [*writers, folder.keeper()])
        trainer.fit(
            adapter,
            Watched(learned, watch) if watch and first else learned,
            feed(dataset, "val", options, adapter) if dataset.count("val") else [],
            ckpt_path=folder.last if resume and folder.last.exists() else None,
            weights_only=True,
        )
    if first:
        best, card = load(folder.best)
        told = " ".join(filter(None, (card.notes, notes)))
        save(output, best, replace(card, licence=licence, notes=told), half=half, force=force)
        folder.finish()
    trainer.strategy.barrier()
    return output


def find_rate(
    name: str,
    model: Colorizer,
    dataset: Dataset,
    output: Path,
    options: TrainingOptions,
    *,
    palette: Palette | None = None,
    start: Path | None = None,
    watch: Watch | None = None,
    say: Say = silent,
) -> RateTest:
    """Find a learning rate for `model`, by a range test on a copy of it.

    Parameters
    ----------
    name, model, dataset, options, palette, start, watch, say
        As for `train`.
    output
        The checkpoint that is to be trained; ``rates.csv`` and ``rates.png`` are written to the
        folder of its run, and nothing else.

    Raises
    ------
    UsageError, CheckpointError, DatasetError
        As `train` does; and where there are several processes.
    """
    dataset, options = _checked(name, model, dataset, options)
    folder = RunFolder(output).path
    model = deepcopy(model)
    with model_at_work(name, "to start"):
        begin(model, dataset, options, palette=palette, start=start, say=say)
    found = sweep(name, model, dataset, options, folder, watch)
    found.write(folder)
    say(found.in_words(settings=to_mapping(model.config)))
    return found


def _checked(
    name: str, model: Colorizer, dataset: Dataset, options: TrainingOptions
) -> tuple[Dataset, TrainingOptions]:
    """Refuse what cannot be learned; return what is, which is less where it is a check."""
    if not model.trainable:
        raise UsageError(f"the model {name!r} does not learn: use it as it is")
    accelerator_for(options.device)
    if options.overfit:
        dataset, options = few(dataset, options)
    processes.refuse_too_few(dataset)
    return dataset, options
