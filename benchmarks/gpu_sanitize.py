"""Every kernel on small pictures of odd sizes: what compute-sanitizer runs.

    python benchmarks/gpu_sanitize.py [--few] [BACKEND ...]

Only luvcolor's kernels run on the GPU here, and each array is an allocation of its own, so that a
step beyond its end shows. ``--few`` runs each kernel once; otherwise its variants too.
"""

from __future__ import annotations

import os

os.environ["PYTORCH_NO_CUDA_MEMORY_CACHING"] = "1"

import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

import numpy as np

import luvcolor_kernels as kernels

SHAPE = (13, 37)
RNG = np.random.default_rng(0)
Call = Callable[[], Any]


def on_gpu(array: Any) -> Any:
    """Copy an array to the GPU; no kernel is needed for that."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(array)).cuda()


def colors(shape: tuple[int, ...], dtype: str) -> Any:
    """Random sRGB, on the GPU."""
    if dtype.startswith("uint"):
        return on_gpu(RNG.integers(0, np.iinfo(dtype).max + 1, shape, dtype))
    return on_gpu(RNG.random(shape).astype(dtype))


def conversions(backend: str, types: list[str], halves: list[str]) -> Iterator[Call]:
    """RGB to LUV and back, and lightness."""
    for dtype, half, axis in product(types, halves, (-1, -3)):
        shape = (2, *SHAPE, 3) if axis == -1 else (2, 3, *SHAPE)
        options: dict[str, Any] = {"channel_axis": axis, "backend": backend}
        rgb, luv = colors(shape, dtype), colors(shape, half)
        yield partial(kernels.rgb_to_luv, rgb, dtype=half, **options)
        yield partial(kernels.luv_to_rgb, luv, dtype=dtype, **options)
        yield partial(kernels.luminance, rgb, **options)


def around_a_model(backend: str, types: list[str], halves: list[str]) -> Iterator[Call]:
    """What a model sees, and its chroma merged."""
    for dtype, half in product(types, halves):
        rgb, gray = colors((2, *SHAPE, 3), dtype), colors((2, *SHAPE), dtype)
        uv = colors((2, 2, 5, 6), half)
        for size in ((4, 7), (20, 50)):
            yield partial(kernels.luma_to_input, rgb, size, dtype=half, backend=backend)
        for axis in (-1, -3):
            options: dict[str, Any] = {"dtype": dtype, "channel_axis": axis, "backend": backend}
            yield partial(kernels.merge_chroma, gray, uv, **options)
            yield partial(kernels.merge_chroma, gray, uv, slope=uv, **options)
            yield partial(kernels.chroma_to_rgb, gray, uv, **options)


def run(backend: str, few: bool) -> int:
    """Run all calls, read every result, and return how many there were."""
    types = ["uint8"] if few else ["uint8", "uint16", "float16", "float32"]
    halves = ["float32"] if few else ["float32", "float16"]
    count = 0
    for make in (conversions, around_a_model):
        for call in make(backend, types, halves):
            call().cpu()
            count += 1
    return count


def main(words: list[str]) -> None:
    """Run the backends that are named, or both."""
    few = "--few" in words
    for backend in [word for word in words if word != "--few"] or ["cupy", "numba"]:
        print(f"{backend}: {run(backend, few)} calls", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
