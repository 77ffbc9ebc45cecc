"""Kernels of histogram on the CPU: a table of all 2**24 colours, filled and read."""

from __future__ import annotations

from typing import Any

import numpy as np

from luvcolor_kernels.cpu_math import kernel

ROW = 1 << 12
"""Colours in one part of the table, when it is read."""


@kernel
def count_colors(rgb: Any, table: Any, start: int, stop: int) -> None:
    """Count flat uint8 RGB pixels into the table."""
    source = rgb[3 * start : 3 * stop]
    for i in range(stop - start):
        high, middle, low = source[3 * i], source[3 * i + 1], source[3 * i + 2]
        table[np.int64(high) << 16 | np.int64(middle) << 8 | np.int64(low)] += np.uint32(1)


@kernel
def add_tables(tables: Any, found: Any, start: int, stop: int) -> None:
    """Add rows start..stop of all tables to the first; write how many colours each row has."""
    for row in range(start, stop):
        total = tables[0, row * ROW : (row + 1) * ROW]
        for t in range(1, tables.shape[0]):
            more = tables[t, row * ROW : (row + 1) * ROW]
            for i in range(ROW):
                total[i] += more[i]
        present = 0
        for i in range(ROW):
            present += 1 if total[i] > 0 else 0
        found[row] = present


@kernel
def list_colors(table: Any, offsets: Any, colors: Any, counts: Any, start: int, stop: int) -> None:
    """Write the colours of rows start..stop, from place ``offsets[row]`` on."""
    for row in range(start, stop):
        place = offsets[row]
        for i in range(row * ROW, (row + 1) * ROW):
            if table[i] > 0:
                colors[place, 0] = i >> 16
                colors[place, 1] = i >> 8 & 255
                colors[place, 2] = i & 255
                counts[place] = table[i]
                place += 1
