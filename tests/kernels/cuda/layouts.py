"""Ways in which the same pixels may lie in memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.kernels.cuda.memory import Array, empty, placed, type_name

Arrange = Callable[[Array], Array]
"""Takes pixels (H, W, 3), gives back an equal view of memory that is laid out some way."""


def _copied(pixels: Array, view: Array) -> Array:
    view[...] = pixels
    return view


def _empty(pixels: Array, *shape: int, misaligned: int = 0) -> Array:
    return empty(shape, type_name(pixels.dtype), misaligned)


def _planar(pixels: Array, misaligned: int = 0) -> Array:
    height, width, _ = pixels.shape
    return _copied(
        pixels, np.moveaxis(_empty(pixels, 3, height, width, misaligned=misaligned), 0, -1)
    )


def _rgba(pixels: Array) -> Array:
    height, width, _ = pixels.shape
    return _copied(pixels, _empty(pixels, height, width, 4)[..., :3])


def _crop(pixels: Array) -> Array:
    height, width, _ = pixels.shape
    return _copied(pixels, _empty(pixels, height + 2, width + 5, 3)[1:-1, 2:-3])


def _planar_crop(pixels: Array) -> Array:
    height, width, _ = pixels.shape
    room = np.moveaxis(_empty(pixels, 3, height + 2, width + 5), 0, -1)
    return _copied(pixels, room[1:-1, 2:-3])


def _wide_rows(pixels: Array) -> Array:
    """Rows that start on a multiple of four pixels, with space between them."""
    height, width, _ = pixels.shape
    return _copied(pixels, _empty(pixels, height, -(-width // 4) * 4 + 4, 3)[:, :width])


def _row_step(pixels: Array) -> Array:
    height, width, _ = pixels.shape
    return _copied(pixels, _empty(pixels, 3 * height, width, 3)[::3])


def _reversed(pixels: Array) -> Array:
    return _copied(pixels, _empty(pixels, *pixels.shape)[::-1, ::-1])


def _upside_down(pixels: Array) -> Array:
    return _copied(pixels, _empty(pixels, *pixels.shape)[::-1])


def _bgr(pixels: Array) -> Array:
    return _copied(pixels, _empty(pixels, *pixels.shape)[..., ::-1])


def _transposed(pixels: Array) -> Array:
    height, width, _ = pixels.shape
    return _copied(pixels, _empty(pixels, width, height, 3).swapaxes(0, 1))


LAYOUTS: dict[str, Arrange] = {
    "interleaved": placed,
    "interleaved, misaligned": lambda pixels: placed(pixels, 1),
    "planar": _planar,
    "planar, misaligned": lambda pixels: _planar(pixels, 3),
    "RGBA": _rgba,
    "crop": _crop,
    "crop of planes": _planar_crop,
    "rows on multiples of four": _wide_rows,
    "every third row": _row_step,
    "reversed": _reversed,
    "upside down": _upside_down,
    "BGR": _bgr,
    "transposed": _transposed,
}
