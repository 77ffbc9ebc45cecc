"""Dithering: the public face."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.backends import implementation

Array = npt.NDArray[Any]
Method = Literal["floyd-steinberg", "blue-noise"]


def dither(
    points: Array,
    centers: Array,
    *,
    method: Method = "floyd-steinberg",
    visible: Array | None = None,
    out: Array | None = None,
    backend: str | None = None,
) -> npt.NDArray[np.uint8]:
    """Find centres whose mixture, seen from a distance, is the picture.

    Where ``nearest`` leaves steps, dots of two or more centres take their place.

    Parameters
    ----------
    points
        One picture (H, W, D), with D 2 or 3; uint8 or float16/32/64. Errors are spread in the
        space that the points lie in: 0..255 for sRGB, or L*u*v* or u*v* as rgb_to_luv gives them
        (1/32 of a unit is taken for the least step, and 10^6 for the most).
    centers
        (k, D), in the units of ``points``; k is 256 at most.
    method
        "floyd-steinberg" spreads the error of each pixel over those that follow, to and fro. It
        has the least error, and runs on one thread. "blue-noise" compares each pixel with a mask:
        a pixel's label depends on nothing but its own colour and place, so that pictures of a
        series do not flicker; runs on all threads.
    visible
        (H, W), 0 where a pixel cannot be seen: such pixels get label 0, and spread nothing.
    out
        uint8 array of shape (H, W) to write into.
    backend
        "cpu"; None chooses by the type of ``points``. No other backend has this kernel yet.

    Returns
    -------
    labels : (H, W) uint8
        Index of a centre for each pixel. Equal on any number of threads.

    Raises
    ------
    TypeError
        If a type is not one of those above.
    ValueError
        If a shape or ``method`` does not fit, or there are more than 256 centres.

    Notes
    -----
    Floyd-Steinberg spreads only part of an error where the picture has detail of its own beside
    the gaps between the centres, and limits what may pile up to 0.7 of such a gap: whole errors
    everywhere hide no more, and raise the error of single pixels by half. It computes
    in integers: labels are the same on every machine.

    Blue noise mixes the nearest centre with the one of the 8 around it that makes the best
    mixture, dots being weighed against the error of their mean.

    A point with a NaN gets an unspecified label below k. Sources: Floyd and Steinberg, "An adaptive
    algorithm for spatial grey scale", 1976; Ulichney, "The void-and-cluster method for dither
    array generation", 1993.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor_kernels import dither
    >>> gray, black_and_white = np.full((4, 4, 3), 128, np.uint8), np.array([[0] * 3, [255] * 3])
    >>> int(dither(gray, black_and_white).sum())
    8
    """
    run = implementation("dither", points, backend)
    labels: npt.NDArray[np.uint8] = run(points, centers, method=method, visible=visible, out=out)
    return labels
