"""Colours as numbers in the order of cells: colours that are alike lie next to one another.

The cube of all uint8 colours consists of 8 x 8 x 8 blocks, a block of 4 x 4 x 4 cells, a cell of
8 x 8 x 8 colours. The bits of a colour's number are those of (R, G, B), the three highest of each,
then the next two of each, then the lowest three of each:

    R7 R6 R5 G7 G6 G5 B7 B6 B5   R4 R3 G4 G3 B4 B3   R2 R1 R0 G2 G1 G0 B2 B1 B0
    block                        cell                colour

A photograph then counts its colours in few places of a table, and what holds for the corners of a
cell holds for 512 neighbours in the table.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

COLORS: Final = 1 << 24
CELL: Final = 1 << 9
"""Colours in one cell."""
CELL_BITS: Final = 9
BLOCK_BITS: Final = 15

_LEVELS = np.arange(256, dtype=np.int32)
_BLUES = (_LEVELS >> 5) << BLOCK_BITS | (_LEVELS >> 3 & 3) << CELL_BITS | (_LEVELS & 7)
_GREENS = (_LEVELS >> 5) << 18 | (_LEVELS >> 3 & 3) << 11 | (_LEVELS & 7) << 3
_REDS = (_LEVELS >> 5) << 21 | (_LEVELS >> 3 & 3) << 13 | (_LEVELS & 7) << 6

PLACES: Final[npt.NDArray[np.int32]] = np.stack([_REDS, _GREENS, _BLUES])
"""(3, 256) int32: what each value of R, G and B adds to the number of a colour."""

STEPS: Final[npt.NDArray[np.int32]] = np.arange(0, CELL, 8, dtype=np.int32)
BLUE_STEPS: Final[npt.NDArray[np.int32]] = _BLUES[::8].copy()
"""Where eight neighbours lie in a cell, and those with the same R and G in the whole cube."""


def pack(colors: Array) -> Array:
    """Return the number of each uint8 colour (..., 3), as int32."""
    numbers: Array = PLACES[0][colors[..., 0]]
    numbers |= PLACES[1][colors[..., 1]]
    numbers |= PLACES[2][colors[..., 2]]
    return numbers


def unpack(numbers: Array) -> Array:
    """Return the colours (n, 3) of numbers (n,)."""
    channels = [
        (numbers >> 21 - 3 * c & 7) << 5
        | (numbers >> 13 - 2 * c & 3) << 3
        | (numbers >> 6 - 3 * c & 7)
        for c in range(3)
    ]
    return np.stack(channels, axis=-1).astype(np.uint8)


def row_starts() -> Array:
    """Return where the row of 256 colours (R, G, 0..255) begins, for all (R, G) in order."""
    starts: Array = (PLACES[0][:, None] | PLACES[1][None, :]).reshape(-1)
    return starts
