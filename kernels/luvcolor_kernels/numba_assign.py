"""One step of Lloyd's algorithm for numba: twin of assign.cu, where it is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda, float32, uint32

from luvcolor_kernels.gpu_launches import SLOTS
from luvcolor_kernels.numba_exact import add_words, joined, numbers, weight_of
from luvcolor_kernels.numba_points import cloud_reader
from luvcolor_kernels.numba_scan import ROOM, points_of_a_thread, search
from luvcolor_kernels.numba_target import ALIGNMENT, adder, exact, folded, level, mapped
from luvcolor_kernels.views import ITEM_SIZES

LONG = ITEM_SIZES["int64"]
add_all = adder("int64")
plus = mapped(exact(lambda a, b, _: a + b))
weighted = mapped(exact(lambda x, given: given[0] * np.int64(level(x * given[1]))))


def assign(DIMENSIONS: int, WEIGHT: str, WEIGHTED: int) -> Callable[..., None]:
    """Make the kernel of assign."""
    each, size = points_of_a_thread(DIMENSIONS), DIMENSIONS + 1
    seek, read = search(DIMENSIONS, each), cloud_reader(DIMENSIONS, each)
    fill, find, put = seek.fill, seek.find, _adder(DIMENSIONS, each, WEIGHT, WEIGHTED)

    def kernel(
        planes: int,
        weights: int,
        centers: int,
        sums: int,
        count: int,
        stride: int,
        k: int,
        copies: int,
        scale: float,
        reach: float,
    ) -> None:
        tile = cuda.shared.array(ROOM, float32, ALIGNMENT)
        low = cuda.shared.array(SLOTS, uint32)
        high = cuda.shared.array(SLOTS, uint32)
        thread, threads, given = cuda.threadIdx.x, cuda.blockDim.x, (centers, k, reach)
        i = np.int64(thread)
        while i < k * size * copies:
            low[i] = high[i] = 0
            i += threads
        fill(tile, given, 0, thread, threads)
        places = low, high, sums, copies, thread & (copies - 1)
        start = each * cuda.blockIdx.x * threads
        while start < count:
            i = start + each * thread
            points = read(planes, i, count, stride)
            labels = find(tile, given, points, thread, threads)
            put(places, points, labels, (weights, i, count, scale))
            start += each * cuda.gridDim.x * threads
        cuda.syncthreads()
        i = np.int64(thread)
        while i < k * size and copies > 0:
            total = np.int64(0)
            for slot in range(i * copies, (i + 1) * copies):
                total += joined(low[slot], high[slot])
            if total != 0:
                add_all(sums + i * LONG, total)
            i += threads

    return kernel


@exact
def add_value(value: int, own: int, places: Any) -> int:
    """Add to one of the values of a centre; return which is the next."""
    low, high, sums, copies, copy = places
    if copies > 0:
        add_words(low, high, value * copies + copy, own)
    else:
        add_all(sums + value * LONG, own)
    return value + 1


add_values = folded(add_value)


def _adder(dimensions: int, each: int, weight: str, weights: int) -> Any:
    """Return what adds neighbours to the sums of their centres, those of one centre at once."""
    weigh, size, items = weight_of(weight, weights), dimensions + 1, numbers(each)
    nothing = (np.int64(0),) * size

    @exact
    def take(kept: Any, point: Any, label: Any, n: int, common: Any) -> Any:
        """Keep a sum and whose it is, until there is a point of another centre."""
        places, (masses, i, count, scale) = common
        owner, own = kept
        if i + n >= count:
            return kept
        mass = weigh(masses, i + n)
        more = (mass, *weighted(point, (mass, scale)))
        if label == owner:
            return owner, plus(own, more, 0)
        if owner >= 0:
            add_values(np.int64(owner) * size, own, places)
        return label, more

    take_all = folded(take)

    @exact
    def put(places: Any, points: Any, labels: Any, given: Any) -> None:
        owner, own = take_all((np.int32(-1), nothing), points, labels, items, (places, given))
        if owner >= 0:
            add_values(np.int64(owner) * size, own, places)

    return put
