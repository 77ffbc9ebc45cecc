"""``luvcolor quantize``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from luvcolor.cli.chain import Flow, Stage
from luvcolor.cli.clustering import clustering_options
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import Pictures, Step, each, picture_options
from luvcolor.errors import UsageError
from luvcolor.frame import Frame

if TYPE_CHECKING:
    from luvcolor.palette import Palette


@click.command()
@clustering_options
@click.option(
    "--palette",
    "palette_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Use these colours, as `luvcolor palette` wrote them.",
)
@click.option(
    "--dither",
    type=click.Choice(["none", "floyd-steinberg", "blue-noise"]),
    default="none",
    show_default=True,
    help="Hide steps in dots of several colours; blue-noise is steady over a series of pictures.",
)
@picture_options
def quantize(
    pictures: Pictures, colors: int, palette_file: Path | None, space: str, seed: int, dither: str
) -> Stage:
    """Reduce pictures to a few colours, found by k-means.

    They are found in each picture, taken from --palette, or those that `palette` found before in a
    chain. PNG and TIFF keep them exactly, JPEG does not; a PNG of up to 256 colours is indexed.

    Without --dither every pixel has its nearest colour: the error is least and files are smallest.

    \b
    Examples:
      luvcolor quantize -k 24 photo.jpg -o few.png
      luvcolor quantize -k 16 --dither floyd-steinberg photo.jpg -o dots.png
      luvcolor quantize --palette palette.json photos/ -o few/
      luvcolor palette photos/ -k 16 ! quantize photos/ -o few/
      cat old.png | luvcolor colorize | luvcolor quantize -k 24 > few.png
    """
    from luvcolor import quantization

    fixed = read_palette(palette_file) if palette_file else None

    def make(flow: Flow, journal: Journal) -> Step:
        given = fixed or flow.palette

        def step(frame: Frame) -> Frame:
            palette = given or quantization.own_palette(frame, colors, space=space, seed=seed)
            return quantization.quantize(frame, palette, dither=dither)

        return step

    return each(pictures, "quantize", make)


def read_palette(path: Path) -> Palette:
    """Read a palette that the user named.

    Raises
    ------
    UsageError
        When it is none.
    """
    from luvcolor.palette import Palette

    try:
        return Palette.from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason: object = error.strerror
    except UnicodeDecodeError:
        reason = "bytes that are no text"
    except UsageError as error:
        reason = error
    raise UsageError(
        f"{path}: expected a palette as JSON, such as `luvcolor palette` writes; found: {reason}"
    )
