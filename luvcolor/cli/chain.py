"""The chain: stages of one process, handing on frames and artefacts in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from luvcolor.errors import UsageError

if TYPE_CHECKING:
    from luvcolor.cli.journal import Journal
    from luvcolor.dataset import Dataset
    from luvcolor.frame import Frame
    from luvcolor.palette import Palette

BAR = "!"


@dataclass(frozen=True)
class Frames:
    """Pictures on their way, drawn one by one.

    Attributes
    ----------
    each
        The pictures.
    ahead
        How many may be begun beyond the one asked for; 0 on a pipe, where none may be held back
        until the next arrives; as many as there are threads where None.
    total
        How many there will be at most, where that is known.
    """

    each: Iterator[Frame]
    ahead: int | None = None
    total: int | None = None

    def __iter__(self) -> Iterator[Frame]:
        return self.each

    def through(self, transform: Callable[[Iterator[Frame]], Iterator[Frame]]) -> Frames:
        """Return these pictures as `transform` makes them, which may drop some."""
        return replace(self, each=transform(self.each))


@dataclass(frozen=True)
class Flow:
    """What one stage hands to the next.

    Attributes
    ----------
    frames
        Pictures on their way, or None where the stage before deals in none.
    dataset, palette, checkpoint
        What `prepare`, `palette` and `train` made; every later stage may use it.
    """

    frames: Frames | None = None
    dataset: Dataset | None = None
    palette: Palette | None = None
    checkpoint: Path | None = None

    def refuse_frames(self, name: str) -> None:
        """Raise UsageError where pictures come to a stage that has no use for them."""
        if self.frames is not None:
            raise UsageError(
                f"{name} takes no pictures from the stage before; begin the chain with {name}"
            )


@dataclass(frozen=True)
class Stage:
    """One command with its options, ready to run.

    Attributes
    ----------
    name
        The command.
    run
        Takes what comes, the journal, and whether it is the last; returns what goes on.
    """

    name: str
    run: Callable[[Flow, Journal, bool], Flow]


def split_chain(args: Sequence[str]) -> list[list[str]]:
    """Split arguments at every ``!``.

    Raises
    ------
    UsageError
        When a stage is empty.

    Examples
    --------
    >>> split_chain(["gray", "a.png", "!", "colorize"])
    [['gray', 'a.png'], ['colorize']]
    """
    stages: list[list[str]] = [[]]
    for arg in args:
        if arg == BAR:
            stages.append([])
        else:
            stages[-1].append(arg)
    if len(stages) > 1 and not all(stages):
        raise UsageError("a ! stands between two commands; found one with no command beside it")
    return stages


def run_chain(stages: Sequence[Stage], journal: Journal) -> None:
    """Run the stages from first to last; the last one draws the frames through all of them."""
    flow = Flow()
    for number, stage in enumerate(stages, 1):
        journal.done = 0  # what counts is what comes out at the end
        flow = stage.run(flow, journal, number == len(stages))
