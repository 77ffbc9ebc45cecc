"""The pictures of an evaluation that are worth a look: the worst, the best, some between."""

from __future__ import annotations

import zlib
from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.evaluation.columns import GRAY, TRUTH
from luvcolor.frame import Frame
from luvcolor.io.codec import encode
from luvcolor.resize import resize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.evaluation.methods import Measured

__all__ = ["ENDS", "MOST", "Entry", "Gallery", "Thumbnail"]

SIDE = 200
"""The longest side of a thumbnail, in pixels."""
QUALITY = 82
MOST, ENDS = 200, 80
"""How many pictures are kept at most, and how many at either end are never left out."""


@dataclass(frozen=True)
class Thumbnail:
    """A small JPEG.

    Attributes
    ----------
    jpeg
        Its bytes.
    size
        Height and width in pixels.
    """

    jpeg: bytes
    size: tuple[int, int]

    @classmethod
    def of(cls, picture: NDArray[np.uint8]) -> Thumbnail:
        """Shrink a picture that is larger than `SIDE`; smaller ones stay as they are.

        Examples
        --------
        >>> Thumbnail.of(np.zeros((300, 400, 3), np.uint8)).size
        (150, 200)
        >>> Thumbnail.of(np.zeros((32, 32, 3), np.uint8)).size
        (32, 32)
        """
        frame = Frame(picture)
        if max(frame.size) > SIDE:
            frame = resize(frame, long_side=SIDE)
        return cls(encode(frame, "jpeg", quality=QUALITY), frame.size)


@dataclass(frozen=True, order=True)
class Entry:
    """One picture, ordered from worst to best.

    Attributes
    ----------
    rank
        Minus its CIEDE2000, as the mean over the models.
    number
        Which picture it was, from 0, in the order measured.
    name
        Of the picture.
    thumbnails
        Gray, each model and the truth.
    rows
        Metrics by method.
    """

    rank: float
    number: int
    name: str = field(compare=False)
    thumbnails: Mapping[str, Thumbnail] = field(compare=False)
    rows: Mapping[str, Mapping[str, Any]] = field(compare=False)

    @property
    def score(self) -> float:
        """CIEDE2000, as the mean over the models."""
        return -self.rank


class Gallery:
    """Thumbnails of at most `MOST` pictures, however many there are.

    The worst `ENDS` and the best are all there; those between are thinned by a draw that depends on
    nothing but their numbers.

    Parameters
    ----------
    models
        The methods that are shown and that the order is by.

    Attributes
    ----------
    entries
        From worst to best.
    count
        How many pictures there were.

    Examples
    --------
    >>> from luvcolor.evaluation import Measured
    >>> red = np.full((4, 4, 3), (200, 30, 30), np.uint8)
    >>> pictures = {"gray": red, "unet": red, "truth": red}
    >>> gallery = Gallery(["unet"])
    >>> for name, score in (("a.png", 3.0), ("b.png", 7.0)):
    ...     gallery.add(Measured(name, pictures, {"unet": {"ciede2000": score}}))
    >>> [entry.name for entry in gallery.entries]
    ['b.png', 'a.png']
    """

    def __init__(self, models: Sequence[str]) -> None:
        self.models = list(models)
        self.entries: list[Entry] = []
        self.count = 0

    def add(self, measured: Measured) -> None:
        """Take up one picture, and leave another out when there are too many."""
        rows = measured.rows
        score = float(np.mean([rows[model]["ciede2000"] for model in self.models]))
        shown = [GRAY, *self.models, TRUTH]
        thumbnails = {method: Thumbnail.of(measured.pictures[method]) for method in shown}
        kept = {method: rows[method] for method in shown if method in rows}
        insort(self.entries, Entry(-score, self.count, measured.name, thumbnails, kept))
        self.count += 1
        if len(self.entries) > MOST:
            middle = range(ENDS, len(self.entries) - ENDS)
            del self.entries[max(middle, key=lambda place: _draw(self.entries[place].number))]

    @property
    def left_out(self) -> int:
        """How many pictures are not shown."""
        return self.count - len(self.entries)


def _draw(number: int) -> int:
    return zlib.crc32(number.to_bytes(8, "little"))
