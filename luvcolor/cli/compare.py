"""``luvcolor compare``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from luvcolor.cli.chain import Flow, Stage
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import Pictures, picture_options, read, write
from luvcolor.frame import Frame

if TYPE_CHECKING:
    from luvcolor.sheet import Row


@click.command()
@click.option(
    "--cell",
    type=click.IntRange(32, 4096),
    default=256,
    show_default=True,
    metavar="PIXELS",
    help="Longest side of a picture on the sheet.",
)
@click.option(
    "--label", "labels", multiple=True, metavar="TEXT", help="Name a column; once for each INPUT."
)
@picture_options
def compare(pictures: Pictures, cell: int, labels: tuple[str, ...]) -> Stage:
    r"""Lay pictures side by side on one labelled sheet.

    Each INPUT is a column: pictures of several folders or archives stand in one row when they
    share a name. Behind other stages in a chain, the columns are the steps each picture took.

    \b
    Examples:
      luvcolor compare gray.png colour.png --label before --label after -o sheet.png
      luvcolor compare scans/ coloured/ -o sheet.png
      luvcolor gray photos/*.jpg ! colorize ! compare -o sheet.png
    """
    from luvcolor.sheet import contact_sheet

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        if flow.frames is None and len(pictures.inputs) > 1:
            rows = columns(pictures, labels, journal)
        else:
            frames = read(pictures, flow, journal, "compare")
            rows = (row_of_steps(frame) for frame in frames)
        sheet = contact_sheet(rows, cell=cell)
        for _ in write(iter([sheet]), pictures, journal):
            journal.done += 1
        return flow

    return Stage("compare", run)


def row_of_steps(frame: Frame) -> Row:
    """Return one row: what the picture was, and what each stage made of it."""
    from luvcolor.sheet import Row

    return Row(frame.name, [(step.step, step) for step in frame.steps()])


def columns(pictures: Pictures, labels: tuple[str, ...], journal: Journal) -> Iterator[Row]:
    """Yield rows of pictures that share a name, or a place, across the inputs."""
    from luvcolor.errors import UsageError
    from luvcolor.sheet import Row

    if labels and len(labels) != len(pictures.inputs):
        raise UsageError(
            f"there are {len(pictures.inputs)} inputs and {len(labels)} labels; give one for each"
        )
    titles = labels or tuple(PurePath(name).name or name for name in pictures.inputs)
    by_name: dict[str, list[tuple[str, Frame]]] = {}
    for title, frames in zip(titles, _each_input(pictures, journal), strict=True):
        for name, frame in frames:
            by_name.setdefault(name, []).append((title, frame))
    for name, cells in by_name.items():
        yield Row(name, cells)


def _each_input(pictures: Pictures, journal: Journal) -> Iterator[Iterator[tuple[str, Frame]]]:
    """Yield the pictures of each input under the name that pairs them with the other inputs'."""
    from dataclasses import replace

    for name in pictures.inputs:
        frames = list(read(replace(pictures, inputs=(name,)), Flow(), journal, "compare"))
        alone = len(frames) == 1
        yield (("" if alone else str(PurePath(f.name).with_suffix("")), f) for f in frames)
