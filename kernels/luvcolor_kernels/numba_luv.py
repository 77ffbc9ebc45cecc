"""rgb_to_luv, luv_to_rgb and luminance for numba: twins of the CUDA sources of these names.

A function makes a kernel for its variant. Kernels take addresses, then whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import cuda, float32

from luvcolor_kernels.numba_math import (
    color_lightness,
    encoded_as,
    entries,
    filler,
    levels_of,
    linear_level,
    linear_of,
    pixel,
)
from luvcolor_kernels.numba_memory import GROUP, pixel_reader, pixel_writer, reader, writer
from luvcolor_kernels.numba_target import device
from luvcolor_kernels.views import ITEM_SIZES

Kernel = Callable[..., None]
Pixels = tuple[str, int, int]
"""Type, channels and layout."""


def rgb_to_luv(IN: str, OUT: str, IN_LAYOUT: int, OUT_LAYOUT: int) -> Kernel:
    """Make the kernel of rgb_to_luv."""
    linear, to_luv = linear_of(IN), pixel.linear_to_luv

    @device
    def convert(color: Any, table: Any) -> Any:
        r, g, b = linear(color[0], table), linear(color[1], table), linear(color[2], table)
        return to_luv(r, g, b)

    return _colors(convert, (IN, 3, IN_LAYOUT), (OUT, 3, OUT_LAYOUT))


def luv_to_rgb(IN: str, OUT: str, IN_LAYOUT: int, OUT_LAYOUT: int) -> Kernel:
    """Make the kernel of luv_to_rgb."""
    to_linear, encode = pixel.luv_to_linear, encoded_as(OUT)

    @device
    def convert(color: Any, table: Any) -> Any:
        r, g, b = to_linear(color[0], color[1], color[2])
        return encode(r), encode(g), encode(b)

    return _colors(convert, (IN, 3, IN_LAYOUT), (OUT, 3, OUT_LAYOUT))


def _colors(convert: Any, source: Pixels, target: Pixels) -> Kernel:
    """Make a kernel that converts colours to colours."""
    run, size, fill = (
        _run(convert, source, target),
        entries(source[0]),
        filler(source[0], linear_level),
    )
    in_size, out_size = ITEM_SIZES[source[0]], ITEM_SIZES[target[0]]

    def kernel(
        source: int,
        target: int,
        pictures: int,
        length: int,
        step: int,
        channel: int,
        pixel: int,
        out_step: int,
        out_channel: int,
        out_pixel: int,
    ) -> None:
        table = cuda.shared.array(size, float32)
        fill(table, cuda.threadIdx.x, cuda.blockDim.x)
        cuda.syncthreads()
        p = cuda.blockIdx.y
        while p < pictures:
            start, out_start = source + p * step * in_size, target + p * out_step * out_size
            here, there = (start, channel, pixel), (out_start, out_channel, out_pixel)
            run(here, there, cuda.grid(1), cuda.gridsize(1), length, table)
            p += cuda.gridDim.y

    return kernel


def luminance(IN: str, CHANNELS: int, IN_LAYOUT: int, OUT_LAYOUT: int) -> Kernel:
    """Make the kernel of luminance."""
    to_lightness = color_lightness(IN, CHANNELS)
    convert = device(lambda color, table: (to_lightness(color, table),))
    run = _run(convert, (IN, CHANNELS, IN_LAYOUT), ("float32", 1, OUT_LAYOUT))
    size, fill = entries(IN), filler(IN, levels_of(CHANNELS))
    in_size, out_size = ITEM_SIZES[IN], ITEM_SIZES["float32"]

    def kernel(
        source: int,
        target: int,
        pictures: int,
        length: int,
        step: int,
        channel: int,
        pixel: int,
        out_step: int,
        out_pixel: int,
    ) -> None:
        table = cuda.shared.array(size, float32)
        fill(table, cuda.threadIdx.x, cuda.blockDim.x)
        cuda.syncthreads()
        p = cuda.blockIdx.y
        while p < pictures:
            start, out_start = source + p * step * in_size, target + p * out_step * out_size
            here, there = (start, channel, pixel), (out_start, 0, out_pixel)
            run(here, there, cuda.grid(1), cuda.gridsize(1), length, table)
            p += cuda.gridDim.y

    return kernel


def _run(convert: Any, source: Pixels, target: Pixels) -> Any:
    """Return what converts one run of pixels; the threads take their groups of it in turn."""
    read, write = reader(*source), writer(*target)
    read_one, write_one = pixel_reader(*source[:2]), pixel_writer(*target[:2])
    in_size, out_size = ITEM_SIZES[source[0]], ITEM_SIZES[target[0]]

    @device
    def run(here: Any, there: Any, thread: int, threads: int, length: int, table: Any) -> None:
        (source, channel, pixel), (target, out_channel, out_pixel) = here, there
        i = GROUP * thread
        while i < length:  # a range would divide by its step
            start, out_start = source + i * pixel * in_size, target + i * out_pixel * out_size
            if i + GROUP <= length:
                a, b, c, d = read(start, channel, pixel)
                group = convert(a, table), convert(b, table), convert(c, table), convert(d, table)
                write(out_start, out_channel, out_pixel, group)
            else:
                for k in range(length - i):
                    color = convert(read_one(start + k * pixel * in_size, channel), table)
                    write_one(out_start + k * out_pixel * out_size, out_channel, color)
            i += GROUP * threads

    return run
