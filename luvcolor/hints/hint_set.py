"""What a person adds to a picture: drawings of colour, a picture to take colours from, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from luvcolor.errors import LuvcolorError, PictureError
from luvcolor.hints.pixels import HintPixels
from luvcolor.hints.planes import COLOURS, REFERENCE, HintPlanes

if TYPE_CHECKING:
    from luvcolor.frame import Frame
    from luvcolor.hints.reference import Reference

__all__ = ["Drawing", "HintSet", "Hinted"]


class Drawing(Protocol):
    """Colours for pixels of a picture: `Marks`, or `HintPixels` of a layer."""

    @property
    def count(self) -> int:
        """How many hints it holds."""
        ...

    def drawn(self, size: tuple[int, int]) -> HintPixels:
        """Return the pixels that it sets in a picture of some height and width."""
        ...


@dataclass(frozen=True, eq=False)
class HintSet:
    """Hints for pictures; added up, the later ones cover the earlier.

    It is a `luvcolor.hints.HintSource` itself, of the same hints for every picture.

    Attributes
    ----------
    drawings
        Colours at pixels.
    reference
        A picture to take colours from.
    files
        Where the drawings were read from.

    Examples
    --------
    >>> from luvcolor.hints import Marks, Point
    >>> hints = HintSet((Marks([Point((3, 2), "navy")]),))
    >>> hints.kinds, (hints + hints).count, bool(HintSet())
    (('colours',), 2, False)
    """

    drawings: tuple[Drawing, ...] = ()
    reference: Reference | None = None
    files: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.kinds)

    def __add__(self, other: HintSet) -> HintSet:
        return HintSet(
            self.drawings + other.drawings,
            other.reference or self.reference,
            tuple(dict.fromkeys(self.files + other.files)),
        )

    @property
    def kinds(self) -> tuple[str, ...]:
        """What they are, among ``"colours"`` and ``"reference"``."""
        given = {COLOURS: self.count > 0, REFERENCE: self.reference is not None}
        return tuple(kind for kind, there in given.items() if there)

    @property
    def count(self) -> int:
        """How many points, strokes and pixels of layers there are."""
        return sum(drawing.count for drawing in self.drawings)

    def of(self, frame: Frame) -> HintSet:
        """Return these, whatever the picture."""
        return self

    def on(self, frame: Frame) -> Hinted:
        """Draw them on a picture.

        Raises
        ------
        PictureError
            When they do not fit it.
        """
        try:
            layers = [drawing.drawn(frame.size) for drawing in self.drawings]
        except LuvcolorError as error:
            raise PictureError(f"{frame.name or 'picture'}: {error}") from error
        return Hinted(self, HintPixels.stacked(frame.size, layers))


@dataclass(frozen=True, eq=False)
class Hinted:
    """Hints, drawn on one picture.

    Attributes
    ----------
    hints
        The hints.
    pixels
        The pixels of the picture that they set.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor import Frame
    >>> from luvcolor.hints import Marks, Point
    >>> hinted = HintSet((Marks([Point((3, 2), "navy")]),)).on(Frame(np.zeros((80, 60), np.uint8)))
    >>> int(hinted.planes((8, 6)).mask.sum())
    1
    """

    hints: HintSet
    pixels: HintPixels

    def planes(self, size: tuple[int, int]) -> HintPlanes:
        """Return them at the height and width at which a model sees the picture."""
        uv, mask = self.pixels.at(size).planes()
        reference = self.hints.reference
        return HintPlanes(uv, mask, None if reference is None else reference.luv)
