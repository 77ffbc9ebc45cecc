"""Tables of colours for numba: twins of the CUDA sources of the same names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda, int32

from luvcolor_kernels.gpu import THREADS
from luvcolor_kernels.gpu_launches import PART, PARTS_OF_A_TURN
from luvcolor_kernels.numba_exact import weight_of
from luvcolor_kernels.numba_memory import GROUP, pixel_reader, reader
from luvcolor_kernels.numba_target import adder, exact, loader, quotient, storer
from luvcolor_kernels.views import ITEM_SIZES

Kernel = Callable[..., None]
INT, LONG = ITEM_SIZES["int32"], ITEM_SIZES["int64"]


def clear() -> Kernel:
    """Make the kernel that sets elements to zero."""
    store = storer("int64", 1)

    def kernel(values: int, count: int) -> None:
        i = cuda.grid(1)
        while i < count:
            store(values + i * LONG, (np.int64(0),))
            i += cuda.gridsize(1)

    return kernel


@exact
def by_levels(color: Any) -> Any:
    """Return the number of a colour in the order of (R, G, B)."""
    return color[0] << 16 | color[1] << 8 | color[2]


@exact
def by_cells(color: Any) -> Any:
    """Return the number of a colour in the order of color_cells.py."""
    r, g, b = color
    block = (r >> 5) << 21 | (g >> 5) << 18 | (b >> 5) << 15
    cell = (r >> 3 & 3) << 13 | (g >> 3 & 3) << 11 | (b >> 3 & 3) << 9
    return block | cell | (r & 7) << 6 | (g & 7) << 3 | (b & 7)


def count_colors(COUNT: str, BY_CELLS: int, WEIGHT: str, WEIGHTED: int, IN_LAYOUT: int) -> Kernel:
    """Make the kernel that counts pixels into a table."""
    read, read_one = reader("uint8", 3, IN_LAYOUT), pixel_reader("uint8", 3)
    weigh, take, put = weight_of(WEIGHT, WEIGHTED), _counter(COUNT, BY_CELLS), _adder(COUNT)

    def kernel(
        rgb: int,
        weights: int,
        table: int,
        pictures: int,
        length: int,
        step: int,
        channel: int,
        pixel: int,
    ) -> None:
        kept = np.int64(-1), np.int64(0)
        p = cuda.blockIdx.y
        while p < pictures:
            i = GROUP * cuda.grid(1)
            while i < length:
                start, mass = rgb + p * step + i * pixel, p * length + i
                if i + GROUP <= length:
                    a, b, c, d = read(start, channel, pixel)
                    kept = take(table, kept, a, weigh(weights, mass))
                    kept = take(table, kept, b, weigh(weights, mass + 1))
                    kept = take(table, kept, c, weigh(weights, mass + 2))
                    kept = take(table, kept, d, weigh(weights, mass + 3))
                else:
                    for k in range(length - i):
                        color = read_one(start + k * pixel, channel)
                        kept = take(table, kept, color, weigh(weights, mass + k))
                i += GROUP * cuda.gridsize(1)
            p += cuda.gridDim.y
        put(table, kept)

    return kernel


def _counter(COUNT: str, BY_CELLS: int) -> Any:
    """Return what keeps a colour and how often it came, until another one comes."""
    number_of, put = by_cells if BY_CELLS else by_levels, _adder(COUNT)

    @exact
    def take(table: int, kept: Any, color: Any, weight: int) -> Any:
        number = np.int64(number_of(color))
        if number == kept[0]:
            return number, kept[1] + weight
        put(table, kept)
        return number, weight

    return take


def _adder(COUNT: str) -> Any:
    """Return what adds what was kept to the table."""
    add, size = adder(COUNT), ITEM_SIZES[COUNT]

    @exact
    def put(table: int, kept: Any) -> None:
        if kept[0] >= 0:
            add(table + kept[0] * size, kept[1])

    return put


@exact
def present(counts: Any) -> int:
    """Return how many of four counts are not zero."""
    first, second = int(counts[0] != 0) + int(counts[1] != 0), int(counts[2] != 0)
    return first + second + int(counts[3] != 0)


def count_present(COUNT: str) -> Kernel:
    """Make the kernel that counts the colours of each part of a table."""
    load, size, store = loader(COUNT, GROUP), ITEM_SIZES[COUNT], storer("int32", 1)

    def kernel(table: int, found: int, parts: int) -> None:
        totals = cuda.shared.array(PARTS_OF_A_TURN, int32)
        thread, first = cuda.threadIdx.x, PARTS_OF_A_TURN * cuda.blockIdx.x
        while first < parts:
            count = min(PARTS_OF_A_TURN, parts - first)
            if thread < count:
                totals[thread] = 0
            cuda.syncthreads()
            for part in range(count):
                own, i = 0, GROUP * thread
                while i < PART:
                    own += present(load(table + ((first + part) * PART + i) * size))
                    i += GROUP * cuda.blockDim.x
                if own != 0:
                    cuda.atomic.add(totals, part, own)
            cuda.syncthreads()
            if thread < count:
                store(found + (first + thread) * INT, (np.int64(totals[thread]),))
            cuda.syncthreads()
            first += PARTS_OF_A_TURN * cuda.gridDim.x

    return kernel


@exact
def running_sum(own: int, sums: Any, thread: int, threads: int) -> int:
    """Return the sum of what threads up to, and with, this one have."""
    total, step = own, 1
    while step < threads:
        sums[thread] = total
        cuda.syncthreads()
        if thread >= step:
            total += sums[thread - step]
        cuda.syncthreads()
        step *= 2
    return total


def list_present(COUNT: str, OUT: str, TOTAL: str) -> Kernel:
    """Make the kernel that lists the colours of a table, and their counts."""
    load, size, put = loader(COUNT, GROUP), ITEM_SIZES[COUNT], _lister(OUT, TOTAL)
    offset = loader("int64", 1)

    def kernel(table: int, offsets: int, colors: int, counts: int, parts: int) -> None:
        sums = cuda.shared.array(THREADS, int32)
        thread, threads = cuda.threadIdx.x, cuda.blockDim.x
        part = cuda.blockIdx.x
        while part < parts:
            start, end = offset(offsets + part * LONG)[0], offset(offsets + (part + 1) * LONG)[0]
            # All threads of a block come to the barriers, also where there is nothing to list.
            each = quotient(PART, threads) if start < end else 0
            first = part * PART + thread * each
            own, i = 0, 0
            while i < each:
                own += present(load(table + (first + i) * size))
                i += GROUP
            at = start + running_sum(own, sums, thread, threads) - own
            i = 0
            while i < each:
                four = load(table + (first + i) * size)
                at = put(colors, counts, at, first + i, four[0])
                at = put(colors, counts, at, first + i + 1, four[1])
                at = put(colors, counts, at, first + i + 2, four[2])
                at = put(colors, counts, at, first + i + 3, four[3])
                i += GROUP
            part += cuda.gridDim.x

    return kernel


def _lister(OUT: str, TOTAL: str) -> Any:
    """Return what lists a colour that there is, and gives the place of the next."""
    name, size, store = _namer(OUT), ITEM_SIZES[TOTAL], storer(TOTAL, 1)

    @exact
    def put(colors: int, counts: int, at: int, number: int, count: int) -> int:
        if count == 0:
            return at
        name(colors, at, number)
        store(counts + at * size, (count,))
        return at + 1

    return put


def _namer(OUT: str) -> Any:
    """Return what writes the number of a colour, or its three bytes."""
    store, size = storer(OUT, 1), ITEM_SIZES[OUT]
    if OUT != "uint8":
        return exact(lambda colors, at, number: store(colors + at * size, (number,)))

    @exact
    def name(colors: int, at: int, number: int) -> None:
        store(colors + 3 * at, (np.int32(number >> 16),))
        store(colors + 3 * at + 1, (np.int32(number >> 8 & 255),))
        store(colors + 3 * at + 2, (np.int32(number & 255),))

    return name
