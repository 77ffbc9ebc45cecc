"""What a kernel sees of an array on a GPU: an address, a shape, strides and a type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

ITEM_SIZES: Final[dict[str, int]] = {
    "uint8": 1,
    "uint16": 2,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "int32": 4,
    "int64": 8,
    "float64": 8,
}
FOUR: Final = 4 * max(ITEM_SIZES.values())
"""Bytes of four elements, whichever they are."""
REMEMBERED: Final = 4096
"""Shapes, or what follows from them, that are kept: a call should take less than its kernel."""


@dataclass(frozen=True, slots=True)
class View:
    """Memory of an array.

    Attributes
    ----------
    address
        Of the first element.
    shape, strides
        As in NumPy, but strides count elements.
    dtype
        Name of the type: NumPy's, or "bfloat16".
    owner
        What keeps the memory alive.
    """

    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: str
    owner: Any

    @property
    def item_size(self) -> int:
        """Bytes of an element."""
        return ITEM_SIZES[self.dtype]

    @property
    def empty(self) -> bool:
        """Whether there is no element."""
        return 0 in self.shape

    @property
    def contiguous(self) -> bool:
        """Whether the elements lie in C order without gaps."""
        return _without_gaps(self.shape, self.strides)

    @property
    def outline(self) -> View:
        """All that the choice of a kernel depends on: alike for arrays that lie alike."""
        return View(self.address % FOUR, self.shape, self.strides, self.dtype, None)

    def span(self) -> tuple[int, int]:
        """First and last address, one past the last byte, that belong to it."""
        low, high = _reach(self.shape, self.strides)
        return self.address + low * self.item_size, self.address + (high + 1) * self.item_size

    def overlaps(self, other: View) -> bool:
        """Whether the spans of two arrays have bytes in common."""
        if self.empty or other.empty:
            return False
        (low, high), (other_low, other_high) = self.span(), other.span()
        return low < other_high and other_low < high

    def same(self, other: View) -> bool:
        """Whether each element lies where that of ``other`` lies."""
        return (self.address, self.shape, self.strides, self.item_size) == (
            other.address,
            other.shape,
            other.strides,
            other.item_size,
        )


@lru_cache(REMEMBERED)
def _without_gaps(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    if 0 in shape:  # libraries disagree on the strides of nothing
        return True
    expected = 1
    for length, stride in zip(reversed(shape), reversed(strides), strict=True):
        if length != 1 and stride != expected:
            return False
        expected *= length
    return True


@lru_cache(REMEMBERED)
def _reach(shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, int]:
    """How far before and behind the first element the others lie, in elements."""
    reach = [(n - 1) * s for n, s in zip(shape, strides, strict=True)]
    return sum(min(r, 0) for r in reach), sum(max(r, 0) for r in reach)
