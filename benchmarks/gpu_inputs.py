"""Pictures on the GPU, how many bytes a kernel must move, and results brought back to NumPy."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from benchmarks.common import SIZES, Array, lattice, photograph, seen_size
from luvcolor_kernels import reference

ITEM_SIZES = {"uint8": 1, "float16": 2, "bfloat16": 2, "float32": 4}
# The sizes that say most come first: time may run out.
GPU_SIZES = sorted(
    SIZES, key=["12 Mpixel", "4K", "224 x 224", "64 x 224 x 224", "100 Mpixel"].index
)


def need_gpu() -> None:
    """Skip, with the reason, where there is no CUDA device."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here")


@cache
def lattice_luv() -> Array:
    """Return the exact LUV of the colours at which errors are measured, as a batch of one."""
    return reference.rgb_to_luv(lattice()[None])


def pixels_of(size: str) -> int:
    """Return how many pixels there are, of all pictures."""
    return int(np.prod(SIZES[size]))


def to_gpu(array: Array, dtype: str | None = None) -> Any:
    """Return a tensor on the GPU with a copy of an array."""
    import torch

    tensor = torch.from_numpy(np.ascontiguousarray(array)).cuda()
    return tensor if dtype is None else tensor.to(getattr(torch, dtype))


def picture(size: str) -> Array:
    """Return the photograph as a batch (N, H, W, 3)."""
    rgb = photograph(*SIZES[size])
    return rgb.reshape(-1, *rgb.shape[-3:])


AXES = {"interleaved": -1, "planar": -3}


@lru_cache(1)
def picture_on_gpu(size: str, layout: str) -> Any:
    """Return the photograph on the GPU; the rows of one case share it."""
    rgb = to_gpu(picture(size))
    return rgb if layout == "interleaved" else rgb.movedim(-1, -3).contiguous()


@lru_cache(1)
def luv_on_gpu(size: str, layout: str, dtype: str) -> Any:
    """Return its LUV there."""
    return kernels.rgb_to_luv(picture_on_gpu(size, layout), dtype=dtype, channel_axis=AXES[layout])


def laid_out(pictures: Array, layout: str) -> Array:
    """Put the channels of (..., 3) where a layout has them."""
    return pictures if layout == "interleaved" else np.moveaxis(pictures, -1, -3)


def to_numpy(result: Any, layout: str) -> Array:
    """Bring a result to NumPy, channels last, floats as float32."""
    tensor = result if str(result.dtype).endswith("uint8") else result.float()
    array: Array = tensor.cpu().numpy()
    return array if layout == "interleaved" else np.moveaxis(array, -3, -1)


def moved_by_conversion(pixels: int, dtype: str) -> int:
    """Bytes read and written from uint8 RGB to LUV, or back."""
    return pixels * 3 * (1 + ITEM_SIZES[dtype])


def moved_by_luminance(pixels: int) -> int:
    """Bytes from uint8 RGB to float32 L."""
    return pixels * (3 + 4)


def moved_by_input(size: str, dtype: str) -> int:
    """Bytes from uint8 RGB to what a model sees."""
    height, width = seen_size(SIZES[size])
    pictures = SIZES[size][0] if len(SIZES[size]) == 3 else 1
    return pixels_of(size) * 3 + pictures * height * width * ITEM_SIZES[dtype]


def moved_by_merging(pixels: int, chroma: int) -> int:
    """Bytes from float32 L and ``chroma`` float32 values of chroma to uint8 RGB."""
    return pixels * (4 + 3) + chroma * 4
