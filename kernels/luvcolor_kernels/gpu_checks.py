"""Checks of the arguments of GPU kernels; their words are those of the CPU backend."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite
from operator import index
from typing import Any

import numpy as np

from luvcolor_kernels.views import ITEM_SIZES, View

LARGEST_RADIUS = 16


@lru_cache
def dtype_name(dtype: Any, choices: tuple[str, ...]) -> str:
    """Return the name of a type given as NumPy or torch give it, if it is one of ``choices``."""
    name = str(dtype).removeprefix("torch.")
    if name not in ITEM_SIZES:
        try:
            name = np.dtype(dtype).name
        except TypeError:
            name = str(dtype)
    if name not in choices:
        raise TypeError(f"dtype must be one of {', '.join(choices)}, not {name}")
    return name


def checked_type(view: View, name: str, types: tuple[str, ...]) -> View:
    """Return ``view`` if its type is one of ``types``."""
    if view.dtype not in types:
        raise TypeError(
            f"{name} must be one of {', '.join(types)}, not {view.dtype}; convert it first"
        )
    return view


def checked_contiguous(view: View, name: str) -> View:
    """Return ``view`` if it has no gaps."""
    if not view.contiguous:
        raise ValueError(f"{name} must be contiguous; pass a contiguous copy")
    return view


def channels_of(view: View, channel_axis: int, name: str) -> int:
    """Return the axis of the channels from the front, after checking that it holds three."""
    dimensions = len(view.shape)
    try:
        axis = index(channel_axis)
    except TypeError:
        raise TypeError(f"channel_axis must be an integer, not {channel_axis!r}") from None
    if not -dimensions <= axis < dimensions:
        raise ValueError(
            f"channel_axis={channel_axis} is out of range for {name} of shape {view.shape}"
        )
    if view.shape[axis] != 3:
        raise ValueError(
            f"{name} must have 3 channels along axis {channel_axis}, found shape {view.shape}; "
            "give channel_axis=-1 for (..., H, W, 3) or channel_axis=-3 for (..., 3, H, W)"
        )
    return axis % dimensions


def channels_or_gray(view: View, channel_axis: int | None) -> int | None:
    """Return None for gray: a picture of two dimensions, or what the caller calls gray."""
    if channel_axis is None or len(view.shape) == 2:
        return None
    try:
        return channels_of(view, channel_axis, "rgb_or_gray")
    except ValueError as error:
        raise ValueError(f"{error}, or channel_axis=None for gray of any shape") from None


def checked_size(size: Any) -> tuple[int, int]:
    """Return height and width, whole numbers of at least 1."""
    try:
        height, width = (index(side) for side in size)
    except (TypeError, ValueError):
        height = width = 0
    if min(height, width) < 1:
        raise ValueError(f"size must be (height, width), whole numbers of at least 1, not {size!r}")
    return height, width


def check_normalization(mean: float, std: float) -> None:
    """Check what luma_to_input subtracts and divides by."""
    if not (isfinite(mean) and isfinite(std) and std != 0):
        raise ValueError(f"mean and std must be finite, and std not 0, found {mean} and {std}")


def check_guided(radius: int, noise: float, steepest: float) -> None:
    """Check what chroma_to_rgb finds slopes with."""
    if not isinstance(radius, (int, np.integer)) or not 0 <= radius <= LARGEST_RADIUS:
        raise ValueError(f"radius must be a whole number of 0 to {LARGEST_RADIUS}, not {radius!r}")
    if not (isfinite(noise) and noise > 0):
        raise ValueError(f"noise must be a number above 0, not {noise!r}")
    if not (isfinite(steepest) and steepest >= 0):
        raise ValueError(f"steepest must be a number of at least 0, not {steepest!r}")


def shape_text(batch: tuple[int, ...], *rest: str) -> str:
    """Write a shape whose last lengths are letters."""
    return f"({', '.join([*map(str, batch), *rest])})"
