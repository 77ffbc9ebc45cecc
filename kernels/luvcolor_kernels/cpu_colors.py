"""Counting colours on the CPU: which colours there are, and how often each occurs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import color_cells, cpu_histogram
from luvcolor_kernels.threads import run_blocks, thread_count

Array = npt.NDArray[Any]

TABLE_PIXELS = 1 << 19
"""From this many pixels on, counting into a table beats sorting."""
PIXELS_PER_TABLE = 1 << 20
MAX_TABLES = 4
"""16 MiB for each thread, and at most this many of them."""
MIN_ROWS = 1 << 11

_spare: list[Array] = []
"""The tables of the last call: fresh memory costs as much time as counting."""


def unique_colors(rgb: Array) -> tuple[Array, Array]:
    """Return the numbers of the colours in ``rgb`` (see color_cells), ascending, and counts."""
    flat = np.ascontiguousarray(rgb).reshape(-1)
    if flat.size // 3 < TABLE_PIXELS:
        numbers, counts = np.unique(color_cells.pack(flat.reshape(-1, 3)), return_counts=True)
        return numbers, counts.astype(np.int64)
    tables, full = _count(flat)
    starts = np.arange(0, color_cells.COLORS, color_cells.CELL, dtype=np.int32)
    return _listed(tables, starts, color_cells.STEPS, full)


def histogram(rgb: Array) -> tuple[Array, Array]:
    """Return the colours (n, 3) in ascending order of (R, G, B), and their counts."""
    flat = np.ascontiguousarray(rgb).reshape(-1)
    if flat.size // 3 < TABLE_PIXELS:
        codes, counts = np.unique(encode(flat.reshape(-1, 3)), return_counts=True)
        return decode(codes), counts.astype(np.int64)
    tables, full = _count(flat)
    ordered = encode(color_cells.unpack(full)).astype(np.int32)
    starts = color_cells.row_starts()
    codes, counts = _listed(tables, starts, color_cells.BLUE_STEPS, np.sort(ordered))
    return decode(codes), counts


def weighted_colors(rgb: Array, weights: Array | None) -> tuple[Array, Array]:
    """Return what unique_colors does for colours (n, 3), but sums of weights, int64, for counts."""
    if weights is None or (weights == 1).all():
        return unique_colors(rgb)
    return _merged(color_cells.pack(rgb), weights)


def merged_histogram(rgb: Array, counts: Array) -> tuple[Array, Array]:
    """Return the colours (n, 3) in ascending order of (R, G, B), and the sums of their counts."""
    codes, total = _merged(encode(rgb), counts)
    return decode(codes), total


def _merged(codes: Array, weights: Array) -> tuple[Array, Array]:
    """Add up the weights of equal numbers: int64, exact up to a total of 2**53."""
    if codes.size < TABLE_PIXELS:
        codes, where = np.unique(codes, return_inverse=True)
        total = np.bincount(where, weights, minlength=len(codes)).astype(np.int64)
        return codes[total > 0], total[total > 0]
    table = np.bincount(codes, weights, minlength=color_cells.COLORS)
    found = np.flatnonzero(table)
    return found.astype(np.int32), table[found].astype(np.int64)


def encode(colors: Array) -> Array:
    """Return each colour as 0xRRGGBB."""
    wide = colors.astype(np.uint32)
    codes: Array = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    return codes


def decode(codes: Array) -> Array:
    """Return the colours (n, 3) of numbers 0xRRGGBB."""
    return np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=-1).astype(np.uint8)


def _count(flat: Array) -> tuple[Array, Array]:
    """Count pixels into one table for each thread; return also the numbers that filled a byte."""
    pixels = flat.size // 3
    parts = max(1, min(thread_count(), pixels // PIXELS_PER_TABLE, MAX_TABLES))
    tables = _spare_tables(parts)
    edges = [pixels * i // parts for i in range(parts + 1)]
    full: list[Array] = [np.empty(0, np.int32)] * parts

    def count(start: int, stop: int) -> None:
        for i in range(start, stop):
            room = np.empty((edges[i + 1] - edges[i]) // 255 + 1, np.int32)
            tables[i] = 0
            filled = cpu_histogram.count_colors(
                flat, color_cells.PLACES, tables[i], room, edges[i], edges[i + 1]
            )
            full[i] = room[:filled]

    run_blocks(count, parts, 1)
    return tables, np.sort(np.concatenate(full))


def _spare_tables(parts: int) -> Array:
    try:
        tables = _spare.pop()  # from a list of one: only one of several callers gets them
    except IndexError:
        tables = np.empty((parts, color_cells.COLORS), np.uint8)
    if len(tables) < parts:
        tables = np.empty((parts, color_cells.COLORS), np.uint8)
    return tables[:parts]


def _listed(tables: Array, starts: Array, steps: Array, full: Array) -> tuple[Array, Array]:
    """Read the tables, and keep them for the next call."""
    rows = len(starts)
    found = np.empty(rows, np.int64)
    run_blocks(
        lambda start, stop: cpu_histogram.count_rows(tables, starts, steps, found, start, stop),
        rows,
        MIN_ROWS,
    )
    offsets = np.concatenate([[0], np.cumsum(found)])
    numbers, counts = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.int64)
    run_blocks(
        lambda start, stop: cpu_histogram.list_rows(
            tables, starts, steps, full, offsets, numbers, counts, start, stop
        ),
        rows,
        MIN_ROWS,
    )
    _spare[:] = [tables]
    return numbers, counts
