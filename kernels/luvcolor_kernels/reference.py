"""The kernels in plain float64 NumPy: slow, short, and what tests and benchmarks compare with."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import constants as c

Array = npt.NDArray[Any]
Float64Array = npt.NDArray[np.float64]


def decode(rgb: Array) -> Float64Array:
    """Turn encoded sRGB (uint8, uint16, or float 0..1) into linear light."""
    scale = np.iinfo(rgb.dtype).max if rgb.dtype.kind == "u" else 1
    value = rgb.astype(np.float64) / scale
    base = np.maximum(value + c.SRGB_OFFSET, 0.0) / (1.0 + c.SRGB_OFFSET)
    return np.where(value > c.SRGB_THRESHOLD, base**c.SRGB_GAMMA, value / c.SRGB_SLOPE)


def encode(linear: Float64Array, dtype: npt.DTypeLike = np.float64) -> Array:
    """Turn linear light into encoded sRGB of the given type, clipped to the gamut."""
    clipped = np.clip(linear, 0.0, 1.0)
    power = (1.0 + c.SRGB_OFFSET) * clipped ** (1.0 / c.SRGB_GAMMA) - c.SRGB_OFFSET
    value = np.where(clipped > c.SRGB_LINEAR_THRESHOLD, power, clipped * c.SRGB_SLOPE)
    if np.dtype(dtype).kind == "u":
        value = np.rint(value * np.iinfo(dtype).max)
    return value.astype(dtype)


def lightness(y: Float64Array) -> Float64Array:
    """CIE 1976 lightness of relative luminance."""
    return np.where(y > c.EPSILON, 116.0 * np.cbrt(y) - 16.0, c.KAPPA * y)


def relative_luminance(lightness: Float64Array) -> Float64Array:
    """Relative luminance of CIE 1976 lightness."""
    cubic = ((lightness + 16.0) / 116.0) ** 3
    return np.where(lightness > c.KAPPA * c.EPSILON, cubic, lightness / c.KAPPA)


def rgb_to_luv(rgb: Array, *, channel_axis: int = -1) -> Float64Array:
    """Twin of luvcolor_kernels.rgb_to_luv."""
    linear = decode(np.moveaxis(rgb, channel_axis, -1))
    x, y, z = np.moveaxis(linear @ c.RGB_TO_XYZ.T, -1, 0)
    weight = x + 15.0 * y + 3.0 * z
    weight = np.where(weight == 0.0, 1.0, weight)
    light = lightness(y)
    u = 13.0 * light * (4.0 * x / weight - c.WHITE_U)
    v = 13.0 * light * (9.0 * y / weight - c.WHITE_V)
    return np.stack([light, u, v], axis=channel_axis)


def luv_to_linear(luv: Array, white: tuple[float, float]) -> Float64Array:
    """Linear RGB of LUV (..., 3) whose u*, v* are measured from the chromaticity ``white``."""
    light, u, v = np.moveaxis(luv.astype(np.float64), -1, 0)
    y = relative_luminance(light)
    safe = np.where(light == 0.0, 1.0, light)
    u_prime = u / (13.0 * safe) + white[0]
    v_prime = v / (13.0 * safe) + white[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        x = 2.25 * y * u_prime / v_prime
        z = y * (12.0 - 3.0 * u_prime - 20.0 * v_prime) / (4.0 * v_prime)
    xyz = np.stack([x, y, z], axis=-1)
    return np.where(light[..., None] == 0.0, 0.0, xyz @ c.XYZ_TO_RGB.T)


def luv_to_rgb(luv: Array, *, dtype: npt.DTypeLike = np.uint8, channel_axis: int = -1) -> Array:
    """Twin of luvcolor_kernels.luv_to_rgb."""
    linear = luv_to_linear(np.moveaxis(luv, channel_axis, -1), (c.WHITE_U, c.WHITE_V))
    return np.moveaxis(encode(linear, dtype), -1, channel_axis)


def luminance(rgb_or_gray: Array, *, channel_axis: int | None = -1) -> Float64Array:
    """Twin of luvcolor_kernels.luminance."""
    linear = decode(rgb_or_gray)
    if channel_axis is None or rgb_or_gray.ndim == 2:
        return lightness(linear)
    return lightness(np.moveaxis(linear, channel_axis, -1) @ c.RGB_TO_XYZ[1])


def bilinear(planes: Array, height: int, width: int) -> Float64Array:
    """Resize (..., h, w) with half-pixel centres and clamped edges."""
    result = planes.astype(np.float64)
    for axis, size in ((-2, height), (-1, width)):
        old = planes.shape[axis]
        position = np.clip((np.arange(size) + 0.5) * old / size - 0.5, 0.0, old - 1.0)
        low = np.floor(position).astype(np.int64)
        high = np.minimum(low + 1, old - 1)
        share = position - low
        share = share[:, None] if axis == -2 else share
        result = result.take(low, axis) * (1.0 - share) + result.take(high, axis) * share
    return result


def area(planes: Array, height: int, width: int) -> Float64Array:
    """Resize (..., H, W) by the mean over the area that each new pixel covers."""
    rows, columns = _coverage(planes.shape[-2], height), _coverage(planes.shape[-1], width)
    result: Float64Array = rows @ planes.astype(np.float64) @ columns.T
    return result


def _coverage(old: int, new: int) -> Float64Array:
    """Share (new, old) that each old pixel has in each new one."""
    edges = np.arange(new + 1)[:, None] * (old / new)
    low, high = np.arange(old), np.arange(1, old + 1)
    overlap = np.minimum(edges[1:], high) - np.maximum(edges[:-1], low)
    result: Float64Array = np.maximum(overlap, 0.0) * (new / old)
    return result


def luma_to_input(
    rgb_or_gray: Array,
    size: tuple[int, int],
    *,
    channel_axis: int | None = -1,
    mean: float = 0.0,
    std: float = 100.0,
) -> Float64Array:
    """Twin of luvcolor_kernels.luma_to_input."""
    light = luminance(rgb_or_gray, channel_axis=channel_axis)
    return area(light.reshape(-1, 1, *light.shape[-2:]), *size) / std - mean / std


def lightness_of(L: Array) -> Float64Array:
    """Return L as it is, or the lightness of a gray picture of an unsigned type."""
    return lightness(decode(L)) if L.dtype.kind == "u" else L.astype(np.float64)


def merge_chroma(
    L: Array,
    uv: Array,
    *,
    slope: Array | None = None,
    dtype: npt.DTypeLike = np.uint8,
    channel_axis: int = -1,
) -> Array:
    """Twin of luvcolor_kernels.merge_chroma; it searches for the gamut's edge by bisection."""
    given = lightness_of(L)
    light = np.clip(given, 0.0, 100.0)
    u, v = np.moveaxis(bilinear(uv, *L.shape[-2:]), -3, 0)
    if slope is not None:
        slope_u, slope_v = np.moveaxis(bilinear(slope, *L.shape[-2:]), -3, 0)
        u, v = u + slope_u * given, v + slope_v * given
    high = np.ones_like(light)
    low = np.where(_in_gamut(light, u, v), 1.0, 0.0)
    for _ in range(60):
        share = (low + high) / 2.0
        fits = _in_gamut(light, share * u, share * v)
        low, high = np.where(fits, share, low), np.where(fits, high, share)
    linear = luv_to_linear(np.stack([light, low * u, low * v], -1), (c.NEUTRAL_U, c.NEUTRAL_V))
    return np.moveaxis(encode(linear, dtype), -1, channel_axis)


