"""Colour conversion: the public faces."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.backends import implementation

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
    run = implementation("rgb_to_luv", rgb, backend)
    result: Array = run(rgb, dtype=dtype, channel_axis=channel_axis, out=out)
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
        float16/float32 0..1.
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
    run = implementation("luv_to_rgb", luv, backend)
    result: Array = run(luv, dtype=dtype, channel_axis=channel_axis, out=out)
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
    run = implementation("luminance", rgb_or_gray, backend)
    result: Array = run(rgb_or_gray, channel_axis=channel_axis, out=out)
    return result
