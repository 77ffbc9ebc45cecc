"""Which pixels a point or a stroke covers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["covered"]

LEAST = 0.7072
"""No place in a picture is further from the nearest pixel's centre; so nothing covers no pixel."""
PIECE = 64.0
"""Long segments are looked at in pieces of so many pixels: little but them lies around each."""


def covered(path: NDArray[np.float64], radius: float, size: tuple[int, int]) -> NDArray[np.intp]:
    """Return the pixels whose centres lie within `radius` of a path.

    Parameters
    ----------
    path
        (n, 2) x and y of its corners, in pixels; (0, 0) is the centre of the top left pixel. One
        corner alone is a point.
    radius
        In pixels; the pixels nearest to the path are covered however small it is.
    size
        Height and width of the picture.

    Returns
    -------
    places : (m,)
        ``row * width + column``, ascending; none where all of the path lies outside.

    Examples
    --------
    >>> covered(np.array([[1.0, 1.0]]), 1, (4, 4)).tolist()
    [1, 4, 5, 6, 9]
    >>> covered(np.array([[0.0, 0.0], [3.0, 3.0]]), 0.5, (4, 4)).tolist()
    [0, 1, 4, 5, 6, 9, 10, 11, 14, 15]
    """
    reach = max(radius, LEAST)
    found = [_around(a, b, reach, size) for a, b in _pieces(path, reach, size)]
    return np.unique(np.concatenate([np.empty(0, np.intp), *found]))


def _pieces(
    path: NDArray[np.float64], reach: float, size: tuple[int, int]
) -> Iterator[NDArray[np.float64]]:
    """Yield both ends of short segments that together are what matters of the path."""
    longest = max(PIECE, 2 * reach)
    if len(path) == 1:
        yield path[[0, 0]]
    for segment in pairwise(path):
        start, end = _near(np.array(segment), reach + 1, size)
        count = max(1, math.ceil(math.dist(start, end) / longest))
        for ends in pairwise(np.linspace(start, end, count + 1)):
            yield np.array(ends)


def _near(segment: NDArray[np.float64], reach: float, size: tuple[int, int]) -> NDArray[np.float64]:
    """Cut a segment to what lies in the picture or within reach of it; one far off to its start.

    Examples
    --------
    >>> _near(np.array([[1.0, 2.0], [901.0, 2.0]]), 3, (10, 10)).tolist()
    [[1.0, 2.0], [13.0, 2.0]]
    """
    start, step = segment[0], segment[1] - segment[0]
    low, high = np.full(2, -reach), np.array(size[::-1]) + reach
    moves = step != 0
    ends = (np.stack([low, high]) - start)[:, moves] / step[moves]
    enters, leaves = ends.min(0).max(initial=0), ends.max(0).min(initial=1)
    return start + np.array([[enters], [leaves]]) * step if enters < leaves else segment[[0, 0]]


def _around(
    start: NDArray[np.float64], end: NDArray[np.float64], reach: float, size: tuple[int, int]
) -> NDArray[np.intp]:
    """Return the pixels within reach of one segment."""
    low, high = np.minimum(start, end) - reach, np.maximum(start, end) + reach
    left, top = np.ceil(low).astype(int).clip(0)
    right, bottom = np.floor(high).astype(int) + 1
    x, y = np.arange(left, min(right, size[1])), np.arange(top, min(bottom, size[0]))[:, None]
    (along_x, along_y), (dx, dy) = end - start, (x - start[0], y - start[1])
    length = along_x**2 + along_y**2
    share = ((dx * along_x + dy * along_y) / length).clip(0, 1) if length else 0.0
    near = (dx - share * along_x) ** 2 + (dy - share * along_y) ** 2 <= reach**2
    places: NDArray[np.intp] = (y * size[1] + x)[near]
    return places
