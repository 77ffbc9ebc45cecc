"""The pixels that hints set, and what becomes of them at another size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from luvcolor.errors import PictureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HintPixels", "refuse_other_aspect"]

Size = tuple[int, int]


@dataclass(frozen=True, eq=False)
class HintPixels:
    """Chroma at some pixels of a picture.

    Attributes
    ----------
    size
        Height and width of the picture.
    places
        (n,) ``row * width + column`` of each pixel, ascending.
    uv
        (n, 2) float32, u* and v* of each.

    Examples
    --------
    >>> pixels = HintPixels((4, 4), np.array([0, 1]), np.array([[10, 0], [20, 0]], np.float32))
    >>> uv, mask = pixels.at((2, 2)).planes()
    >>> uv[0, 0].tolist(), mask[0, 0].tolist()
    ([[15.0, 0.0], [0.0, 0.0]], [[True, False], [False, False]])
    """

    size: Size
    places: NDArray[np.intp]
    uv: NDArray[np.float32]

    @property
    def count(self) -> int:
        """How many pixels there are."""
        return len(self.places)

    @classmethod
    def stacked(cls, size: Size, layers: Iterable[HintPixels]) -> HintPixels:
        """Return the pixels of several of one size; where they meet, the last one's."""
        each = [HintPixels(size, np.empty(0, np.intp), np.empty((0, 2), np.float32)), *layers]
        places = np.concatenate([one.places for one in each])[::-1]
        uv = np.concatenate([one.uv for one in each])[::-1]
        kept, first = np.unique(places, return_index=True)
        return cls(size, kept, uv[first])

    def drawn(self, size: Size) -> HintPixels:
        """Return them in a picture of another scale.

        Raises
        ------
        PictureError
            When it has another aspect ratio.
        """
        refuse_other_aspect(self.size, size)
        return self.at(size)

    def at(self, size: Size) -> HintPixels:
        """Return them where the picture has another size.

        None vanishes: where the picture shrinks, a pixel is set if one of those that it covers is,
        to their mean; where it grows, each becomes a block.
        """
        if size == self.size:
            return self
        grows = size[0] >= self.size[0] and size[1] >= self.size[1]
        return self._grown(size) if grows else self._shrunk(size)

    def planes(self) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return them as planes: uv (1, 2, h, w), 0 where there are none, and mask (1, 1, h, w)."""
        uv = np.zeros((2, self.size[0] * self.size[1]), np.float32)
        mask = np.zeros(self.size[0] * self.size[1], bool)
        uv[:, self.places], mask[self.places] = self.uv.T, True
        return uv.reshape(1, 2, *self.size), mask.reshape(1, 1, *self.size)

    def _shrunk(self, size: Size) -> HintPixels:
        (height, width), (rows, columns) = self.size, np.divmod(self.places, self.size[1])
        # Where the pixel's centre comes to lie, in whole numbers.
        row = (2 * rows + 1) * size[0] // (2 * height)
        column = (2 * columns + 1) * size[1] // (2 * width)
        places, which = np.unique(row * size[1] + column, return_inverse=True)
        count = np.bincount(which, minlength=len(places))
        sums = [np.bincount(which, part, len(places)) for part in self.uv.T]
        return HintPixels(size, places, (np.stack(sums, -1) / count[:, None]).astype(np.float32))

    def _grown(self, size: Size) -> HintPixels:
        rows, columns = np.divmod(self.places, self.size[1])
        top, tall = _blocks(rows, self.size[0], size[0])
        left, wide = _blocks(columns, self.size[1], size[1])
        count = tall * wide
        which = np.repeat(np.arange(self.count), count)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        row, column = top[which] + within // wide[which], left[which] + within % wide[which]
        places = row * size[1] + column
        order = np.argsort(places)
        return HintPixels(size, places[order], self.uv[which[order]])


def refuse_other_aspect(size: Size, picture: Size) -> None:
    """Raise PictureError where two sizes are not the same up to scale and a pixel of rounding.

    Examples
    --------
    >>> refuse_other_aspect((240, 320), (481, 640))
    >>> refuse_other_aspect((240, 320), (480, 480))
    Traceback (most recent call last):
    ...
    luvcolor.errors.PictureError: expected hints for a picture of 480x480 pixels or that aspect \
ratio, found some for 320x240; make them anew on this picture
    """
    (own_height, own_width), (height, width) = size, picture
    apart = abs(own_height * width - height * own_width)
    if apart > max(*size, *picture):
        raise PictureError(
            f"expected hints for a picture of {width}x{height} pixels or that aspect ratio, found "
            f"some for {own_width}x{own_height}; make them anew on this picture"
        )


def _blocks(
    index: NDArray[np.intp], before: int, after: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return begin and length of the pixels whose centres lie in each of those that grow."""
    edges = -((before - 2 * after * np.arange(before + 1)) // (2 * before))
    return edges[index], edges[index + 1] - edges[index]
