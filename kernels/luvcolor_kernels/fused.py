"""What surrounds a model, fused so that pixels are read once: the public faces."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.backends import implementation

Array = npt.NDArray[Any]


def luma_to_input(
    rgb_or_gray: Array,
    size: tuple[int, int],
    *,
    channel_axis: int | None = -1,
    mean: float = 0.0,
    std: float = 100.0,
    dtype: npt.DTypeLike = np.float32,
    out: Array | None = None,
    backend: str | None = None,
) -> Array:
    """Compute what a model sees: lightness, area-averaged to its size and normalized.

    Each pixel of the result is ``(mean of L - mean) / std`` over exactly the area it covers, pixels
    on the border of that area counting by the share that is covered. The pixels are read once, and
    no lightness of full size is stored.

    Parameters
    ----------
    rgb_or_gray
        sRGB (H, W, 3) or (3, H, W), gray encoded by the sRGB curve (H, W), or a batch of one of
        these with N in front; uint8, uint16, or float16/32/64 with 0..1 as the gamut. As in
        luminance, a two-dimensional array is gray.
    size
        Height and width of the result, in pixels; larger than the picture as well.
    channel_axis
        Axis of the channels: -1 interleaved, -3 planar; None for gray, which a batch of gray
        pictures (N, H, W) needs.
    mean, std
        Subtracted from L (0..100) and divided by. The defaults give 0..1.
    dtype
        Type of the result: float32, float16, or "bfloat16" for arrays of libraries that have it.
    out
        Array (N, 1, h, w) of type ``dtype`` to write into; N = 1 for a single picture.
    backend
        "cpu", "numba" or "cupy"; None chooses by the type of the array.

    Returns
    -------
    x : (N, 1, h, w)
        N = 1 for a single picture.

    Raises
    ------
    TypeError
        If a type is not one of those above.
    ValueError
        If a shape, ``size``, ``std``, ``out`` or ``backend`` does not fit.

    Notes
    -----
    Error against float64: below 1e-4 in L. A pixel with a NaN touches only the pixels of the result
    that cover it.

    Sources: IEC 61966-2-1 (sRGB); CIE 15:2004 (L, D65).

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import luma_to_input
    >>> gray = np.array([[0, 0, 255], [255, 0, 255]], np.uint8)
    >>> luma_to_input(gray, (1, 3)).tolist()
    [[[[0.5, 0.0, 1.0]]]]
    """
    run = implementation("luma_to_input", rgb_or_gray, backend)
    result: Array = run(
        rgb_or_gray, size, channel_axis=channel_axis, mean=mean, std=std, dtype=dtype, out=out
    )
    return result


def merge_chroma(
    L: Array,
    uv: Array,
    *,
    slope: Array | None = None,
    dtype: npt.DTypeLike = np.uint8,
    channel_axis: int = -1,
    out: Array | None = None,
    backend: str | None = None,
) -> Array:
    """Join lightness with chroma of any size into sRGB of the same lightness.

    The chroma is interpolated bilinearly to the size of L as it is used (half-pixel centres,
    edges clamped); no chroma of full size is stored. Where L admits no such chroma in the sRGB
    gamut, the chroma is shortened at constant L and hue, by the longest share that fits.

    Parameters
    ----------
    L
        Lightness (H, W), or a batch (N, H, W): CIE 1976 L 0..100 (beyond it, clipped) in
        float16/32/64; or a gray picture, encoded by the sRGB curve, in uint8 or uint16.
    uv
        CIE 1976 u*, v* (2, h, w), for a batch (N, 2, h, w); float16/32/64, of any size from 1 x 1,
        larger than L as well.
    slope
        Chroma that follows lightness: the shape of ``uv``, in units of u*, v* per L. The chroma is
        then ``up(uv) + up(slope) * L``: with the offset and slope of a guided filter it keeps to
        the edges of L. chroma_to_rgb finds them.
    dtype
        Type of the result: uint8, uint16, or float16/float32 0..1.
    channel_axis
        Axis of the channels in the result: -1 interleaved, -3 planar.
    out
        Array of type ``dtype`` to write into: the shape of L with 3 channels along
        ``channel_axis``.
    backend
        "cpu", "numba" or "cupy"; None chooses by the type of ``L``.

    Returns
    -------
    rgb : (H, W, 3) or (3, H, W), or a batch of them
        sRGB whose L is the given one up to rounding of the result.

    Raises
    ------
    TypeError
        If a type is not one of those above.
    ValueError
        If a shape, ``out`` or ``backend`` does not fit.

    Notes
    -----
    No chroma gives gray exactly: for every uint8 and uint16 gray g, ``merge_chroma(g, 0)`` and
    ``merge_chroma(luminance(g), 0)`` are (g, g, g). For that, chroma is measured from the gray of
    the sRGB matrix rather than from D65; the two differ by 0.008 in v* at white and less below.
    A pixel with a NaN gives an unspecified pixel and touches no other.

    Sources: IEC 61966-2-1 (sRGB); CIE 15:2004; He and Sun, "Fast Guided Filter", 2015 (slope).

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import merge_chroma
    >>> gray = np.array([[10, 200]], np.uint8)
    >>> merge_chroma(gray, np.zeros((2, 1, 1), np.float32)).tolist()
    [[[10, 10, 10], [200, 200, 200]]]
    >>> warm = np.full((2, 1, 1), 30, np.float32)
    >>> merge_chroma(gray, warm).tolist()
    [[[18, 8, 0], [235, 192, 157]]]
    """
    run = implementation("merge_chroma", L, backend)
    result: Array = run(L, uv, slope=slope, dtype=dtype, channel_axis=channel_axis, out=out)
    return result


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
    out: Array | None = None,
    backend: str | None = None,
) -> Array:
    """Turn a model's chroma into sRGB of full size, its edges those of the lightness.

    Between the pixels of ``uv``, chroma follows L by the local slope of one over the other (the
    coefficients of a guided filter at the size of ``uv``), then is merged with L as in
    merge_chroma. At the pixels of ``uv`` it is exactly ``uv``.

    Parameters
    ----------
    L
        Lightness (H, W), or a batch (N, H, W): CIE 1976 L 0..100 in float16/32/64; or a gray
        picture, encoded by the sRGB curve, in uint8 or uint16.
    uv
        CIE 1976 u*, v* (2, h, w), for a batch (N, 2, h, w); float16/32/64.
    guide
        L at the size of ``uv``: (h, w), (N, h, w) or (N, 1, h, w), 0..100, as
        ``100 * luma_to_input(...)`` gives it. None computes it from ``L``, which reads the pixels
        once more.
    radius
        Half the side of the square, in pixels of ``uv``, that a slope is taken over; 0 to 16.
    noise
        Changes of L below about this are taken for texture that chroma need not follow.
    steepest
        Chroma changes at most this much for one unit of L.
    dtype
        Type of the result: uint8, uint16, or float16/float32 0..1.
    channel_axis
        Axis of the channels in the result: -1 interleaved, -3 planar.
    out
        Array of type ``dtype`` to write into: the shape of L with 3 channels along
        ``channel_axis``.
    backend
        "cpu", "numba" or "cupy"; None chooses by the type of ``L``.

    Returns
    -------
    rgb : (H, W, 3) or (3, H, W), or a batch of them
        sRGB whose L is the given one up to rounding of the result.

    Raises
    ------
    TypeError
        If a type is not one of those above.
    ValueError
        If a shape, a parameter, ``out`` or ``backend`` does not fit.

    Notes
    -----
    With window means E over the (2 radius + 1) squared pixels around each (edges clamped), the
    slope is ``E[(E[L uv] - E[L] E[uv]) / (max(E[L L] - E[L] E[L], 0) + noise ** 2)]``, at most
    ``steepest``; the offset is ``uv - slope * L``.

    Sources: He and Sun, "Fast Guided Filter", 2015; He, Sun and Tang, "Guided Image Filtering",
    2013; CIE 15:2004 (D65).

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import chroma_to_rgb
    >>> gray = np.array([[10, 200]], np.uint8)
    >>> chroma_to_rgb(gray, np.full((2, 1, 1), 30, np.float32)).tolist()
    [[[18, 8, 0], [235, 192, 157]]]
    """
    run = implementation("chroma_to_rgb", L, backend)
    result: Array = run(
        L,
        uv,
        guide=guide,
        radius=radius,
        noise=noise,
        steepest=steepest,
        dtype=dtype,
        channel_axis=channel_axis,
        out=out,
    )
    return result
