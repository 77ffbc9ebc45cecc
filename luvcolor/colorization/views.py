"""How a model sees a picture: its luma, at one size whatever the picture's own is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import luvcolor_kernels as kernels
from luvcolor.colorization.planes import beside, on_host

__all__ = ["model_size", "view"]

ELONGATED = 16
"""A picture is enlarged to no more pixels than one this many times as long as it is wide has."""


def model_size(size: tuple[int, ...], short_side: int, *, grow: bool = True) -> tuple[int, int]:
    """Return the height and width at which a model sees a picture.

    The short side is `short_side`, for small pictures as well: colours depend on the size that a
    model sees, and so the size is to depend on nothing. Only a strip too long for that is enlarged
    less. A model that has learned no size sees small pictures as they are: it has `grow` False.

    Examples
    --------
    >>> model_size((480, 640), 192), model_size((48, 64), 192)
    ((192, 256), (192, 256))
    >>> model_size((1, 10000), 192), model_size((48, 64), 192, grow=False)
    ((8, 76800), (48, 64))
    """
    height, width = size
    scale = short_side / min(height, width)
    if scale > 1 and not grow:
        return height, width
    if scale > 1:
        bound = short_side * math.sqrt(ELONGATED / (height * width))
        scale = max(1.0, min(scale, bound))
    return max(1, round(height * scale)), max(1, round(width * scale))


def view(picture: Any, short_side: int, *, grow: bool = True) -> Any:
    """Return a picture's luma as a model sees it.

    Parameters
    ----------
    picture
        Gray (H, W) or sRGB (H, W, 3), of the types that `luma_to_input` takes.
    short_side, grow
        See `model_size`.

    Returns
    -------
    x : (1, 1, h, w) float32
        L / 100: the mean over the area of each pixel; where the picture grows, bicubic.

    Examples
    --------
    >>> view(np.full((10, 20), 255, np.uint8), 16)[0, 0, 0, :3].tolist()
    [1.0, 1.0, 1.0]
    """
    size = tuple(picture.shape[:2])
    target = model_size(size, short_side, grow=grow)
    if target[0] <= size[0]:
        return kernels.luma_to_input(picture, target)
    own = kernels.luma_to_input(picture, size)
    return beside(own, _bicubic(on_host(own)[0, 0], target)[None, None])


def _bicubic(plane: Any, size: tuple[int, int]) -> Any:
    from PIL import Image

    grown = Image.fromarray(plane).resize(size[::-1], Image.Resampling.BICUBIC)
    return np.asarray(grown).clip(0, 1)
