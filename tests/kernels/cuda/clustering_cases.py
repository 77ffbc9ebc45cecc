"""Small calls that take every kernel of clustering through its paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from luvcolor_kernels import gpu_clouds, seeding
from luvcolor_kernels.gpu import Kernels
from luvcolor_kernels.gpu_clustering import Clustering
from tests.kernels.cuda.emulation import NUMPY, EmulatedEngine
from tests.kernels.cuda.layouts import LAYOUTS
from tests.kernels.cuda.memory import Array, placed

Call = Callable[[Kernels], Array]

SETTINGS: dict[str, Any] = {
    "weights": None,
    "space": "luv",
    "init": "k-means++",
    "n_init": 1,
    "max_iter": 100,
    "tol": 1e-4,
    "seed": 0,
    "sample": None,
}
"""What luvcolor_kernels.kmeans passes on unless told otherwise."""

SMALL_TABLE = 1 << 15
"""Has all colours of levels below 32; in the order of (R, G, B), all blues and some greens."""


def clustering(**settings: Any) -> tuple[Clustering, EmulatedEngine]:
    """Return the kernels on the CPU, and the engine below them."""
    engine = EmulatedEngine(**{"checked": False, **settings})
    return Clustering(engine, lambda array: NUMPY), engine


@contextmanager
def small_table() -> Iterator[None]:
    """Keep tables of colours, and samples, small: sanitizers take long for large ones."""
    whole = gpu_clouds.COLORS, seeding.SAMPLE
    gpu_clouds.COLORS, seeding.SAMPLE = SMALL_TABLE, 100
    try:
        yield
    finally:
        gpu_clouds.COLORS, seeding.SAMPLE = whole


def _levels(*shape: int, below: int = 32, dtype: str = "uint8") -> Array:
    return np.random.default_rng(sum(shape)).integers(0, below, shape, dtype)


def _kmeans(points: Array, k: int, **named: Any) -> Call:
    """Make one move, from centres of which some have no points."""
    given = placed(points)
    dimensions = 2 if named.get("space") == "uv" else points.shape[-1]
    start = np.full((k, dimensions), 5.0)

    def call(kernels: Kernels) -> Array:
        settings = {**SETTINGS, "init": start, "max_iter": 1, **named}
        with small_table():
            run = Clustering(kernels.engine, kernels.library).kmeans
            return run(given, k, **settings).centers

    return call


def _histogram(layout: str, counts: Array | None = None) -> Call:
    rgb = _levels(7, 13, 3)
    rgb[..., 0] = 0
    given = LAYOUTS[layout](rgb)

    def call(kernels: Kernels) -> Array:
        with small_table():
            colors, _ = Clustering(kernels.engine, kernels.library).histogram(given, counts=counts)
        found: Array = colors
        return found

    return call


def _nearest(points: Array, k: int) -> Call:
    """Label points of which some are as near to one centre as to another."""
    centers = np.rint(np.random.default_rng(k).random((k, points.shape[-1])) * 15) * 2
    given = placed(points)

    def call(kernels: Kernels) -> Array:
        run = Clustering(kernels.engine, kernels.library).nearest
        found: Array = run(given, centers, out=None)
        return found

    return call


def _soft() -> Call:
    points, centers = placed(_levels(300, 2).astype(np.float32)), _levels(9, 2).astype(float)

    def call(kernels: Kernels) -> Array:
        run = Clustering(kernels.engine, kernels.library).soft_assign
        labels, _ = run(points, centers, neighbors=3, sigma=4.0, out=None)
        found: Array = labels
        return found

    return call


CLUSTERING: dict[str, Call] = {
    "histogram, interleaved": _histogram("interleaved"),
    "histogram, planar": _histogram("planar"),
    "histogram, counts": _histogram("crop", np.arange(7 * 13).reshape(7, 13)),
    "kmeans, colors": _kmeans(_levels(40, 41, 3), 3),
    "kmeans, chroma": _kmeans(_levels(9, 11, 3), 2, space="uv", weights=np.full((9, 11), 0.25)),
    "kmeans, drawn": _kmeans(_levels(40, 41, 3), 3, init="k-means++"),
    "kmeans, many": _kmeans(_levels(40, 41, 3), 600),
    "kmeans, uint16": _kmeans(_levels(40, 41, 3, below=65536, dtype="uint16"), 3),
    "kmeans, points": _kmeans(_levels(2000, 2).astype(np.float32), 3),
    "kmeans, points of five dimensions": _kmeans(_levels(300, 5).astype(np.float16), 3, sample=290),
    "nearest, colors": _nearest(_levels(40, 41, 3), 9),
    "nearest, many": _nearest(_levels(9, 7, 3).astype(np.float32), 600),
    "soft_assign": _soft(),
}

RACING_CLUSTERING = (
    "kmeans, colors",
    "kmeans, drawn",
    "kmeans, uint16",
    "kmeans, points",
    "nearest, colors",
    "nearest, many",
    "soft_assign",
)
"""Those that take every kernel of clustering through its barriers."""
