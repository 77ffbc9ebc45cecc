"""``luvcolor palette``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from luvcolor.cli.chain import Flow, Frames, Stage
from luvcolor.cli.clustering import clustering_options
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import (
    Pictures,
    picture_options,
    read,
    refuse_json_among_pictures,
    sink_of,
    write,
)
from luvcolor.frame import Frame


@click.command()
@clustering_options
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
@picture_options
def palette(pictures: Pictures, colors: int, space: str, seed: int, as_json: bool) -> Stage:
    """Find the main colours of pictures, all of them together.

    The output is a swatch picture, or JSON where OUTPUT ends in .json. In a chain the palette is
    handed to `quantize` and `train`.

    \b
    Examples:
      luvcolor palette photo.jpg -k 8 -o swatch.png
      luvcolor palette photos/ -k 24 --space rgb -o palette.json
      luvcolor palette photo.jpg --json
      luvcolor palette photos/ -k 16 ! quantize photos/ -o few/
    """
    from luvcolor.io.atomic import atomic_write, refuse_existing
    from luvcolor.palette import fit_palette
    from luvcolor.pixels import to_rgb8
    from luvcolor.swatch import swatch

    in_json = bool(pictures.output and pictures.output.endswith(".json"))
    if pictures.output and in_json:
        refuse_existing(Path(pictures.output), pictures.force)
    elif pictures.output:
        sink_of(pictures)

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        refuse_json_among_pictures(as_json and (not last or pictures.output == "-"))
        frames = read(pictures, flow, journal, "palette")
        found = fit_palette(
            (to_rgb8(frame.pixels) for frame in counted(frames, journal)),
            colors,
            space=space,
            seed=seed,
        )
        if as_json:
            click.echo(found.to_json(), nl=False)
        if pictures.output and in_json:
            atomic_write(Path(pictures.output), found.to_json().encode(), force=pictures.force)
        elif pictures.output or (last and not as_json):
            for _ in write(Frames(iter([swatch(found)])), pictures, journal):
                pass
        return replace(flow, frames=None, palette=found)

    return Stage("palette", run)


def counted(frames: Iterable[Frame], journal: Journal) -> Iterator[Frame]:
    """Yield `frames`, each counted as done."""
    for frame in frames:
        yield frame
        journal.done += 1
