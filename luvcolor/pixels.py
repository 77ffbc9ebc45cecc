"""Pixels as three bytes each, for what looks at colours alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.io.depth import convert_depth

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["has_colour", "to_rgb8"]


def has_colour(pixels: NDArray[Any]) -> bool:
    """Return whether any pixel is other than gray: three channels, and not all of them equal.

    Examples
    --------
    >>> has_colour(np.full((2, 2, 3), 7, np.uint8)), has_colour(np.eye(3, dtype=np.uint8)[None])
    (False, True)
    """
    return pixels.ndim == 3 and not bool((pixels == pixels[..., :1]).all())


def to_rgb8(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return gray (H, W) or colour (H, W, 3) samples of any depth as (H, W, 3) uint8.

    Examples
    --------
    >>> to_rgb8(np.full((2, 4), 65535, np.uint16))[0, 0].tolist()
    [255, 255, 255]
    """
    narrow = convert_depth(pixels, "uint8")
    return np.stack([narrow] * 3, -1) if narrow.ndim == 2 else narrow
