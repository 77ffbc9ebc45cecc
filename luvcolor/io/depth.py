"""From one pixel type to another: the full range of one is the full range of the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["convert_depth", "stretch"]

_TOP = {"uint8": 255, "uint16": 65535, "float32": 1}


def convert_depth(pixels: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Return pixels as `dtype` (uint8, uint16 or float32), rounded to the nearest value.

    Parameters
    ----------
    pixels
        Any shape; uint8 0..255, uint16 0..65535 or float32 0..1 (outside is clipped).
    dtype
        ``"uint8"``, ``"uint16"`` or ``"float32"``.

    Examples
    --------
    >>> convert_depth(np.array([0, 128, 32768, 65535], np.uint16), "uint8").tolist()
    [0, 0, 128, 255]
    """
    source = pixels.dtype.name
    if source == dtype:
        return pixels
    if source == "uint8" and dtype == "uint16":
        return pixels.astype(np.uint16) * np.uint16(257)
    if source == "uint16" and dtype == "uint8":
        # 65535 = 255 * 257, so this is exact rounding in integers.
        return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if dtype == "float32":
        return pixels.astype(np.float32) / np.float32(_TOP[source])
    # Halves go up, as they do in the integer branch.
    top = _TOP[dtype]
    scaled = np.clip(np.nan_to_num(pixels), 0, 1).astype(np.float64) * top + 0.5
    converted: NDArray[Any] = scaled.astype(dtype)
    return converted


def stretch(samples: NDArray[Any], top: int) -> NDArray[Any]:
    """Stretch integer samples 0..`top` to the full range of the type that holds them.

    Up to 255 that type is uint8, beyond it is uint16: 12-bit scans become uint16 0..65535.
    """
    dtype, full = (np.uint8, 255) if top <= 255 else (np.uint16, 65535)
    if top == full:
        return samples.astype(dtype, copy=False)
    wide = np.minimum(samples, top).astype(np.uint32)
    stretched: NDArray[Any] = ((wide * full + top // 2) // top).astype(dtype)
    return stretched
