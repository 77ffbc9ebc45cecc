"""Kernels of rgb_to_luv, luv_to_rgb and luminance on the CPU.

Each works on a range of pixels, in blocks. A flat array holds interleaved pixels, a
three-dimensional one (pictures, 3, pixels) planes; numba compiles one machine code for each
combination of layout and type it meets, without the branches that do not apply.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types

from luvcolor_kernels import reference
from luvcolor_kernels.arrays import every_value
from luvcolor_kernels.cpu_math import BLOCK, choice, half_bits, inline, kernel, pixel

Array = npt.NDArray[Any]

HALF = np.float32(0.5)
_to_luv, _to_linear = pixel.linear_to_luv, pixel.luv_to_linear
_to_lightness, _lightness = pixel.linear_to_lightness, pixel.lightness
_decode, _encode = pixel.decode, pixel.encode


@cache
def linear_table(dtype: np.dtype[Any]) -> Array:
    """Linear light of every value of an unsigned integer type."""
    return reference.decode(every_value(dtype)).astype(np.float32)


@cache
def lightness_table(dtype: np.dtype[Any]) -> Array:
    """L of every gray of an unsigned integer type."""
    return reference.lightness(reference.decode(every_value(dtype))).astype(np.float32)


@inline
def _block(start: int, stop: int, plane: int) -> int:
    """Return how many pixels from ``start`` lie in one block and one picture."""
    return min(BLOCK, stop - start, plane - start % plane)


@inline
def _linear(value: Any, table: Any) -> Any:
    if table is None:
        return _decode(value)
    return table[value]


@inline
def _load(rgb: Any, table: Any, i: int, n: int, plane: int, r: Any, g: Any, b: Any) -> None:
    """Read one block as linear light."""
    if rgb.ndim == 1:
        source = rgb[3 * i : 3 * (i + n)]
        for k in range(n):
            r[k] = _linear(source[3 * k], table)
            g[k] = _linear(source[3 * k + 1], table)
            b[k] = _linear(source[3 * k + 2], table)
    else:
        planes, j = rgb[i // plane], i % plane
        reds, greens, blues = planes[0, j : j + n], planes[1, j : j + n], planes[2, j : j + n]
        for k in range(n):
            r[k] = _linear(reds[k], table)
            g[k] = _linear(greens[k], table)
            b[k] = _linear(blues[k], table)


@kernel
def rgb_to_luv(rgb: Any, table: Any, luv: Any, plane: int, start: int, stop: int) -> None:
    """RGB (flat or planar) to LUV (flat or planar); ``table`` is None for float RGB."""
    r, g, b = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    i = start
    while i < stop:
        n = _block(i, stop, plane)
        _load(rgb, table, i, n, plane, r, g, b)
        if luv.ndim == 1:
            out = luv[3 * i : 3 * (i + n)]
            for k in range(n):
                out[3 * k], out[3 * k + 1], out[3 * k + 2] = _to_luv(r[k], g[k], b[k])
        else:
            planes, j = luv[i // plane], i % plane
            light, us, vs = planes[0, j : j + n], planes[1, j : j + n], planes[2, j : j + n]
            for k in range(n):
                light[k], us[k], vs[k] = _to_luv(r[k], g[k], b[k])
        i += n


@kernel
def rgb_to_lightness(rgb: Any, table: Any, out: Any, plane: int, start: int, stop: int) -> None:
    """RGB (flat or planar) to L (flat)."""
    r, g, b = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    i = start
    while i < stop:
        n = _block(i, stop, plane)
        _load(rgb, table, i, n, plane, r, g, b)
        light = out[i : i + n]
        for k in range(n):
            light[k] = _to_lightness(r[k], g[k], b[k])
        i += n


@kernel
def gray_to_lightness(gray: Any, table: Any, out: Any, start: int, stop: int) -> None:
    """Gray (flat) to L (flat); ``table`` gives L of every integer gray, None for floats."""
    source, light = gray[start:stop], out[start:stop]
    for k in range(stop - start):
        if table is None:
            light[k] = _lightness(_decode(source[k]))
        else:
            light[k] = table[source[k]]


@cache
def levels_of(dtype: np.dtype[Any]) -> np.float32 | bool | None:
    """Return what tells a kernel to write ``dtype``: see quantize."""
    if dtype.kind == "u":
        return np.float32(np.iinfo(dtype).max)
    return True if dtype.itemsize == 2 else None


def quantize(linear: Any, levels: Any) -> Any:
    """Encode and round to 0..levels; None leaves floats 0..1, True gives the bits of float16."""
    raise NotImplementedError("compiled code only")


@choice(quantize)
def _(linear: Any, levels: Any) -> Any:
    if isinstance(levels, types.NoneType):
        return lambda linear, levels: _encode(linear)
    if isinstance(levels, types.Boolean):
        return lambda linear, levels: half_bits(_encode(linear))
    return lambda linear, levels: np.int32(_encode(linear) * levels + HALF)


@kernel
def luv_to_rgb(luv: Any, levels: Any, rgb: Any, plane: int, start: int, stop: int) -> None:
    """LUV (flat or planar) to RGB (flat or planar)."""
    r, g, b = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    i = start
    while i < stop:
        n = _block(i, stop, plane)
        if luv.ndim == 1:
            source = luv[3 * i : 3 * (i + n)]
            for k in range(n):
                r[k], g[k], b[k] = _to_linear(source[3 * k], source[3 * k + 1], source[3 * k + 2])
        else:
            planes, j = luv[i // plane], i % plane
            light, us, vs = planes[0, j : j + n], planes[1, j : j + n], planes[2, j : j + n]
            for k in range(n):
                r[k], g[k], b[k] = _to_linear(light[k], us[k], vs[k])
        store(r, g, b, levels, rgb, i, n, plane)
        i += n


@inline
def store(r: Any, g: Any, b: Any, levels: Any, rgb: Any, i: int, n: int, plane: int) -> None:
    """Encode one block of linear light and write it."""
    if rgb.ndim == 1:
        out = rgb[3 * i : 3 * (i + n)]
        for k in range(n):
            out[3 * k] = quantize(r[k], levels)
            out[3 * k + 1] = quantize(g[k], levels)
            out[3 * k + 2] = quantize(b[k], levels)
    else:
        planes, j = rgb[i // plane], i % plane
        reds, greens, blues = planes[0, j : j + n], planes[1, j : j + n], planes[2, j : j + n]
        for k in range(n):
            reds[k] = quantize(r[k], levels)
            greens[k] = quantize(g[k], levels)
            blues[k] = quantize(b[k], levels)
