"""kmeans, histogram and nearest of the CPU backend: checks, colour spaces and starts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import arrays, cpu_lloyd
from luvcolor_kernels.clustering import KMeansResult
from luvcolor_kernels.color import luminance, luv_to_rgb, rgb_to_luv
from luvcolor_kernels.fused import merge_chroma

Array = npt.NDArray[Any]
Float64Array = npt.NDArray[np.float64]

SPACES = {"rgb": 3, "luv": 3, "uv": 2}
PALETTE_L = 65.0
SAMPLE = 1 << 14
SAMPLE_PER_CENTER = 64
SAMPLE_ITERATIONS = 20
POINTS = ("uint8", *arrays.FLOATS)


class _Cloud(NamedTuple):
    """Points as planes (D, N), and the weight of each."""

    planes: Array
    weights: Float64Array


def histogram(rgb: Any, *, counts: Any) -> tuple[Array, Array]:
    """Run luvcolor_kernels.histogram on NumPy arrays."""
    colors = _colors(rgb, "rgb")
    if counts is None:
        return cpu_lloyd.histogram(colors)
    number = np.asarray(counts)
    if number.dtype.kind not in "iu":
        raise TypeError(f"counts must be integers, not {number.dtype}")
    unique, total = _merge(colors.reshape(-1, 3), _per_point(number, colors, "counts"))
    return unique, total.astype(np.int64)


def _colors(value: Any, name: str) -> Array:
    colors = arrays.as_array(value, name, ("uint8",))
    if colors.ndim == 0 or colors.shape[-1] != 3:
        raise ValueError(f"{name} must be of shape (..., 3), found {colors.shape}")
    return colors


def _per_point(values: Array, points: Array, name: str) -> Float64Array:
    if values.shape != points.shape[:-1]:
        raise ValueError(
            f"{name} must hold one number for each point, so be of shape {points.shape[:-1]}, "
            f"found {values.shape}"
        )
    numbers = values.astype(np.float64).reshape(-1)
    if numbers.size and not (np.isfinite(numbers).all() and numbers.min() >= 0.0):
        raise ValueError(f"{name} must be finite and not negative")
    return numbers


def _merge(colors: Array, numbers: Float64Array) -> tuple[Array, Float64Array]:
    """Add up the numbers of equal colours."""
    keys, where = np.unique(cpu_lloyd.pack(colors), return_inverse=True)
    return cpu_lloyd.unpack(keys), np.bincount(where, numbers, minlength=len(keys)).astype(
        np.float64
    )


def nearest(points: Any, centers: Any, *, out: Array | None) -> Array:
    """Run luvcolor_kernels.nearest on NumPy arrays."""
    source = arrays.as_array(points, "points", POINTS)
    center = np.asarray(centers, np.float64)
    if source.ndim == 0 or center.ndim != 2 or center.shape[1] != source.shape[-1]:
        raise ValueError(
            "points (..., D) and centers (k, D) must have the same D, "
            f"found shapes {source.shape} and {center.shape}"
        )
    if len(center) == 0 or not np.isfinite(center).all():
        raise ValueError("centers must hold at least one centre and finite numbers only")
    dtype = np.uint8 if len(center) <= 256 else np.int32
    result = arrays.checked_out(out, source.shape[:-1], dtype)
    if result.size:
        target = result if result.flags.c_contiguous else np.empty(result.shape, dtype)
        cpu_lloyd.nearest(np.ascontiguousarray(arrays.apart(source, target)), center, target)
        if target is not result:
            result[...] = target
    return result


def kmeans(
    points: Any,
    k: int,
    *,
    weights: Any,
    space: str,
    init: Any,
    n_init: int,
    max_iter: int,
    tol: float,
    seed: int,
) -> KMeansResult:
    """Run luvcolor_kernels.kmeans on NumPy arrays."""
    if space not in SPACES:
        raise ValueError(f"unknown space {space!r}; known are: {', '.join(SPACES)}")
    for name, number in {"k": k, "n_init": n_init, "max_iter": max_iter}.items():
        if not isinstance(number, (int, np.integer)) or number < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, not {number!r}")
    source = arrays.as_array(points, "points", POINTS)
    cloud = _cloud(source, weights, space, k)
    start = _start(cloud, k, init, n_init, max_iter, tol, seed)
    centers, history = cpu_lloyd.lloyd(cloud.planes, cloud.weights, start, max_iter, tol)
    centers, palette = _palette(centers, space, source.dtype.kind == "u")
    return KMeansResult(centers, history[-1], len(history) - 1, tuple(history), palette)


def _cloud(points: Array, weights: Any, space: str, k: int) -> _Cloud:
    """Return the points to cluster: of a picture, its unique colours in ``space``."""
    if points.dtype.kind == "u":
        colors = _colors(points, "points")
        if weights is None:
            colors, number = cpu_lloyd.histogram(colors)
            mass = number.astype(np.float64)
        else:
            share = _per_point(np.asarray(weights), colors, "weights")
            colors, mass = _merge(colors.reshape(-1, 3), share)
        planes, mass = _in_space(colors[mass > 0.0], space), mass[mass > 0.0]
    else:
        if points.ndim < 2:
            raise ValueError(f"points must be of shape (N, D) or (..., D), found {points.shape}")
        flat = points.reshape(-1, points.shape[-1])
        given = np.ones(points.shape[:-1]) if weights is None else np.asarray(weights)
        mass = _per_point(given, points, "weights")
        if not np.isfinite(flat).all():
            raise ValueError("points must be finite; drop those with NaN or infinity first")
        planes, mass = np.ascontiguousarray(flat[mass > 0.0].T), mass[mass > 0.0]
    if mass.size < k:
        raise _too_few(k, mass.size)
    return _Cloud(planes, mass)


def _too_few(k: int, found: int) -> ValueError:
    return ValueError(
        f"k={k} centres need at least {k} different points, found {found}; ask for k={found} "
        "or fewer"
    )


def _in_space(colors: Array, space: str) -> Array:
    if space == "rgb":
        return np.ascontiguousarray(colors.T, np.float32)
    luv: Array = rgb_to_luv(np.ascontiguousarray(colors.T)[None], channel_axis=1)[0]
    return luv if space == "luv" else luv[1:]


def _start(
    cloud: _Cloud, k: int, init: Any, n_init: int, max_iter: int, tol: float, seed: int
) -> Float64Array:
    """Return the centres to start from: those given, or the best of ``n_init`` k-means++."""
    dimensions = len(cloud.planes)
    if not isinstance(init, str):
        centers = np.array(init, np.float64)
        if centers.shape != (k, dimensions) or not np.isfinite(centers).all():
            raise ValueError(
                f"init must be 'k-means++' or finite centres of shape {(k, dimensions)}, "
                f"found shape {centers.shape}"
            )
        return centers
    if init != "k-means++":
        raise ValueError(f"init must be 'k-means++' or an array of centres, not {init!r}")
    rng = np.random.default_rng(seed)
    starts = [
        _plus_plus(cloud, k, rng, min(max_iter, SAMPLE_ITERATIONS), tol) for _ in range(n_init)
    ]
    return min(starts, key=lambda start: start[1])[0]


def _plus_plus(
    cloud: _Cloud, k: int, rng: np.random.Generator, iterations: int, tol: float
) -> tuple[Float64Array, float]:
    """k-means++ and some iterations on a sample, or on all points if there are few."""
    sample = _sample(cloud, max(SAMPLE, SAMPLE_PER_CENTER * k), rng)
    chosen = cpu_lloyd.seed_centers(sample.planes, sample.weights, k, rng)
    if len(chosen) < k:  # the sample has too few different points: perhaps all points have more
        sample = cloud
        chosen = cpu_lloyd.seed_centers(sample.planes, sample.weights, k, rng)
    if len(chosen) < k:
        raise _too_few(k, len(chosen))
    centers = sample.planes[:, chosen].T.astype(np.float64)
    moved, history = cpu_lloyd.lloyd(sample.planes, sample.weights, centers, iterations, tol)
    return moved, history[-1]


def _sample(cloud: _Cloud, size: int, rng: np.random.Generator) -> _Cloud:
    """Draw ``size`` points by weight, unless there are no more than that."""
    if cloud.weights.size <= size:
        return cloud
    running = np.cumsum(cloud.weights)
    drawn = np.searchsorted(running, rng.random(size) * running[-1], side="right")
    index, times = np.unique(np.minimum(drawn, running.size - 1), return_counts=True)
    return _Cloud(cloud.planes[:, index], times.astype(np.float64))


def _palette(
    centers: Float64Array, space: str, of_bytes: bool
) -> tuple[Float64Array, Array | None]:
    """Return the centres in order, and their colours where they are colours."""
    if centers.shape[1] != SPACES[space]:
        return centers, None
    if space == "uv":
        centers = centers[np.argsort(np.arctan2(centers[:, 1], centers[:, 0]), kind="stable")]
        chroma = np.ascontiguousarray(centers.T[:, None, :], np.float32)
        return centers, merge_chroma(np.full((1, len(centers)), PALETTE_L), chroma)[0]
    light: Array
    if space == "luv":
        palette = luv_to_rgb(centers.astype(np.float32))
        light = centers[:, 0]
    else:
        scale = 1.0 if of_bytes else 255.0
        palette = np.rint(np.clip(centers * scale, 0.0, 255.0)).astype(np.uint8)
        light = luminance((centers * (scale / 255.0)).astype(np.float32)[None])[0]
    order = np.argsort(light, kind="stable")
    return centers[order], palette[order]
