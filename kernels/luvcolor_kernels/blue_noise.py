"""A threshold mask of blue noise: neighbours differ, and no pattern shows when it is tiled."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SIZE = 64
"""Height and width: from there on no eye finds the tile, and it is made in a tenth of a second."""
SIGMA = 1.9
"""Reach of a point in pixels, as Ulichney found it to look best (he says 1.5 to 2)."""
FIRST_SHARE = 0.1


@cache
def mask() -> Array:
    """Return the thresholds, (SIZE, SIZE) float32 within 0..1, each another one.

    Made by void-and-cluster: points are set one by one where there is most room, and the place of
    a pixel in that order is its threshold. Energies are integers, so that every machine makes the
    same mask. Source: Ulichney, "The void-and-cluster method for dither array generation", 1993.
    """
    pattern, energy = _even_start()
    ranks, first = np.empty(SIZE * SIZE, np.int64), int(pattern.sum())
    rest, left = pattern.copy(), energy.copy()
    for rank in reversed(range(first)):
        place = _cluster(rest, left)
        ranks[place] = rank
        _toggle(rest, left, place)
    for rank in range(first, SIZE * SIZE):
        place = _void(pattern, energy)
        ranks[place] = rank
        _toggle(pattern, energy, place)
    thresholds = ((ranks + 0.5) / (SIZE * SIZE)).astype(np.float32).reshape(SIZE, SIZE)
    thresholds.setflags(write=False)
    return thresholds


def _even_start() -> tuple[Array, Array]:
    """Return a few points spread evenly, and their energy: the densest moves while that helps."""
    pattern, energy = np.zeros(SIZE * SIZE, bool), np.zeros(SIZE * SIZE, np.int64)
    count = int(FIRST_SHARE * SIZE * SIZE)
    for place in np.random.default_rng(0).permutation(SIZE * SIZE)[:count]:
        _toggle(pattern, energy, int(place))
    while True:
        crowded = _cluster(pattern, energy)
        _toggle(pattern, energy, crowded)
        empty = _void(pattern, energy)
        _toggle(pattern, energy, empty)
        if empty == crowded:
            return pattern, energy


def _cluster(pattern: Array, energy: Array) -> int:
    """Return the point that has most others around it."""
    return int(np.where(pattern, energy, -1).argmax())


def _void(pattern: Array, energy: Array) -> int:
    """Return the place without a point that has fewest around it."""
    return int(np.where(pattern, np.iinfo(np.int64).max, energy).argmin())


def _toggle(pattern: Array, energy: Array, place: int) -> None:
    """Set a point or take it away; the mask has no edges, as it is tiled."""
    y, x = divmod(place, SIZE)
    reach = _reach()[SIZE - y : 2 * SIZE - y, SIZE - x : 2 * SIZE - x].reshape(-1)
    pattern[place] = not pattern[place]
    if pattern[place]:
        energy += reach
    else:
        energy -= reach


@cache
def _reach() -> Array:
    """Return what a point adds to the pixels around it, twice over in both directions."""
    offset = np.minimum(np.arange(SIZE), SIZE - np.arange(SIZE))
    squares = offset[:, None] ** 2 + offset**2
    return np.tile(np.rint(np.exp(squares / (-2 * SIGMA**2)) * (1 << 24)).astype(np.int64), (2, 2))
