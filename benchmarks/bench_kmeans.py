"""Palettes of a 12-Mpixel picture, and the nearest of their colours, beside what others do.

Each round of a peer starts from another of five seeds, and luvcolor runs with the same seed before
it. What is reported as error is the median over the seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from benchmarks.common import Array, need, photograph, slow_ones_too
from benchmarks.measuring import leave_out, measure, prepared

SIZE = (3000, 4000)
ITERATIONS = 20
SAMPLE = 64_000
SEEDS = range(5)
Cluster = Callable[[Array, int, int], Array]
"""Pixels (H, W, 3), k and a seed to centres (k, 3)."""


def ours(space: Any, sample: int | None = None) -> Cluster:
    return lambda rgb, k, seed: (
        kernels.kmeans(rgb, k, space=space, max_iter=ITERATIONS, seed=seed, sample=sample).centers
    )


def _sklearn(points: Array, k: int, seed: int, weights: Array | None = None) -> Array:
    cluster = need("sklearn.cluster")
    model = cluster.KMeans(k, n_init=1, max_iter=ITERATIONS, random_state=seed, algorithm="lloyd")
    centers: Array = model.fit(points.astype(np.float32), sample_weight=weights).cluster_centers_
    return centers


def _points(rgb: Array, space: str) -> Array:
    """Colours (n, 3) as points of a space."""
    return rgb if space == "rgb" else kernels.rgb_to_luv(rgb)


def sklearn_unique(space: str) -> Cluster:
    def cluster(rgb: Array, k: int, seed: int) -> Array:
        colors, counts = kernels.histogram(rgb)
        return _sklearn(_points(colors, space), k, seed, counts)

    return cluster


def sklearn_sample(space: str) -> Cluster:
    def cluster(rgb: Array, k: int, seed: int) -> Array:
        pixels = rgb.reshape(-1, 3)
        drawn = pixels[np.random.default_rng(seed).integers(0, len(pixels), SAMPLE)]
        return _sklearn(_points(drawn, space), k, seed)

    return cluster


def sklearn_minibatch(rgb: Array, k: int, seed: int) -> Array:
    cluster = need("sklearn.cluster")
    model = cluster.MiniBatchKMeans(k, n_init=1, max_iter=ITERATIONS, random_state=seed)
    centers: Array = model.fit(rgb.reshape(-1, 3).astype(np.float32)).cluster_centers_
    return centers


def opencv(rgb: Array, k: int, seed: int) -> Array:
    cv2 = need("cv2")
    cv2.setRNGSeed(seed)
    stop = (cv2.TERM_CRITERIA_MAX_ITER, ITERATIONS, 0)
    pixels = rgb.reshape(-1, 3).astype(np.float32)
    centers: Array = cv2.kmeans(pixels, k, None, stop, 1, cv2.KMEANS_PP_CENTERS)[2]
    return centers


def faiss(rgb: Array, k: int, seed: int) -> Array:
    return _faiss(rgb, k, seed, len(rgb.reshape(-1, 3)))


def faiss_sample(rgb: Array, k: int, seed: int) -> Array:
    return _faiss(rgb, k, seed, 256)


def _faiss(rgb: Array, k: int, seed: int, most: int) -> Array:
    library = need("faiss")
    model = library.Kmeans(3, k, niter=ITERATIONS, seed=seed + 1, max_points_per_centroid=most)
    model.train(rgb.reshape(-1, 3).astype(np.float32))
    centers: Array = model.centroids
    return centers


def fast_pytorch(rgb: Array, k: int, seed: int) -> Array:
    torch, library = need("torch"), need("fast_pytorch_kmeans")
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (it draws from there)
    model = library.KMeans(k, max_iter=ITERATIONS, minibatch=SAMPLE)
    model.fit(torch.from_numpy(rgb.reshape(-1, 3).astype(np.float32)))
    return np.asarray(model.centroids)


def pillow(rgb: Array, k: int, _: int) -> Array:
    image = need("PIL.Image")
    method = image.Quantize.MEDIANCUT
    palette = image.fromarray(rgb).quantize(k, method, kmeans=ITERATIONS).getpalette()
    return np.array(palette[: 3 * k], np.float32).reshape(-1, 3)


def libimagequant(rgb: Array, k: int, _: int) -> Array:
    library = need("libimagequant")
    height, width = rgb.shape[:2]
    rgba = np.dstack([rgb, np.full((height, width, 1), 255, np.uint8)])
    attributes = library.Attr()
    attributes.max_colors = k
    found = attributes.create_rgba(rgba.tobytes(), width, height, 0).quantize(attributes)
    return np.array([[c.r, c.g, c.b] for c in found.get_palette()], np.float32)


PEERS: dict[str, dict[str, Cluster]] = {
    "rgb": {
        "luvcolor": ours("rgb"),
        "luvcolor, sample of 64,000": ours("rgb", SAMPLE),
        "scikit-learn, on luvcolor's histogram": sklearn_unique("rgb"),
        "scikit-learn, sample of 64,000": sklearn_sample("rgb"),
        "scikit-learn, mini-batches": sklearn_minibatch,
        "OpenCV, all pixels": opencv,
        "faiss, all pixels": faiss,
        "faiss, its own sample": faiss_sample,
        "fast-pytorch-kmeans, mini-batches": fast_pytorch,
        "Pillow, median cut and k-means": pillow,
        "libimagequant": libimagequant,
    },
    "luv": {
        "luvcolor": ours("luv"),
        "luvcolor, sample of 64,000": ours("luv", SAMPLE),
        "scikit-learn, on luvcolor's histogram": sklearn_unique("luv"),
        "scikit-learn, sample of 64,000": sklearn_sample("luv"),
    },
}
MINUTES = {
    ("scikit-learn, mini-batches", 24),
    ("scikit-learn, mini-batches", 256),
    ("OpenCV, all pixels", 256),
    ("Pillow, median cut and k-means", 256),
}
CASES = [(space, peer) for space, peers in PEERS.items() for peer in peers]


@pytest.mark.parametrize(("space", "peer"), CASES)
@pytest.mark.parametrize("k", [24, 256])
def bench_kmeans(benchmark: Any, space: str, k: int, peer: str) -> None:
    case = f"k-means in {space.upper()}, 12 Mpixel, k = {k}, {ITERATIONS} iterations"
    if (peer, k) in MINUTES and not slow_ones_too():
        leave_out(case, peer, "takes minutes; LUVCOLOR_BENCH_SLOW=1 runs it")
    rgb = photograph(*SIZE)
    prepared(case, peer, lambda: PEERS[space][peer](rgb[::32, ::32], k, 0))
    seeds, own_seeds = cycle(SEEDS), cycle(SEEDS)
    found: dict[int, Array] = {}

    def call() -> None:
        seed = next(seeds)
        found[seed] = PEERS[space][peer](rgb, k, seed)

    def beside() -> None:
        PEERS[space]["luvcolor"](rgb, k, next(own_seeds))

    compared = None if peer == "luvcolor" else beside
    measure(benchmark, call, case, peer, rgb.size // 3, compared, yardstick=False)
    errors = [error_of(centers, rgb, space) for centers in found.values()]
    benchmark.extra_info["note"] = f"MSE {np.median(errors):.2f}, {len(errors)} seeds"


def error_of(centers: Array, rgb: Array, space: str) -> float:
    """Mean squared distance of all pixels from their nearest centre."""
    colors, counts = kernels.histogram(rgb)
    points = _points(colors, space)
    gap = points - centers.astype(np.float64)[kernels.nearest(points, centers)]
    return float(np.average((gap**2).sum(axis=1), weights=counts))


def nearest_sklearn(rgb: Array, centers: Array) -> Array:
    metrics = need("sklearn.metrics")
    points = rgb.reshape(-1, 3).astype(np.float32)
    labels: Array = metrics.pairwise_distances_argmin(points, centers.astype(np.float32))
    return labels.reshape(rgb.shape[:-1])


def nearest_faiss(rgb: Array, centers: Array) -> Array:
    index = need("faiss").IndexFlatL2(3)
    index.add(centers.astype(np.float32))
    labels: Array = index.search(rgb.reshape(-1, 3).astype(np.float32), 1)[1]
    return labels.reshape(rgb.shape[:-1])


def nearest_ours(rgb: Array, centers: Array) -> Array:
    return kernels.nearest(rgb, centers)


NEAREST = {
    "luvcolor": nearest_ours,
    "scikit-learn": nearest_sklearn,
    "faiss": nearest_faiss,
}


@pytest.mark.parametrize("peer", NEAREST)
@pytest.mark.parametrize("k", [24, 256])
def bench_nearest(benchmark: Any, k: int, peer: str) -> None:
    rgb = photograph(*SIZE)
    centers: Any = kernels.kmeans(rgb[::8, ::8], k, space="rgb").centers
    case = f"nearest of {k} colours, 12 Mpixel"
    labels = prepared(case, peer, lambda: NEAREST[peer](rgb, centers))
    wrong = int((labels != nearest_ours(rgb, centers)).sum())
    note = f"{wrong} labels unlike luvcolor's"
    call, beside = lambda: NEAREST[peer](rgb, centers), lambda: nearest_ours(rgb, centers)
    compared = None if peer == "luvcolor" else beside
    measure(benchmark, call, case, peer, rgb.size // 3, compared, yardstick=False, note=note)
