"""The formulae of pixel.py for numba's kernels, and elements to and from what they take.

What depends on a type is made by a function of its name, so that a kernel compiles no branch.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from luvcolor_kernels import numba_target, reference
from luvcolor_kernels import pixel as formulae
from luvcolor_kernels.numba_target import constants, device, level

pixel = formulae.bind(device, math=numba_target)
"""With the powers of the GPU, which are approximate: relative errors of about 2e-7."""

LEVELS = 256
_decoded = reference.decode(np.arange(LEVELS, dtype=np.uint8))
linear_level = constants("linear_level", _decoded.astype(np.float32))
lightness_level = constants("lightness_level", reference.lightness(_decoded).astype(np.float32))


def entries(dtype: str) -> int:
    """Return how many entries of a table in shared memory a picture is read through.

    Types without a table have one too: an array of none is not an array to numba.
    """
    return LEVELS if dtype == "uint8" else 1


def is_integer(dtype: str) -> bool:
    """Whether an element is an encoded level rather than a number."""
    return dtype.startswith("uint")


@cache
def filler(dtype: str, value_of: Any) -> Any:
    """Return what copies the constants of all levels into shared memory, a share a thread.

    Until all threads have met, the table is not to be read.
    """
    size = entries(dtype)

    def fill(table: Any, thread: int, threads: int) -> None:
        i = thread
        while i < size:  # a range would divide by its step
            table[i] = value_of(i)
            i += threads

    return device(fill if size == LEVELS else lambda table, thread, threads: None)


@cache
def linear_of(dtype: str) -> Any:
    """Return what gives the linear light of an element, by a table if it is of a byte."""
    decode, scale = pixel.decode, formulae.PER_65535
    if entries(dtype) == LEVELS:
        return device(lambda value, table: table[value])
    if is_integer(dtype):
        return device(lambda value, table: decode(np.float32(value) * scale))
    return device(lambda value, table: decode(value))


@cache
def gray_lightness(dtype: str) -> Any:
    """Return what gives the lightness of a gray, by a table if it is of a byte."""
    lightness, linear = pixel.lightness, linear_of(dtype)
    if entries(dtype) == LEVELS:
        return device(lambda value, table: table[value])
    return device(lambda value, table: lightness(linear(value, table)))


@cache
def color_lightness(dtype: str, channels: int) -> Any:
    """Return what gives the lightness of a pixel: of three channels, or of one gray."""
    if channels == 1:
        gray = gray_lightness(dtype)
        return device(lambda color, table: gray(color[0], table))
    linear, lightness = linear_of(dtype), pixel.linear_to_lightness

    def convert(color: Any, table: Any) -> Any:
        r, g, b = linear(color[0], table), linear(color[1], table), linear(color[2], table)
        return lightness(r, g, b)

    return device(convert)


def levels_of(channels: int) -> Any:
    """Return the constants that color_lightness is to find in its table."""
    return linear_level if channels == 3 else lightness_level


@cache
def lightness_of(dtype: str) -> Any:
    """Return what gives the lightness of an element that is lightness, or a gray level."""
    return gray_lightness(dtype) if is_integer(dtype) else device(lambda value, table: value)


@cache
def encoded_as(dtype: str) -> Any:
    """Return what encodes linear light as an element."""
    encode, half = pixel.encode, formulae.HALF
    if not is_integer(dtype):
        return encode
    levels = np.float32(np.iinfo(dtype).max)
    return device(lambda linear: level(encode(linear) * levels + half))
