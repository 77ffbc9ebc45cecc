"""The chain: stages of one process, handing on frames and artefacts in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
class Flow:
    """What one stage hands to the next.

    Attributes
    ----------
    frames
        Pictures on their way, or None where the stage before deals in none.
    dataset, palette, checkpoint
        What `prepare`, `palette` and `train` made; every later stage may use it.
    """

    frames: Iterator[Frame] | None = None
    dataset: Dataset | None = None
    palette: Palette | None = None
    checkpoint: Path | None = None


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
        flow = stage.run(flow, journal, number == len(stages))
