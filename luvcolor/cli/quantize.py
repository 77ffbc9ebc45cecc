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
@picture_options
def quantize(
    pictures: Pictures, colors: int, palette_file: Path | None, space: str, seed: int
) -> Stage:
    """Reduce pictures to a few colours, found by k-means.

    They are found in each picture, taken from --palette, or those that `palette` found before in a
    chain. PNG and TIFF keep them exactly; JPEG does not.

    \b
    Examples:
      luvcolor quantize -k 24 photo.jpg -o few.png
      luvcolor quantize --palette palette.json photos/ -o few/
      luvcolor palette photos/ -k 16 ! quantize photos/ -o few/
      cat old.png | luvcolor colorize | luvcolor quantize -k 24 > few.png
    """
    from luvcolor.palette import fit_palette
    from luvcolor.pixels import to_rgb8

    fixed = read_palette(palette_file) if palette_file else None

    def by_own_colors(frame: Frame) -> Frame:
        return fit_palette([to_rgb8(frame.pixels)], colors, space=space, seed=seed).apply(frame)

    def make(flow: Flow, journal: Journal) -> Step:
        palette = fixed or flow.palette
        return by_own_colors if palette is None else palette.apply

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
