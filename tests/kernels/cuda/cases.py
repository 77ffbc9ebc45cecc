"""Small calls that take every kernel through its paths: whole and rest, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from luvcolor_kernels.gpu import Kernels
from tests.kernels.cuda.clustering_cases import CLUSTERING, RACING_CLUSTERING
from tests.kernels.cuda.layouts import LAYOUTS
from tests.kernels.cuda.memory import Array, empty, placed

Call = Callable[[Kernels], Array]


def _picture(*shape: int, dtype: str = "uint8") -> Array:
    random = np.random.default_rng(sum(shape))
    if dtype == "uint8":
        return random.integers(0, 256, shape, dtype)
    return (random.random(shape) * 100).astype(dtype)


def _chroma(*shape: int) -> Array:
    return placed(np.random.default_rng(sum(shape)).normal(0, 60, shape).astype(np.float32))


def _forward(layout: str, dtype: str = "float32") -> Call:
    """Convert 91 pixels: whole groups of four and a rest."""
    rgb = LAYOUTS[layout](_picture(7, 13, 3))
    return lambda kernels: _array(kernels.rgb_to_luv(rgb, dtype=dtype, channel_axis=-1, out=None))


def _planes() -> Call:
    """Convert two batches of planes, 4100 pixels each: two blocks of each, and a rest."""
    rgb = placed(_picture(2, 3, 41, 100))
    return lambda kernels: _array(
        kernels.rgb_to_luv(rgb, dtype="float16", channel_axis=-3, out=None)
    )


def _many() -> Call:
    """Convert more pixels than a grid of three blocks takes in one step."""
    luv = placed(_picture(70, 71, 3, dtype="float32"))
    return lambda kernels: _array(kernels.luv_to_rgb(luv, dtype="uint8", channel_axis=-1, out=None))


def _backward(layout: str, out: str) -> Call:
    luv = LAYOUTS[layout](_picture(7, 13, 3, dtype="float32"))

    def call(kernels: Kernels) -> Array:
        target = LAYOUTS[out](np.zeros((7, 13, 3), np.uint8))
        return _array(kernels.luv_to_rgb(luv, dtype="uint8", channel_axis=-1, out=target))

    return call


def _lightness(*shape: int, axis: int | None = -1) -> Call:
    pixels = placed(_picture(*shape))
    return lambda kernels: _array(kernels.luminance(pixels, channel_axis=axis, out=None))


def _input(shape: tuple[int, ...], size: tuple[int, int], dtype: str = "float32") -> Call:
    pixels = placed(_picture(*shape))
    named: dict[str, Any] = {"channel_axis": -1, "mean": 0.0, "std": 100.0, "dtype": dtype}
    return lambda kernels: _array(kernels.luma_to_input(pixels, size, **named, out=None))


def _merge(light: str, axis: int, size: tuple[int, int]) -> Call:
    L, uv = placed(_picture(2, 9, 133, dtype=light)), _chroma(2, 2, *size)

    def call(kernels: Kernels) -> Array:
        return _array(
            kernels.merge_chroma(L, uv, slope=None, dtype="uint8", channel_axis=axis, out=None)
        )

    return call


def _color(light: str, guided: bool) -> Call:
    L, uv = placed(_picture(11, 18, dtype=light)), _chroma(2, 5, 7)
    guide = placed(_picture(5, 7, dtype="float32")) if guided else None
    named: dict[str, Any] = {"radius": 1, "noise": 4.0, "steepest": 1.0, "dtype": "uint8"}

    def call(kernels: Kernels) -> Array:
        out = empty((11, 18, 3), "uint8")
        return _array(kernels.chroma_to_rgb(L, uv, guide=guide, **named, channel_axis=-1, out=out))

    return call


def _array(value: Any) -> Array:
    array: Array = value
    return array


CASES: dict[str, Call] = {
    "rgb_to_luv, interleaved": _forward("interleaved"),
    "rgb_to_luv, planar": _forward("planar"),
    "rgb_to_luv, misaligned planes": _forward("planar, misaligned"),
    "rgb_to_luv, RGBA": _forward("RGBA", "float16"),
    "rgb_to_luv, reversed": _forward("reversed"),
    "rgb_to_luv, batch of planes": _planes(),
    "luv_to_rgb, interleaved": _backward("interleaved", "interleaved"),
    "luv_to_rgb, planar": _backward("planar", "planar"),
    "luv_to_rgb, crop": _backward("crop", "upside down"),
    "luv_to_rgb, many": _many(),
    "luminance, RGB": _lightness(7, 13, 3),
    "luminance, gray": _lightness(2, 7, 13, axis=None),
    "luma_to_input, smaller": _input((23, 31, 3), (5, 7)),
    "luma_to_input, larger": _input((5, 7), (9, 16), "bfloat16"),
    "luma_to_input, chunks of columns": _input((2, 2501), (2, 2), "float16"),
    "merge_chroma, gray": _merge("uint8", -1, (4, 5)),
    "merge_chroma, lightness": _merge("float32", -3, (1, 1)),
    "merge_chroma, more chroma": _merge("float32", -1, (20, 150)),
    "chroma_to_rgb, gray": _color("uint8", False),
    "chroma_to_rgb, guided": _color("float32", True),
    **CLUSTERING,
}

RACING = (
    "rgb_to_luv, batch of planes",
    "luv_to_rgb, many",
    "luminance, RGB",
    "luma_to_input, chunks of columns",
    "merge_chroma, gray",
    "chroma_to_rgb, guided",
    *RACING_CLUSTERING,
)
"""Those that take every kernel through its barriers: threads take long to make."""
