"""A picture in colour that a model may take colours from."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from luvcolor.errors import UsageError
from luvcolor.pixels import has_colour
from luvcolor.resize import resize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.frame import Frame

__all__ = ["Reference"]

MOST = 1 << 18
"""Pixels, about 512 x 512: enough for every colour of a picture and what it lies on."""


@dataclass(frozen=True, eq=False)
class Reference:
    """A picture in colour, as models get it.

    Attributes
    ----------
    name
        Of the picture.
    luv
        (1, 3, h, w) float32, L (0..100), u* and v*.
    fingerprint
        Begins the SHA-256 of `luv`.

    Examples
    --------
    >>> from luvcolor import Frame
    >>> Reference.of(Frame(np.full((4, 6, 3), (200, 30, 30), np.uint8))).luv.shape
    (1, 3, 4, 6)
    """

    name: str
    luv: NDArray[np.float32]
    fingerprint: str

    @classmethod
    def of(cls, frame: Frame) -> Reference:
        """Take a picture for a reference, shrunk to about 512 x 512 pixels where it is larger.

        Raises
        ------
        UsageError
            When it has no colours.
        """
        import luvcolor_kernels as kernels

        if not has_colour(frame.pixels):
            raise UsageError(
                f"{frame.name or 'reference'}: expected a picture in colour to take colours from, "
                "found a gray one"
            )
        scale = min(1.0, math.sqrt(MOST / (frame.size[0] * frame.size[1])))
        height, width = (max(1, round(side * scale)) for side in frame.size)
        luv = kernels.rgb_to_luv(resize(frame, size=(height, width)).pixels)
        planes = np.ascontiguousarray(np.moveaxis(luv, -1, 0)[None])
        return cls(frame.name, planes, hashlib.sha256(planes.tobytes()).hexdigest()[:16])
