"""The sizes, the picture and the colours that all benchmarks share."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Array = npt.NDArray[Any]
Call = Callable[[], Any]

SIZES: dict[str, tuple[int, ...]] = {
    "224 x 224": (224, 224),
    "64 x 224 x 224": (64, 224, 224),
    "4K": (2160, 3840),
    "12 Mpixel": (3000, 4000),
    "100 Mpixel": (8000, 12500),
}
"""What is converted in one call; three numbers are a batch of pictures."""

MODEL_SIZE = (224, 224)
"""What a model sees of a large picture; of a small one it sees half."""


@cache
def photograph(*shape: int) -> Array:
    """Photographs of scikit-image's, side by side, in uint8: (H, W, 3) or (N, H, W, 3).

    Enlarged, with noise of two levels. Beyond 12 Mpixel, that of 12 Mpixel and its mirror images.
    """
    if len(shape) == 3:
        return np.stack([photograph(*shape[1:])] * shape[0])
    height, width = shape
    if height * width > 12_000_000:
        return _mirrored(photograph(3000, 4000), height, width)
    data, transform = import_module("skimage.data"), import_module("skimage.transform")
    photos = [data.astronaut(), data.coffee(), data.chelsea(), data.astronaut()[:, ::-1]]
    size = ((height + 1) // 2, (width + 1) // 2)
    tiles = [transform.resize(p, size, order=1, preserve_range=True) for p in photos]
    whole = np.block([[[tiles[0]], [tiles[1]]], [[tiles[2]], [tiles[3]]]])[:height, :width]
    noise = np.random.default_rng(0).normal(0, 2, whole.shape)
    return np.clip(np.rint(whole + noise), 0, 255).astype(np.uint8)


def _mirrored(tile: Array, height: int, width: int) -> Array:
    """Cover a larger area with a picture and its mirror images."""
    for axis, size in ((0, height), (1, width)):
        copies = [
            np.flip(tile, axis) if i % 2 else tile for i in range(-(-size // tile.shape[axis]))
        ]
        tile = np.concatenate(copies, axis)
    return np.ascontiguousarray(tile[:height, :width])


@cache
def lattice() -> Array:
    """64 x 64 x 64 uint8 colours that span the cube: where errors are measured."""
    levels = np.rint(np.linspace(0, 255, 64)).astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    return grid.reshape(512, 512, 3)


def seen_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the size at which a model sees pictures of a shape."""
    height, width = shape[-2:]
    small = min(height, width) <= MODEL_SIZE[0]
    return (height // 2, width // 2) if small else MODEL_SIZE


def small_chroma(luv: Array) -> Array:
    """Take chroma (..., 2, h, w) of a model's size from LUV, half again too much of it.

    Some of it lies outside the gamut then, as a model's does.
    """
    step = max(2, min(luv.shape[-3:-1]) // MODEL_SIZE[0])
    small = np.moveaxis(luv[..., ::step, ::step, 1:], -1, -3)
    return np.ascontiguousarray(small) * np.float32(1.5)


def slow_ones_too() -> bool:
    """Whether to run what takes minutes."""
    return "LUVCOLOR_BENCH_SLOW" in os.environ


def need(module: str) -> Any:
    """Import a peer, or skip its benchmark and say why."""
    return pytest.importorskip(module, reason=f"{module} is not installed")
