"""merge_chroma for numba: twin of merge_chroma.cu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda, float32

from luvcolor_kernels.numba_math import (
    encoded_as,
    entries,
    filler,
    lightness_level,
    lightness_of,
    pixel,
)
from luvcolor_kernels.numba_memory import GROUP, pixel_reader, pixel_writer, reader, writer
from luvcolor_kernels.numba_target import device, loader, quotient, whole
from luvcolor_kernels.views import ITEM_SIZES


@device
def between(at: int, old: int, size: int) -> Any:
    """Where output index ``at`` of ``size`` lies among ``old`` samples: low, high, share of high.

    Pixels have their centres at halves, edges are clamped. It is exact: the float only guesses.
    """
    unit = 2 * size
    number = min(max((2 * at + 1) * old - size, 0), (old - 1) * unit)
    low = whole(np.float32(number) / np.float32(unit))
    rest = number - low * unit
    while rest < 0:
        rest += unit
        low -= 1
    while rest >= unit:
        rest -= unit
        low += 1
    return low, min(low + 1, old - 1), np.float32(rest) / np.float32(unit)


@device
def mix(a: float, b: float, share: float) -> float:
    """Go from ``a`` to ``b`` by a share of the way."""
    return a + share * (b - a)


def merge_chroma(
    LIGHT: str, UV: str, OUT: str, FOLLOW: int, LIGHT_LAYOUT: int, OUT_LAYOUT: int
) -> Callable[..., None]:
    """Make the kernel of merge_chroma."""
    read, read_one = reader(LIGHT, 1, LIGHT_LAYOUT), pixel_reader(LIGHT, 1)
    write, write_one = writer(OUT, 3, OUT_LAYOUT), pixel_writer(OUT, 3)
    color, size, fill = (
        _color(LIGHT, UV, OUT, FOLLOW),
        entries(LIGHT),
        filler(LIGHT, lightness_level),
    )
    light_size, uv_size, out_size = ITEM_SIZES[LIGHT], ITEM_SIZES[UV], ITEM_SIZES[OUT]

    def kernel(
        light: int,
        uv: int,
        slope: int,
        rgb: int,
        pictures: int,
        height: int,
        width: int,
        rows: int,
        columns: int,
        light_step: int,
        light_pitch: int,
        light_pixel: int,
        rgb_step: int,
        rgb_pitch: int,
        rgb_channel: int,
        rgb_pixel: int,
    ) -> None:
        table = cuda.shared.array(size, float32)
        thread = cuda.threadIdx.y * cuda.blockDim.x + cuda.threadIdx.x
        fill(table, thread, cuda.blockDim.x * cuda.blockDim.y)
        cuda.syncthreads()
        column, item = cuda.grid(2)
        column, down = GROUP * column, cuda.gridsize(2)[1]
        if column >= width:
            return
        while item < pictures * height:
            p = quotient(item, height)
            row = item - p * height
            y, plane = between(row, rows, height), rows * columns
            small = (uv + 2 * p * plane * uv_size, slope + 2 * p * plane * uv_size, plane, columns)
            start = light + (p * light_step + row * light_pitch + column * light_pixel) * light_size
            out = rgb + (p * rgb_step + row * rgb_pitch + column * rgb_pixel) * out_size
            if column + GROUP <= width:
                a, b, c, d = read(start, 0, light_pixel)
                group = (
                    color(a, small, y, between(column, columns, width), table),
                    color(b, small, y, between(column + 1, columns, width), table),
                    color(c, small, y, between(column + 2, columns, width), table),
                    color(d, small, y, between(column + 3, columns, width), table),
                )
                write(out, rgb_channel, rgb_pixel, group)
            else:
                for k in range(width - column):
                    one = read_one(start + k * light_pixel * light_size, 0)
                    result = color(one, small, y, between(column + k, columns, width), table)
                    write_one(out + k * rgb_pixel * out_size, rgb_channel, result)
            item += down

    return kernel


def _color(LIGHT: str, UV: str, OUT: str, FOLLOW: int) -> Any:
    """Return what joins one lightness with its chroma."""
    lightness, encode, sample, size = (
        lightness_of(LIGHT),
        encoded_as(OUT),
        _sample(UV),
        ITEM_SIZES[UV],
    )
    to_linear, follow = pixel.merge_to_linear, bool(FOLLOW)

    @device
    def color(gray: Any, small: Any, y: Any, x: Any, table: Any) -> Any:
        uv, slope, plane, columns = small
        light = lightness(gray[0], table)
        u, v = sample(uv, columns, y, x), sample(uv + plane * size, columns, y, x)
        if follow:
            u += light * sample(slope, columns, y, x)
            v += light * sample(slope + plane * size, columns, y, x)
        r, g, b = to_linear(light, u, v)
        return encode(r), encode(g), encode(b)

    return color


def _sample(dtype: str) -> Any:
    """Return what interpolates a plane between four of its elements."""
    size, load = ITEM_SIZES[dtype], loader(dtype, 1)

    @device
    def sample(plane: int, columns: int, y: Any, x: Any) -> Any:
        (upper, lower, down), (left, right, across) = y, x
        above, below = plane + upper * columns * size, plane + lower * columns * size
        first = mix(load(above + left * size)[0], load(below + left * size)[0], down)
        second = mix(load(above + right * size)[0], load(below + right * size)[0], down)
        return mix(first, second, across)

    return sample
