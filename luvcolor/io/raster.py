"""What the format modules hand to the codec, and the limits they share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luvcolor.errors import PictureError

__all__ = ["MAX_PIXELS", "Decoded", "check_size", "join", "neutral", "split_alpha"]

MAX_PIXELS = 1 << 30
"""No picture may claim more: a few hundred bytes could otherwise ask for all memory."""


@dataclass
class Decoded:
    """A picture as its file has it: not yet upright, not yet in sRGB.

    `pixels` is (H, W), (H, W, 3), or (H, W, 4) for CMYK; `exif` still has its orientation, and
    `orientation` is set where the format keeps it elsewhere.
    """

    pixels: NDArray[Any]
    alpha: NDArray[Any] | None = None
    exif: bytes | None = None
    icc: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: dict[str, str] = field(default_factory=dict)
    orientation: int = 1


def check_size(width: int, height: int) -> None:
    """Refuse a picture that has no pixels, or more than any computer here could hold."""
    if width < 1 or height < 1:
        raise PictureError(f"expected at least one pixel, found {width} x {height}; make it anew")
    if width * height > MAX_PIXELS:
        raise PictureError(
            f"expected at most {MAX_PIXELS:,} pixels, found {width} x {height}; "
            "cut or shrink it first"
        )


def split_alpha(samples: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return samples (H, W[, 1 to 4]) as pixels and alpha; alpha is the second or fourth channel.

    Examples
    --------
    >>> pixels, alpha = split_alpha(np.zeros((2, 3, 2), np.uint8))
    >>> pixels.shape, alpha.shape
    ((2, 3), (2, 3))
    """
    if samples.ndim == 2:
        return samples, None
    channels = samples.shape[2]
    colours = samples[..., 0] if channels <= 2 else samples[..., :3]
    return colours, samples[..., -1] if channels in (2, 4) else None


def join(pixels: NDArray[Any], alpha: NDArray[Any] | None) -> NDArray[Any]:
    """Return pixels and alpha as one contiguous array, the inverse of `split_alpha`."""
    if alpha is None:
        return np.ascontiguousarray(pixels)
    return np.ascontiguousarray(np.dstack([pixels, alpha]))


def neutral(palette: NDArray[Any]) -> bool:
    """Whether a palette (N, 3) has no colour in it: then its picture is a gray one."""
    return bool((palette[:, :1] == palette).all())
