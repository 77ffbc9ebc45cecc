"""Points of k-means for numba, and what is asked of all of them: twins of the CUDA sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda, float32, uint32

from luvcolor_kernels.gpu import THREADS
from luvcolor_kernels.gpu_launches import WEIGHTS_OF_A_PART
from luvcolor_kernels.numba_exact import add_words, joined, luv, on_grid, weight_of
from luvcolor_kernels.numba_memory import pixel_reader
from luvcolor_kernels.numba_target import adder, exact, level, loader, mapped, quotient, storer
from luvcolor_kernels.views import ITEM_SIZES

Kernel = Callable[..., None]
INT, LONG, FLOAT = ITEM_SIZES["int32"], ITEM_SIZES["int64"], ITEM_SIZES["float32"]
INFINITE, NO_NUMBER = np.float32(np.inf), np.float32(np.nan)


@exact
def place_of(i: int, rows: Any) -> Any:
    """Where pixel i lies, of pictures of ``length`` pixels each, in elements."""
    length, step, pixel = rows
    p = quotient(i, length)
    return p * step + (i - p * length) * pixel


def _placer(IN_LUV: int, FIRST: int) -> Any:
    """Return what places a colour on the grid, in the planes from FIRST on."""
    load, store = loader("float32", 1), storer("float32", 1)
    convert = luv if IN_LUV else exact(lambda color: color)

    read = mapped(exact(lambda level, table: load(table + np.int64(level) * FLOAT)[0]))

    @exact
    def put(levels: Any, table: int, planes: int, stride: int, grid: Any) -> None:
        (middle_x, middle_y, middle_z), scale, step = grid
        x, y, z = convert(read(levels, table))
        if FIRST == 0:
            store(planes, (on_grid(x, middle_x, scale, step),))
        store(planes + (1 - FIRST) * stride * FLOAT, (on_grid(y, middle_y, scale, step),))
        store(planes + (2 - FIRST) * stride * FLOAT, (on_grid(z, middle_z, scale, step),))

    return put


def place_colors(IN_LUV: int, FIRST: int) -> Kernel:
    """Make the kernel that places colours by their numbers."""
    load, put = loader("int32", 1), _placer(IN_LUV, FIRST)

    def kernel(
        numbers: int,
        table: int,
        planes: int,
        count: int,
        stride: int,
        middle_x: float,
        middle_y: float,
        middle_z: float,
        scale: float,
        step: float,
    ) -> None:
        grid = (middle_x, middle_y, middle_z), scale, step
        i = cuda.grid(1)
        while i < count:
            n = load(numbers + i * INT)[0]
            r = (n >> 21 & 7) << 5 | (n >> 13 & 3) << 3 | (n >> 6 & 7)
            g = (n >> 18 & 7) << 5 | (n >> 11 & 3) << 3 | (n >> 3 & 7)
            b = (n >> 15 & 7) << 5 | (n >> 9 & 3) << 3 | (n & 7)
            put((r, g, b), table, planes + i * FLOAT, stride, grid)
            i += cuda.gridsize(1)

    return kernel


def place_pixels(IN_LUV: int, FIRST: int) -> Kernel:
    """Make the kernel that places pixels of uint16."""
    read, put, size = pixel_reader("uint16", 3), _placer(IN_LUV, FIRST), ITEM_SIZES["uint16"]

    def kernel(
        pixels: int,
        table: int,
        planes: int,
        count: int,
        stride: int,
        length: int,
        row: int,
        pixel: int,
        channel: int,
        middle_x: float,
        middle_y: float,
        middle_z: float,
        scale: float,
        step: float,
    ) -> None:
        grid = (middle_x, middle_y, middle_z), scale, step
        i = cuda.grid(1)
        while i < count:
            levels = read(pixels + place_of(i, (length, row, pixel)) * size, channel)
            put(levels, table, planes + i * FLOAT, stride, grid)
            i += cuda.gridsize(1)

    return kernel


def place_points(IN: str) -> Kernel:
    """Make the kernel that places points of floats."""
    size, load, number = ITEM_SIZES[IN], loader(IN, 1), loader("float32", 1)
    store = storer("float32", 1)

    def kernel(
        points: int,
        middle: int,
        planes: int,
        count: int,
        dimensions: int,
        stride: int,
        length: int,
        row: int,
        pixel: int,
        channel: int,
        scale: float,
        step: float,
    ) -> None:
        i = cuda.grid(1)
        while i < count:
            at = points + place_of(i, (length, row, pixel)) * size
            for d in range(dimensions):
                x, center = load(at + d * channel * size)[0], number(middle + d * FLOAT)[0]
                out = planes + (d * stride + i) * FLOAT
                store(out, (on_grid(x, center, scale, step),))
            i += cuda.gridsize(1)

    return kernel


def bound_points(IN: str) -> Kernel:
    """Make the kernel that finds the least and the largest of each coordinate."""
    size, load, store = ITEM_SIZES[IN], loader(IN, 1), storer("float32", 1)

    def kernel(
        points: int, bounds: int, count: int, length: int, row: int, pixel: int, channel: int
    ) -> None:
        lows = cuda.shared.array(THREADS, float32)
        highs = cuda.shared.array(THREADS, float32)
        low, high, finite = INFINITE, -INFINITE, True
        start = points + cuda.blockIdx.y * channel * size
        i = cuda.grid(1)
        while i < count:
            x = load(start + place_of(i, (length, row, pixel)) * size)[0]
            finite = finite and abs(x) < INFINITE
            low, high = min(low, x), max(high, x)
            i += cuda.gridDim.x * cuda.blockDim.x
        lows[cuda.threadIdx.x] = low if finite else NO_NUMBER
        highs[cuda.threadIdx.x] = high
        cuda.syncthreads()
        if cuda.threadIdx.x == 0:
            for thread in range(1, cuda.blockDim.x):
                finite = finite and lows[thread] == lows[thread]
                low, high = min(low, lows[thread]), max(high, highs[thread])
            out = bounds + 2 * (cuda.blockIdx.y * cuda.gridDim.x + cuda.blockIdx.x) * FLOAT
            store(out, (low if finite else NO_NUMBER,))
            store(out + FLOAT, (high,))

    return kernel


def gather(IN: str) -> Kernel:
    """Make the kernel that copies some points."""
    size, load, store, index = ITEM_SIZES[IN], loader(IN, 1), storer(IN, 1), loader("int64", 1)

    def kernel(
        points: int,
        indices: int,
        out: int,
        count: int,
        dimensions: int,
        length: int,
        row: int,
        pixel: int,
        channel: int,
        out_pixel: int,
        out_channel: int,
    ) -> None:
        i = cuda.grid(1)
        while i < count:
            place = place_of(index(indices + i * LONG)[0], (length, row, pixel))
            for d in range(dimensions):
                value = load(points + (place + d * channel) * size)
                store(out + (i * out_pixel + d * out_channel) * size, value)
            i += cuda.gridsize(1)

    return kernel


def sum_weights(WEIGHT: str) -> Kernel:
    """Make the kernel that sums up each part of weights."""
    weigh, store = weight_of(WEIGHT, 1), storer("int64", 1)

    def kernel(weights: int, sums: int, count: int, parts: int) -> None:
        low = cuda.shared.array(1, uint32)
        high = cuda.shared.array(1, uint32)
        part = cuda.blockIdx.x
        while part < parts:
            if cuda.threadIdx.x == 0:
                low[0] = high[0] = 0
            cuda.syncthreads()
            own, i = np.int64(0), part * WEIGHTS_OF_A_PART + cuda.threadIdx.x
            end = min((part + 1) * WEIGHTS_OF_A_PART, count)
            while i < end:
                own += weigh(weights, i)
                i += cuda.blockDim.x
            add_words(low, high, 0, own)
            cuda.syncthreads()
            if cuda.threadIdx.x == 0:
                store(sums + part * LONG, (joined(low[0], high[0]),))
            cuda.syncthreads()
            part += cuda.gridDim.x

    return kernel


def find_drawn(WEIGHT: str) -> Kernel:
    """Make the kernel that finds the points that were drawn by weight."""
    weigh, load, store = weight_of(WEIGHT, 1), loader("int64", 1), storer("int64", 1)

    def kernel(weights: int, parts: int, rests: int, indices: int, count: int, number: int) -> None:
        i = cuda.grid(1)
        while i < number:
            at, rest = load(parts + i * LONG)[0] * WEIGHTS_OF_A_PART, load(rests + i * LONG)[0]
            weight = weigh(weights, at)
            while at + 1 < count and rest >= weight:
                rest, at = rest - weight, at + 1
                weight = weigh(weights, at)
            store(indices + i * LONG, (at,))
            i += cuda.gridsize(1)

    return kernel


def square_sum(WEIGHT: str, WEIGHTED: int) -> Kernel:
    """Make the kernel that sums weighted squares of a coordinate, the upper bits and the lower."""
    weigh, load, add = weight_of(WEIGHT, WEIGHTED), loader("float32", 1), adder("int64")

    def kernel(
        planes: int, weights: int, sums: int, count: int, stride: int, split: int, scale: float
    ) -> None:
        low = cuda.shared.array(2, uint32)
        high = cuda.shared.array(2, uint32)
        thread, dimension = cuda.threadIdx.x, cuda.blockIdx.y
        if thread < 2:
            low[thread] = high[thread] = 0
        cuda.syncthreads()
        upper, lower, mask = np.int64(0), np.int64(0), (np.int64(1) << split) - 1
        i = cuda.grid(1)
        while i < count:
            x = np.int64(level(load(planes + (dimension * stride + i) * FLOAT)[0] * scale))
            weight, square = weigh(weights, i), x * x
            upper += weight * (square >> split)
            lower += weight * (square & mask)
            i += cuda.gridDim.x * cuda.blockDim.x
        add_words(low, high, 0, upper)
        add_words(low, high, 1, lower)
        cuda.syncthreads()
        if thread < 2:
            out = sums + (2 * dimension + thread) * LONG
            add(out, joined(low[thread], high[thread]))

    return kernel
