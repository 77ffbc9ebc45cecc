"""The CPU backend: checks arrays, chooses tables and hands ranges to the compiled kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import arrays, cpu_guide, cpu_input, cpu_luv, cpu_merge
from luvcolor_kernels.cpu_cluster import histogram, kmeans, nearest, soft_assign
from luvcolor_kernels.cpu_dither import dither
from luvcolor_kernels.cpu_math import BLOCK, MIN_PIXELS
from luvcolor_kernels.threads import run_blocks

__all__ = [
    "chroma_to_rgb",
    "dither",
    "histogram",
    "kmeans",
    "luma_to_input",
    "luminance",
    "luv_to_rgb",
    "merge_chroma",
    "nearest",
    "rgb_to_luv",
    "soft_assign",
]

Array = npt.NDArray[Any]

# Threads begin at multiples of BLOCK: the last bit of a float depends on whether vector code or the
# rest of a loop computed it, and so does not depend on the number of threads.

RGB_OUTPUTS = ("uint8", "uint16", "float16", "float32")
INPUTS = ("float32", "float16")
FLOAT32, FLOAT16, UINT16 = np.dtype(np.float32), np.dtype(np.float16), np.dtype(np.uint16)


def _table(array: Array) -> Array | None:
    return cpu_luv.linear_table(array.dtype) if array.dtype.kind == "u" else None


def rgb_to_luv(rgb: Any, *, dtype: npt.DTypeLike, channel_axis: int, out: Array | None) -> Array:
    """Run luvcolor_kernels.rgb_to_luv on NumPy arrays."""
    result_type = arrays.checked_dtype(dtype, arrays.FLOATS)
    source = arrays.as_array(rgb, "rgb", arrays.RGB_INPUTS)
    axis = arrays.checked_axis(source, channel_axis, "rgb")
    result = arrays.checked_out(out, source.shape, result_type, like=source)
    computed = result if result_type == FLOAT32 else np.empty(source.shape, FLOAT32)
    _convert(cpu_luv.rgb_to_luv, source, _table(source), axis, computed)
    if computed is not result:
        result[...] = computed
    return result


def luv_to_rgb(luv: Any, *, dtype: npt.DTypeLike, channel_axis: int, out: Array | None) -> Array:
    """Run luvcolor_kernels.luv_to_rgb on NumPy arrays."""
    result_type = arrays.checked_dtype(dtype, RGB_OUTPUTS)
    source = arrays.as_array(luv, "luv", arrays.FLOATS)
    axis = arrays.checked_axis(source, channel_axis, "luv")
    result = arrays.checked_out(out, source.shape, result_type, like=source)
    bits = result.view(UINT16) if result_type == FLOAT16 else result
    _convert(cpu_luv.luv_to_rgb, source, cpu_luv.levels_of(result_type), axis, bits)
    return result


def _convert(kernel: Any, source: Array, option: Any, axis: int, result: Array) -> None:
    """Convert pixels to pixels of the same shape, straight into the result where that can be."""
    if source.size == 0:
        return
    pixels = arrays.readable_pixels(arrays.apart(source, result), axis)
    view, whole = arrays.pixel_view(result, axis), result
    if view is None:
        whole = np.empty(source.shape, result.dtype)
        view = arrays.readable_pixels(whole, axis)
    target, plane = view, arrays.pixels_per_plane(pixels, view)
    run_blocks(
        lambda start, stop: kernel(pixels, option, target, plane, start, stop),
        pixels.size // 3,
        MIN_PIXELS,
        BLOCK,
    )
    if whole is not result:
        result[...] = whole


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
    table = cpu_luv.lightness_table(gray.dtype) if gray.dtype.kind == "u" else None
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


def luma_to_input(
    rgb_or_gray: Any,
    size: tuple[int, int],
    *,
    channel_axis: int | None,
    mean: float,
    std: float,
    dtype: npt.DTypeLike,
    out: Array | None,
) -> Array:
    """Run luvcolor_kernels.luma_to_input on NumPy arrays."""
    result_type = arrays.checked_dtype(dtype, INPUTS)
    height, width = _size(size)
    mean, std = arrays.finite(mean, "mean"), arrays.finite(std, "std")
    if std == 0.0:
        raise ValueError("std must not be 0: L is divided by it")
    pictures = arrays.as_array(rgb_or_gray, "rgb_or_gray", arrays.RGB_INPUTS)
    gray = channel_axis is None or pictures.ndim == 2
    if channel_axis is not None and not gray:
        pictures = np.moveaxis(pictures, _rgb_axis(pictures, channel_axis), -1)
    pictures = _batch(pictures, 2 if gray else 3)
    result = arrays.checked_out(out, (len(pictures), 1, height, width), result_type)
    if result.size:
        source = cpu_input.gray_source(pictures) if gray else cpu_input.rgb_source(pictures)
        result[:, 0] = cpu_input.area_lightness(source, (height, width), mean, std)
    return result


def _size(size: Any) -> tuple[int, int]:
    try:
        height, width = size
    except (TypeError, ValueError):
        raise ValueError(f"size must be two numbers, height and width, not {size!r}") from None
    return arrays.whole(height, "the height in size", 1), arrays.whole(width, "its width", 1)


def _batch(pictures: Array, dimensions: int) -> Array:
    """Return one or several pictures of so many dimensions as several, channels being last."""
    if pictures.ndim not in (dimensions, dimensions + 1):
        raise ValueError(
            "rgb_or_gray must be one picture or a batch of them: (H, W) or (N, H, W) for gray, "
            f"and 3 channels more for RGB; found {pictures.ndim} dimensions, with the channels "
            f"last {pictures.shape}"
        )
    batch = pictures if pictures.ndim > dimensions else pictures[None]
    if len(batch) and batch.size == 0:
        raise ValueError(f"rgb_or_gray must have pixels, found shape {pictures.shape}")
    return batch


def merge_chroma(
    L: Any,
    uv: Any,
    *,
    slope: Any,
    dtype: npt.DTypeLike,
    channel_axis: int,
    out: Array | None,
) -> Array:
    """Run luvcolor_kernels.merge_chroma on NumPy arrays."""
    light = _light(L)
    chroma = _small_planes(uv, "uv", light)
    follow = None if slope is None else _small_planes(slope, "slope", light)
    if follow is not None and follow.shape != chroma.shape:
        raise ValueError(f"slope must be of uv's shape {chroma.shape}, found {follow.shape}")
    axis, result = _merged(light, dtype, channel_axis, out)
    if result.size:
        _merge(light, chroma, follow, axis, result)
    return result


def chroma_to_rgb(
    L: Any,
    uv: Any,
    *,
    guide: Any,
    radius: int,
    noise: float,
    steepest: float,
    dtype: npt.DTypeLike,
    channel_axis: int,
    out: Array | None,
) -> Array:
    """Run luvcolor_kernels.chroma_to_rgb on NumPy arrays."""
    light = _light(L)
    chroma = _small_planes(uv, "uv", light)
    radius = arrays.whole(radius, "radius", 0, 16)
    noise, steepest = arrays.finite(noise, "noise"), arrays.finite(steepest, "steepest")
    if noise <= 0.0 or steepest < 0.0:
        raise ValueError(
            f"noise must be above 0 and steepest not below it, found {noise} and {steepest}"
        )
    small = None if guide is None else _guide(guide, chroma)
    axis, result = _merged(light, dtype, channel_axis, out)
    if result.size == 0:
        return result
    if small is None:
        source = cpu_input.lightness_source(light.reshape(-1, *light.shape[-2:]))
        small = cpu_input.area_lightness(source, chroma.shape[-2:], 0.0, 1.0)
    planes = chroma.reshape(-1, *chroma.shape[-3:])
    offset, follow = cpu_guide.follow_lightness(small, planes, radius, noise, steepest)
    _merge(light, offset, follow, axis, result)
    return result


def _light(L: Any) -> Array:
    light = arrays.as_array(L, "L", arrays.RGB_INPUTS)
    if light.ndim not in (2, 3):
        raise ValueError(f"L must be of shape (H, W) or (N, H, W), found {light.shape}")
    return light


def _small_planes(value: Any, name: str, light: Array) -> Array:
    planes = arrays.as_array(value, name, arrays.FLOATS)
    batch = light.shape[:-2]
    shaped = planes.ndim == light.ndim + 1 and planes.shape[:-2] == (*batch, 2)
    if not shaped or (light.size > 0 and planes.size == 0):
        expected = ", ".join(map(str, (*batch, 2, "h", "w")))
        raise ValueError(
            f"{name} must be of shape ({expected}) with h and w at least 1 for L of shape "
            f"{light.shape}, found {planes.shape}"
        )
    return np.ascontiguousarray(planes)


def _guide(value: Any, chroma: Array) -> Array:
    """Return the guide as (N, h, w)."""
    guide = arrays.as_array(value, "guide", arrays.FLOATS)
    height, width = chroma.shape[-2:]
    pictures = 1 if chroma.ndim == 3 else len(chroma)
    shapes = [(pictures, height, width), (pictures, 1, height, width)]
    if chroma.ndim == 3:
        shapes.insert(0, (height, width))
    if guide.shape not in shapes:
        raise ValueError(
            f"guide must be of shape {' or '.join(map(str, shapes))} for uv of shape "
            f"{chroma.shape}, found {guide.shape}"
        )
    return np.ascontiguousarray(guide).reshape(pictures, height, width)


def _merged(
    light: Array, dtype: npt.DTypeLike, channel_axis: int, out: Array | None
) -> tuple[int, Array]:
    """Return the axis of the channels and the array for the result."""
    result_type = arrays.checked_dtype(dtype, RGB_OUTPUTS)
    axis = arrays.checked_new_axis(light, channel_axis)
    shape = (*light.shape[:axis], 3, *light.shape[axis:])
    return axis, arrays.checked_out(out, shape, result_type)


def _merge(light: Array, chroma: Array, slope: Array | None, axis: int, result: Array) -> None:
    """Merge pictures or a batch, whose result may lie where what is read lies."""
    batch = light.reshape(-1, *light.shape[-2:])
    planes = arrays.apart(chroma, result).reshape(-1, *chroma.shape[-3:])
    follow = None
    if slope is not None:
        follow = arrays.apart(slope, result).reshape(planes.shape)
    cpu_merge.merge(np.ascontiguousarray(arrays.apart(batch, result)), planes, follow, axis, result)
