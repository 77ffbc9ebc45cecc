"""Kernel of merge_chroma on the CPU: upsample, fit into the gamut and encode, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from luvcolor_kernels.cpu_luv import store
from luvcolor_kernels.cpu_math import BLOCK, inline, kernel, pixel

_to_linear = pixel.merge_to_linear


@inline
def _mix_rows(plane: Any, low: int, high: int, share: Any, row: Any) -> None:
    """Interpolate between two rows of a small plane."""
    upper, lower = plane[low], plane[high]
    for k in range(row.size):
        row[k] = upper[k] + share * (lower[k] - upper[k])


@inline
def _widen(row: Any, low: Any, high: Any, share: Any, out: Any, n: int) -> None:
    """Interpolate between the columns of a small row."""
    for k in range(n):
        left = row[low[k]]
        out[k] = left + share[k] * (row[high[k]] - left)


@kernel
def merge_chroma(
    light: Any, uv: Any, slope: Any, rows: Any, columns: Any, levels: Any, rgb: Any, start: int,
    stop: int,
) -> None:  # fmt: skip
    """Merge rows start..stop; ``rows`` and ``columns`` are (low, high, share) of every index."""
    width = light.shape[1]
    small = np.empty((4, uv.shape[2]), np.float32)
    wide = np.empty((4, BLOCK), np.float32)
    linear = np.empty((3, BLOCK), np.float32)
    r, g, b = linear[0], linear[1], linear[2]
    for y in range(start, stop):
        low, high, share = rows[0][y], rows[1][y], rows[2][y]
        _mix_rows(uv[0], low, high, share, small[0])
        _mix_rows(uv[1], low, high, share, small[1])
        if slope is not None:
            _mix_rows(slope[0], low, high, share, small[2])
            _mix_rows(slope[1], low, high, share, small[3])
        for x in range(0, width, BLOCK):
            n = min(BLOCK, width - x)
            lows, highs, shares = (
                columns[0][x : x + n],
                columns[1][x : x + n],
                columns[2][x : x + n],
            )
            lights, us, vs = light[y, x : x + n], wide[0], wide[1]
            _widen(small[0], lows, highs, shares, us, n)
            _widen(small[1], lows, highs, shares, vs, n)
            if slope is not None:
                _widen(small[2], lows, highs, shares, wide[2], n)
                _widen(small[3], lows, highs, shares, wide[3], n)
                for k in range(n):
                    us[k] += wide[2, k] * lights[k]
                    vs[k] += wide[3, k] * lights[k]
            for k in range(n):
                r[k], g[k], b[k] = _to_linear(lights[k], us[k], vs[k])
            store(r, g, b, levels, rgb, y * width + x, n, width)
