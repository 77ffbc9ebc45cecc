"""Colour conversion: the public faces."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.backends import resolve

Array = npt.NDArray[Any]


def rgb_to_luv(
    rgb: Array,
    *,
    dtype: npt.DTypeLike = np.float32,
    channel_axis: int = -1,
    out: Array | None = None,
    backend: str | None = None,
) -> Array:
    """Convert sRGB to CIE 1976 L*u*v* (D65, 2 degree observer).

    Parameters
    ----------
    rgb
        Any shape with 3 channels along ``channel_axis``, such as (H, W, 3) or (N, 3, H, W).
        uint8 0..255, uint16 0..65535, or float16/32/64 with 0..1 as the gamut; floats beyond it
        are converted by the same curve, not clipped. float16 and float64 are computed as float32.
    dtype
        Type of the result: float32, or float16/float64 by conversion from float32.
    channel_axis
        Axis of the channels, in ``rgb`` and in the result: -1 interleaved, -3 planar.
    out
        Array to write into: the shape of ``rgb``, type ``dtype``.
    backend
        "cpu", "numba" or "cupy"; None chooses by the type of ``rgb``.

    Returns
    -------
    luv : the shape of ``rgb``
        L 0..100; u* about -83..175 and v* about -134..107 within the sRGB gamut. The layout in
        memory follows ``rgb``; contiguous input is read in place, and nothing but the result is
        allocated.

    Raises
    ------
    TypeError
        If a type is not one of those above.
    ValueError
        If there are not 3 channels, or ``out`` or ``backend`` does not fit.

    Notes
    -----
    Error against float64: below 1e-4 in L, u* and v* for all 256**3 uint8 colours. A pixel
    with a NaN gives an unspecified pixel and touches no other.

    Sources: IEC 61966-2-1 (sRGB); CIE 15:2004; constants as in ``skimage.color.rgb2luv``.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import rgb_to_luv
    >>> red = np.array([[[255, 0, 0]]], np.uint8)
    >>> [round(float(value), 1) for value in rgb_to_luv(red)[0, 0]]
    [53.2, 175.0, 37.8]
    """
    module = resolve(rgb, backend)
    result: Array = module.rgb_to_luv(rgb, dtype=dtype, channel_axis=channel_axis, out=out)
    return result


def luv_to_rgb(
    luv: Array,
    *,
    dtype: npt.DTypeLike = np.uint8,
    channel_axis: int = -1,
    out: Array | None = None,
    backend: str | None = None,
) -> Array:
    """Convert CIE 1976 L*u*v* (D65, 2 degree observer) to sRGB.

    Parameters
    ----------
    luv
        Any shape with L 0..100, u*, v* along ``channel_axis``; float16/32/64.
    dtype
        Type of the result: uint8 0..255, uint16 0..65535 (both rounded to the nearest), or
        float32 0..1.
    channel_axis
        Axis of the channels, in ``luv`` and in the result: -1 interleaved, -3 planar.
    out
        Array to write into: the shape of ``luv``, type ``dtype``.
    backend
        "cpu", "numba" or "cupy"; None chooses by the type of ``luv``.

    Returns
    -------
    rgb : the shape of ``luv``
        Colours outside the gamut are clipped channel by channel, which changes lightness and hue;
        merge_chroma shortens the chroma instead.

    Raises
    ------
    TypeError
        If a type is not one of those above.
    ValueError
        If there are not 3 channels, or ``out`` or ``backend`` does not fit.

    Notes
    -----
    All 256**3 uint8 colours survive rgb_to_luv and back exactly in float32; uint16 colours to
    within one level, float32 colours to within 2e-5. float16 LUV gives none of that exactly.
    A pixel with a NaN gives an unspecified pixel and touches no other.

    Sources: IEC 61966-2-1 (sRGB); CIE 15:2004; constants as in ``skimage.color.luv2rgb``.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import luv_to_rgb
    >>> luv_to_rgb(np.array([[[53.24, 175.02, 37.76]]], np.float32)).tolist()
    [[[255, 0, 0]]]
    """
    module = resolve(luv, backend)
    result: Array = module.luv_to_rgb(luv, dtype=dtype, channel_axis=channel_axis, out=out)
    return result


def luminance(
    rgb_or_gray: Array,
    *,
    channel_axis: int | None = -1,
    out: Array | None = None,
    backend: str | None = None,
) -> Array:
    """Compute CIE 1976 lightness L (D65) of a colour or gray picture, as float32.

    A two-dimensional array is gray. Any other array is RGB and has 3 channels along
    ``channel_axis``; with ``channel_axis=None`` an array of any shape is gray.

    Parameters
    ----------
    rgb_or_gray
        sRGB such as (H, W, 3) or (N, 3, H, W), or gray encoded by the sRGB curve such as (H, W);
        uint8, uint16, or float16/32/64 with 0..1 as the gamut. A list of colours (n, 3) has two
        dimensions: pass ``colors[None]``.
    channel_axis
        Axis of the channels, or None for gray.
    out
        float32 array to write into: the shape of the input without its channels.
    backend
        "cpu", "numba" or "cupy"; None chooses by the type of the array.

    Returns
    -------
    L : float32
        0..100, the shape of the input without its channels.

    Raises
    ------
    TypeError
        If a type is not one of those above.
    ValueError
        If it is neither gray nor RGB by the rule above, or ``out`` or ``backend`` does not fit.

    Notes
    -----
    Error against float64: below 5e-5; rounding only (4e-6) for integer gray. The L of a gray
    picture differs for all 65536 grays of uint16, so merge_chroma finds each back.

    Sources: IEC 61966-2-1 (sRGB); CIE 15:2004.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import luminance
    >>> luminance(np.array([[0, 255]], np.uint8)).tolist()
    [[0.0, 100.0]]
    """
    module = resolve(rgb_or_gray, backend)
    result: Array = module.luminance(rgb_or_gray, channel_axis=channel_axis, out=out)
    return result


def merge_chroma(
    L: Array,
    uv: Array,
    *,
    slope: Array | None = None,
    dtype: npt.DTypeLike = np.uint8,
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
        CIE 1976 lightness (H, W), 0..100 (beyond it, clipped); float16/32/64.
    uv
        CIE 1976 u*, v* (2, h, w), float16/32/64, of any size from 1 x 1, larger than L as well.
    slope
        Chroma that follows lightness: (2, h, w), in units of u*, v* per L. The chroma is then
        ``up(uv) + up(slope) * L``: with the offset and slope of a guided filter it keeps to the
        edges of L.
    dtype
        Type of the result: uint8, uint16 or float32 0..1.
    out
        Array (H, W, 3) of type ``dtype`` to write into.
    backend
        "cpu", "numba" or "cupy"; None chooses by the type of ``L``.

    Returns
    -------
    rgb : (H, W, 3)
        sRGB whose L is the given one up to rounding of the result.

    Raises
    ------
    TypeError
        If a type is not one of those above.
    ValueError
        If a shape, ``out`` or ``backend`` does not fit.

    Notes
    -----
    No chroma gives gray exactly: for every uint8 and uint16 gray g,
    ``merge_chroma(luminance(g), 0)`` is (g, g, g). For that, chroma is measured from the gray of
    the sRGB matrix rather than from D65; the two differ by 0.008 in v* at white and less below.
    A pixel with a NaN gives an unspecified pixel and touches no other.

    Sources: IEC 61966-2-1 (sRGB); CIE 15:2004; He and Sun, "Fast Guided Filter", 2015 (slope).

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import luminance, merge_chroma
    >>> gray = np.array([[10, 200]], np.uint8)
    >>> merge_chroma(luminance(gray), np.zeros((2, 1, 1), np.float32)).tolist()
    [[[10, 10, 10], [200, 200, 200]]]
    >>> warm = np.full((2, 1, 1), 30, np.float32)
    >>> merge_chroma(luminance(gray), warm).tolist()
    [[[18, 8, 0], [235, 192, 157]]]
    """
    module = resolve(L, backend)
    result: Array = module.merge_chroma(L, uv, slope=slope, dtype=dtype, out=out)
    return result
