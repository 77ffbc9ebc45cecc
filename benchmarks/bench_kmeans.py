"""Palettes of a 12-Mpixel picture, beside scikit-learn and OpenCV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from benchmarks.common import Array, need, photograph, slow_ones_too
from benchmarks.measuring import leave_out, measure, prepared

SIZE = (3000, 4000)
ITERATIONS = 20
Cluster = Callable[[Array, int], Array]


def ours(rgb: Array, k: int) -> Array:
    return kernels.kmeans(rgb, k, space="rgb", max_iter=ITERATIONS).centers


def ours_luv(rgb: Array, k: int) -> Array:
    palette = kernels.kmeans(rgb, k, space="luv", max_iter=ITERATIONS).palette
    assert palette is not None
    return palette


def _sklearn(points: Array, k: int, weights: Array | None = None) -> Array:
    cluster = need("sklearn.cluster")
    model = cluster.KMeans(k, n_init=1, max_iter=ITERATIONS, random_state=0, algorithm="lloyd")
    centers: Array = model.fit(points.astype(np.float32), sample_weight=weights).cluster_centers_
    return centers


def sklearn_unique(rgb: Array, k: int) -> Array:
    colors, counts = kernels.histogram(rgb)
    return _sklearn(colors, k, counts)


def sklearn_sample(rgb: Array, k: int) -> Array:
    pixels = rgb.reshape(-1, 3)
    return _sklearn(pixels[np.random.default_rng(0).integers(0, len(pixels), 64_000)], k)


def opencv(rgb: Array, k: int) -> Array:
    cv2 = need("cv2")
    stop = (cv2.TERM_CRITERIA_MAX_ITER, ITERATIONS, 0)
    pixels = rgb.reshape(-1, 3).astype(np.float32)
    centers: Array = cv2.kmeans(pixels, k, None, stop, 1, cv2.KMEANS_PP_CENTERS)[2]
    return centers


PEERS: dict[str, Cluster] = {
    "luvcolor": ours,
    "luvcolor, in LUV": ours_luv,
    "scikit-learn, on luvcolor's histogram": sklearn_unique,
    "scikit-learn, sample of 64,000": sklearn_sample,
    "OpenCV, all pixels": opencv,
}
SLOW = {("OpenCV, all pixels", 256)}


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("k", [24, 256])
def bench_kmeans(benchmark: Any, k: int, peer: str) -> None:
    case = f"k-means, 12 Mpixel RGB, k = {k}, {ITERATIONS} iterations"
    if (peer, k) in SLOW and not slow_ones_too():
        leave_out(case, peer, "takes minutes; LUVCOLOR_BENCH_SLOW=1 runs it")
    rgb = photograph(*SIZE)
    centers = prepared(case, peer, lambda: PEERS[peer](rgb, k))
    call, beside = lambda: PEERS[peer](rgb, k), lambda: ours(rgb, k)
    compared = None if peer == "luvcolor" else beside
    measure(benchmark, call, case, peer, rgb.size // 3, compared, yardstick=False)
    colors, counts = kernels.histogram(rgb)
    gap = ((colors - centers.astype(np.float64)[kernels.nearest(colors, centers)]) ** 2).sum(axis=1)
    benchmark.extra_info["note"] = f"MSE {np.average(gap, weights=counts):.2f}"


def nearest_sklearn(rgb: Array, centers: Array) -> Array:
    metrics = need("sklearn.metrics")
    points = rgb.reshape(-1, 3).astype(np.float32)
    labels: Array = metrics.pairwise_distances_argmin(points, centers.astype(np.float32))
    return labels.reshape(rgb.shape[:-1])


NEAREST: dict[str, Cluster] = {"luvcolor": kernels.nearest, "scikit-learn": nearest_sklearn}  # type: ignore[dict-item]


@pytest.mark.parametrize("peer", NEAREST)
@pytest.mark.parametrize("k", [24, 256])
def bench_nearest(benchmark: Any, k: int, peer: str) -> None:
    rgb = photograph(*SIZE)
    centers: Any = kernels.kmeans(rgb[::8, ::8], k, space="rgb").centers
    case = f"nearest of {k} colours, 12 Mpixel"
    labels = prepared(case, peer, lambda: NEAREST[peer](rgb, centers))
    wrong = int((labels != kernels.nearest(rgb, centers)).sum())
    note = f"{wrong} labels unlike luvcolor's"
    call, ours = lambda: NEAREST[peer](rgb, centers), lambda: kernels.nearest(rgb, centers)
    beside = None if peer == "luvcolor" else ours
    measure(benchmark, call, case, peer, rgb.size // 3, beside, yardstick=False, note=note)
