"""Chroma as an offset and a slope over lightness, at its own size: a guided filter's coefficients.

The sums are float64: the variance of L is a difference of numbers ten thousand times as large.
Windows are added up anew for every pixel, so that a NaN goes no farther than they reach.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.cpu_math import inline, kernel
from luvcolor_kernels.threads import run_blocks

Array = npt.NDArray[Any]

MIN_SMALL_PIXELS = 1 << 12
"""Each of them takes some ten times as long as a pixel of the other kernels."""


def follow_lightness(
    light: Array, uv: Array, radius: int, noise: float, steepest: float
) -> tuple[Array, Array]:
    """Return offset and slope (N, 2, h, w) of chroma (N, 2, h, w) over lightness (N, h, w)."""
    rough = np.empty(uv.shape, np.float64)
    offset, slope = np.empty(uv.shape, np.float32), np.empty(uv.shape, np.float32)
    pictures, height, width = light.shape
    minimum = -(-MIN_SMALL_PIXELS // width)
    run_blocks(
        lambda start, stop: find_slopes(light, uv, radius, noise * noise, rough, start, stop),
        pictures * height,
        minimum,
    )
    run_blocks(
        lambda start, stop: smooth_slopes(
            light, uv, rough, radius, steepest, offset, slope, start, stop
        ),
        pictures * height,
        minimum,
    )
    return offset, slope


@inline
def _extend(row: Any, radius: int, width: int) -> None:
    """Repeat the ends of a row that begins ``radius`` before its first pixel."""
    for x in range(radius):
        row[x] = row[radius]
        row[radius + width + x] = row[radius + width - 1]


@inline
def _mean(row: Any, radius: int, width: int, out: Any) -> None:
    """Average sums of columns over windows of (2 radius + 1) squared."""
    side = 2 * radius + 1
    share = 1.0 / (side * side)
    for x in range(width):
        out[x] = 0.0
    for near in range(side):
        part = row[near : near + width]
        for x in range(width):
            out[x] += part[x]
    for x in range(width):
        out[x] *= share


@kernel
def find_slopes(
    light: Any, uv: Any, radius: int, floor: float, rough: Any, start: int, stop: int
) -> None:
    """Covariance of chroma and lightness over the variance of lightness, for rows start..stop."""
    height, width = light.shape[1], light.shape[2]
    sums = np.empty((6, width + 2 * radius), np.float64)
    means = np.empty((6, width), np.float64)
    inner = sums[:, radius : radius + width]
    for i in range(start, stop):
        picture, y = i // height, i % height
        inner[:, :] = 0.0
        for line in range(y - radius, y + radius + 1):
            row = min(max(line, 0), height - 1)
            for x in range(width):
                L = np.float64(light[picture, row, x])
                u, v = np.float64(uv[picture, 0, row, x]), np.float64(uv[picture, 1, row, x])
                inner[0, x] += L
                inner[1, x] += u
                inner[2, x] += v
                inner[3, x] += L * L
                inner[4, x] += L * u
                inner[5, x] += L * v
        for p in range(6):
            _extend(sums[p], radius, width)
            _mean(sums[p], radius, width, means[p])
        for x in range(width):
            L = means[0, x]
            share = 1.0 / (max(means[3, x] - L * L, 0.0) + floor)
            rough[picture, 0, y, x] = (means[4, x] - L * means[1, x]) * share
            rough[picture, 1, y, x] = (means[5, x] - L * means[2, x]) * share


@kernel
def smooth_slopes(
    light: Any, uv: Any, rough: Any, radius: int, steepest: float, offset: Any, slope: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    """Average and limit the slopes of rows start..stop; the offset is what they leave."""
    height, width = light.shape[1], light.shape[2]
    sums = np.empty(width + 2 * radius, np.float64)
    means = np.empty(width, np.float64)
    inner = sums[radius : radius + width]
    for i in range(start, stop):
        picture, y = i // height, i % height
        for channel in range(2):
            inner[:] = 0.0
            for line in range(y - radius, y + radius + 1):
                row = min(max(line, 0), height - 1)
                for x in range(width):
                    inner[x] += rough[picture, channel, row, x]
            _extend(sums, radius, width)
            _mean(sums, radius, width, means)
            for x in range(width):
                limited = np.float32(min(max(means[x], -steepest), steepest))
                slope[picture, channel, y, x] = limited
                offset[picture, channel, y, x] = (
                    uv[picture, channel, y, x] - limited * light[picture, y, x]
                )
