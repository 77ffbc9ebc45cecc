"""kmeans and histogram of the CPU backend: checks, clouds and palettes."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import arrays, cpu_colors, fixed_point, seeding
from luvcolor_kernels.clustering import KMeansResult
from luvcolor_kernels.color import luminance, luv_to_rgb
from luvcolor_kernels.cpu_clouds import ColorCloud, PointCloud, cloud_of_points
from luvcolor_kernels.cpu_nearest import nearest
from luvcolor_kernels.cpu_pictures import PictureCloud, draw_by_weight
from luvcolor_kernels.cpu_soft import soft_assign
from luvcolor_kernels.fused import merge_chroma
from luvcolor_kernels.lloyd import Cloud, lloyd
from luvcolor_kernels.spaces import DIMENSIONS

__all__ = ["histogram", "kmeans", "nearest", "soft_assign"]

Array = npt.NDArray[Any]
Float64Array = npt.NDArray[np.float64]
Weights = npt.NDArray[np.int64]
AnyCloud = PointCloud | PictureCloud


class HasShape(Protocol):
    """Points, of whatever library."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the array."""
        ...


class Drawable(Cloud, Protocol):
    """A cloud that gives samples on the host."""

    def draw(self, size: int, rng: np.random.Generator) -> PointCloud:
        """Return points drawn by weight."""
        ...


PALETTE_L = 65.0
POINTS = ("uint8", "uint16", *arrays.FLOATS)


def histogram(rgb: Any, *, counts: Any) -> tuple[Array, Array]:
    """Run luvcolor_kernels.histogram on NumPy arrays."""
    colors = _pixels(arrays.as_array(rgb, "rgb", ("uint8",)), "rgb")
    if counts is None:
        return cpu_colors.histogram(colors)
    number = np.asarray(counts)
    if number.dtype.kind not in "iu":
        raise TypeError(f"counts must be integers, not {number.dtype}")
    checked_numbers(number, colors, "counts")
    return cpu_colors.merged_histogram(colors.reshape(-1, 3), number.reshape(-1))


def _pixels(colors: Array, name: str) -> Array:
    if colors.ndim == 0 or colors.shape[-1] != 3:
        raise ValueError(f"{name} must be of shape (..., 3), found {colors.shape}")
    return colors


def checked_numbers(values: Array, points: HasShape, name: str) -> Float64Array:
    """Return one number for each point, in one dimension, after checking them."""
    if values.shape != points.shape[:-1]:
        raise ValueError(
            f"{name} must hold one number for each point, so be of shape {points.shape[:-1]}, "
            f"found {values.shape}"
        )
    numbers = values.astype(np.float64).reshape(-1)
    if numbers.size and not (np.isfinite(numbers).all() and numbers.min() >= 0.0):
        raise ValueError(f"{name} must be finite and not negative")
    return numbers


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
    sample: int | None = None,
) -> KMeansResult:
    """Run luvcolor_kernels.kmeans on NumPy arrays."""
    check_settings(k, n_init, max_iter, sample, space)
    source = arrays.as_array(points, "points", POINTS)
    rng = np.random.default_rng(seed)
    cloud = _cloud(source, weights, space, sample, rng)
    return fitted(cloud, k, init, n_init, max_iter, tol, rng, sample, space, source.dtype)


def check_settings(k: int, n_init: int, max_iter: int, sample: int | None, space: str) -> None:
    """Check what kmeans is asked for, whatever the points."""
    if space not in DIMENSIONS:
        raise ValueError(f"unknown space {space!r}; known are: {', '.join(DIMENSIONS)}")
    for name, number in {"k": k, "n_init": n_init, "max_iter": max_iter}.items():
        arrays.whole(number, name, 1)
    if sample is not None:
        arrays.whole(sample, "sample", 1)


