"""nearest and measure_gaps for numba: twins of the CUDA sources of these names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda, float32

from luvcolor_kernels.numba_exact import row_loader
from luvcolor_kernels.numba_memory import GROUP, pixel_writer, writer
from luvcolor_kernels.numba_points import cloud_reader, points_reader
from luvcolor_kernels.numba_scan import ROOM, points_of_a_thread, search
from luvcolor_kernels.numba_target import ALIGNMENT, exact, folded, loader, mapped, storer
from luvcolor_kernels.views import ITEM_SIZES

Kernel = Callable[..., None]
FLOAT, INT = ITEM_SIZES["float32"], ITEM_SIZES["int32"]
move = mapped(exact(lambda x, shift, _: np.float32(x) - shift))


def nearest(IN: str, OUT: str, DIMENSIONS: int, IN_LAYOUT: int, OUT_LAYOUT: int) -> Kernel:
    """Make the kernel of nearest."""
    seek = search(DIMENSIONS, GROUP)
    fill, find, shifts = seek.fill, seek.find, row_loader("float32", DIMENSIONS)
    read, put = points_reader(IN, DIMENSIONS, IN_LAYOUT), _label_writer(OUT, OUT_LAYOUT)
    moved = mapped(exact(lambda point, shift: move(point, shift, 0)))
    in_size, out_size = ITEM_SIZES[IN], ITEM_SIZES[OUT]

    def kernel(
        points: int,
        centers: int,
        shift: int,
        names: int,
        out: int,
        pictures: int,
        length: int,
        row: int,
        channel: int,
        pixel: int,
        out_row: int,
        out_pixel: int,
        k: int,
        reach: float,
    ) -> None:
        tile = cuda.shared.array(ROOM, float32, ALIGNMENT)
        thread, threads, given = cuda.threadIdx.x, cuda.blockDim.x, (centers, k, reach)
        fill(tile, given, 0, thread, threads)
        middle = shifts(shift, FLOAT)
        p = cuda.blockIdx.y
        while p < pictures:
            start = GROUP * cuda.blockIdx.x * threads
            while start < length:  # all threads of a block find, also those beyond the last point
                i = start + GROUP * thread
                count = max(min(length - i, GROUP), 0)
                four = read(points + (p * row + i * pixel) * in_size, count, channel, pixel)
                labels = find(tile, given, moved(four, middle), thread, threads)
                put(out + (p * out_row + i * out_pixel) * out_size, count, out_pixel, names, labels)
                start += GROUP * cuda.gridDim.x * threads
            p += cuda.gridDim.y

    return kernel


def _label_writer(OUT: str, layout: int) -> Any:
    """Return what writes the names of up to four labels."""
    load, kind = loader("int32", 1), np.int32 if OUT == "uint8" else np.int64
    name = mapped(exact(lambda label, names: (kind(load(names + np.int64(label) * INT)[0]),)))
    write, write_one, size = writer(OUT, 1, layout), pixel_writer(OUT, 1), ITEM_SIZES[OUT]

    @exact
    def put(address: int, count: int, pixel: int, names: int, labels: Any) -> None:
        a, b, c, d = name(labels, names)
        if count == GROUP:
            write(address, 0, pixel, (a, b, c, d))
            return
        if count > 0:
            write_one(address, 0, a)
        if count > 1:
            write_one(address + pixel * size, 0, b)
        if count > 2:
            write_one(address + 2 * pixel * size, 0, c)

    return put


def measure_gaps(DIMENSIONS: int) -> Kernel:
    """Make the kernel that measures the distance of each point from its centre."""
    each = points_of_a_thread(DIMENSIONS)
    seek, read = search(DIMENSIONS, each), cloud_reader(DIMENSIONS, each)
    fill, find, put = seek.fill, seek.find, _gap_writer(seek.distance)

    def kernel(
        planes: int, centers: int, gaps: int, count: int, stride: int, k: int, reach: float
    ) -> None:
        tile = cuda.shared.array(ROOM, float32, ALIGNMENT)
        thread, threads, given = cuda.threadIdx.x, cuda.blockDim.x, (centers, k, reach)
        fill(tile, given, 0, thread, threads)
        start = each * cuda.blockIdx.x * threads
        while start < count:
            i = start + each * thread
            points = read(planes, i, count, stride)
            put(i, points, find(tile, given, points, thread, threads), (gaps, given, count))
            start += each * cuda.gridDim.x * threads

    return kernel


def _gap_writer(distance: Any) -> Any:
    """Return what writes the distances of neighbours, as far as there are any."""
    store, size = storer("float64", 1), ITEM_SIZES["float64"]

    @exact
    def put(i: int, point: Any, label: int, place: Any) -> int:
        gaps, centers, count = place
        if i < count:
            store(gaps + i * size, (distance(point, centers, label),))
        return i + 1

    return folded(put)
