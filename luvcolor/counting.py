"""The different colours of any number of pictures, and how often each occurs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.errors import PictureError, UsageError
from luvcolor_kernels import histogram

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Counted", "code_of", "count_colors", "thin"]

Counted = tuple["NDArray[np.uint8]", "NDArray[np.int64]"]


def count_colors(pictures: Iterable[NDArray[np.uint8]]) -> Counted:
    """Return the different colours (n, 3) of all pictures and their counts.

    One picture is counted by itself; for more there is a table of all 2^24 colours (128 MiB), so
    that their number and size do not matter.

    Raises
    ------
    UsageError
        If there is no picture.
    PictureError
        If a picture is not uint8 RGB.
    """
    counted = (_counted(picture) for picture in pictures)
    first, second = next(counted, None), next(counted, None)
    if first is None:
        raise UsageError("a palette needs at least one picture, found none")
    return first if second is None else _together(chain([first, second], counted))


def _counted(picture: NDArray[np.uint8]) -> Counted:
    if picture.dtype != np.uint8 or picture.shape[-1:] != (3,) or not picture.size:
        raise PictureError(
            f"a palette needs uint8 RGB pictures of shape (H, W, 3), found {picture.dtype} "
            f"of shape {picture.shape}; convert it first"
        )
    return histogram(picture)


def _together(counted: Iterator[Counted]) -> Counted:
    table = np.zeros(1 << 24, np.int64)
    for colors, counts in counted:
        table[code_of(colors)] += counts
    codes = np.flatnonzero(table)
    rgb = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=-1)
    return rgb.astype(np.uint8), table[codes]


def code_of(colors: NDArray[np.uint8], bits: int = 8) -> NDArray[np.int64]:
    """Join the leading bits of the three channels into one number."""
    leading = colors.astype(np.int64) >> (8 - bits)
    return np.asarray(leading @ np.array([1 << 2 * bits, 1 << bits, 1]), np.int64)


def thin(colors: NDArray[np.uint8], counts: NDArray[Any], limit: int) -> Counted:
    """Merge neighbours until at most `limit` colours are left; deterministic, unlike sampling."""
    for bits in range(7, -1, -1):
        if len(colors) <= limit:
            break
        _, group = np.unique(code_of(colors, bits), return_inverse=True)
        totals = np.bincount(group, weights=counts)
        sums = [np.bincount(group, weights=counts * colors[:, c]) for c in range(3)]
        colors = np.rint(np.stack(sums, axis=-1) / totals[:, None]).astype(np.uint8)
        counts = totals.astype(np.int64)
    return colors, counts
