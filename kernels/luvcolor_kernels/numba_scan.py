"""Which of k centres is nearest to points, exactly: twin of scan.cuh and points.cuh, see there.

Points are tuples of their coordinates; a thread holds a tuple of one point or four. Centres are
the address of float64, how many there are, and the length of the longest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from luvcolor_kernels.gpu_launches import FEW_DIMENSIONS
from luvcolor_kernels.numba_exact import add_squares, numbers, row_loader
from luvcolor_kernels.numba_target import (
    barrier,
    exact,
    folded,
    loader,
    mapped,
    neighbors,
    product,
    quotient,
)
from luvcolor_kernels.views import ITEM_SIZES

ROOM: Final = 2048
"""Floats of a tile."""
GROUP: Final = 4
"""Centres whose least score is found before it is asked whose it is."""
HUGE, ZERO, TWO = np.float32(3e38), np.float32(0), np.float32(2)
LARGEST, INFINITE = np.float32(1e38), np.float32(np.inf)
FLOAT, DOUBLE = ITEM_SIZES["float32"], ITEM_SIZES["float64"]


@dataclass(frozen=True)
class Search:
    """What kernels need to find the nearest centres.

    Attributes
    ----------
    fill
        Fills the tile (tile, centers, first, thread, threads); all threads of a block call it.
    find
        Returns labels (tile, centers, points, thread, threads); so do they.
    distance
        Returns the squared distance of a point from a centre (point, centers, label), float64.
    """

    fill: Any
    find: Any
    distance: Any


def points_of_a_thread(dimensions: int) -> int:
    """Return how many points of a cloud a thread takes."""
    return 4 if dimensions <= FEW_DIMENSIONS else 1


@cache
def search(dimensions: int, each: int) -> Search:
    """Return what finds the nearest centres of ``each`` points."""
    tile_size = ROOM // (dimensions + 1) // GROUP * GROUP
    fill, distance = _filler(dimensions, tile_size), _distance(dimensions)
    scan, decide = _scanner(dimensions, each), _decider(dimensions, tile_size, distance)
    check, items = mapped(_checker(dimensions)), numbers(each)
    start = ((HUGE, HUGE, np.int32(0)),) * each

    @exact
    def find(tile: Any, centers: Any, points: Any, thread: int, threads: int) -> Any:
        best, first, k = start, 0, centers[1]
        while first < k:
            if k > tile_size:  # for all threads or none
                fill(tile, centers, first, thread, threads)
            best = scan(best, points, (tile, first, min(tile_size, k - first)))
            first += tile_size
        checked = check(points, best, centers[2])
        labels, doubtful = names(checked, 0), doubts(np.int32(0), checked, items, 0)
        # Seldom entered, so the code is there once, for any of the points.
        n = 0
        while doubtful >> n != 0:
            if doubtful >> n & 1:
                point = chosen(points[0], points, items, n)
                bound = chosen(ZERO, bounds(checked, 0), items, n)
                labels = renamed(labels, items, (n, decide(tile, centers, point, bound)))
            n += 1
        return labels

    return Search(fill, find, distance)


# What is done to each point of a thread, and to each of its coordinates.
names = mapped(exact(lambda checked, _: checked[0]))
bounds = mapped(exact(lambda checked, _: checked[1]))
doubts = folded(exact(lambda found, checked, n, _: found | np.int32(checked[2]) << n))
chosen = folded(exact(lambda kept, item, n, wanted: item if n == wanted else kept))
renamed = mapped(exact(lambda label, n, found: found[1] if n == found[0] else label))
add_score = folded(exact(lambda total, c, x, _: total + c * x))
add_extent = folded(exact(lambda total, x, _: total + abs(x)))


@exact
def score_of(center: Any, point: Any) -> Any:
    """Return what is least for the nearest centre: c.c - 2 c.x."""
    return add_score(center[0], center[1:], point, 0)


@exact
def keep(best: Any, score: Any, label: Any) -> Any:
    """Return the two least scores so far, and whose the least is."""
    low, second, kept = best
    kept = label if score < low else kept
    return min(low, score), min(second, max(low, score)), kept


@exact
def keep_least(best: Any, point: Any, group: Any) -> Any:
    """Keep the least score of four centres, for one point."""
    (a, b, c, d), label = group
    first = min(score_of(a, point), score_of(b, point))
    return keep(best, min(first, min(score_of(c, point), score_of(d, point))), label)


def _filler(dimensions: int, tile_size: int) -> Any:
    """Return what fills a tile, the last group up with centres that no point is near."""
    load, size = loader("float64", 1), dimensions + 1

    @exact
    def coefficient(center: int, d: int) -> Any:
        if d > 0:
            return -2.0 * load(center + (d - 1) * DOUBLE)[0]
        total = 0.0
        for n in range(dimensions):
            x = load(center + n * DOUBLE)[0]
            total += product(x, x)
        return total

    @exact
    def fill(tile: Any, centers: Any, first: int, thread: int, threads: int) -> None:
        exact_, k, _ = centers
        barrier()
        count = min(tile_size, quotient(k - first + GROUP - 1, GROUP) * GROUP) * size
        i = np.int64(thread)
        while i < count:
            j = quotient(i, size)
            d = i - j * size
            if first + j < k:
                tile[i] = np.float32(coefficient(exact_ + (first + j) * dimensions * DOUBLE, d))
            else:
                tile[i] = ZERO if d > 0 else HUGE
            i += threads
        barrier()

    return fill


def _scanner(dimensions: int, each: int) -> Any:
    """Return what goes on from the best so far to the centres of a tile."""
    size = dimensions + 1
    center, least = neighbors(size), mapped(keep_least)
    start = ((HUGE, HUGE, np.int32(0)),) * each

    @exact
    def look_again(best: Any, group: Any, point: Any, place: Any) -> Any:
        """Find out whose the least score of the best group is."""
        (low, second, label), (_, other, j), (tile, first) = best, group, place
        kept = low, min(second, other), label
        for at in range(j, j + GROUP):
            kept = keep(kept, score_of(center(tile, at * size), point), np.int32(first + at))
        return kept

    refine = mapped(look_again)

    @exact
    def scan(best: Any, points: Any, place: Any) -> Any:
        (tile, first, count), groups, j = place, start, 0
        while j < count:
            at = j * size
            four = (
                center(tile, at),
                center(tile, at + size),
                center(tile, at + 2 * size),
                center(tile, at + 3 * size),
            )
            groups = least(groups, points, (four, np.int32(j)))
            j += GROUP
        return refine(best, groups, points, (tile, first))

    return scan


def _checker(dimensions: int) -> Any:
    """Return what tells label, the score up to which a centre may be nearer, and if there is one.

    How far apart two scores must be for float32 to be sure: see cpu_kmeans.doubt. The sum of the
    coordinates without signs is no less than the length. Infinite where a score may be too large
    for float32.
    """
    unit = np.float32((4 * dimensions + 4) * 2.0**-24)

    @exact
    def check(point: Any, best: Any, reach: Any) -> Any:
        low, second, label = best
        largest = reach * (reach + TWO * add_extent(ZERO, point, 0))
        limit = unit * largest if largest < LARGEST else INFINITE
        return label, low + limit, not second - low > limit

    return check


def _distance(dimensions: int) -> Any:
    load = row_loader("float64", dimensions)

    @exact
    def distance(point: Any, centers: Any, label: int) -> Any:
        center = load(centers[0] + np.int64(label) * dimensions * DOUBLE, DOUBLE)
        return add_squares(0.0, point, center, 0)

    return distance


def _decider(dimensions: int, tile_size: int, distance: Any) -> Any:
    """Return what finds the nearest centre of one point, in float64.

    It looks at those whose score is no larger than a bound, or at all where a tile does not hold
    all; a score that is not a number is no larger.
    """
    size = dimensions + 1
    center = neighbors(size)

    @exact
    def decide(tile: Any, centers: Any, point: Any, bound: Any) -> Any:
        found, low = np.int32(-1), 0.0
        for j in range(centers[1]):
            if centers[1] > tile_size or not score_of(center(tile, j * size), point) > bound:
                gap = distance(point, centers, j)
                if found < 0 or gap < low:
                    found, low = np.int32(j), gap
        return max(found, np.int32(0))

    return decide
