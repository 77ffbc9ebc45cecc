"""Which model a stage uses: the one named, the one just trained, or the one that ships."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from luvcolor.cli.chain import Flow
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import decorated
from luvcolor.runtimes import RUNTIMES

if TYPE_CHECKING:
    from luvcolor.colorization import ColorizeOptions, Engine
    from luvcolor.weightless import WeightlessModel

Command = TypeVar("Command", bound=Callable[..., Any])


def model_options(command: Command) -> Command:
    """Add -m, --set and the fields of `ColorizeOptions`."""
    decorators = [
        click.option(
            "-m",
            "--model",
            metavar="MODEL",
            help="Checkpoint, or a name from `luvcolor models`.  [default: the one that ships]",
        ),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            help="A setting of a model that needs no weights; `luvcolor models MODEL` lists them.",
        ),
    ]
    return cast("Command", decorated(prediction_options(command), decorators))


def prediction_options(command: Command) -> Command:
    """Add the fields of `ColorizeOptions`."""
    decorators = [
        click.option(
            "--sizes",
            callback=parse_sizes,
            metavar="PIXELS[,PIXELS]...",
            help="Short sides at which the model sees a picture; what it says at each is fused.  "
            "[default: the model's]",
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
        click.option(
            "--runtime",
            type=click.Choice(RUNTIMES),
            default="auto",
            show_default=True,
            help="What runs the network.",
        ),
    ]
    return cast("Command", decorated(command, decorators))


def parse_sizes(
    context: click.Context, option: click.Parameter, text: str | None
) -> tuple[int, ...] | None:
    """Read the sizes of an option, such as 128,192."""
    try:
        return None if text is None else tuple(int(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(
            f"expected sizes such as 192 or 128,192,256, found {text!r}", context, option
        ) from None


def promise(path: Path) -> None:
    """Note that this chain will have made the checkpoint `path` by the time a later stage runs."""
    _promised().add(path)


def check_model(name: str | None, settings: Mapping[str, Any] | None = None) -> None:
    """Refuse a model that is none, before any stage has worked.

    Raises
    ------
    UsageError, CheckpointError
        See `luvcolor.weightless.find_model`.
    """
    from luvcolor.checkpoint import read_card
    from luvcolor.weightless import find_model

    if not settings and (name is None or Path(name) in _promised()):
        return
    model = find_model(name, settings)
    if isinstance(model, Path):
        read_card(model)
    else:
        model.build()


def check_checkpoint(name: str) -> None:
    """Refuse a checkpoint that is none, and a model that needs none, before any stage has worked.

    Raises
    ------
    UsageError, CheckpointError
        See `luvcolor.checkpoint.find_checkpoint`.
    """
    from luvcolor.checkpoint import find_checkpoint, read_card

    if Path(name) not in _promised():
        read_card(find_checkpoint(name))


def _promised() -> set[Path]:
    meta = click.get_current_context().find_root().meta
    promised: set[Path] = meta.setdefault("luvcolor.promised", set())
    return promised


def model_of(
    name: str | None, flow: Flow, settings: Mapping[str, Any] | None = None
) -> Path | WeightlessModel:
    """Return the model of a stage: the one named, the one just trained, or the one that ships."""
    from luvcolor.weightless import find_model

    trained = flow.checkpoint if name is None and not settings else None
    return trained or find_model(name, settings)


def open_engine(
    model: Path | WeightlessModel, options: ColorizeOptions, journal: Journal
) -> Engine:
    """Load the model of a stage and say which it is."""
    from luvcolor.colorization import Engine

    engine = Engine.open(model, options, strict=journal.strict, say=journal.say)
    receipt = engine.receipt
    sizes = ", ".join(map(str, engine.sizes))
    journal.say(
        f"model {receipt['model']}{_origin(receipt)}, {sizes} pixels"
        f"{' at most' if engine.keeps_small else ''}, on {receipt['device']} with "
        f"{receipt['runtime']}"
    )
    return engine


def _origin(receipt: Mapping[str, Any]) -> str:
    if "checkpoint" in receipt:
        return f" from {receipt['checkpoint']} ({receipt['sha256']})"
    settings = ", ".join(f"{name}={value}" for name, value in receipt["settings"].items())
    return f" ({settings})" if settings else ""
