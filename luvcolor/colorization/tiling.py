"""Prediction in overlapping tiles, for what is too large to predict at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.colorization.planes import beside, zeros
from luvcolor.runtimes import Prediction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.hints import HintPlanes

__all__ = ["SMALLEST", "spans", "tile_sides", "tiled"]

STEP = 32
"""Tiles begin at multiples of this: networks halve a picture five times, and see it alike then."""
SMALLEST = 128 * 128
"""A tile of fewer pixels says nothing of what a thing is."""
OVERLAP = 64
"""Pixels in which tiles overlap at least; it is a quarter of a tile where that is more."""
BORDER = 0.25
"""Share of an overlap at its ends where the tile that ends there, its border near, says nothing."""


def tiled(
    run: Callable[..., Prediction], luma: Any, limit: int, hints: HintPlanes | None = None
) -> Prediction:
    """Predict in tiles of at most `limit` pixels, and blend them.

    Parameters
    ----------
    run
        Predicts chroma for luma (1, 1, h, w) of any size, and hints of that size, if any.
    luma
        (1, 1, H, W), NumPy or a tensor.
    limit
        At least `SMALLEST`.
    hints
        For the whole picture.

    Returns
    -------
    Prediction
        Of the size of `luma`. Weights of tiles rise and fall smoothly over their overlaps and add
        up to one.

    Examples
    --------
    >>> def flat(x):
    ...     return Prediction(np.repeat(x, 2, 1), x)
    >>> luma = np.random.default_rng(0).random((1, 1, 300, 500), np.float32)
    >>> bool(np.allclose(tiled(flat, luma, SMALLEST).confidence, luma))
    True
    """
    height, width = luma.shape[-2:]
    sides = tile_sides((height, width), limit)
    uv, confidence = zeros(luma, (1, 2, height, width)), None
    for (top, bottom), down in _weighted(height, sides[0]):
        for (left, right), across in _weighted(width, sides[1]):
            place = (..., slice(top, bottom), slice(left, right))
            found = run(luma[place]) if hints is None else run(luma[place], hints.part(place))
            weight = beside(luma, down[:, None] * across)
            uv[place] += weight * found.uv
            if found.confidence is not None:
                confidence = (
                    zeros(luma, (1, 1, height, width)) if confidence is None else confidence
                )
                confidence[place] += weight * found.confidence
    return Prediction(uv, confidence)


def tile_sides(size: tuple[int, int], limit: int) -> tuple[int, int]:
    """Return height and width of the largest tiles: square, but for what is narrower than that.

    Examples
    --------
    >>> tile_sides((2000, 3000), 1 << 20), tile_sides((192, 5760), 1 << 18)
    ((1024, 1024), (192, 1344))
    """
    height, width = size
    side = _aligned(math.isqrt(limit))
    if height <= side:
        return height, _aligned(limit // height)
    if width <= side:
        return _aligned(limit // width), width
    return side, side


def spans(length: int, side: int) -> list[tuple[int, int]]:
    """Return begin and end of tiles of `side` that cover `length`; see `OVERLAP`.

    Examples
    --------
    >>> spans(300, 128), spans(100, 128)
    ([(0, 128), (64, 192), (128, 256), (192, 300)], [(0, 100)])
    """
    if length <= side:
        return [(0, length)]
    steps = -(-(length - side) // STEP)
    stride = (side - max(OVERLAP, side // 4)) // STEP
    tiles = -(-steps // stride)
    begins = [steps * number // tiles * STEP for number in range(tiles + 1)]
    return [(begin, min(begin + side, length)) for begin in begins]


def _weighted(length: int, side: int) -> Iterator[tuple[tuple[int, int], NDArray[np.float32]]]:
    """Yield the spans, each with the weights of its pixels."""
    found = spans(length, side)
    windows = [np.ones(end - begin, np.float32) for begin, end in found]
    for number, ((_, end), (begin, _)) in enumerate(pairwise(found)):
        ramp = _ramp(end - begin)
        windows[number][-len(ramp) :] *= 1 - ramp
        windows[number + 1][: len(ramp)] *= ramp
    total = np.zeros(length, np.float32)
    for (begin, end), window in zip(found, windows, strict=True):
        total[begin:end] += window
    for (begin, end), window in zip(found, windows, strict=True):
        yield (begin, end), window / total[begin:end]


def _ramp(length: int) -> NDArray[np.float32]:
    """Return a smooth rise from 0 to 1, flat at both ends."""
    place = (np.arange(length, dtype=np.float32) + 0.5) / length
    t = ((place - BORDER) / (1 - 2 * BORDER)).clip(0, 1)
    rise: NDArray[np.float32] = t * t * (3 - 2 * t)
    return rise


def _aligned(side: int) -> int:
    return max(STEP, side // STEP * STEP)
