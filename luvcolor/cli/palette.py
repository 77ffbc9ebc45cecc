"""``luvcolor palette``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

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
from luvcolor.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from luvcolor.palette import Palette

Item = TypeVar("Item")


@click.command()
@clustering_options
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
@click.option(
    "--rebalance",
    type=click.FloatRange(0, 1),
    metavar="0-1",
    help="Add to the JSON what a pixel of each colour should weigh in training: 0 all alike, "
    "toward 1 rare colours as much as common ones (1 - lambda of Zhang et al. 2016).",
)
@picture_options
def palette(
    pictures: Pictures, colors: int, space: str, seed: int, as_json: bool, rebalance: float | None
) -> Stage:
    """Find the main colours of pictures, all of them together, and how common each is.

    INPUT may be a dataset: its training pictures are taken. The output is a swatch picture, or JSON
    where OUTPUT ends in .json; --json beside -o gives both. In a chain the palette is handed to
    `quantize` and `train`.

    \b
    Examples:
      luvcolor palette photo.jpg -k 8 -o swatch.png
      luvcolor palette photos/ -k 24 --space rgb -o palette.json
      luvcolor palette photo.jpg --json -o swatch.png > palette.json
      luvcolor palette photos.zarr --space uv --rebalance 0.5 --json
      luvcolor palette photos/ -k 16 ! quantize photos/ -o few/
    """
    from luvcolor.palette import fit_palette

    check_output(pictures)
    if rebalance is not None and not (as_json or in_json(pictures)):
        raise UsageError("--rebalance is said in JSON; add --json, or -o with a name in .json")

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        refuse_json_among_pictures(as_json and (not last or pictures.output == "-"))
        seen = counted(pictures_of(pictures, flow, journal), journal)
        found = fit_palette(seen, colors, space=space, seed=seed)
        text = found.to_json(rebalance=rebalance)
        if as_json:
            click.echo(text, nl=False)
        if pictures.output or (last and not as_json):
            write_palette(found, text, pictures, journal)
        return replace(flow, frames=None, palette=found)

    return Stage("palette", run)


def in_json(pictures: Pictures) -> bool:
    """Whether OUTPUT is a JSON file."""
    return bool(pictures.output and pictures.output.endswith(".json"))


def check_output(pictures: Pictures) -> None:
    """Refuse what cannot be written, before any picture is read."""
    from luvcolor.io.atomic import refuse_existing

    if pictures.output and in_json(pictures):
        refuse_existing(Path(pictures.output), pictures.force)
    elif pictures.output:
        sink_of(pictures)


def write_palette(found: Palette, text: str, pictures: Pictures, journal: Journal) -> None:
    """Write the palette as JSON or as a swatch, as the name of OUTPUT says."""
    from luvcolor.io.atomic import atomic_write
    from luvcolor.swatch import swatch

    if pictures.output and in_json(pictures):
        atomic_write(Path(pictures.output), text.encode(), force=pictures.force)
        return
    for _ in write(Frames(iter([swatch(found)])), pictures, journal):
        pass


def pictures_of(pictures: Pictures, flow: Flow, journal: Journal) -> Iterator[NDArray[np.uint8]]:
    """Yield the pixels of a dataset's training pictures, or of all pictures that can be seen."""
    from luvcolor.dataset import Dataset
    from luvcolor.quantization import visible_pixels

    dataset = flow.dataset if not pictures.inputs and flow.frames is None else None
    if len(pictures.inputs) == 1 and (Path(pictures.inputs[0]) / "zarr.json").exists():
        flow.refuse_frames("palette")
        dataset = Dataset.open(pictures.inputs[0])
    if dataset is not None:
        yield from dataset.pictures("train")
    else:
        yield from map(visible_pixels, read(pictures, flow, journal, "palette"))


def counted(items: Iterable[Item], journal: Journal) -> Iterator[Item]:
    """Yield `items`, each counted as done."""
    for item in items:
        yield item
        journal.done += 1
