"""Which checkpoint a stage uses: the one named, the one just trained, or the one that ships."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from luvcolor.cli.chain import Flow
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import decorated

if TYPE_CHECKING:
    from luvcolor.colorization import ColorizeOptions, Engine

Command = TypeVar("Command", bound=Callable[..., Any])


def model_options(command: Command) -> Command:
    """Add -m and the fields of `ColorizeOptions`."""
    decorators = [
        click.option(
            "-m",
            "--model",
            metavar="MODEL",
            help="Checkpoint, or a name from `luvcolor models`.  [default: the one that ships]",
        ),
        click.option(
            "--size",
            type=int,
            metavar="PIXELS",
            help="Short side at which the model sees a picture.  [default: the model's]",
        ),
        click.option(
            "--temperature",
            type=float,
            metavar="T",
            help="Toward 0 bold, 1 the mean of what is plausible.  [default: the model's]",
        ),
        click.option(
            "--saturation",
            type=float,
            default=1.0,
            show_default=True,
            metavar="FACTOR",
            help="Strength of the colours.",
        ),
        click.option(
            "--device",
            default="auto",
            show_default=True,
            metavar="DEVICE",
            help="cpu, cuda, mps, cuda:1 ...",
        ),
    ]
    return cast("Command", decorated(command, decorators))


def promise(path: Path) -> None:
    """Note that this chain will have made the checkpoint `path` by the time a later stage runs."""
    _promised().add(path)


def check_model(name: str | None) -> None:
    """Refuse a checkpoint that is none, before any stage has worked.

    Raises
    ------
    UsageError, CheckpointError
        See `luvcolor.checkpoint.find_checkpoint`.
    """
    from luvcolor.checkpoint import find_checkpoint, read_card

    if name is not None and Path(name) not in _promised():
        read_card(find_checkpoint(name))


def _promised() -> set[Path]:
    meta = click.get_current_context().find_root().meta
    promised: set[Path] = meta.setdefault("luvcolor.promised", set())
    return promised


def open_engine(name: str | None, options: ColorizeOptions, flow: Flow, journal: Journal) -> Engine:
    """Load the model of a stage and say which it is."""
    from luvcolor.checkpoint import find_checkpoint
    from luvcolor.colorization import Engine

    path = flow.checkpoint if name is None and flow.checkpoint else find_checkpoint(name)
    engine = Engine.open(path, options)
    receipt = engine.receipt
    journal.say(
        f"model {receipt['model']} from {receipt['checkpoint']} ({receipt['sha256']}), "
        f"{receipt['size']} pixels, on {receipt['device']}"
    )
    return engine