def window_mean(planes: Array, radius: int) -> Float64Array:
    """Mean over the square around each pixel of (..., h, w), edges clamped."""
    result = planes.astype(np.float64)
    for axis in (-2, -1):
        size = planes.shape[axis]
        window = np.arange(size)[:, None] + np.arange(-radius, radius + 1)
        result = np.moveaxis(result, axis, -1)[..., np.clip(window, 0, size - 1)].mean(axis=-1)
        result = np.moveaxis(result, -1, axis)
    return result


def follow_lightness(
    guide: Array, uv: Array, *, radius: int, noise: float, steepest: float
) -> tuple[Float64Array, Float64Array]:
    """Offset and slope (..., 2, h, w) of chroma over lightness (..., h, w)."""
    light, chroma = guide.astype(np.float64)[..., None, :, :], uv.astype(np.float64)

    def mean(planes: Array) -> Float64Array:
        return window_mean(planes, radius)

    variance = np.maximum(mean(light * light) - mean(light) ** 2, 0.0)
    covariance = mean(light * chroma) - mean(light) * mean(chroma)
    slope = np.clip(mean(covariance / (variance + noise**2)), -steepest, steepest)
    return chroma - slope * light, slope


def chroma_to_rgb(
    L: Array,
    uv: Array,
    *,
    guide: Array | None = None,
    radius: int = 2,
    noise: float = 4.0,
    steepest: float = 1.0,
    dtype: npt.DTypeLike = np.uint8,
    channel_axis: int = -1,
) -> Array:
    """Twin of luvcolor_kernels.chroma_to_rgb."""
    height, width = uv.shape[-2:]
    small = area(lightness_of(L), height, width) if guide is None else guide
    small = small.reshape(*L.shape[:-2], height, width)
    offset, slope = follow_lightness(small, uv, radius=radius, noise=noise, steepest=steepest)
    return merge_chroma(L, offset, slope=slope, dtype=dtype, channel_axis=channel_axis)


