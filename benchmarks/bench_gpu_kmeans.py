"""Palettes and nearest colours on a GPU, beside plain torch; skipped without one.

A time is from the first launch to the last result: k-means reads its sums on the host in every
iteration, and the GPU waits meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from benchmarks.bench_kmeans import ITERATIONS, error_of
from benchmarks.gpu_inputs import need_gpu, picture, pixels_of, to_gpu
from benchmarks.gpu_timing import TIMER, measure
from benchmarks.measuring import prepared
from benchmarks.torch_clustering import lloyd, nearest

SIZE = "12 Mpixel"
Cluster = Callable[[Any, int, str], Any]

pytestmark = pytest.mark.benchmark(timer=TIMER)


@pytest.fixture(autouse=True)
def gpu() -> Iterator[None]:
    """Need a GPU, and leave no memory behind."""
    need_gpu()
    import torch

    yield
    torch.cuda.empty_cache()


def ours(rgb: Any, k: int, space: Any) -> Any:
    return kernels.kmeans(rgb, k, space=space, max_iter=ITERATIONS, backend="cupy").centers


def torch_lloyd(rgb: Any, k: int, space: str) -> Any:
    points: Any = rgb if space == "rgb" else kernels.rgb_to_luv(rgb)
    return lloyd(points.reshape(-1, 3).float(), k, ITERATIONS).double().cpu().numpy()


PEERS: dict[str, Cluster] = {"luvcolor, cupy": ours, "torch, all pixels": torch_lloyd}


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("space", ["rgb", "luv"])
@pytest.mark.parametrize("k", [24, 256])
def bench_kmeans(benchmark: Any, k: int, space: str, peer: str) -> None:
    case = f"k-means in {space.upper()}, {SIZE}, k = {k}, {ITERATIONS} iterations"
    rgb = to_gpu(picture(SIZE)[0])
    centers = prepared(case, peer, lambda: PEERS[peer](rgb, k, space))
    note = f"MSE {error_of(centers, picture(SIZE)[0], space):.2f}"
    pixels = pixels_of(SIZE)
    call = lambda: PEERS[peer](rgb, k, space)  # noqa: E731
    measure(benchmark, call, case, peer, pixels, 3 * pixels, note=note)


def nearest_ours(rgb: Any, centers: Any) -> Any:
    return kernels.nearest(rgb, centers, backend="cupy")


NEAREST: dict[str, Callable[[Any, Any], Any]] = {
    "luvcolor, cupy": nearest_ours,
    "torch, matrix product": nearest,
}


@pytest.mark.parametrize("peer", NEAREST)
@pytest.mark.parametrize("k", [24, 256])
def bench_nearest(benchmark: Any, k: int, peer: str) -> None:
    case = f"nearest of {k} colours, {SIZE}"
    pixels = picture(SIZE)[0]
    rgb = to_gpu(pixels)
    colors = kernels.kmeans(pixels[::8, ::8], k, space="rgb").centers
    centers = to_gpu(colors.astype(np.float32))
    labels = prepared(case, peer, lambda: NEAREST[peer](rgb, centers))
    wrong = int(
        (labels.cpu().numpy().reshape(pixels.shape[:2]) != nearest_host(pixels, colors)).sum()
    )
    call = lambda: NEAREST[peer](rgb, centers)  # noqa: E731
    note = f"{wrong} labels unlike the CPU's"
    measure(benchmark, call, case, peer, pixels_of(SIZE), 4 * pixels_of(SIZE), note=note)


def nearest_host(pixels: Any, colors: Any) -> Any:
    return kernels.nearest(pixels, colors.astype(np.float32))
