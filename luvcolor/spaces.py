"""The spaces in which colours are compared, and pixels as points in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np

from luvcolor.errors import UsageError
from luvcolor_kernels import rgb_to_luv

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DIMENSIONS", "Space", "known_space", "to_points"]

Space = Literal["luv", "rgb", "uv"]

DIMENSIONS: dict[Space, int] = {"luv": 3, "rgb": 3, "uv": 2}


def known_space(space: object) -> Space:
    """Refuse unknown spaces.

    Raises
    ------
    UsageError
        If there is no such space.
    """
    if space not in get_args(Space):
        raise UsageError(f"unknown space {space!r}; known ones: {', '.join(get_args(Space))}")
    return cast("Space", space)


def to_points(rgb: NDArray[Any], space: Space) -> NDArray[np.float32]:
    """Return sRGB of any bit depth as coordinates in a space.

    Examples
    --------
    >>> to_points(np.array([[0.5, 0, 1]], np.float32), "rgb").tolist()
    [[127.5, 0.0, 255.0]]
    """
    if space == "rgb":
        scale = {"u1": 1.0, "u2": 1 / 257}.get(rgb.dtype.str[1:], 255.0)
        return rgb.astype(np.float32) * np.float32(scale)
    luv = rgb_to_luv(rgb)
    return luv if space == "luv" else np.ascontiguousarray(luv[..., 1:])
