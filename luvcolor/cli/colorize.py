"""``luvcolor colorize``."""

from __future__ import annotations

from typing import Any

import click

from luvcolor.cli.chain import Flow, Stage
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import Pictures, Step, each, picture_options


@click.command()
@click.option(
    "-m",
    "--model",
    metavar="MODEL",
    help="Checkpoint file, or a name from `luvcolor models`.  [default: the one that ships]",
)
@click.option(
    "--size",
    type=int,
    metavar="PIXELS",
    help="Short side at which the model sees a picture.  [default: the model's]",
)
@click.option(
    "--temperature",
    type=float,
    metavar="T",
    help="Toward 0 bold, 1 the mean of what is plausible.  [default: the model's]",
)
@click.option(
    "--saturation",
    type=float,
    default=1.0,
    show_default=True,
    metavar="FACTOR",
    help="Strength of the colours.",
)
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, mps, cuda:1 ...")
@picture_options
def colorize(pictures: Pictures, model: str | None, **options: Any) -> Stage:
    r"""Give gray pictures their colour back.

    Lightness, size, bit depth and transparency stay as they are; colours are a guess, and the
    output's metadata says so.

    \b
    Examples:
      luvcolor colorize old.jpg -o new.png
      luvcolor colorize scans/ -o coloured/
      luvcolor colorize scans.zip -o coloured.zip --saturation 1.2
      cat old.png | luvcolor colorize > new.png
      luvcolor colorize old.jpg -m mine.safetensors -o new.png
    """
    from luvcolor.colorization import ColorizeOptions

    checked = ColorizeOptions(**options)

    def make(flow: Flow, journal: Journal) -> Step:
        from luvcolor.cli.checkpoints import open_engine

        return open_engine(model, checked, flow, journal)

    return each(pictures, "colorize", make)
