"""How little the colours of a picture change with the size it comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import luvcolor_kernels as kernels
from luvcolor.errors import LuvcolorError, PictureError
from luvcolor.frame import Frame
from luvcolor.gray import to_gray
from luvcolor.resize import resize

if TYPE_CHECKING:
    from luvcolor.colorization.engine import Engine

__all__ = ["Stability", "chroma_distance", "stability"]


class Stability(NamedTuple):
    """Mean distances of chroma between colourings of pictures at three sizes, in u*, v*.

    Attributes
    ----------
    half_same, same_double, half_double
        Between half the size and the size as it is, that and double the size, half and double.
    """

    half_same: float
    same_double: float
    half_double: float


def stability(
    frames: Iterable[Frame], engine: Engine, *, failed: Callable[[str, LuvcolorError], None]
) -> Stability:
    """Colour pictures at half, same and double size, and compare.

    Parameters
    ----------
    frames
        Pictures of at least 2 pixels a side; of those in colour, only the luma is used.
    engine
        The model.
    failed
        Called with the name and reason of every picture that cannot be coloured.

    Returns
    -------
    Stability
        Means over the pictures.

    Raises
    ------
    PictureError
        When none could be coloured.

    Examples
    --------
    >>> from luvcolor import Engine
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> frames = [Frame(np.full((40, 60), 99, np.uint8))]
    >>> found = stability(frames, Engine.open(find_checkpoint(None)), failed=print)
    >>> max(found) < 6
    True
    """
    found = []
    for frame in frames:
        try:
            half, same, double = (engine(one) for one in _at_three_sizes(to_gray(frame)))
        except LuvcolorError as error:
            failed(frame.name or "picture", error)
            continue
        pairs = ((half, same), (same, double), (half, double))
        found.append([chroma_distance(*pair) for pair in pairs])
    if not found:
        raise PictureError("expected pictures to colour at three sizes, found none")
    return Stability(*(float(mean) for mean in np.mean(found, 0)))


def chroma_distance(one: Frame, other: Frame) -> float:
    """Return the mean distance of u*, v* over the pixels of two pictures of one scene.

    The larger is brought to the size of the smaller, by the mean over the area of each pixel.

    Examples
    --------
    >>> red, gray = (np.full((4, 4, 3), rgb, np.uint8) for rgb in ([255, 0, 0], [99, 99, 99]))
    >>> round(chroma_distance(Frame(red), Frame(gray)))
    179
    """
    small, large = sorted((one, other), key=lambda frame: frame.size)
    pair = (small, resize(large, size=small.size))
    first, second = (kernels.rgb_to_luv(frame.pixels)[..., 1:] for frame in pair)
    return float(np.hypot(*np.moveaxis(first - second, -1, 0)).mean())


def _at_three_sizes(frame: Frame) -> tuple[Frame, Frame, Frame]:
    height, width = frame.size
    half = resize(frame, size=(max(1, height // 2), max(1, width // 2)))
    return half, frame, resize(frame, size=(2 * height, 2 * width))
