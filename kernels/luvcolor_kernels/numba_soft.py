"""soft_assign for numba: twin of soft_assign.cu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda

from luvcolor_kernels.numba_clouds import place_of
from luvcolor_kernels.numba_exact import add_squares, row_loader
from luvcolor_kernels.numba_target import exact, exp2, folded, mapped, storer
from luvcolor_kernels.pixel import ZERO
from luvcolor_kernels.views import ITEM_SIZES

FLOAT, INFINITE = ITEM_SIZES["float32"], np.float32(np.inf)
AHEAD, FAR = (-INFINITE, np.int32(0)), (INFINITE, np.int32(0))
LOG2_E = np.float32(np.log2(np.e))
to_floats = mapped(exact(lambda x, _: np.float32(x)))


@exact
def settle(own: Any, ahead: Any, new: Any) -> Any:
    """Return who has a place once a new one has come, of equals the first.

    ``own`` has it, ``ahead`` has the one before; both are distances and names.
    """
    if not new[0] < own[0]:
        return own
    return ahead if new[0] < ahead[0] else new


settled = mapped(settle)


@exact
def share(own: Any, given: Any) -> Any:
    """Return the weight of a centre, over that of the nearest."""
    nearest, factor = given
    return exp2(factor * (own[0] - nearest))


shares = mapped(share)
total_of = folded(exact(lambda total, share, _: total + share))


def soft_assign(IN: str, OUT: str, DIMENSIONS: int, NEIGHBORS: int) -> Callable[..., None]:
    """Make the kernel of soft_assign."""
    size, load, put = ITEM_SIZES[IN], row_loader(IN, DIMENSIONS), _writer(OUT)
    center, nobody = row_loader("float32", DIMENSIONS), (FAR,) * NEIGHBORS

    def kernel(
        points: int,
        centers: int,
        labels: int,
        weights: int,
        count: int,
        k: int,
        length: int,
        row: int,
        pixel: int,
        channel: int,
        factor: float,
    ) -> None:
        i = cuda.grid(1)
        while i < count:
            place = place_of(i, (length, row, pixel))
            x = to_floats(load(points + place * size, channel * size), 0)
            kept = nobody
            for j in range(k):
                c = center(centers + j * DIMENSIONS * FLOAT, FLOAT)
                gap = add_squares(ZERO, x, c, 0)
                if gap < kept[-1][0]:
                    kept = settled(kept, (AHEAD, *kept[:-1]), (gap, np.int32(j)))
            own = shares(kept, (kept[0][0], factor * LOG2_E))
            put(i * NEIGHBORS, kept, own, (labels, weights, total_of(ZERO, own, 0)))
            i += cuda.gridsize(1)

    return kernel


def _writer(OUT: str) -> Any:
    """Return what writes labels and their weights, from an index on."""
    name, weigh, size = storer(OUT, 1), storer("float32", 1), ITEM_SIZES[OUT]
    kind = np.int32 if OUT == "uint8" else np.int64

    @exact
    def put(at: int, own: Any, share: Any, given: Any) -> int:
        labels, weights, total = given
        name(labels + at * size, (kind(own[1]),))
        weigh(weights + at * FLOAT, (share / total,))
        return at + 1

    return folded(put)
