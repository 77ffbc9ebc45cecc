"""luma_to_input for numba: twin of luma_to_input.cu, where it is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda, float32

from luvcolor_kernels.gpu import THREADS
from luvcolor_kernels.numba_math import (
    color_lightness,
    entries,
    filler,
    is_integer,
    levels_of,
)
from luvcolor_kernels.numba_memory import pixel_reader
from luvcolor_kernels.numba_target import device, quotient, storer
from luvcolor_kernels.pixel import ONE, ZERO
from luvcolor_kernels.views import ITEM_SIZES

COLUMNS = 4 * THREADS
"""Sums that a block holds; of fewer threads, it holds fewer."""


@device
def overlap(low: int, high: int, other_low: int, other_high: int) -> Any:
    """Length that two ranges have in common, as a float."""
    return np.float32(max(min(high, other_high) - max(low, other_low), 0))


@device
def add_columns(sums: Any, start: int, count: int, column: int, width: int, columns: int) -> Any:
    """Add up the sums of the columns that a pixel of the result covers.

    ``sums`` holds those of ``count`` columns from ``start``.
    """
    left, right = column * width, (column + 1) * width
    at = max(quotient(left, columns), start)
    last = min(quotient(right - 1, columns), start + count - 1)
    total = ZERO
    while at <= last:
        total += sums[at - start] * overlap(at * columns, (at + 1) * columns, left, right)
        at += 1
    return total


@device
def pixel_at(column: int, end: int, pixel: int) -> int:
    """Where a column lies; beyond the last one it is that one, for a sum that nobody takes."""
    return min(column, end - 1) * pixel


def luma_to_input(IN: str, OUT: str, CHANNELS: int, IS_LIGHT: int) -> Callable[..., None]:
    """Make the kernel of luma_to_input."""
    light = color_lightness(IN, CHANNELS)
    if IS_LIGHT and not is_integer(IN):
        light = device(lambda color, table: color[0])
    add_one, add_four = _add_rows(IN, light, pixel_reader(IN, CHANNELS))
    size, fill = entries(IN), filler(IN, levels_of(CHANNELS))
    in_size, out_size, store = ITEM_SIZES[IN], ITEM_SIZES[OUT], storer(OUT, 1)

    def kernel(
        picture: int,
        target: int,
        pictures: int,
        height: int,
        width: int,
        step: int,
        pitch: int,
        pixel: int,
        channel: int,
        rows: int,
        columns: int,
        tile: int,
        scale: float,
        shift: float,
    ) -> None:
        table = cuda.shared.array(size, float32)
        sums = cuda.shared.array(COLUMNS, float32)
        thread, threads = cuda.threadIdx.x, cuda.blockDim.x
        fill(table, thread, threads)
        cuda.syncthreads()
        left = cuda.blockIdx.x * tile
        right = min(left + tile, columns)
        begin, end = quotient(left * width, columns), quotient(right * width - 1, columns) + 1
        column = left + thread
        area = ONE / (np.float32(height) * np.float32(width))
        item = cuda.blockIdx.y
        while item < pictures * rows:
            p = quotient(item, rows)
            top = (item - p * rows) * height
            place, down = (picture + p * step * in_size, pitch, channel), (top, height, rows)
            total, start = ZERO, begin
            while start < end:
                if end - start > threads:
                    at = (
                        pixel_at(start + thread, end, pixel) * in_size,
                        pixel_at(start + thread + threads, end, pixel) * in_size,
                        pixel_at(start + thread + 2 * threads, end, pixel) * in_size,
                        pixel_at(start + thread + 3 * threads, end, pixel) * in_size,
                    )
                    a, b, c, d = add_four(place, at, down, table)
                    sums[thread] = a
                    sums[thread + threads] = b
                    sums[thread + 2 * threads] = c
                    sums[thread + 3 * threads] = d
                else:
                    one = pixel_at(start + thread, end, pixel) * in_size
                    sums[thread] = add_one(place, one, down, table)
                cuda.syncthreads()
                if column < right:
                    total += add_columns(sums, start, 4 * threads, column, width, columns)
                cuda.syncthreads()
                start += 4 * threads
            if column < right:
                out = target + (item * columns + column) * out_size
                store(out, (total * area * scale + shift,))
            item += cuda.gridDim.y

    return kernel


def _add_rows(dtype: str, light: Any, read: Any) -> tuple[Any, Any]:
    """Return what adds up one column of a picture, or four, as far as a row of the result covers.

    Shares are in units of a row of the picture over ``rows``. Four columns are read before any is
    turned into lightness: a thread that waits for one element at a time leaves memory idle.
    """
    size = ITEM_SIZES[dtype]

    @device
    def add_one(place: Any, column: int, down: Any, table: Any) -> Any:
        (source, pitch, channel), (top, height, rows) = place, down
        total, y, last = ZERO, quotient(top, rows), quotient(top + height - 1, rows)
        while y <= last:
            share = overlap(y * rows, (y + 1) * rows, top, top + height)
            total += share * light(read(source + y * pitch * size + column, channel), table)
            y += 1
        return total

    @device
    def add_four(place: Any, columns: Any, down: Any, table: Any) -> Any:
        (source, pitch, channel), (top, height, rows) = place, down
        a, b, c, d = ZERO, ZERO, ZERO, ZERO
        y, last = quotient(top, rows), quotient(top + height - 1, rows)
        while y <= last:
            share = overlap(y * rows, (y + 1) * rows, top, top + height)
            row = source + y * pitch * size
            first, second = read(row + columns[0], channel), read(row + columns[1], channel)
            third, fourth = read(row + columns[2], channel), read(row + columns[3], channel)
            a, b = a + share * light(first, table), b + share * light(second, table)
            c, d = c + share * light(third, table), d + share * light(fourth, table)
            y += 1
        return a, b, c, d

    return add_one, add_four
