"""Palettes and nearest colours on a GPU, beside other libraries; skipped without one.

A time is from the first launch to the last result: k-means reads its sums on the host in every
iteration, and the GPU waits meanwhile. cuML and flash-kmeans are measured where they are installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from benchmarks.bench_kmeans import ITERATIONS, error_of
from benchmarks.common import need
from benchmarks.gpu_inputs import need_gpu, picture, pixels_of, to_gpu
from benchmarks.gpu_timing import TIMER, measure
from benchmarks.measuring import leave_out, prepared
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


def ours(backend: str) -> Cluster:
    def run(rgb: Any, k: int, space: Any) -> Any:
        need(MODULES[backend])
        return kernels.kmeans(rgb, k, space=space, max_iter=ITERATIONS, backend=backend).centers

    return run


def points_of(rgb: Any, space: str) -> Any:
    """Return all pixels as points (N, 3) of float32."""
    pixels: Any = rgb if space == "rgb" else kernels.rgb_to_luv(rgb)
    return pixels.reshape(-1, 3).float()


def torch_lloyd(rgb: Any, k: int, space: str) -> Any:
    return lloyd(points_of(rgb, space), k, ITERATIONS).double().cpu().numpy()


def cuml(rgb: Any, k: int, space: str) -> Any:
    library = need("cuml.cluster")
    model = library.KMeans(
        n_clusters=k, max_iter=ITERATIONS, n_init=1, random_state=0, output_type="numpy"
    )
    return model.fit(points_of(rgb, space)).cluster_centers_


def flash_kmeans(rgb: Any, k: int, space: str) -> Any:
    """It begins with random points, and takes a batch of sets of points."""
    import torch

    library = need("flash_kmeans")
    torch.manual_seed(0)
    points = points_of(rgb, space)[None]
    _, centers, _ = library.batch_kmeans_Euclid(points, k, max_iters=ITERATIONS)
    return centers[0].double().cpu().numpy()


MODULES = {"cupy": "cupy", "numba": "numba_cuda"}
PEERS: dict[str, Cluster] = {
    "luvcolor, cupy": ours("cupy"),
    "luvcolor, numba": ours("numba"),
    "torch, all pixels": torch_lloyd,
    "cuML, all pixels": cuml,
    "flash-kmeans, all pixels": flash_kmeans,
}
OTHERS = ("cuML, all pixels", "flash-kmeans, all pixels")
"""Those that may be installed and not take these points; what they say then goes to the report."""


def first_centers(case: str, peer: str, rgb: Any, k: int, space: str) -> Any:
    """Return what a peer finds; a peer that is not here, or does not run, is left out."""
    try:
        return prepared(case, peer, lambda: PEERS[peer](rgb, k, space))
    except Exception as error:
        if peer not in OTHERS:
            raise
        words = str(error).strip().partition("\n")[0][:100]
        leave_out(case, peer, f"does not run here: {type(error).__name__}: {words}")


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("space", ["rgb", "luv"])
@pytest.mark.parametrize("k", [24, 256])
def bench_kmeans(benchmark: Any, k: int, space: str, peer: str) -> None:
    case = f"k-means in {space.upper()}, {SIZE}, k = {k}, {ITERATIONS} iterations"
    rgb = to_gpu(picture(SIZE)[0])
    centers = first_centers(case, peer, rgb, k, space)
    note = f"MSE {error_of(centers, picture(SIZE)[0], space):.2f}"
    pixels = pixels_of(SIZE)
    call = lambda: PEERS[peer](rgb, k, space)  # noqa: E731
    measure(benchmark, call, case, peer, pixels, 3 * pixels, note=note)


def nearest_ours(backend: str) -> Callable[[Any, Any], Any]:
    def run(rgb: Any, centers: Any) -> Any:
        need(MODULES[backend])
        return kernels.nearest(rgb, centers, backend=backend)

    return run


NEAREST: dict[str, Callable[[Any, Any], Any]] = {
    "luvcolor, cupy": nearest_ours("cupy"),
    "luvcolor, numba": nearest_ours("numba"),
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
