"""Every kernel on small pictures of odd sizes: what compute-sanitizer runs.

    python benchmarks/gpu_sanitize.py [--few] [BACKEND ...]

Only luvcolor's kernels run on the GPU here, and each array is an allocation of its own, so that a
step beyond its end shows. Arrays are CuPy's: torch takes long to start under compute-sanitizer.
``--few`` runs each kernel for one pair of types; otherwise for all.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

import luvcolor_kernels as kernels

TYPES = {"uint8": "float32", "uint16": "float16", "float16": "float32", "float32": "float16"}
"""Types of RGB, and the type of LUV or chroma that each is tried with."""
SHAPES = {"wide": (12, 40), "a crop": (13, 37)}
"""Height and width: where rows and planes are whole numbers of groups of four, and where not."""
RNG = np.random.default_rng(0)
Call = Callable[[], Any]


def colors(shape: tuple[int, ...], dtype: str) -> Any:
    """Random sRGB, copied to the GPU; no kernel is needed for that."""
    import cupy

    if dtype.startswith("uint"):
        return cupy.asarray(RNG.integers(0, np.iinfo(dtype).max + 1, shape, dtype))
    return cupy.asarray(RNG.random(shape).astype(dtype))


def calls(backend: str, dtype: str, half: str) -> Iterator[Call]:
    """Each kernel in each layout, for a pair of types."""
    for height, width in SHAPES.values():
        rgb, gray = colors((2, height, width, 3), dtype), colors((2, height, width), dtype)
        uv = colors((2, 2, 5, 6), half)
        for size in ((4, 7), (20, 50)):
            yield partial(kernels.luma_to_input, rgb, size, dtype=half, backend=backend)
        for axis in (-1, -3):
            where: dict[str, Any] = {"channel_axis": axis, "backend": backend}
            shape = (2, height, width, 3) if axis == -1 else (2, 3, height, width)
            picture, luv = colors(shape, dtype), colors(shape, half)
            yield partial(kernels.rgb_to_luv, picture, dtype=half, **where)
            yield partial(kernels.luv_to_rgb, luv, dtype=dtype, **where)
            yield partial(kernels.luminance, picture, **where)
            yield partial(kernels.merge_chroma, gray, uv, dtype=dtype, **where)
            yield partial(kernels.merge_chroma, gray, uv, slope=uv, dtype=dtype, **where)
            yield partial(kernels.chroma_to_rgb, gray, uv, dtype=dtype, **where)


def clustering(backend: str, few: bool) -> Iterator[Call]:
    """The kernels of clustering."""
    for dtype in ("uint8", "uint16", "float32"):
        points = colors((13, 37, 3), dtype)
        centers = 255 * RNG.random((24, 3))
        yield partial(kernels.nearest, points, centers, backend=backend)
        for space in ("luv",) if few else ("luv", "rgb"):
            options: dict[str, Any] = {"space": space, "max_iter": 3, "backend": backend}
            yield partial(kernels.kmeans, points, 24, **options)
        if dtype != "uint16":
            yield partial(kernels.soft_assign, points, centers, sigma=5.0, backend=backend)
    yield partial(kernels.histogram, colors((13, 37, 3), "uint8"), backend=backend)


def run(backend: str, few: bool) -> int:
    """Run all calls, read every result, and return how many there were."""
    count = 0
    for dtype, half in list(TYPES.items())[: 1 if few else None]:
        for call in calls(backend, dtype, half):
            call().get()
            count += 1
    for call in clustering(backend, few):
        for array in results(call()):
            array.get()
        count += 1
    return count


def results(answer: Any) -> list[Any]:
    """Return the arrays on the GPU in what a kernel gives; k-means' are on the host already."""
    parts = answer if isinstance(answer, tuple) else (answer,)
    return [part for part in parts if hasattr(part, "get")]


def main(words: list[str]) -> None:
    """Run the backends that are named, or both."""
    import cupy

    cupy.cuda.set_allocator(None)
    few = "--few" in words
    for backend in [word for word in words if word != "--few"] or ["cupy", "numba"]:
        print(f"{backend}: {run(backend, few)} calls", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
