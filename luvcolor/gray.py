"""Frames without their chroma: what a luminance-only camera would have seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from luvcolor_kernels import luminance, merge_chroma

if TYPE_CHECKING:
    from luvcolor.frame import Frame

__all__ = ["to_gray"]

_NO_CHROMA = np.zeros((2, 1, 1), np.float32)


def to_gray(frame: Frame) -> Frame:
    """Return the gray picture of equal L: every pixel keeps its CIE 1976 lightness.

    The weights apply to linear light (sRGB primaries, D65), unlike those of luma formulae such
    as Rec. 601, which darken saturated colours. Pixels that are gray already (R = G = B) keep
    their value exactly at 8 and 16 bits, and to 1e-6 in float.

    Parameters
    ----------
    frame
        RGB or gray; uint8, uint16 or float32.

    Returns
    -------
    Frame
        (H, W) of the same dtype, with the step ``"gray"``; alpha comes along. Gray frames keep
        their values.

    References
    ----------
    CIE 15:2004, "Colorimetry"; IEC 61966-2-1:1999 (sRGB).

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor.frame import Frame
    >>> red_and_gray = Frame(np.array([[[255, 0, 0], [90, 90, 90]]], np.uint8))
    >>> to_gray(red_and_gray).pixels
    array([[127,  90]], dtype=uint8)
    """
    if frame.is_gray:
        return frame.after("gray", pixels=frame.pixels)
    rgb = merge_chroma(luminance(frame.pixels), _NO_CHROMA, dtype=frame.pixels.dtype)
    return frame.after("gray", pixels=np.ascontiguousarray(rgb[..., 0]))
