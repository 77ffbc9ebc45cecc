"""Where the hints for each picture come from."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from luvcolor.errors import UsageError
from luvcolor.hints.hint_set import HintSet
from luvcolor.hints.planes import COLOURS
from luvcolor.hints.reading import read_hints
from luvcolor.io.names import clean_name

if TYPE_CHECKING:
    from luvcolor.frame import Frame

__all__ = ["HintFolder", "HintSource", "Together", "open_hints"]

SUFFIXES = (".png", ".json")
"""What a folder of hints holds; the layer is drawn first."""


class HintSource(Protocol):
    """Gives every picture its hints."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What may come of it, among ``"colours"`` and ``"reference"``."""
        ...

    def of(self, frame: Frame) -> HintSet:
        """Return the hints of a picture; an empty set where it has none.

        Raises
        ------
        UsageError
            When they cannot be read.
        """
        ...


class HintFolder:
    """A folder with ``NAME.json`` or ``NAME.png`` for pictures of that name, or both.

    Parameters
    ----------
    path
        The folder; one below it for those of a folder below.

    Raises
    ------
    UsageError
        When it holds no such file.
    """

    kinds = (COLOURS,)

    def __init__(self, path: Path) -> None:
        self.path = path
        if not any(file.suffix in SUFFIXES for file in path.rglob("*")):
            raise UsageError(
                f"{path}: expected NAME.json or NAME.png for pictures of that name, found neither"
            )

    def of(self, frame: Frame) -> HintSet:
        """Return the hints of a picture."""
        name = clean_name(frame.name)
        if not name:
            return HintSet()
        files = [self.path / PurePosixPath(name).with_suffix(suffix) for suffix in SUFFIXES]
        return sum((read_hints(file) for file in files if file.is_file()), HintSet())


class Together:
    """Several sources as one; the later ones cover the earlier.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor import Frame
    >>> from luvcolor.hints import Marks, Point
    >>> hints = HintSet((Marks([Point((3, 2), "navy")]),))
    >>> Together(hints, hints).of(Frame(np.zeros((8, 6), np.uint8))).count
    2
    """

    def __init__(self, *sources: HintSource) -> None:
        self.sources = sources

    @property
    def kinds(self) -> tuple[str, ...]:
        """What may come of any."""
        return tuple(dict.fromkeys(kind for source in self.sources for kind in source.kinds))

    def of(self, frame: Frame) -> HintSet:
        """Return what all say of a picture."""
        return sum((source.of(frame) for source in self.sources), HintSet())


def open_hints(path: Path) -> HintSource:
    """Return the hints of a file, for every picture, or of a folder, for those named in it.

    Raises
    ------
    UsageError
        When there is no such file or folder, or it holds no hints.
    """
    return HintFolder(path) if path.is_dir() else read_hints(path)
