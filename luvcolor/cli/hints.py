"""Hints on the command line: the options that give them, and what is said of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import decorated

if TYPE_CHECKING:
    from luvcolor.colorization import Colored
    from luvcolor.hints import HintReport, HintSource
    from luvcolor.hints.report import Distance

Command = TypeVar("Command", bound=Callable[..., Any])
NAMED = 3
"""So many pictures or files are named; of more, the number is enough."""


def hint_options(command: Command) -> Command:
    """Add --hints, --hint, --reference and --force-hints; hand on the hints, read, as `hints`."""

    @functools.wraps(command)
    def gathered(**options: Any) -> Any:
        given = (options.pop(name) for name in ("hints", "points", "reference"))
        return command(hints=read_given(*given), **options)

    decorators = [
        click.option(
            "--hints",
            type=click.Path(path_type=Path),
            metavar="FILE_OR_FOLDER",
            help="Points and strokes in JSON, or a PNG layer, for every picture; or a folder with "
            "NAME.json or NAME.png for each.",
        ),
        click.option(
            "--hint",
            "points",
            multiple=True,
            metavar="X,Y=COLOR",
            help="One point of colour, such as 120,80=#aa2222; may be given again.",
        ),
        reference_option,
        click.option(
            "--force-hints",
            is_flag=True,
            help="Lay colours over what a model predicts that makes no use of them itself.",
        ),
    ]
    return cast("Command", decorated(gathered, decorators))


reference_option = click.option(
    "--reference",
    type=click.Path(path_type=Path),
    metavar="PICTURE",
    help="A picture in colour to take colours from.",
)


def read_given(
    hints: Path | None, points: tuple[str, ...], reference: Path | None
) -> HintSource | None:
    """Return what these options give; None for nothing.

    Raises
    ------
    UsageError
        When one of them cannot be read.
    """
    from luvcolor.hints import HintSet, Marks, Together, open_hints, read_reference
    from luvcolor.hints.marks import parse_point

    given: list[HintSource] = [] if hints is None else [open_hints(hints)]
    if points:
        given.append(HintSet((Marks([parse_point(text) for text in points]),)))
    if reference is not None:
        given.append(read_reference(reference))
    return Together(*given) if given else None


class HintTally:
    """Gathers what came of hints, to be said once.

    Parameters
    ----------
    given
        Whether there were any; without, nothing is said.
    """

    def __init__(self, given: bool) -> None:
        self.given = given
        self.near: list[tuple[str, HintReport, Distance]] = []
        self.without: list[str] = []

    def add(self, colored: Colored) -> None:
        """Note one picture."""
        name, told = colored.frame.name or "picture", colored.hints
        if told is None and self.given:
            self.without.append(name)
        if told is not None and told.ciede2000 is not None:
            self.near.append((name, told, told.ciede2000))

    def say(self, journal: Journal) -> None:
        """Say how near pictures come to their hints, and which had none."""
        if self.near:
            journal.say(self._nearness())
        if count := len(self.without):
            have = "picture has" if count == 1 else "pictures have"
            journal.say(f"{count} {have} no hints: {_some(self.without)}")

    def _nearness(self) -> str:
        names, reports, apart = zip(*self.near, strict=True)
        count, pixels = (sum(getattr(one, key) for one in reports) for key in ("count", "pixels"))
        mean = sum(one.pixels * far.mean for one, far in zip(reports, apart, strict=True)) / pixels
        worst = max(range(len(apart)), key=lambda number: apart[number].largest)
        files = _some([file for one in reports for file in one.files])
        alone = len(names) == 1
        return (
            f"{names[0] if alone else f'{len(names)} pictures'}: {count} "
            f"hint{'' if count == 1 else 's'}{f' from {files}' if files else ''}, {pixels} pixels; "
            f"CIEDE2000 from their colours {mean:.1f} on average, {apart[worst].largest:.1f} at "
            f"most{'' if alone else f' ({names[worst]})'}"
        )


def _some(names: list[str]) -> str:
    """Name a few."""
    different = list(dict.fromkeys(names))
    return ", ".join(different[:NAMED]) + (", ..." if len(different) > NAMED else "")
