"""dither of the CPU backend: checks, and tables of how the centres lie to each other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import arrays, cpu_dots
from luvcolor_kernels.blue_noise import mask
from luvcolor_kernels.cpu_cluster import POINTS, nearest
from luvcolor_kernels.cpu_math import MIN_PIXELS
from luvcolor_kernels.threads import run_blocks

Array = npt.NDArray[Any]

METHODS = ("floyd-steinberg", "blue-noise")
MOST = 256
FAR = 0.5
"""What variance among dots of far colours weighs beside the squared error of their mean."""
_NEVER = -1e9


def dither(points: Any, centers: Any, *, method: str, visible: Any, out: Array | None) -> Array:
    """Run luvcolor_kernels.dithering.dither on NumPy arrays."""
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; known are: {', '.join(METHODS)}")
    source = arrays.as_array(points, "points", POINTS)
    center = np.asarray(centers, np.float64)
    if source.ndim != 3 or source.shape[2] not in (2, 3):
        raise ValueError(f"points must be of shape (H, W, 2) or (H, W, 3), found {source.shape}")
    if len(center) > MOST:
        raise ValueError(f"centers must be at most {MOST} to dither with, found {len(center)}")
    shown = _visible(visible, source.shape[:2])
    result = arrays.checked_out(out, source.shape[:2], np.uint8)
    source = np.ascontiguousarray(arrays.apart(source, result))
    labels = nearest(source, center, out=None)
    if len(center) > 1 and labels.size:
        dots = _diffuse if method == "floyd-steinberg" else _blend
        dots(source, shown, np.pad(center, ((0, 0), (0, 3 - center.shape[1]))), labels)
    np.multiply(labels, shown, out=result)
    return result


def _visible(value: Any, shape: tuple[int, ...]) -> Array:
    if value is None:
        return np.ones(shape, np.uint8)
    shown = np.asarray(value)
    if shown.shape != shape:
        raise ValueError(f"visible must be of shape {shape}, one for each pixel, not {shown.shape}")
    return np.ascontiguousarray(shown != 0).view(np.uint8)


def _diffuse(points: Array, shown: Array, centers: Array, labels: Array) -> None:
    steps = np.rint(centers * cpu_dots.SCALE).astype(np.int64)
    gaps = ((steps[:, None] - steps) ** 2).sum(axis=2)
    order = np.argsort(gaps, axis=1, kind="stable")
    # A centre's twin may come before itself; as a guess both are as good.
    gaps = np.take_along_axis(gaps, order, axis=1)
    limits = np.array([math.isqrt(gap // 2) for gap in gaps[:, 1].tolist()], np.int64)
    cpu_dots.diffuse(points, shown, steps, limits, order.astype(np.uint8), gaps, labels)


def _blend(points: Array, shown: Array, centers: Array, labels: Array) -> None:
    pairs, partners, lengths = mixtures(centers)
    thresholds = mask()
    height, width = labels.shape
    run_blocks(
        lambda start, stop: cpu_dots.blend(
            points, shown, pairs, partners, lengths, thresholds, labels, start, stop
        ),
        height,
        -(-MIN_PIXELS // (4 * width)),
    )


def mixtures(centers: Array) -> tuple[Array, Array, Array]:
    """Return what says how a point near one centre is mixed from it and one around it.

    Of a point x near c, mixed with a partner p in the share w, the mean misses x by m, and the
    dots vary by w (1 - w) d^2 around the mean, d being |p - c|. With f the weight of that variance,
    m^2 + f w (1 - w) d^2 is least at w = (g / d^2 - f / 2) / (1 - f), g being (x - c).(p - c), and
    then (1 - f) (w d)^2 below that of c alone. So the best partner has the largest
    s = sqrt(1 - f) w d, which is a linear function of x.

    f is 0 for the centre next to c, so that the tone of a picture is kept, and grows toward FAR for
    those farther off: their dots stand out.

    Returns
    -------
    pairs : (k, 4, COUNT) float32
        Coefficients of s: three of x, and a constant.
    partners : (k, COUNT) uint8
        The centres around each, from near to far.
    lengths : (k, COUNT) float32
        w / s.
    """
    away = centers - centers[:, None]
    squares = np.einsum("ijd,ijd->ij", away, away)
    np.fill_diagonal(squares, -1.0)
    order = np.argsort(squares, axis=1, kind="stable")[:, 1 : cpu_dots.COUNT + 1]
    away = np.take_along_axis(away, order[..., None], axis=1)
    squares = np.take_along_axis(squares, order, axis=1)
    apart = squares > 0.0
    squares = np.where(apart, squares, 1.0)
    nearest_one = np.where(apart, squares, np.inf).min(axis=1, keepdims=True)
    weight = FAR * (1.0 - np.minimum(nearest_one / squares, 1.0))
    length, root = np.sqrt(squares), np.sqrt(1.0 - weight)
    slope = away / (length * root)[..., None]
    offset = -(slope * centers[:, None]).sum(axis=2) - weight * length / (2.0 * root)
    k, found = order.shape
    pairs = np.zeros((k, 4, cpu_dots.COUNT), np.float32)
    pairs[:, :3, :found] = slope.transpose(0, 2, 1)
    pairs[:, 3] = _NEVER
    pairs[:, 3, :found] = np.where(apart, offset, _NEVER)
    partners = np.zeros((k, cpu_dots.COUNT), np.uint8)
    partners[:, :found] = order
    lengths = np.zeros((k, cpu_dots.COUNT), np.float32)
    lengths[:, :found] = 1.0 / (length * root)
    return pairs, partners, lengths
