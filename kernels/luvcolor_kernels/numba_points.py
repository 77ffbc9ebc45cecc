"""Points from memory to what numba's kernels hold: a tuple of one or four, each of coordinates."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from luvcolor_kernels.numba_exact import numbers, row_loader
from luvcolor_kernels.numba_memory import reader
from luvcolor_kernels.numba_target import exact, mapped
from luvcolor_kernels.runs import INTERLEAVED, STRIDED
from luvcolor_kernels.views import ITEM_SIZES

first = mapped(exact(lambda row, _: row[0]))
second = mapped(exact(lambda row, _: row[1]))
third = mapped(exact(lambda row, _: row[2]))
fourth = mapped(exact(lambda row, _: row[3]))


@exact
def one_column(rows: Any) -> Any:
    """Turn rows of one item into the column that they are."""
    return (first(rows, 0),)


@exact
def four_columns(rows: Any) -> Any:
    """Turn rows of four items into columns."""
    return first(rows, 0), second(rows, 0), third(rows, 0), fourth(rows, 0)


@cache
def cloud_reader(dimensions: int, each: int) -> Any:
    """Return what reads points at (planes, i, count, stride); those beyond the last are zero.

    Planes start at multiples of ``each``, and there is memory up to the next of them.
    """
    size, turn = ITEM_SIZES["float32"], four_columns if each == 4 else one_column
    load = row_loader("float32", dimensions, each) if each > 1 else _rows_of_one(dimensions)
    nothing = ((np.float32(0),) * dimensions,) * each

    @exact
    def read(planes: int, i: int, count: int, stride: int) -> Any:
        if i >= count:
            return nothing
        return turn(load(planes + i * size, stride * size))

    return read


def _rows_of_one(dimensions: int) -> Any:
    load, wrap = row_loader("float32", dimensions), mapped(exact(lambda x, _: (x,)))
    return exact(lambda address, step: wrap(load(address, step), 0))


@cache
def points_reader(dtype: str, dimensions: int, layout: int) -> Any:
    """Return what reads up to four points at (address, count, channel, pixel); others are zero."""
    size, kind = ITEM_SIZES[dtype], np.int32 if dtype.startswith("uint") else np.float32
    nothing, four, load = (kind(0),) * dimensions, numbers(4), row_loader(dtype, dimensions)

    @exact
    def one(n: int, place: Any) -> Any:
        address, count, channel, pixel = place
        return load(address + n * pixel * size, channel * size) if n < count else nothing

    some, wide = mapped(one), _wide_reader(dtype, dimensions, layout)

    @exact
    def read(address: int, count: int, channel: int, pixel: int) -> Any:
        if layout != STRIDED and count == 4:
            return wide(address, channel, pixel)
        return some(four, (address, count, channel, pixel))

    return read


def _wide_reader(dtype: str, dimensions: int, layout: int) -> Any:
    """Return what reads four points at once."""
    if layout == INTERLEAVED:
        return reader(dtype, dimensions, layout)
    size, load = ITEM_SIZES[dtype], row_loader(dtype, dimensions, 4)
    return exact(lambda address, channel, pixel: four_columns(load(address, channel * size)))
