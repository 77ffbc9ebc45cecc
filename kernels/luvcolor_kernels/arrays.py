"""Checks and views shared by the kernels that run on NumPy arrays."""

from __future__ import annotations

from functools import cache
from math import isfinite, prod
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

RGB_INPUTS = ("uint8", "uint16", "float16", "float32", "float64")
FLOATS = ("float16", "float32", "float64")


@cache
def _types(names: tuple[str, ...]) -> frozenset[np.dtype[Any]]:
    """Return types to compare with: dtype.name takes longer than a small picture does."""
    return frozenset(np.dtype(name) for name in names)


def as_array(value: Any, name: str, dtypes: tuple[str, ...]) -> Array:
    """Return ``value`` as an array of one of ``dtypes``; wider and narrower floats as float32."""
    array = np.asarray(value)
    if array.dtype not in _types(dtypes):
        native = array.dtype.newbyteorder("=")
        if native not in _types(dtypes):
            raise TypeError(
                f"{name} must be one of {', '.join(dtypes)}, not {array.dtype}; "
                "convert it first, for example with .astype(numpy.float32)"
            )
        array = array.astype(native)
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


def checked_new_axis(array: Array, channel_axis: int) -> int:
    """Return where ``channel_axis`` puts channels into ``array``, counted from the front."""
    if not isinstance(channel_axis, (int, np.integer)):
        raise TypeError(f"channel_axis must be an integer, not {channel_axis!r}")
    dimensions = array.ndim + 1
    if not -dimensions <= channel_axis < dimensions:
        raise ValueError(
            f"channel_axis={channel_axis} is out of range for a result of {dimensions} dimensions; "
            "give -1 for (..., H, W, 3) or -3 for (..., 3, H, W)"
        )
    return int(channel_axis) % dimensions


def pixel_view(array: Array, axis: int) -> Array | None:
    """View pixels without a copy: flat if interleaved, (pictures, 3, pixels) if planar.

    What counts is the order in memory, so the transposed view of an interleaved picture is flat.
    The pixels are in the order of the other axes either way. None if memory is in no such order.
    """
    if array.flags.c_contiguous and axis == array.ndim - 1:  # the usual case, without a detour
        return array.reshape(-1)
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


def flat_memory(array: Array) -> tuple[Array, int, tuple[int, ...]]:
    """View the memory of any view, without a copy: (elements, first, steps).

    Element (i, j, ...) of ``array`` is ``elements[first + i * steps[0] + j * steps[1] + ...]``.
    """
    itemsize = array.itemsize
    if array.size == 0 or any(step % itemsize for step in array.strides):
        array = np.ascontiguousarray(array)
    steps = tuple(step // itemsize for step in array.strides)
    spans = [(size - 1) * step for size, step in zip(array.shape, steps, strict=True)]
    lowest = array[tuple(slice(None, None, -1 if step < 0 else 1) for step in steps)]
    elements = np.lib.stride_tricks.as_strided(
        lowest, (sum(map(abs, spans)) + 1,), (itemsize,), writeable=False
    )
    return elements, -sum(span for span in spans if span < 0), steps


def every_value(dtype: np.dtype[Any]) -> Array:
    """Return all values of an unsigned integer type in order."""
    return np.arange(np.iinfo(dtype).max + 1, dtype=dtype)


def pixels_per_plane(*views: Array) -> int:
    """Return how many pixels a block may run through before a plane ends."""
    for view in views:
        if view.ndim == 3:
            return int(view.shape[2])
    return views[0].size // 3


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
    # Other packages may have taught NumPy the name, but not its arithmetic.
    hint = "; NumPy has no bfloat16: ask for float32" if str(dtype) == "bfloat16" else ""
    try:
        result = np.dtype(dtype)
    except TypeError:
        raise TypeError(f"dtype must be one of {', '.join(choices)}, not {dtype!r}{hint}") from None
    if result not in _types(choices):
        raise TypeError(f"dtype must be one of {', '.join(choices)}, not {result}{hint}")
    return result


def finite(value: Any, name: str) -> float:
    """Return ``value`` as a float after checking that it is a finite number."""
    if not isinstance(value, (int, float, np.integer, np.floating)) or not isfinite(value):
        raise ValueError(f"{name} must be a finite number, not {value!r}")
    return float(value)


def whole(value: Any, name: str, least: int, most: int | None = None) -> int:
    """Return ``value`` as an int after checking that it is a whole number in a range."""
    fits = isinstance(value, (int, np.integer)) and value >= least
    if not fits or (most is not None and value > most):
        span = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} must be a whole number {span}, not {value!r}")
    return int(value)


def apart(source: Array, out: Array) -> Array:
    """Return ``source``, copied if writing ``out`` could change what is still to be read."""
    return source.copy() if np.may_share_memory(source, out) else source
