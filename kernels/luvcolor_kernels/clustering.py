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
    sample: int | None = None,
    backend: str | None = None,
) -> KMeansResult:
    """Find k cluster centres by Lloyd's algorithm.

    A uint8 picture is clustered by its unique colours and their counts, which gives what Lloyd's
    algorithm on all pixels gives. A uint16 picture is converted block by block in every iteration.

    Parameters
    ----------
    points
        uint8 or uint16 sRGB (..., 3), the colours of pictures; or float16/32/64 (..., D), any
        points, clustered as they are (as float32).
    k
        How many centres.
    weights
        One number, zero or more, for each point; zero leaves it out, so a mask or alpha fits. The
        unique colours of several pictures with the sum of their counts (see histogram) are
        clustered as all those pixels.
    space
        Where distances are taken: "luv" (CIE 1976 L*u*v*, D65), "uv" (its chroma alone) or "rgb"
        (as encoded: 0..255 for uint8, 0..65535 for uint16, 0..1 for float points). Integer points
        are converted to it; of float points it says what they are.
    init
        "k-means++" (greedy, with some iterations, on a sample if there are many points), or
        centres (k, D) in ``space``.
    n_init
        How many such starts to make. The best of them goes on to all points.
    max_iter
        How often the centres are moved at most.
    tol
        The centres rest when none would move farther than this, in units of the space.
    seed
        Equal seeds give equal results, on any number of threads and any backend.
    sample
        Cluster and measure only so many points, drawn by their weights. None clusters all.
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
        If there are fewer than k different points (the message says how many), float points are
        not finite, or another argument is out of its range.

    Notes
    -----
    A centre without points moves to the point farthest from its centre, which never raises the
    inertia either. Labels within an iteration are those of float64.

    Sums are whole numbers, and so are the same in any order, on any number of threads: coordinates
    are multiples of 2**-20 (for floats: of the power of two that leaves 28 bits to the largest
    distance from the middle of their range), weights that are no whole numbers are scaled by a
    power of two to a total just below 2**34 and rounded.

    Sources: Lloyd, "Least squares quantization in PCM", 1982; Arthur and Vassilvitskii,
    "k-means++: the advantages of careful seeding", 2007; Kanungo et al., "An efficient k-means
    clustering algorithm", 2002.

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
        sample=sample,
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
    From half a million pixels on a table of 16 MiB for each of at most four threads is filled, and
    kept for the next call; below, pixels are sorted. Source: exact counting, no formula.

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
        uint8, uint16 or float16/32/64 (floats as float32), of shape (..., D).
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
    an unspecified label below k. Labels of many uint8 colours are read from a table of all 2**24,
    of 16 MiB (32 if k > 256), made for the call. Source: the definition.

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


def soft_assign(
    points: Array,
    centers: Array,
    *,
    neighbors: int = 5,
    sigma: float,
    out: tuple[Array, Array] | None = None,
    backend: str | None = None,
) -> tuple[Array, npt.NDArray[np.float32]]:
    """Spread every point over its nearest few centres, the nearer the more.

    Parameters
    ----------
    points
        uint8, uint16 or float16/32/64 (floats as float32), of shape (..., D).
    centers
        (k, D), in the units of ``points``: for uint8 RGB pixels 0..255.
    neighbors
        Over how many centres, 1..k.
    sigma
        Standard deviation of the Gaussian, in the units of ``points``.
    out
        Two arrays to write into: of the shape and the types returned.
    backend
        "cpu", "numba" or "cupy"; None chooses by the type of ``points``.

    Returns
    -------
    labels : (..., neighbors)
        Indices of the nearest centres in ascending distance, of equals the lower index first;
        uint8 if k <= 256, else int32.
    weights : (..., neighbors) float32
        exp(-d^2 / (2 sigma^2)) for their distances d, divided by the sum: they sum to 1.

    Raises
    ------
    TypeError
        If a type is not one of those above.
    ValueError
        If a shape, ``neighbors``, ``sigma``, ``out`` or ``backend`` does not fit, or a centre is
        not finite.

    Notes
    -----
    Distances are float32. A point with a NaN gets unspecified labels and weights.

    Source: the training targets of Zhang, Isola and Efros, "Colorful image colorization", 2016,
    section 2.2: 5 neighbours, sigma 5, in ab.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import soft_assign
    >>> centers = np.array([[0.0], [2.0], [9.0]])
    >>> labels, weights = soft_assign(np.array([[1.0]]), centers, neighbors=2, sigma=1.0)
    >>> labels.tolist(), weights.tolist()
    ([[0, 1]], [[0.5, 0.5]])
    """
    run = implementation("soft_assign", points, backend)
    result: tuple[Array, Array] = run(points, centers, neighbors=neighbors, sigma=sigma, out=out)
    return result
