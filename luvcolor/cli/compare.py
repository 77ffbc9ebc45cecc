"""``luvcolor compare``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from luvcolor.cli.chain import Flow, Frames, Stage
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import Pictures, picture_options, read, send, sink_of
from luvcolor.errors import UsageError
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
    "--columns",
    metavar="NAME[,NAME]...",
    help="Steps of the chain to show, in this order.  [default: all]",
)
@click.option("--label", "labels", multiple=True, metavar="TEXT", help="Name a column; once each.")
@picture_options
def compare(pictures: Pictures, cell: int, columns: str | None, labels: tuple[str, ...]) -> Stage:
    """Lay pictures side by side on one labelled sheet.

    Each INPUT is a column: pictures of several folders or archives stand in one row when they
    share a name. Behind other stages in a chain, the columns are the steps each picture took.

    \b
    Examples:
      luvcolor compare gray.png colour.png --label before --label after -o sheet.png
      luvcolor compare scans/ coloured/ -o sheet.png
      luvcolor gray photos/*.jpg ! colorize ! compare -o sheet.png
      luvcolor gray photos/ ! colorize ! compare --columns gray,colorize,original -o sheet.png
    """
    from luvcolor.sheet import contact_sheet

    several = len(pictures.inputs) > 1
    wanted = [name.strip() for name in columns.split(",")] if columns else []
    if several and wanted:
        raise UsageError("--columns is for the steps of a chain; put the inputs in order instead")
    if pictures.output is not None:
        sink_of(pictures)  # refuses what cannot be written, before any stage has worked

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        if several and flow.frames is None:
            rows = paired(pictures, labels, cell, journal)
        else:
            frames = read(pictures, flow, journal, "compare")
            rows = (row_of_steps(frame, wanted, labels) for frame in frames)

        def sheet() -> Iterator[Frame]:
            yield contact_sheet(rows, cell=cell)

        return replace(flow, frames=send(Frames(sheet()), pictures, journal, last))

    return Stage("compare", run)


def row_of_steps(frame: Frame, wanted: Sequence[str], labels: Sequence[str]) -> Row:
    """Return one row: what the picture was, and what each stage made of it."""
    from luvcolor.sheet import Row

    steps = list(frame.steps())
    by_name = dict(zip(distinct(step.step for step in steps), steps, strict=True))
    names = list(wanted or by_name)
    if unknown := [name for name in names if name not in by_name]:
        known = ", ".join(by_name)
        raise UsageError(f"no step of this chain is called {unknown[0]!r}; known steps: {known}")
    titles = titled(names, labels)
    return Row(frame.name, [(title, by_name[n]) for title, n in zip(titles, names, strict=True)])


def paired(pictures: Pictures, labels: Sequence[str], cell: int, journal: Journal) -> Iterator[Row]:
    """Yield rows of pictures that share a name, or a place, across the inputs."""
    from luvcolor.sheet import Row

    titles = titled([PurePath(name).name or name for name in pictures.inputs], labels)
    rows: dict[str, list[tuple[str, Frame]]] = {}
    for title, frames in zip(titles, _each_input(pictures, cell, journal), strict=True):
        for name, frame in frames:
            rows.setdefault(name, []).append((title, frame))
    for name, cells in rows.items():
        yield Row(name, cells)


def titled(names: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Return the labels, or the names where there are none; no two the same.

    Raises
    ------
    UsageError
        When there are labels, but not one for each column.
    """
    if labels and len(labels) != len(names):
        raise UsageError(
            f"expected a --label for each of {len(names)} columns ({', '.join(names)}), "
            f"found {len(labels)}"
        )
    return distinct(labels or names)


def distinct(names: Iterable[str]) -> list[str]:
    """Return the names, those that were there before with a number.

    Examples
    --------
    >>> distinct(["original", "resize", "resize"])
    ['original', 'resize', 'resize 2']
    """
    found: list[str] = []
    for name in names:
        numbered = (name if number == 1 else f"{name} {number}" for number in count(1))
        found.append(next(title for title in numbered if title not in found))
    return found


def _each_input(
    pictures: Pictures, cell: int, journal: Journal
) -> Iterator[Iterator[tuple[str, Frame]]]:
    """Yield the pictures of each input under the name that pairs them with the other inputs'."""
    from luvcolor.resize import resize

    for name in pictures.inputs:
        frames = read(replace(pictures, inputs=(name,)), Flow(), journal, "compare")
        # Small at once: all rows wait for the last input.
        small = [resize(frame, long_side=cell) for frame in frames]
        alone = len(small) == 1
        yield (("" if alone else str(PurePath(f.name).with_suffix("")), f) for f in small)
