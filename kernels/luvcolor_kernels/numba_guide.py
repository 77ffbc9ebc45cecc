"""local_slope and smooth_slope for numba: twins of the CUDA sources of these names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda

from luvcolor_kernels.numba_target import device, loader, quotient, storer
from luvcolor_kernels.pixel import ONE, ZERO
from luvcolor_kernels.views import ITEM_SIZES

FLOAT = ITEM_SIZES["float32"]


@device
def neighbor(place: int, offset: int, size: int) -> int:
    """Index of a neighbour along an axis, at the edge if it were beyond."""
    return min(max(place + offset, 0), size - 1)


@device
def window_share(radius: int) -> Any:
    """Return what a pixel of a square window counts for."""
    side = np.float32(2 * radius + 1)
    return ONE / (side * side)


def local_slope(LIGHT: str, UV: str) -> Callable[..., None]:
    """Make the kernel that finds how much chroma changes with lightness around each pixel."""
    light_size, uv_size = ITEM_SIZES[LIGHT], ITEM_SIZES[UV]
    load_light, load_uv, store = loader(LIGHT, 1), loader(UV, 1), storer("float32", 1)

    def kernel(
        light: int,
        uv: int,
        slope: int,
        pictures: int,
        height: int,
        width: int,
        radius: int,
        noise: float,
    ) -> None:
        plane = height * width
        i = cuda.grid(1)
        while i < pictures * plane:
            p = quotient(i, plane)
            place = i - p * plane
            y = quotient(place, width)
            x = place - y * width
            lights, us = light + p * plane * light_size, uv + 2 * p * plane * uv_size
            vs = us + plane * uv_size
            # Measured from the pixel in the middle, squares stay small and differences exact.
            l_0 = load_light(lights + place * light_size)[0]
            u_0, v_0 = load_uv(us + place * uv_size)[0], load_uv(vs + place * uv_size)[0]
            sum_l, sum_u, sum_v, ll, lu, lv = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
            for dy in range(-radius, radius + 1):
                row = width * neighbor(y, dy, height)
                for dx in range(-radius, radius + 1):
                    at = row + neighbor(x, dx, width)
                    dl = load_light(lights + at * light_size)[0] - l_0
                    du = load_uv(us + at * uv_size)[0] - u_0
                    dv = load_uv(vs + at * uv_size)[0] - v_0
                    sum_l, sum_u, sum_v = sum_l + dl, sum_u + du, sum_v + dv
                    ll, lu, lv = ll + dl * dl, lu + dl * du, lv + dl * dv
            share = window_share(radius)
            variance = max((ll - sum_l * sum_l * share) * share, ZERO) + noise * noise
            out = slope + (2 * p * plane + place) * FLOAT
            store(out, ((lu - sum_l * sum_u * share) * share / variance,))
            store(out + plane * FLOAT, ((lv - sum_l * sum_v * share) * share / variance,))
            i += cuda.gridsize(1)

    return kernel


def smooth_slope(LIGHT: str, UV: str) -> Callable[..., None]:
    """Make the kernel that averages slopes, and finds the offset that leaves chroma as it is."""
    light_size, uv_size = ITEM_SIZES[LIGHT], ITEM_SIZES[UV]
    load_light, load_uv = loader(LIGHT, 1), loader(UV, 1)
    load, store = loader("float32", 1), storer("float32", 1)

    def kernel(
        light: int,
        uv: int,
        local: int,
        offset: int,
        slope: int,
        pictures: int,
        height: int,
        width: int,
        radius: int,
        steepest: float,
    ) -> None:
        plane = height * width
        i = cuda.grid(1)
        while i < pictures * plane:
            p = quotient(i, plane)
            place = i - p * plane
            y = quotient(place, width)
            x = place - y * width
            us = local + 2 * p * plane * FLOAT
            u, v = ZERO, ZERO
            for dy in range(-radius, radius + 1):
                row = width * neighbor(y, dy, height)
                for dx in range(-radius, radius + 1):
                    at = us + (row + neighbor(x, dx, width)) * FLOAT
                    u, v = u + load(at)[0], v + load(at + plane * FLOAT)[0]
            share = window_share(radius)
            slope_u = min(max(u * share, -steepest), steepest)
            slope_v = min(max(v * share, -steepest), steepest)
            value = load_light(light + i * light_size)[0]
            at = 2 * p * plane + place
            next_at = at + plane
            store(slope + at * FLOAT, (slope_u,))
            store(slope + next_at * FLOAT, (slope_v,))
            store(offset + at * FLOAT, (load_uv(uv + at * uv_size)[0] - slope_u * value,))
            store(offset + next_at * FLOAT, (load_uv(uv + next_at * uv_size)[0] - slope_v * value,))
            i += cuda.gridsize(1)

    return kernel
