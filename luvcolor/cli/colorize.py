"""``luvcolor colorize``."""

from __future__ import annotations

from typing import Any

import click

from luvcolor.cli.chain import Flow, Stage
from luvcolor.cli.checkpoints import check_model, model_options, open_engine
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import Pictures, Step, each, picture_options


@click.command()
@model_options
@picture_options
def colorize(pictures: Pictures, model: str | None, **options: Any) -> Stage:
    """Give gray pictures their colour back.

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
    check_model(model)

    def make(flow: Flow, journal: Journal) -> Step:
        return open_engine(model, checked, flow, journal)

    return each(pictures, "colorize", make)
