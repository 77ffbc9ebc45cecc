"""Points and strokes of colour, as a person sets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from reprlib import repr as short
from typing import Any, TypeGuard, TypeVar

import numpy as np

from luvcolor.errors import PictureError, UsageError
from luvcolor.hints.colors import chroma_of
from luvcolor.hints.paths import covered
from luvcolor.hints.pixels import HintPixels, refuse_other_aspect

__all__ = ["EXAMPLE", "Marks", "Point", "Stroke", "parse_point"]

EXAMPLE = (
    '{"points": [{"at": [120, 80], "color": "#aa2222", "radius": 2}], '
    '"strokes": [{"along": [[10, 20], [90, 25]], "width": 5, "color": "navy"}]}'
)
Place = tuple[float, float]
Mark = TypeVar("Mark", "Point", "Stroke")
LARGEST = 1e9
"""Place or length in pixels: far more than any picture has."""


@dataclass(frozen=True)
class Point:
    """A dot of colour.

    Attributes
    ----------
    at
        x and y in pixels; (0, 0) is the centre of the top left one.
    color
        A CSS name or ``#rrggbb``; only its chroma counts.
    radius
        In pixels; 0 is the nearest pixel alone.
    """

    at: Place
    color: str
    radius: float = 2

    def __post_init__(self) -> None:
        _check_places([self.at])
        _check_length("radius", self.radius)
        chroma_of(self.color)

    @property
    def path(self) -> tuple[Place, ...]:
        """The point alone."""
        return (self.at,)


@dataclass(frozen=True)
class Stroke:
    """A line of colour.

    Attributes
    ----------
    along
        x and y of its corners, as in `Point`.
    color
        As in `Point`.
    width
        In pixels.
    """

    along: Sequence[Place]
    color: str
    width: float = 5

    def __post_init__(self) -> None:
        _check_places(self.along)
        _check_length("width", self.width)
        chroma_of(self.color)

    @property
    def path(self) -> Sequence[Place]:
        """Its corners."""
        return self.along

    @property
    def radius(self) -> float:
        """Half its width."""
        return self.width / 2


@dataclass(frozen=True)
class Marks:
    """Points and strokes that belong to one picture, at whatever size it comes.

    Attributes
    ----------
    points, strokes
        Later ones cover earlier ones, and points cover strokes.
    size
        Width and height of the picture that their places are in; None for the picture's own.

    Examples
    --------
    >>> marks = Marks(points=(Point((1, 0), "red", radius=0),), size=(4, 2))
    >>> marks.drawn((4, 8)).places.tolist()
    [2, 3, 10, 11]
    """

    points: Sequence[Point] = ()
    strokes: Sequence[Stroke] = ()
    size: tuple[int, int] | None = None

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Marks:
        """Build them from what the JSON file holds; docs/hints.md describes it.

        Raises
        ------
        UsageError
            When it is none of that kind.

        Examples
        --------
        >>> Marks.from_json({"points": [{"at": [7, 3], "color": "navy"}]}).points
        [Point(at=(7, 3), color='navy', radius=2)]
        """
        try:
            if unknown := set(entry) - {"size", "points", "strokes"}:
                raise TypeError(f"the key {min(unknown)!r}")
            points = [_made(Point, one) for one in _listed(entry, "points")]
            strokes = [_made(Stroke, one) for one in _listed(entry, "strokes")]
            return cls(points, strokes, _checked_size(entry.get("size")))
        except TypeError as error:
            raise UsageError(f"expected hints such as {EXAMPLE}, found {error}") from error

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.points) + len(self.strokes)

    def drawn(self, size: tuple[int, int]) -> HintPixels:
        """Return the pixels that they set in a picture of some height and width.

        Raises
        ------
        PictureError
            When one lies outside, or they are meant for another aspect ratio.
        """
        height, width = size
        own = self.size or (width, height)
        refuse_other_aspect((own[1], own[0]), size)
        scale = np.array([width / own[0], height / own[1]])
        marks: list[Point | Stroke] = [*self.strokes, *self.points]
        each = (self._one(mark, scale, size) for mark in marks)
        return HintPixels.stacked(size, each)

    def _one(self, mark: Point | Stroke, scale: Any, size: tuple[int, int]) -> HintPixels:
        path = (np.array(mark.path, np.float64) + 0.5) * scale - 0.5
        places = covered(path, mark.radius * scale.min(), size)
        if not len(places):
            width, height = self.size or size[::-1]
            raise PictureError(
                f"expected hints inside the picture of {width}x{height} pixels, found one at "
                f'{list(mark.path[0])}; say the size they are meant for as "size": [width, height]'
            )
        return HintPixels(size, places, np.tile(chroma_of(mark.color), (len(places), 1)))


def parse_point(text: str) -> Point:
    """Read a hint of one point, such as ``120,80=#aa2222``.

    Raises
    ------
    UsageError
        When it is none.

    Examples
    --------
    >>> parse_point("120,80=#aa2222")
    Point(at=(120.0, 80.0), color='#aa2222', radius=2)
    """
    place, _, color = text.partition("=")
    try:
        x, y = map(float, place.split(","))
    except ValueError:
        raise UsageError(f"expected a hint such as 120,80=#aa2222, found {text!r}") from None
    return Point((x, y), color.strip())


def _listed(entry: Mapping[str, Any], key: str) -> Sequence[Any]:
    found = entry.get(key, [])
    if not isinstance(found, list | tuple):
        raise TypeError(f"{key!r} that are no list: {short(found)}")
    return found


def _made(kind: Callable[..., Mark], entry: Any) -> Mark:
    """Return a point or stroke, with places as tuples, which JSON has none of."""
    if not isinstance(entry, Mapping):
        raise TypeError(f"{short(entry)} in place of a {kind.__name__.lower()}")
    known = signature(kind).parameters
    if unknown := set(entry) - set(known):
        raise TypeError(f"the unexpected key {min(unknown)!r} in {short(entry)}")
    for name, field in known.items():
        if field.default is field.empty and name not in entry:
            raise TypeError(f"that {name!r} is missing in {short(entry)}")
    return kind(**{key: _tupled(value) for key, value in entry.items()})


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


def _check_places(places: Any) -> None:
    if not isinstance(places, list | tuple) or not places or not all(map(_is_place, places)):
        raise UsageError(f"expected places such as [120, 80], x and y in pixels, found {places!r}")


def _check_length(name: str, value: object) -> None:
    if not _is_number(value) or value < 0:
        raise UsageError(f"expected a {name} in pixels, such as 2, found {value!r}")


def _checked_size(size: Any) -> tuple[int, int] | None:
    if size is None:
        return None
    width, height = size if isinstance(size, list | tuple) and len(size) == 2 else (0, 0)
    if not (isinstance(width, int) and isinstance(height, int) and min(width, height) > 0):
        raise UsageError(f'expected "size": [width, height] in pixels, found {size!r}')
    return width, height


def _is_place(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))


def _is_number(value: object) -> TypeGuard[float]:
    is_bool = isinstance(value, bool)
    return isinstance(value, int | float) and not is_bool and abs(value) <= LARGEST
