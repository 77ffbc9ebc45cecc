"""``luvcolor train``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from luvcolor.cli.chain import Flow, Stage
from luvcolor.cli.checkpoints import promise
from luvcolor.cli.journal import Journal

if TYPE_CHECKING:
    from luvcolor.dataset import Dataset


@click.command()
@click.argument("dataset", required=False, type=click.Path(path_type=Path))
@click.option(
    "-m",
    "--model",
    metavar="MODEL",
    help="A name from `luvcolor models`; unet, unless --from says another.",
)
@click.option(
    "--from",
    "start",
    metavar="CHECKPOINT",
    help="Start from these weights, such as `default`, those that ship.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="CHECKPOINT",
    help="The checkpoint to write, such as mine.safetensors.",
)
@click.option("-f", "--force", is_flag=True, help="Replace what exists; start anew.")
@click.option("--resume", is_flag=True, help="Go on with a run that was cut off.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A hyperparameter of the model; `luvcolor models MODEL` lists them.",
)
@click.option("--epochs", type=int, default=20, show_default=True, metavar="N")
@click.option("--batch-size", type=int, default=64, show_default=True, metavar="N")
@click.option(
    "--crop", type=int, default=0, metavar="PIXELS", help="Train on random squares of this side."
)
@click.option("--film", is_flag=True, help="Train on pictures made to look old as well.")
@click.option(
    "--schedule",
    default="cosine",
    show_default=True,
    metavar="NAME",
    type=click.Choice(["cosine", "one-cycle", "constant"]),
    help="How the learning rate goes: cosine (after a short rise), one-cycle or constant.",
)
@click.option(
    "--patience",
    type=int,
    default=0,
    metavar="N",
    help="Stop after N epochs without a better validation loss.",
)
@click.option("--clip", type=float, default=1.0, show_default=True, help="Largest gradient norm.")
@click.option(
    "--precision",
    default="auto",
    show_default=True,
    metavar="PRECISION",
    type=click.Choice(["auto", "32-true", "bf16-mixed", "16-mixed"]),
    help="auto, 32-true, bf16-mixed or 16-mixed.",
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--licence", default="", metavar="SPDX", help="Of the weights, for their card.")
@click.option("--notes", default="", metavar="TEXT", help="Limits to know of, for their card.")
@click.option(
    "--sheets",
    type=int,
    default=1,
    show_default=True,
    metavar="N",
    help="Show sample pictures every N epochs; 0 for never.",
)
@click.option("--tensorboard", is_flag=True, help="Write numbers and sheets for TensorBoard too.")
@click.option(
    "--find-rate", is_flag=True, help="Find a learning rate instead of training; see rates.png."
)
@click.option(
    "--overfit",
    type=int,
    default=0,
    metavar="N",
    help="Check a model: learn N pictures by heart, and validate on them.",
)
@click.option("--half", is_flag=True, help="Store the weights in 16 bits.")
def train(
    dataset: Path | None,
    model: str | None,
    start: str | None,
    output: Path,
    force: bool,
    resume: bool,
    settings: tuple[str, ...],
    half: bool,
    licence: str,
    notes: str,
    sheets: int,
    tensorboard: bool,
    find_rate: bool,
    **options: Any,
) -> Stage:
    """Train a model on a dataset.

    Beside CHECKPOINT a folder NAME.run keeps loss curves (PNG and CSV), sheets of sample pictures,
    the best weights so far and what --resume needs; a run that is killed loses at most the epoch it
    was in. Under torchrun, its processes learn together.

    \b
    Examples:
      luvcolor train photos.zarr -m unet -o unet.safetensors
      luvcolor train photos.zarr -m unet --set colors=64 --set space=uv -o uv.safetensors
      luvcolor train photos.zarr -m unet -o unet.safetensors --resume
      luvcolor train photos.zarr -m unet -o unet.safetensors --find-rate
      luvcolor train photos.zarr -m unet -o check.safetensors --overfit 8
      luvcolor train mine.zarr --from default --film --epochs 5 -o mine.safetensors
      luvcolor prepare photos.tar -o photos.zarr ! train -o unet.safetensors ! evaluate
    """
    from luvcolor.checkpoint import find_checkpoint, read_card
    from luvcolor.configuration import from_mapping, parse_settings
    from luvcolor.errors import UsageError
    from luvcolor.learning.options import TrainingOptions
    from luvcolor.registry import model_at_work, registry

    path = None if start is None else find_checkpoint(start)
    begun = None if path is None else read_card(path)
    name = model or (begun.model if begun else "unet")
    if begun and begun.model != name:
        raise UsageError(f"{start} holds weights of {begun.model!r}, which do not fit {name!r}")
    model_class = registry().model_class(name)
    settled = (begun.config if begun else {}) | parse_settings(settings)
    config = from_mapping(model_class.Config, settled)
    checked = TrainingOptions(**options)
    if find_rate and resume:
        raise UsageError("--find-rate begins anew, and --resume goes on; leave one of them out")
    if not find_rate:
        _promise(output, resume=resume, force=force)
    kept = {"half": half, "licence": licence, "notes": notes}
    shown = {"sheets": sheets, "tensorboard": tensorboard}

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        opened = _opened(dataset, flow)
        with model_at_work(name, "to start"):
            task = (name, model_class(config), opened, output, checked)
        common = {"palette": flow.palette, "start": path}
        if find_rate:
            _find(task, common, journal, last)
            return replace(flow, dataset=opened)
        again = {"resume": resume, "force": force}
        _learn(task, common | again | kept | shown, journal)
        return replace(flow, dataset=opened, checkpoint=output)

    return Stage("train", run)


def _promise(output: Path, *, resume: bool, force: bool) -> None:
    """Say early that a checkpoint comes, or that it cannot."""
    from luvcolor.learning.runs import RunFolder

    RunFolder(output).refuse(resume=resume, force=force)
    promise(output)


def _opened(dataset: Path | None, flow: Flow) -> Dataset:
    from luvcolor.dataset import Dataset
    from luvcolor.errors import UsageError

    flow.refuse_frames("train")
    opened = Dataset.open(dataset) if dataset else flow.dataset
    if opened is None:
        raise UsageError("name a dataset that `luvcolor prepare` made, or chain behind it")
    return opened


def _learn(task: tuple[Any, ...], options: dict[str, Any], journal: Journal) -> None:
    from luvcolor.learning import processes
    from luvcolor.learning.runs import RunFolder
    from luvcolor.training import train

    try:
        checkpoint = train(*task, **options, watch=journal.progress, say=journal.say)
    except KeyboardInterrupt:
        journal.say("stopped; --resume goes on from the last whole epoch")
        raise
    if processes.rank() == 0:
        journal.say(f"wrote {checkpoint}; curves and metrics are in {RunFolder(checkpoint).path}")


def _find(task: tuple[Any, ...], options: dict[str, Any], journal: Journal, last: bool) -> None:
    from luvcolor.errors import UsageError
    from luvcolor.training import find_rate

    if not last:
        raise UsageError("--find-rate makes no checkpoint for the stage behind; end the chain here")
    find_rate(*task, **options, watch=journal.progress, say=journal.say)
