"""Kernels of histogram on the CPU: tables of all 2**24 colours, filled and read.

A table has one byte a colour, 16 MiB, so that much of it stays in the processor's caches. When a
byte is full, the colour's number goes to a list, and stands there for 255 pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from luvcolor_kernels.cpu_bits import word_at
from luvcolor_kernels.cpu_math import inline, kernel

FULL = np.uint8(255)
ONE = np.uint8(1)
EMPTY, BITS_7, BITS_8, BITS_56 = np.uint64(0), np.uint64(7), np.uint64(8), np.uint64(56)
BITS_16 = np.uint64(0xFFFF)
LOW_BITS, HIGH_BITS = np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x8080808080808080)
EACH, EVEN = np.uint64(0x0101010101010101), np.uint64(0x00FF00FF00FF00FF)


@kernel
def count_colors(rgb: Any, places: Any, table: Any, full: Any, start: int, stop: int) -> Any:
    """Count flat uint8 RGB pixels into the table; return how many numbers are in ``full``."""
    reds, greens, blues = places[0], places[1], places[2]
    source = rgb[3 * start : 3 * stop]
    filled = 0
    for i in range(stop - start):
        at = reds[source[3 * i]] | greens[source[3 * i + 1]] | blues[source[3 * i + 2]]
        count = table[at]
        if count == FULL:
            full[filled] = at
            filled += 1
            table[at] = ONE
        else:
            table[at] = count + ONE
    return filled


@inline
def _seen(tables: Any, at: int) -> Any:
    """Eight bytes of all tables, laid over one another."""
    seen = word_at(tables[0], at)
    for t in range(1, tables.shape[0]):
        seen |= word_at(tables[t], at)
    return seen


@kernel
def count_rows(tables: Any, starts: Any, steps: Any, found: Any, start: int, stop: int) -> None:
    """Write how many different colours rows start..stop have.

    Row i consists of pieces of eight neighbours in the tables, at ``starts[i] + steps``.
    """
    for row in range(start, stop):
        present = np.uint64(0)
        for step in steps:
            seen = _seen(tables, starts[row] + step)
            # the highest bit of each byte that is not zero; the product adds up all bytes
            high = ((seen & LOW_BITS) + LOW_BITS | seen) & HIGH_BITS
            present += (high >> BITS_7) * EACH >> BITS_56
        found[row] = present


@kernel
def list_rows(
    tables: Any, starts: Any, steps: Any, full: Any, offsets: Any, numbers: Any, counts: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    """Write the colours of rows start..stop, as row * length + place, and their counts.

    ``full`` are such numbers in ascending order; each adds 255 to its colour.
    """
    length = 8 * len(steps)
    number, count = np.empty(length + 1, np.int32), np.empty(length + 1, np.int64)
    for row in range(start, stop):
        n, low = offsets[row + 1] - offsets[row], row * length
        if n == 0:
            continue
        found = 0
        for step in range(len(steps)):
            at = starts[row] + steps[step]
            if _seen(tables, at) != EMPTY:
                found = _list_piece(tables, at, low + 8 * step, number, count, found)
        found = 0
        for more in range(np.searchsorted(full, low), np.searchsorted(full, low + length)):
            while number[found] < full[more]:
                found += 1
            count[found] += 255
        first = offsets[row]
        for i in range(n):
            numbers[first + i], counts[first + i] = number[i], count[i]


@inline
def _list_piece(tables: Any, at: int, low: int, number: Any, count: Any, found: int) -> Any:
    """Append those of eight neighbours that occur, without a branch."""
    even, odd = EMPTY, EMPTY  # four sums of 16 bits each
    for t in range(tables.shape[0]):
        word = word_at(tables[t], at)
        even += word & EVEN
        odd += word >> BITS_8 & EVEN
    for _ in range(4):
        for total in (even & BITS_16, odd & BITS_16):
            number[found], count[found] = low, np.int64(total)
            found += 1 if total != EMPTY else 0
            low += 1
        even >>= np.uint64(16)
        odd >>= np.uint64(16)
    return found
