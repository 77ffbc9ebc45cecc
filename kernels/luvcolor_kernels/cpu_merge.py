"""Kernel of merge_chroma on the CPU: upsample, fit into the gamut and encode, row by row."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.arrays import pixel_view
from luvcolor_kernels.cpu_luv import levels_of, lightness_table, store
from luvcolor_kernels.cpu_math import BLOCK, MIN_PIXELS, inline, kernel, pixel
from luvcolor_kernels.threads import run_blocks

Array = npt.NDArray[Any]

STRIP = 4 * BLOCK
"""Columns a thread takes at a time: their chroma stays in the second-level cache."""

_to_linear = pixel.merge_to_linear


def merge(light: Array, uv: Array, slope: Array | None, axis: int, out: Array) -> None:
    """Merge L (N, H, W) with chroma (N, 2, h, w) into pictures with channels along ``axis``."""
    bits = out.view(np.uint16) if out.dtype == np.float16 else out
    view = pixel_view(bits, axis)
    target = np.empty(out.size, bits.dtype) if view is None else view
    _, height, width = light.shape
    table = lightness_table(light.dtype) if light.dtype.kind == "u" else None
    rows, columns = _neighbours(uv.shape[2], height), _neighbours(uv.shape[3], width)
    plane = target.shape[2] if target.ndim == 3 else 0
    levels = levels_of(out.dtype)
    run_blocks(
        lambda start, stop: merge_rows(
            light, table, uv, slope, rows, columns, levels, target, plane, start, stop
        ),
        len(light) * height,
        -(-MIN_PIXELS // width),
    )
    if view is None:
        np.moveaxis(bits, axis, -1)[...] = target.reshape(*light.shape, 3)


@lru_cache(16)
def _neighbours(old: int, new: int) -> tuple[Array, Array, Array]:
    """Return the two neighbours and the share of the second, for half-pixel centres."""
    position = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0.0, old - 1.0)
    low = position.astype(np.uint32 if old <= 1 << 32 else np.uint64)  # vectors gather by 32 bits
    high = np.minimum(low + 1, old - 1, dtype=low.dtype)
    return low, high, (position - low).astype(np.float32)


@inline
def _widen(row: Any, columns: Any, x: int, out: Any, n: int) -> None:
    """Interpolate a small row to the columns from ``x`` on."""
    low, high, share = columns[0][x : x + n], columns[1][x : x + n], columns[2][x : x + n]
    for k in range(n):
        left = row[low[k]]
        out[k] = left + share[k] * (row[high[k]] - left)


@inline
def _hold(uv: Any, slope: Any, row: int, columns: Any, x: int, held: Any, wide: Any, n: int) -> int:
    """Have row ``row`` of all pictures' chroma wide, and return in which place it is."""
    place = row & 1
    if held[place] != row:
        held[place] = row
        picture, y = row // uv.shape[2], row % uv.shape[2]
        _widen(uv[picture, 0, y], columns, x, wide[place, 0], n)
        _widen(uv[picture, 1, y], columns, x, wide[place, 1], n)
        if slope is not None:
            _widen(slope[picture, 0, y], columns, x, wide[place, 2], n)
            _widen(slope[picture, 1, y], columns, x, wide[place, 3], n)
    return place


@kernel
def merge_rows(
    light: Any, table: Any, uv: Any, slope: Any, rows: Any, columns: Any, levels: Any, rgb: Any,
    plane: int, start: int, stop: int,
) -> None:  # fmt: skip
    """Merge rows start..stop of all pictures, in strips.

    ``rows`` and ``columns`` are (low, high, share) of every index; ``table`` gives L of every
    integer gray, None for L itself. A strip's two rows of chroma stay as wide as it is from one
    row to the next, so that columns are interpolated once for each row of ``uv``.
    """
    height, width = light.shape[1], light.shape[2]
    wide = np.empty((2, 4, STRIP), np.float32)
    held = np.empty(2, np.int64)
    block = np.empty((4, BLOCK), np.float32)
    lights, r, g, b = block[0], block[1], block[2], block[3]
    for left in range(0, width, STRIP):
        strip = min(STRIP, width - left)
        held[:] = -1
        for i in range(start, stop):
            picture, y = i // height, i % height
            first = picture * uv.shape[2]
            share = rows[2][y]
            low, high = first + np.int64(rows[0][y]), first + np.int64(rows[1][y])
            upper = wide[_hold(uv, slope, low, columns, left, held, wide, strip)]
            lower = wide[_hold(uv, slope, high, columns, left, held, wide, strip)]
            for x in range(0, strip, BLOCK):
                n = min(BLOCK, strip - x)
                given = light[picture, y, left + x : left + x + n]
                for k in range(n):
                    lights[k] = given[k] if table is None else table[given[k]]
                above, below = upper[:, x : x + n], lower[:, x : x + n]
                for k in range(n):
                    u = above[0, k] + share * (below[0, k] - above[0, k])
                    v = above[1, k] + share * (below[1, k] - above[1, k])
                    if slope is not None:
                        u += lights[k] * (above[2, k] + share * (below[2, k] - above[2, k]))
                        v += lights[k] * (above[3, k] + share * (below[3, k] - above[3, k]))
                    r[k], g[k], b[k] = _to_linear(lights[k], u, v)
                store(r, g, b, levels, rgb, i * width + left + x, n, plane)
