"""Checks and views shared by the kernels that run on NumPy arrays."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

RGB_INPUTS = ("uint8", "uint16", "float16", "float32", "float64")
FLOATS = ("float16", "float32", "float64")


def as_array(value: Any, name: str, dtypes: tuple[str, ...]) -> Array:
    """Return ``value`` as an array of one of ``dtypes``; wider and narrower floats as float32."""
    array = np.asarray(value)
    if array.dtype.name not in dtypes:
        raise TypeError(
            f"{name} must be one of {', '.join(dtypes)}, not {array.dtype}; "
            "convert it first, for example with .astype(numpy.float32)"
        )
    return array.astype(np.float32, copy=False) if array.dtype.kind == "f" else array


def checked_axis(array: Array, channel_axis: int, name: str) -> int:
    """Return ``channel_axis`` counted from the front, after checking that it holds 3 channels."""
    if not isinstance(channel_axis, (int, np.integer)):
        raise TypeError(f"channel_axis must be an integer, not {channel_axis!r}")
    if not -array.ndim <= channel_axis < array.ndim:
        raise ValueError(
            f"channel_axis={channel_axis} is out of range for {name} of shape {array.shape}"
        )
    if array.shape[channel_axis] != 3:
        raise ValueError(
            f"{name} must have 3 channels along axis {channel_axis}, found shape {array.shape}; "
            "give channel_axis=-1 for (..., H, W, 3) or channel_axis=-3 for (..., 3, H, W)"
        )
    return int(channel_axis) % array.ndim


def pixel_view(array: Array, axis: int) -> Array | None:
    """View pixels without a copy: flat if interleaved, (pictures, 3, pixels) if planar.

    What counts is the order in memory, so the transposed view of an interleaved picture is flat.
    The pixels are in the order of the other axes either way. None if memory is in no such order.
    """
    for position in reversed(range(array.ndim)):
        moved = np.moveaxis(array, axis, position)
        if moved.flags.c_contiguous:
            if position == array.ndim - 1:
                return moved.reshape(-1)
            pictures = prod(moved.shape[:position])
            return moved.reshape(pictures, 3, moved.size // (3 * pictures))
    return None


def readable_pixels(array: Array, axis: int) -> Array:
    """View pixels, of a copy where needed."""
    view = pixel_view(array, axis)
    if view is None:
        view = pixel_view(np.ascontiguousarray(array), axis)
        assert view is not None
    return view


def pixels_per_plane(*views: Array) -> int:
    """Return how many pixels a block may run through before a plane ends."""
    planes = [view.shape[2] for view in views if view.ndim == 3]
    return planes[0] if planes else views[0].size // 3


def checked_out(
    out: Array | None, shape: tuple[int, ...], dtype: npt.DTypeLike, like: Array | None = None
) -> Array:
    """Return ``out`` after checking it, or a new array (in the memory order of ``like``)."""
    if out is None:
        if like is not None:
            return np.empty_like(like, dtype=dtype, shape=shape, subok=False)
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a numpy.ndarray like the input, not {type(out).__name__}")
    if out.dtype != np.dtype(dtype):
        raise TypeError(f"out must be of type {np.dtype(dtype)}, not {out.dtype}")
    if out.shape != shape:
        raise ValueError(f"out must be of shape {shape}, not {out.shape}")
    if not out.flags.writeable:
        raise ValueError("out must be writeable; this one is read-only: give a copy")
    return out


def checked_dtype(dtype: npt.DTypeLike, choices: tuple[str, ...]) -> np.dtype[Any]:
    """Return ``dtype`` if it is one of ``choices``."""
    result = np.dtype(dtype)
    if result.name not in choices:
        raise TypeError(f"dtype must be one of {', '.join(choices)}, not {result}")
    return result


def apart(source: Array, out: Array) -> Array:
    """Return ``source``, copied if writing ``out`` could change what is still to be read."""
    return source.copy() if np.may_share_memory(source, out) else source
