"""Hints from the truth itself: what a model makes of a few pixels whose colours it is told."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

import luvcolor_kernels as kernels
from luvcolor.errors import UsageError
from luvcolor.hints import COLOURS, HintPixels, HintSet

if TYPE_CHECKING:
    from luvcolor.frame import Frame

__all__ = ["Revealed"]


class Revealed:
    """Reveals pixels of pictures in colour; a `luvcolor.hints.HintSource`.

    Which pixels is drawn by a seed of the picture's own: the same ones for the same picture,
    whatever others are measured and in whatever order, and the first of them for a smaller count.

    Parameters
    ----------
    count
        How many of each picture; all of one that has fewer.

    Raises
    ------
    UsageError
        When there are to be fewer than one.

    Examples
    --------
    >>> from luvcolor import Frame
    >>> sky = Frame(np.full((40, 40, 3), (90, 120, 200), np.uint8))
    >>> Revealed(5).of(sky).on(sky).pixels.uv.round().tolist()[0]
    [-16.0, -70.0]
    """

    kinds = (COLOURS,)

    def __init__(self, count: int) -> None:
        if count < 1:
            raise UsageError(f"expected at least 1 pixel to reveal, found {count}")
        self.count = count

    def of(self, frame: Frame) -> HintSet:
        """Return some pixels of a picture, with their colours."""
        digest = hashlib.sha256(np.ascontiguousarray(frame.pixels).tobytes()).digest()
        drawn = np.random.default_rng(list(digest)).permutation(frame.size[0] * frame.size[1])
        places = np.sort(drawn[: self.count])
        rgb = np.ascontiguousarray(frame.pixels.reshape(1, -1, 3)[:, places])
        uv = np.ascontiguousarray(kernels.rgb_to_luv(rgb)[0, :, 1:])
        return HintSet((HintPixels(frame.size, places, uv),))
