"""Four neighbouring pixels at a time, from and to arrays of any layout.

A pixel is a tuple of its channels, a group a tuple of four pixels. Addresses are in bytes,
distances in elements, as in runs.py.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from luvcolor_kernels.numba_target import device, loader, storer
from luvcolor_kernels.runs import INTERLEAVED, STRIDED
from luvcolor_kernels.views import ITEM_SIZES

GROUP = 4
"""Pixels that a thread takes at a time."""


@cache
def pixel_reader(dtype: str, channels: int) -> Any:
    """Return what reads one pixel at (address, channel)."""
    size, load = ITEM_SIZES[dtype], loader(dtype, 1)
    if channels == 1:
        return device(lambda address, channel: load(address))

    def read(address: int, channel: int) -> Any:
        step = channel * size
        return load(address) + load(address + step) + load(address + 2 * step)

    return device(read)


@cache
def pixel_writer(dtype: str, channels: int) -> Any:
    """Return what writes one pixel to (address, channel)."""
    size, store = ITEM_SIZES[dtype], storer(dtype, 1)
    if channels == 1:
        return device(lambda address, channel, color: store(address, color))

    def write(address: int, channel: int, color: Any) -> None:
        step = channel * size
        store(address, color[0:1])
        store(address + step, color[1:2])
        store(address + 2 * step, color[2:3])

    return device(write)


@cache
def reader(dtype: str, channels: int, layout: int) -> Any:
    """Return what reads a full group at (address, channel, pixel)."""
    if layout == STRIDED:
        return _strided_reader(dtype, channels)
    if channels == 1:
        return _gray_reader(dtype)
    return _interleaved_reader(dtype) if layout == INTERLEAVED else _planar_reader(dtype)


def _strided_reader(dtype: str, channels: int) -> Any:
    size, one = ITEM_SIZES[dtype], pixel_reader(dtype, channels)

    def read(address: int, channel: int, pixel: int) -> Any:
        step = pixel * size
        return (
            one(address, channel),
            one(address + step, channel),
            one(address + 2 * step, channel),
            one(address + 3 * step, channel),
        )

    return device(read)


def _gray_reader(dtype: str) -> Any:
    load = loader(dtype, GROUP)

    def read(address: int, channel: int, pixel: int) -> Any:
        a = load(address)
        return (a[0],), (a[1],), (a[2],), (a[3],)

    return device(read)


def _planar_reader(dtype: str) -> Any:
    size, load = ITEM_SIZES[dtype], loader(dtype, GROUP)

    def read(address: int, channel: int, pixel: int) -> Any:
        step = channel * size
        a, b, c = load(address), load(address + step), load(address + 2 * step)
        return (a[0], b[0], c[0]), (a[1], b[1], c[1]), (a[2], b[2], c[2]), (a[3], b[3], c[3])

    return device(read)


def _interleaved_reader(dtype: str) -> Any:
    step, load = GROUP * ITEM_SIZES[dtype], loader(dtype, GROUP)

    def read(address: int, channel: int, pixel: int) -> Any:
        a, b, c = load(address), load(address + step), load(address + 2 * step)
        return (a[0], a[1], a[2]), (a[3], b[0], b[1]), (b[2], b[3], c[0]), (c[1], c[2], c[3])

    return device(read)


@cache
def writer(dtype: str, channels: int, layout: int) -> Any:
    """Return what writes a full group to (address, channel, pixel)."""
    if layout == STRIDED:
        return _strided_writer(dtype, channels)
    if channels == 1:
        return _gray_writer(dtype)
    return _interleaved_writer(dtype) if layout == INTERLEAVED else _planar_writer(dtype)


def _strided_writer(dtype: str, channels: int) -> Any:
    size, one = ITEM_SIZES[dtype], pixel_writer(dtype, channels)

    def write(address: int, channel: int, pixel: int, group: Any) -> None:
        step = pixel * size
        one(address, channel, group[0])
        one(address + step, channel, group[1])
        one(address + 2 * step, channel, group[2])
        one(address + 3 * step, channel, group[3])

    return device(write)


def _gray_writer(dtype: str) -> Any:
    store = storer(dtype, GROUP)

    def write(address: int, channel: int, pixel: int, group: Any) -> None:
        store(address, group[0] + group[1] + group[2] + group[3])

    return device(write)


def _planar_writer(dtype: str) -> Any:
    size, store = ITEM_SIZES[dtype], storer(dtype, GROUP)

    def write(address: int, channel: int, pixel: int, group: Any) -> None:
        step = channel * size
        a, b, c, d = group
        store(address, (a[0], b[0], c[0], d[0]))
        store(address + step, (a[1], b[1], c[1], d[1]))
        store(address + 2 * step, (a[2], b[2], c[2], d[2]))

    return device(write)


def _interleaved_writer(dtype: str) -> Any:
    step, store = GROUP * ITEM_SIZES[dtype], storer(dtype, GROUP)

    def write(address: int, channel: int, pixel: int, group: Any) -> None:
        a, b, c, d = group
        store(address, (a[0], a[1], a[2], b[0]))
        store(address + step, (b[1], b[2], c[0], c[1]))
        store(address + 2 * step, (c[2], d[0], d[1], d[2]))

    return device(write)