def _in_gamut(light: Float64Array, u: Float64Array, v: Float64Array) -> npt.NDArray[np.bool_]:
    linear = luv_to_linear(np.stack([light, u, v], -1), (c.NEUTRAL_U, c.NEUTRAL_V))
    inside = ((linear >= -1e-12) & (linear <= 1.0 + 1e-12)).all(axis=-1)
    real = 13.0 * light * c.NEUTRAL_V + v > 0.0  # v' > 0: below it X and Z change sign
    fits: npt.NDArray[np.bool_] = (inside & real) | (light == 0.0)
    return fits


def nearest(points: Array, centers: Array) -> npt.NDArray[np.int64]:
    """Twin of luvcolor_kernels.nearest: brute force, ties to the lowest index."""
    flat = points.reshape(-1, points.shape[-1]).astype(np.float64)
    distance = ((flat[:, None, :] - centers.astype(np.float64)[None]) ** 2).sum(axis=-1)
    labels: npt.NDArray[np.int64] = distance.argmin(axis=1).reshape(points.shape[:-1])
    return labels


def soft_assign(
    points: Array, centers: Array, *, neighbors: int = 5, sigma: float
) -> tuple[npt.NDArray[np.int64], Float64Array]:
    """Twin of luvcolor_kernels.soft_assign: all distances, sorted."""
    gap = points.astype(np.float64)[..., None, :] - centers.astype(np.float64)
    distance = (gap**2).sum(axis=-1)
    labels = np.argsort(distance, axis=-1, kind="stable")[..., :neighbors]
    near = np.take_along_axis(distance, labels, axis=-1)
    weights = np.exp((near[..., :1] - near) / (2.0 * sigma**2))
    return labels, weights / weights.sum(axis=-1, keepdims=True)


def histogram(rgb: Array) -> tuple[Array, Array]:
    """Twin of luvcolor_kernels.histogram."""
    return np.unique(rgb.reshape(-1, 3), axis=0, return_counts=True)


def kmeans(
    points: Array, centers: Array, *, weights: Array | None = None, iterations: int = 100
) -> tuple[Float64Array, npt.NDArray[np.int64], float]:
    """Lloyd's algorithm from given centres: (centers, labels, mean squared distance)."""
    flat = points.reshape(-1, points.shape[-1]).astype(np.float64)
    weight = np.ones(len(flat)) if weights is None else weights.astype(np.float64)
    center = centers.astype(np.float64).copy()
    for _ in range(iterations):
        labels = nearest(flat, center)
        moved = center.copy()
        for j in range(len(center)):
            if weight[labels == j].sum() > 0:
                moved[j] = np.average(flat[labels == j], axis=0, weights=weight[labels == j])
        if np.array_equal(moved, center):
            break
        center = moved
    labels = nearest(flat, center)
    distance = ((flat - center[labels]) ** 2).sum(axis=1)
    return center, labels, float(np.average(distance, weights=weight))