def fitted(
    cloud: Drawable | None, k: int, init: Any, n_init: int, max_iter: int, tol: float,
    rng: np.random.Generator, sample: int | None, space: str, dtype: np.dtype[Any],
) -> KMeansResult:  # fmt: skip
    """Cluster the points of a cloud, of whatever backend; None has no points."""
    if cloud is None or cloud.count < k:
        raise too_few(k, 0 if cloud is None else cloud.count, sample)
    start = first_centers(cloud, k, init, n_init, max_iter, rng, sample)
    centers, history = lloyd(cloud, start, max_iter, tol)
    centers, palette = palette_of(centers, space, dtype)
    return KMeansResult(centers, history[-1], len(history) - 1, tuple(history), palette)


def too_few(k: int, found: int, sample: int | None) -> ValueError:
    """Return the error for fewer different points than centres."""
    drawn = "" if sample is None else f" in a sample of {sample}"
    larger = "" if sample is None else ", or for a larger sample"
    return ValueError(
        f"k={k} centres need at least {k} different points, found {found}{drawn}; ask for "
        f"k={found} or fewer{larger}"
    )


def _cloud(
    points: Array, weights: Any, space: str, sample: int | None, rng: np.random.Generator
) -> AnyCloud | None:
    """Return the points to cluster, those with a weight; None if there are none."""
    floats = points.dtype.kind == "f"
    if floats and points.ndim < 2:
        raise ValueError(f"points must be of shape (N, D) or (..., D), found {points.shape}")
    flat = (points if floats else _pixels(points, "points")).reshape(-1, points.shape[-1])
    mass = None
    if weights is not None:
        mass = fixed_point.whole_weights(checked_numbers(np.asarray(weights), points, "weights"))
        flat, mass = flat[mass > 0], mass[mass > 0]
    if sample is not None and sample < len(flat):
        drawn = draw_by_weight(mass, len(flat), sample, rng)
        flat, mass = flat.take(drawn, axis=0), None  # thrice as fast as flat[drawn]
    if flat.size == 0:
        return None
    if points.dtype == np.uint8:
        return ColorCloud(*cpu_colors.weighted_colors(flat, mass), space)
    if not floats:
        return PictureCloud(np.ascontiguousarray(flat), mass, space)
    if not np.isfinite(flat).all():
        raise ValueError("points must be finite; drop those with NaN or infinity first")
    return cloud_of_points(flat, np.ones(len(flat), np.int64) if mass is None else mass)


def first_centers(
    cloud: Drawable, k: int, init: Any, n_init: int, max_iter: int, rng: np.random.Generator,
    sample: int | None,
) -> Float64Array:  # fmt: skip
    """Return the centres to start from: those given, or the best of ``n_init`` k-means++."""
    if not isinstance(init, str):
        centers = np.array(init, np.float64)
        if centers.shape != (k, cloud.dimensions) or not np.isfinite(centers).all():
            raise ValueError(
                f"init must be 'k-means++' or finite centres of shape {(k, cloud.dimensions)}, "
                f"found shape {centers.shape}"
            )
        return centers
    if init != "k-means++":
        raise ValueError(f"init must be 'k-means++' or an array of centres, not {init!r}")
    fits = []
    for _ in range(n_init):
        fit = seeding.start(cloud.draw(seeding.sample_size(k), rng), k, rng, max_iter)
        if isinstance(fit, int):  # few different points in the sample: perhaps all have more
            fit = seeding.start(cloud.draw(cloud.count, rng), k, rng, max_iter)
        if isinstance(fit, int):
            raise too_few(k, fit, sample)
        fits.append(fit)
    return min(fits, key=lambda fit: fit.history[-1]).centers


def palette_of(
    centers: Float64Array, space: str, dtype: np.dtype[Any]
) -> tuple[Float64Array, Array | None]:
    """Return the centres in order, and their colours where they are colours."""
    if centers.shape[1] != DIMENSIONS[space]:
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
        full = np.iinfo(dtype).max if dtype.kind == "u" else 1
        palette = np.rint(np.clip(centers * (255.0 / full), 0.0, 255.0)).astype(np.uint8)
        light = luminance((centers / full).astype(np.float32)[None])[0]
    order = np.argsort(light, kind="stable")
    return centers[order], palette[order]
