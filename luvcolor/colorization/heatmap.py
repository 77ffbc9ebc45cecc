"""A picture of how sure a model is, to be laid beside what it coloured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.colorization.planes import enlarged
from luvcolor.frame import Frame, Metadata

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["heat_map"]

COLORS = "viridis"
"""Perceptually uniform, dark where a model is in doubt, bright where it is sure."""
GAMMA = 0.5
"""A model that chooses among a hundred colours is seldom surer than one half; so the lower half is
given more of the colours."""


def heat_map(confidence: NDArray[Any], frame: Frame) -> Frame:
    """Return confidence as a picture of a frame's size and name.

    Parameters
    ----------
    confidence
        (h, w) of 0..1, of any size.
    frame
        The picture that it is about.

    Returns
    -------
    Frame
        (H, W, 3) uint8, from dark violet (0) over green (0.4) to yellow (1); by the square root.

    Examples
    --------
    >>> frame = Frame(np.zeros((40, 60), np.uint8), name="a.jpg")
    >>> heat_map(np.zeros((4, 6), np.float32), frame).pixels[0, 0].tolist()
    [68, 1, 84]
    """
    from matplotlib import colormaps

    full = enlarged(np.asarray(confidence, np.float32)[None, None], frame.size)[0, 0]
    levels = np.rint(full.clip(0, 1) ** GAMMA * 255).astype(np.uint8)
    colors = colormaps[COLORS](np.arange(256), bytes=True)[:, :3]
    metadata = Metadata(dpi=frame.metadata.dpi)
    return replace(
        Frame(np.ascontiguousarray(colors[levels]), name=frame.name, metadata=metadata),
        step="confidence",
    )
