"""Clustering: the public faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.backends import implementation

Array = npt.NDArray[Any]
Space = Literal["rgb", "luv", "uv"]


@dataclass(frozen=True)
class KMeansResult:
    """What kmeans found.

    Attributes
    ----------
    centers : (k, D) float64
        In the space clustered; "luv" and "rgb" from dark to light, "uv" by hue angle, other
        points in no order.
    inertia : float
        Mean squared distance of a point from its nearest centre, each point counted with its
        weight (the sum that other libraries report, divided by the weight).
    n_iter : int
        How often the centres were moved, after the start.
    history : tuple of float
        The inertia before the first move and after every move: ``n_iter + 1`` numbers that never
        rise.
    palette : (k, 3) uint8 or None
        The centres as sRGB, clipped channel by channel. For "uv", at L = 65 and with the chroma
        shortened into the gamut. None for points that are no colours.
    """

    centers: npt.NDArray[np.float64]
    inertia: float
    n_iter: int
    history: tuple[float, ...]
    palette: npt.NDArray[np.uint8] | None


def kmeans(
    points: Array,
    k: int,
    *,
    weights: Array | None = None,
    space: Space = "luv",
    init: Literal["k-means++"] | Array = "k-means++",
    n_init: int = 1,
    max_iter: int = 100,
    tol: float = 1e-4,
    seed: int = 0,
    backend: str | None = None,
) -> KMeansResult:
    """Find k cluster centres by Lloyd's algorithm.

    A picture is clustered by its unique colours, each weighted by how often it occurs. That gives
    what Lloyd's algorithm on all pixels gives, and does not depend on the order of the pixels.

    Parameters
    ----------
    points
        uint8 sRGB (..., 3), the colours of pictures; or float16/32/64 (..., D), any points,
        clustered as they are (as float32).
    k
        How many centres.
    weights
        One number, zero or more, for each point. The unique colours of several pictures with the
        sum of their counts (see histogram) are clustered as all those pixels.
    space
        Where distances are taken: "luv" (CIE 1976 L*u*v*, D65), "uv" (its chroma alone) or "rgb"
        (sRGB as encoded; 0..255 for uint8 points, 0..1 for float points). uint8 points are
        converted to it; of float points it says what they are.
    init
        "k-means++" (greedy; on a sample drawn with ``seed`` if there are many points, with some
        iterations there), or centres (k, D) in ``space``.
    n_init
        How many such starts to make. The best of them goes on to all points.
    max_iter
        How often the centres are moved at most.
    tol
        The centres rest when none would move farther than this, in units of the space.
    seed
        Equal seeds give equal results, on any number of threads.
    backend
        "cpu", "numba" or "cupy"; None chooses by the type of ``points``.

    Returns
    -------
    KMeansResult
        Centres, inertia, history and, for colours, a uint8 palette.

    Raises
    ------
    TypeError
        If ``points`` is of another type than those above.
    ValueError
        If there are fewer than k different points (the message says how many), if float points
        are not finite, or if another argument is out of its range.

    Notes
    -----
    A centre without points is moved to the point farthest from its centre. Labels within an
    iteration are those of float64, sums are float64.

    Sources: Lloyd, "Least squares quantization in PCM", 1982; Arthur and Vassilvitskii,
    "k-means++: the advantages of careful seeding", 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import kmeans
    >>> picture = np.array([[[250, 0, 0], [0, 0, 200]], [[250, 0, 0], [0, 0, 202]]], np.uint8)
    >>> found = kmeans(picture, 2)
    >>> found.palette.tolist()
    [[0, 0, 201], [250, 0, 0]]
    """
    run = implementation("kmeans", points, backend)
    result: KMeansResult = run(
        points,
        k,
        weights=weights,
        space=space,
        init=init,
        n_init=n_init,
        max_iter=max_iter,
        tol=tol,
        seed=seed,
    )
    return result


def histogram(
    rgb: Array, *, counts: Array | None = None, backend: str | None = None
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Count the unique colours of uint8 RGB pixels.

    Parameters
    ----------
    rgb
        uint8 sRGB (..., 3), 0..255; any white point, as nothing is converted.
    counts
        Integer number of each pixel, of shape (...): merges histograms. None counts each once.
    backend
        "cpu", "numba" or "cupy"; None chooses by the type of ``rgb``.

    Returns
    -------
    colors : (n, 3) uint8
        In ascending order of (R, G, B).
    counts : (n,) int64
        How often each occurs, exactly.

    Raises
    ------
    TypeError
        If ``rgb`` is not uint8 or ``counts`` not integer.
    ValueError
        If a shape does not fit or a count is negative.

    Notes
    -----
    From 2 million pixels on a table of 64 MiB for each of at most four threads is filled;
    below, pixels are sorted. Source: exact counting, no formula.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import histogram
    >>> colors, counts = histogram(np.array([[9, 9, 9], [0, 0, 1], [9, 9, 9]], np.uint8))
    >>> colors.tolist(), counts.tolist()
    ([[0, 0, 1], [9, 9, 9]], [1, 2])
    """
    run = implementation("histogram", rgb, backend)
    result: tuple[Array, Array] = run(rgb, counts=counts)
    return result


def nearest(
    points: Array, centers: Array, *, out: Array | None = None, backend: str | None = None
) -> Array:
    """Find the nearest centre of every point.

    Parameters
    ----------
    points
        uint8 or float16/32/64 (floats as float32), of shape (..., D).
    centers
        (k, D), in the units of ``points``: for uint8 RGB pixels 0..255.
    out
        Array to write into: shape (...), of the type returned.
    backend
        "cpu", "numba" or "cupy"; None chooses by the type of ``points``.

    Returns
    -------
    labels : (...)
        Index of the nearest centre by Euclidean distance; uint8 if k <= 256, else int32. Ties go
        to the lowest index.

    Raises
    ------
    TypeError
        If a type is not one of those above.
    ValueError
        If a shape, ``out`` or ``backend`` does not fit, or a centre is not finite.

    Notes
    -----
    Exact: where float32 cannot tell two centres apart, float64 decides. A point with a NaN gets
    an unspecified label below k. Source: the definition.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import nearest
    >>> nearest(np.array([[0.0], [0.6], [0.5]], np.float32), np.array([[0.0], [1.0]])).tolist()
    [0, 1, 0]
    """
    run = implementation("nearest", points, backend)
    result: Array = run(points, centers, out=out)
    return result
