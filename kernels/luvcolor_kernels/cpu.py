"""The CPU backend: checks arrays, chooses tables and hands ranges to the compiled kernels."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import arrays, cpu_luv, cpu_merge, reference
from luvcolor_kernels.cpu_cluster import histogram, kmeans, nearest
from luvcolor_kernels.cpu_math import BLOCK
from luvcolor_kernels.threads import run_blocks

__all__ = [
    "histogram",
    "kmeans",
    "luminance",
    "luv_to_rgb",
    "merge_chroma",
    "nearest",
    "rgb_to_luv",
]

Array = npt.NDArray[Any]

MIN_PIXELS = 1 << 16
"""Fewer pixels than this take about as long as waking a thread."""
# Threads begin at multiples of BLOCK: the last bit of a float depends on whether vector code or the
# rest of a loop computed it, and so does not depend on the number of threads.

RGB_OUTPUTS = ("uint8", "uint16", "float32")


@cache
def _linear_table(name: str) -> Array:
    """Linear light of every value of an unsigned integer type."""
    return reference.decode(np.arange(np.iinfo(name).max + 1, dtype=name)).astype(np.float32)


@cache
def _lightness_table(name: str) -> Array:
    """L of every gray of an unsigned integer type."""
    grays = np.arange(np.iinfo(name).max + 1, dtype=name)
    return reference.lightness(reference.decode(grays)).astype(np.float32)


def _table(array: Array) -> Array | None:
    return _linear_table(array.dtype.name) if array.dtype.kind == "u" else None


def _levels(dtype: np.dtype[Any]) -> np.float32 | None:
    return np.float32(np.iinfo(dtype).max) if dtype.kind == "u" else None


def rgb_to_luv(rgb: Any, *, dtype: npt.DTypeLike, channel_axis: int, out: Array | None) -> Array:
    """Run luvcolor_kernels.rgb_to_luv on NumPy arrays."""
    result_type = arrays.checked_dtype(dtype, arrays.FLOATS)
    source = arrays.as_array(rgb, "rgb", arrays.RGB_INPUTS)
    axis = arrays.checked_axis(source, channel_axis, "rgb")
    table = _table(source)

    def convert(pixels: Array, result: Array, plane: int) -> None:
        run_blocks(
            lambda start, stop: cpu_luv.rgb_to_luv(pixels, table, result, plane, start, stop),
            pixels.size // 3,
            MIN_PIXELS,
            BLOCK,
        )

    return _convert(convert, source, axis, result_type, np.dtype(np.float32), out)


def luv_to_rgb(luv: Any, *, dtype: npt.DTypeLike, channel_axis: int, out: Array | None) -> Array:
    """Run luvcolor_kernels.luv_to_rgb on NumPy arrays."""
    result_type = arrays.checked_dtype(dtype, RGB_OUTPUTS)
    source = arrays.as_array(luv, "luv", arrays.FLOATS)
    axis = arrays.checked_axis(source, channel_axis, "luv")
    levels = _levels(result_type)

    def convert(pixels: Array, result: Array, plane: int) -> None:
        run_blocks(
            lambda start, stop: cpu_luv.luv_to_rgb(pixels, levels, result, plane, start, stop),
            pixels.size // 3,
            MIN_PIXELS,
            BLOCK,
        )

    return _convert(convert, source, axis, result_type, result_type, out)


def _convert(
    convert: Any,
    source: Array,
    axis: int,
    dtype: np.dtype[Any],
    computed: np.dtype[Any],
    out: Array | None,
) -> Array:
    """Convert pixels to pixels of the same shape, straight into the result where that can be."""
    result = arrays.checked_out(out, source.shape, dtype, like=source)
    if source.size == 0:
        return result
    pixels = arrays.readable_pixels(arrays.apart(source, result), axis)
    target = arrays.pixel_view(result, axis) if dtype == computed else None
    if target is None:
        whole = np.empty(source.shape, computed)
        target = arrays.readable_pixels(whole, axis)
        convert(pixels, target, arrays.pixels_per_plane(pixels, target))
        result[...] = whole
    else:
        convert(pixels, target, arrays.pixels_per_plane(pixels, target))
    return result


def luminance(rgb_or_gray: Any, *, channel_axis: int | None, out: Array | None) -> Array:
    """Run luvcolor_kernels.luminance on NumPy arrays."""
    source = arrays.as_array(rgb_or_gray, "rgb_or_gray", arrays.RGB_INPUTS)
    gray = channel_axis is None or source.ndim == 2
    axis = 0 if channel_axis is None or gray else _rgb_axis(source, channel_axis)
    shape = source.shape if gray else source.shape[:axis] + source.shape[axis + 1 :]
    result = arrays.checked_out(out, shape, np.float32)
    if result.size == 0:
        return result
    target = result if result.flags.c_contiguous else np.empty(shape, np.float32)
    source = arrays.apart(source, target)
    _gray_lightness(source, target) if gray else _rgb_lightness(source, axis, target)
    if target is not result:
        result[...] = target
    return result


def _rgb_axis(source: Array, channel_axis: int) -> int:
    try:
        return arrays.checked_axis(source, channel_axis, "rgb_or_gray")
    except ValueError as error:
        raise ValueError(f"{error}, or channel_axis=None for gray of any shape") from None


def _gray_lightness(gray: Array, out: Array) -> None:
    table = _lightness_table(gray.dtype.name) if gray.dtype.kind == "u" else None
    source, target = np.ascontiguousarray(gray).reshape(-1), out.reshape(-1)
    run_blocks(
        lambda start, stop: cpu_luv.gray_to_lightness(source, table, target, start, stop),
        target.size,
        MIN_PIXELS,
        BLOCK,
    )


def _rgb_lightness(rgb: Array, axis: int, out: Array) -> None:
    pixels, table, target = arrays.readable_pixels(rgb, axis), _table(rgb), out.reshape(-1)
    plane = arrays.pixels_per_plane(pixels)
    run_blocks(
        lambda start, stop: cpu_luv.rgb_to_lightness(pixels, table, target, plane, start, stop),
        target.size,
        MIN_PIXELS,
        BLOCK,
    )


def merge_chroma(L: Any, uv: Any, *, slope: Any, dtype: npt.DTypeLike, out: Array | None) -> Array:
    """Run luvcolor_kernels.merge_chroma on NumPy arrays."""
    result_type = arrays.checked_dtype(dtype, RGB_OUTPUTS)
    light = arrays.as_array(L, "L", arrays.FLOATS)
    if light.ndim != 2:
        raise ValueError(f"L must be of shape (H, W), found {light.shape}; pass one picture a call")
    chroma = _small_planes(uv, "uv", light)
    follow = None if slope is None else _small_planes(slope, "slope", light)
    if follow is not None and follow.shape != chroma.shape:
        raise ValueError(f"slope must be of uv's shape {chroma.shape}, found {follow.shape}")
    result = arrays.checked_out(out, (*light.shape, 3), result_type)
    if result.size == 0:
        return result
    light, chroma = (np.ascontiguousarray(arrays.apart(a, result)) for a in (light, chroma))
    target = result if result.flags.c_contiguous else np.empty(result.shape, result_type)
    flat, levels = target.reshape(-1), _levels(result_type)
    rows = _bilinear(chroma.shape[1], light.shape[0])
    columns = _bilinear(chroma.shape[2], light.shape[1])
    run_blocks(
        lambda start, stop: cpu_merge.merge_chroma(
            light, chroma, follow, rows, columns, levels, flat, start, stop
        ),
        light.shape[0],
        -(-MIN_PIXELS // light.shape[1]),
    )
    if target is not result:
        result[...] = target
    return result


def _small_planes(value: Any, name: str, light: Array) -> Array:
    planes = arrays.as_array(value, name, arrays.FLOATS)
    if planes.ndim != 3 or planes.shape[0] != 2 or (planes.size == 0 and light.size > 0):
        raise ValueError(
            f"{name} must be of shape (2, h, w) with h and w at least 1, found {planes.shape}"
        )
    return np.ascontiguousarray(planes)


def _bilinear(old: int, new: int) -> tuple[Array, Array, Array]:
    """Return the two neighbours and the share of the second, for half-pixel centres."""
    position = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0.0, old - 1.0)
    low = position.astype(np.int32)
    high = np.minimum(low + 1, old - 1, dtype=np.int32)
    return low, high, (position - low).astype(np.float32)
