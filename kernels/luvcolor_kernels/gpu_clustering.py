"""histogram, kmeans, nearest and soft_assign on a GPU: checks, clouds and results.

Results are those of the CPU, bit for bit, but for the weights of soft_assign, whose exponential
function is the GPU's. These wait for the GPU: histogram once, to know how many colours there are;
kmeans for that, for a sample to start from, and in each iteration for k x (1 + D) sums; nearest and
soft_assign only for centres that are on the GPU. Weights are checked and made whole numbers on the
host; what kmeans finds is few numbers, in NumPy arrays.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import arrays, fixed_point, gpu_clouds
from luvcolor_kernels.clustering import KMeansResult
from luvcolor_kernels.cpu_cluster import check_settings, checked_numbers, fitted
from luvcolor_kernels.cpu_nearest import checked_centers
from luvcolor_kernels.cpu_pictures import draw_by_weight
from luvcolor_kernels.gpu import Kernels
from luvcolor_kernels.gpu_checks import checked_contiguous
from luvcolor_kernels.gpu_clouds import GpuCloud
from luvcolor_kernels.gpu_launches import MOST_DIMENSIONS, Launcher
from luvcolor_kernels.gpu_memory import Points, points_of
from luvcolor_kernels.libraries import Library
from luvcolor_kernels.runs import common_runs
from luvcolor_kernels.views import View

Array = npt.NDArray[Any]
Float64Array = npt.NDArray[np.float64]

POINTS = ("uint8", "uint16", "float16", "float32")


class Clustering(Kernels):
    """All public kernels, run by one engine; see Kernels."""

    def histogram(self, rgb: Any, *, counts: Any) -> tuple[Any, Any]:
        """Run luvcolor_kernels.histogram."""
        library, source = self._look(rgb, "rgb", ("uint8",))
        pixels = points_of(_colors(source, "rgb"), "rgb")
        launcher = self._launcher(rgb, library)
        mass, total = None, pixels.count
        if counts is not None:
            number = _on_host(counts, rgb, library)
            if number.dtype.kind not in "iu":
                raise TypeError(f"counts must be integers, not {number.dtype}")
            mass = checked_numbers(number, source, "counts").astype(np.int64)
            total = int(mass.sum())
        if total == 0:
            return library.empty((0, 3), "uint8", rgb), library.empty((0,), "int64", rgb)
        weights = None if mass is None else launcher.upload(mass)
        table, offsets, count = gpu_clouds.count_colors(
            launcher, pixels, weights, total, by_cells=False
        )
        colors, sums = launcher.array((count, 3), "uint8"), launcher.array((count,), "int64")
        launcher.list_present(table, offsets, colors, sums)
        return colors.owner, sums.owner

    def kmeans(
        self,
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
        """Run luvcolor_kernels.kmeans."""
        check_settings(k, n_init, max_iter, sample, space)
        library, source = self._look(points, "points", POINTS)
        rng = np.random.default_rng(seed)
        mass = None
        if weights is not None:
            given = _on_host(weights, points, library)
            mass = fixed_point.whole_weights(checked_numbers(given, source, "weights"))
        launcher = self._launcher(points, library)
        cloud = _cloud(launcher, source, mass, space, sample, rng)
        start = init if isinstance(init, str) else _on_host(init, points, library)
        dtype = np.dtype(source.dtype)
        return fitted(cloud, k, start, n_init, max_iter, tol, rng, sample, space, dtype)

    def nearest(self, points: Any, centers: Any, *, out: Any) -> Any:
        """Run luvcolor_kernels.nearest."""
        library, source = self._look(points, "points", POINTS)
        center = _centers(_on_host(centers, points, library), source)
        shape, dtype = source.shape[:-1], "uint8" if len(center) <= 256 else "int32"
        result, target = self._result(library, points, shape, dtype, out, source)
        if not target.empty:
            axis = len(source.shape) - 1
            pictures, length, (read, write) = common_runs(
                [(source, axis), (target, None)], ["points", "out"]
            )
            launcher = self._launcher(points, library)
            moved, names, shift = _moved(center, source.dtype)
            launcher.nearest(
                Points(source, source.shape[-1], pictures, length, read),
                launcher.upload(moved),
                launcher.upload(shift),
                launcher.upload(names),
                target,
                write,
                gpu_clouds.reach_of(moved),
            )
        return result

    def soft_assign(
        self, points: Any, centers: Any, *, neighbors: int, sigma: float, out: Any
    ) -> tuple[Any, Any]:
        """Run luvcolor_kernels.soft_assign."""
        library, source = self._look(points, "points", POINTS)
        center = _centers(_on_host(centers, points, library), source)
        count = arrays.whole(neighbors, "neighbors", 1, len(center))
        width = arrays.finite(sigma, "sigma")
        if width <= 0.0:
            raise ValueError(f"sigma must be above 0, found {width}")
        shape, dtype = (*source.shape[:-1], count), "uint8" if len(center) <= 256 else "int32"
        given = (None, None) if out is None else out
        labels, names = self._result(library, points, shape, dtype, given[0], source)
        weights, shares = self._result(library, points, shape, "float32", given[1], source)
        if not names.empty:
            launcher = self._launcher(points, library)
            launcher.soft_assign(
                points_of(source, "points"),
                launcher.upload(center.astype(np.float32)),
                checked_contiguous(names, "labels of out"),
                checked_contiguous(shares, "weights of out"),
                np.float32(-0.5 / width**2),
            )
        return labels, weights

    def _launcher(self, array: Any, library: Library) -> Launcher:
        return Launcher(self.engine, library, library.place(array), array)


def _on_host(value: Any, like: Any, library: Library) -> Array:
    """Return an argument that is needed on the host, wherever it is."""
    return library.to_host(value) if isinstance(value, type(like)) else np.asarray(value)


def _colors(view: View, name: str) -> View:
    if not view.shape or view.shape[-1] != 3:
        raise ValueError(f"{name} must be of shape (..., 3), found {view.shape}")
    return view


def _centers(value: Array, points: View) -> Float64Array:
    center = checked_centers(value, points.shape)
    _check_dimensions(points)
    return center


def _check_dimensions(points: View) -> None:
    if not 1 <= points.shape[-1] <= MOST_DIMENSIONS:
        raise ValueError(
            f"expected points of 1 to {MOST_DIMENSIONS} dimensions on a GPU, found shape "
            f"{points.shape}; copy them to the host and run on the CPU"
        )


def _moved(centers: Float64Array, dtype: str) -> tuple[Float64Array, Array, Array]:
    """Return different centres near zero, their names, and where zero is: as on the CPU.

    Smaller numbers leave less in doubt; moving integers by integers rounds nothing.
    """
    names = np.sort(np.unique(centers, axis=0, return_index=True)[1]).astype(np.int32)
    shift = np.zeros(centers.shape[1], np.float32)
    if dtype.startswith("uint"):
        shift[:] = np.rint(centers.mean(axis=0)).clip(0, np.iinfo(dtype).max)
    return centers[names] - shift, names, shift


def _cloud(
    launcher: Launcher, source: View, mass: Array | None, space: str, sample: int | None,
    rng: np.random.Generator,
) -> GpuCloud | None:  # fmt: skip
    """Return the points to cluster, those with a weight; None if there are none."""
    floats = source.dtype.startswith("float")
    if floats and len(source.shape) < 2:
        raise ValueError(f"points must be of shape (N, D) or (..., D), found {source.shape}")
    if not floats:
        _colors(source, "points")
    if prod(source.shape) == 0:
        return None
    _check_dimensions(source)
    points, mass = _chosen(launcher, points_of(source, "points"), mass, sample, rng)
    if points.count == 0:
        return None
    total = points.count if mass is None else int(mass.sum())
    weights = None if mass is None else launcher.upload(mass)
    if source.dtype == "uint8":
        return gpu_clouds.cloud_of_colors(launcher, points, weights, total, space)
    if source.dtype == "uint16":
        return gpu_clouds.cloud_of_pixels(launcher, points, weights, total, space)
    return gpu_clouds.cloud_of_points(launcher, points, weights, total)


def _chosen(
    launcher: Launcher, points: Points, mass: Array | None, sample: int | None,
    rng: np.random.Generator,
) -> tuple[Points, Array | None]:  # fmt: skip
    """Return the points with a weight, or a sample of them, and their weights unless all are 1."""
    index = None
    if mass is not None and not mass.all():
        index = np.flatnonzero(mass)
        mass = mass[index]
    count = points.count if index is None else len(index)
    if sample is not None and sample < count:
        drawn = draw_by_weight(mass, count, sample, rng)
        index, mass = drawn if index is None else index[drawn], None
    if mass is not None and (mass == 1).all():
        mass = None
    if index is None:
        return points, mass
    some = launcher.array((len(index), points.dimensions), points.view.dtype)
    if len(index):
        launcher.gather(points, launcher.upload(index), some, points.dimensions, 1)
    return points_of(some, "points"), mass
