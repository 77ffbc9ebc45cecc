"""Lightness, averaged over areas as it is computed: what a model sees, in one pass.

A row of the result is the weighted sum of the rows it covers, then of the columns. Sums of whole
rows are float32 and short, so that they neither lose digits nor leave the cache; sums of those are
float64.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from luvcolor_kernels import constants, reference
from luvcolor_kernels.arrays import every_value, flat_memory
from luvcolor_kernels.cpu_luv import lightness_table
from luvcolor_kernels.cpu_math import BLOCK, MIN_PIXELS, choice, inline, kernel, pixel
from luvcolor_kernels.threads import run_blocks

Array = npt.NDArray[Any]

ROWS = 32
"""Rows added up in float32: their sum is off by less than 1e-6 of itself."""

_decode, _lightness, _to_lightness = pixel.decode, pixel.lightness, pixel.linear_to_lightness


class Source(NamedTuple):
    """Pixels as they lie in memory, and what turns a value into lightness.

    Attributes
    ----------
    memory
        All elements between the first and the last, in one dimension.
    steps
        Index of the first element; steps to the next picture, row, column and channel.
    shape
        Pictures, height, width.
    table
        For gray L of every integer value (values,); for RGB the share in luminance of every
        integer value (3, values). Values are 0 for floats; None for lightness as it is.
    """

    memory: Array
    steps: tuple[int, ...]
    shape: tuple[int, ...]
    table: Array | None


@cache
def _luminance_table(dtype: np.dtype[Any]) -> Array:
    """Share in luminance of every value of every channel."""
    linear = reference.decode(every_value(dtype))
    return np.outer(constants.RGB_TO_XYZ[1], linear).astype(np.float32)


def gray_source(gray: Array) -> Source:
    """Describe gray pictures (N, H, W), encoded by the sRGB curve."""
    table = lightness_table(gray.dtype) if gray.dtype.kind == "u" else np.empty(0, np.float32)
    return Source(*_layout(gray[..., None]), table)


def rgb_source(rgb: Array) -> Source:
    """Describe sRGB pictures (N, H, W, 3)."""
    integer = rgb.dtype.kind == "u"
    table = _luminance_table(rgb.dtype) if integer else np.empty((3, 0), np.float32)
    return Source(*_layout(rgb), table)


def lightness_source(light: Array) -> Source:
    """Describe pictures (N, H, W) of lightness (floats) or encoded gray (integers)."""
    source = gray_source(light)
    return source if light.dtype.kind == "u" else source._replace(table=None)


def _layout(array: Array) -> tuple[Array, tuple[int, ...], tuple[int, ...]]:
    memory, first, steps = flat_memory(array)
    return memory, (first, *steps), array.shape[:3]


@lru_cache(16)
def _coverage(old: int, new: int) -> tuple[Array, Array, Array, Array]:
    """Return first and last pixel that each new one covers, and the shares of these two.

    Pixels between count in full. A pixel that is both has its share as the first.
    """
    start = np.arange(new, dtype=np.int64) * old  # in units of 1 / new of an old pixel
    stop = start + old
    first, last = start // new, (stop - 1) // new
    head = np.minimum(stop, (first + 1) * new) - start
    tail = np.where(last > first, stop - last * new, 0)
    return first, last, (head / new).astype(np.float32), (tail / new).astype(np.float32)


def area_lightness(source: Source, size: tuple[int, int], mean: float, std: float) -> Array:
    """Average the lightness to (N, height, width), and normalize it."""
    pictures, height, width = source.shape
    out = np.empty((pictures, *size), np.float32)
    rows, columns = _coverage(height, size[0]), _coverage(width, size[1])
    scale, shift = size[0] / height * (size[1] / width) / std, mean / std
    per_row = max(height * width // size[0], size[1])
    memory, steps, _, table = source
    run_blocks(
        lambda start, stop: average_rows(
            memory, steps, height, width, table, rows, columns, scale, shift, out, start, stop
        ),
        pictures * size[0],
        -(-MIN_PIXELS // per_row),
    )
    return out


@kernel
def average_rows(
    memory: Any, steps: Any, height: int, width: int, table: Any, rows: Any, columns: Any,
    scale: float, shift: float, out: Any, start: int, stop: int,
) -> None:  # fmt: skip
    """Average rows start..stop of all pictures' results."""
    light, total = np.empty(width, np.float32), np.empty(width, np.float32)
    block = np.empty((3, BLOCK), np.float32)
    sums = np.empty(out.shape[2], np.float64)
    ready = -1  # the row that ``light`` holds: neighbours in the result share one
    for i in range(start, stop):
        picture, y = i // out.shape[1], i % out.shape[1]
        first, last = rows[0][y], rows[1][y]
        sums[:] = 0.0
        for top in range(first, last + 1, ROWS):
            total[:] = 0.0
            for line in range(top, min(top + ROWS, last + 1)):
                if picture * height + line != ready:
                    place = steps[0] + picture * steps[1] + line * steps[2]
                    _row(memory, place, steps[3], steps[4], table, block, light)
                    ready = picture * height + line
                share = _share(line, first, last, rows[2][y], rows[3][y])
                for x in range(width):
                    total[x] += share * light[x]
            _add_columns(total, columns, sums)
        target = out[picture, y]
        for x in range(sums.size):
            target[x] = sums[x] * scale - shift


