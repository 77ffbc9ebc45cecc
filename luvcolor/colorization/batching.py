"""Frames on their way, held in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luvcolor.frame import Frame

__all__ = ["batch_for", "batches"]

ON_CPU, ON_GPU = 1, 16
HELD = 1 << 26
"""A batch ends when its pictures have this many pixels, however few they are."""


def batch_for(device: str) -> int:
    """Return how many frames are best predicted together on a device.

    Examples
    --------
    >>> batch_for("cpu"), batch_for("cuda:1")
    (1, 16)
    """
    return ON_CPU if device == "cpu" else ON_GPU


def batches(frames: Iterable[Frame], most: int) -> Iterator[list[Frame]]:
    """Yield frames in lists of at most `most`, drawn as they are needed.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor import Frame
    >>> [len(held) for held in batches([Frame(np.zeros((2, 2), np.uint8))] * 5, 2)]
    [2, 2, 1]
    """
    held: list[Frame] = []
    for frame in frames:
        held.append(frame)
        if len(held) >= most or sum(one.size[0] * one.size[1] for one in held) >= HELD:
            yield held
            held = []
    if held:
        yield held