@inline
def _share(line: int, first: int, last: int, head: Any, tail: Any) -> Any:
    if line == first:
        return head
    return tail if line == last else np.float32(1.0)


@inline
def _index(i: int) -> Any:
    """Say that an index is not negative: numba then does not look whether it is."""
    return np.uintp(i)


@inline
def _add_columns(total: Any, columns: Any, sums: Any) -> None:
    """Add to each new pixel the columns it covers."""
    for x in range(sums.size):
        first, last = columns[0][x], columns[1][x]
        inner = np.float64(0.0)
        for k in range(first + 1, last):
            inner += total[_index(k)]
        sums[x] += inner + columns[2][x] * total[first] + columns[3][x] * total[last]


@inline
def _row(
    memory: Any, place: int, column: int, channel: int, table: Any, block: Any, light: Any
) -> None:
    """Lightness of one row."""
    for x in range(0, light.size, BLOCK):
        part = light[x : min(x + BLOCK, light.size)]
        _load(memory, place + x * column, column, channel, table, block, part)


def _load(
    memory: Any, at: int, column: int, channel: int, table: Any, block: Any, light: Any
) -> None:
    """Lightness of one block."""
    raise NotImplementedError("compiled code only")


@choice(_load)
def _(memory: Any, at: Any, column: Any, channel: Any, table: Any, block: Any, light: Any) -> Any:
    if isinstance(table, types.NoneType):
        return _load_lightness
    if isinstance(memory.dtype, types.Integer):
        return _load_gray if table.ndim == 1 else _load_rgb
    return _load_float_gray if table.ndim == 1 else _load_float_rgb


def _load_lightness(
    memory: Any, at: int, column: int, channel: int, table: Any, block: Any, light: Any
) -> None:
    if column == 1:
        _copy(memory, at, 1, light)
    else:
        _copy(memory, at, column, light)


def _load_float_gray(
    memory: Any, at: int, column: int, channel: int, table: Any, block: Any, light: Any
) -> None:
    if column == 1:
        _copy(memory, at, 1, light)
    else:
        _copy(memory, at, column, light)
    for k in range(light.size):
        light[k] = _lightness(_decode(light[k]))


def _load_float_rgb(
    memory: Any, at: int, column: int, channel: int, table: Any, block: Any, light: Any
) -> None:
    if column == 3 and channel == 1:
        _split(memory, at, 3, 1, block, light.size)
    else:
        _split(memory, at, column, channel, block, light.size)
    r, g, b = block[0], block[1], block[2]
    for k in range(light.size):
        light[k] = _to_lightness(_decode(r[k]), _decode(g[k]), _decode(b[k]))


def _load_gray(
    memory: Any, at: int, column: int, channel: int, table: Any, block: Any, light: Any
) -> None:
    if column == 1:
        _look_up(memory, at, 1, table, light)
    else:
        _look_up(memory, at, column, table, light)


def _load_rgb(
    memory: Any, at: int, column: int, channel: int, table: Any, block: Any, light: Any
) -> None:
    if column == 3 and channel == 1:
        _add_channels(memory, at, 3, 1, table, light)
    else:
        _add_channels(memory, at, column, channel, table, light)
    for k in range(light.size):
        light[k] = _lightness(light[k])


# Called with steps that are constants, these become much faster loops.


@inline
def _copy(memory: Any, at: int, column: int, light: Any) -> None:
    for k in range(light.size):
        light[k] = memory[_index(at + k * column)]


@inline
def _split(memory: Any, at: int, column: int, channel: int, block: Any, n: int) -> None:
    r, g, b = block[0], block[1], block[2]
    for k in range(n):
        i = at + k * column
        r[k] = memory[_index(i)]
        g[k] = memory[_index(i + channel)]
        b[k] = memory[_index(i + 2 * channel)]


@inline
def _look_up(memory: Any, at: int, column: int, table: Any, light: Any) -> None:
    for k in range(light.size):
        light[k] = table[memory[_index(at + k * column)]]


@inline
def _add_channels(memory: Any, at: int, column: int, channel: int, table: Any, light: Any) -> None:
    reds, greens, blues = table[0], table[1], table[2]
    for k in range(light.size):
        i = at + k * column
        red, green = memory[_index(i)], memory[_index(i + channel)]
        light[k] = reds[red] + greens[green] + blues[memory[_index(i + 2 * channel)]]
