"""Quantization: pictures in the colours of a palette, with dots where steps would show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from luvcolor.errors import UsageError
from luvcolor.frame import Frame
from luvcolor.io.depth import convert_depth
from luvcolor.palette import Palette, fit_palette
from luvcolor.pixels import to_rgb8
from luvcolor.spaces import to_points
from luvcolor_kernels import nearest
from luvcolor_kernels.dithering import dither as dither_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DITHERS", "Dither", "own_palette", "quantize", "visible_pixels"]

Dither = Literal["none", "floyd-steinberg", "blue-noise"]

DITHERS: tuple[str, ...] = get_args(Dither)
# Pixels converted at a time: some 50 MB of intermediate values.
_PART = 1 << 21
_MOST_DITHERED = 256
# What k-means gains after so many moves is 0.3 % of the error, for as much time again.
_MOVES = 20


def own_palette(frame: Frame, k: int, *, space: str = "luv", seed: int = 0) -> Palette:
    """Find the k colours that stand for the pixels of one picture that can be seen.

    As `fit_palette` does, but for the last moves, which take long and change little.

    Examples
    --------
    >>> pixels = np.array([[[9, 9, 9], [200, 0, 0]]], np.uint8)
    >>> own_palette(Frame(pixels, np.array([[0, 255]], np.uint8)), 2).hex
    ['#c80000']
    """
    return fit_palette([visible_pixels(frame)], k, space=space, seed=seed, max_iter=_MOVES)


def visible_pixels(frame: Frame) -> NDArray[np.uint8]:
    """Return the colours (..., 3) of all pixels that are not wholly transparent, or else of all.

    Examples
    --------
    >>> visible_pixels(Frame(np.eye(2, dtype=np.uint8), np.eye(2, dtype=np.uint8))).tolist()
    [[1, 1, 1], [1, 1, 1]]
    """
    rgb, visible = to_rgb8(frame.pixels), _visible(frame)
    return rgb if visible is None or not visible.any() else rgb[visible]


def quantize(frame: Frame, palette: Palette, *, dither: str = "none") -> Frame:
    """Return a frame in the colours of a palette.

    Parameters
    ----------
    frame
        Of any bit depth; all of it counts.
    palette
        Distances are taken in its space. In ``"uv"`` the luma plays no part.
    dither
        ``"none"`` gives every pixel its nearest colour; ``"floyd-steinberg"`` and ``"blue-noise"``
        put dots of several where that would show as steps, for up to 256 colours.

    Returns
    -------
    Frame
        uint8 RGB; alpha comes along as uint8. Wholly transparent pixels have the palette's first
        colour: what nobody sees should cost nothing. The step is ``"quantize"``.

    Raises
    ------
    UsageError
        If there is no such dither, or the palette is too large for it.

    Examples
    --------
    >>> gray = Frame(np.full((2, 2), 128, np.uint8))
    >>> black_and_white = Palette.from_colors(["#000000", "#ffffff"], space="rgb")
    >>> quantize(gray, black_and_white, dither="floyd-steinberg").pixels[..., 0].tolist()
    [[255, 0], [0, 255]]
    """
    _check_dither(dither, palette)
    visible = _visible(frame)
    if dither == "none":
        labels = _nearest_labels(frame, palette)
        if visible is not None:
            labels[~visible] = 0
    else:
        points = to_points(_as_colour(frame.pixels), palette.space)
        labels = dither_points(points, palette.centers, method=dither, visible=visible)  # type: ignore[arg-type]
    alpha = None if frame.alpha is None else convert_depth(frame.alpha, "uint8")
    # For rows of three bytes np.take is three times as fast as indexing.
    pixels = np.take(palette.colors, labels, axis=0)
    return frame.after("quantize", pixels=pixels, alpha=alpha)


def _check_dither(dither: str, palette: Palette) -> None:
    if dither not in DITHERS:
        raise UsageError(f"unknown dither {dither!r}; known ones: {', '.join(DITHERS)}")
    if dither != "none" and len(palette) > _MOST_DITHERED:
        raise UsageError(
            f"dither {dither} takes at most {_MOST_DITHERED} colours, found {len(palette)}; "
            "with so many, none is needed"
        )


def _visible(frame: Frame) -> NDArray[np.bool_] | None:
    """Return where alpha is not 0 once it is uint8, or None where that is everywhere."""
    if frame.alpha is None:
        return None
    visible: NDArray[np.bool_] = convert_depth(frame.alpha, "uint8") != 0
    return None if visible.all() else visible


def _nearest_labels(frame: Frame, palette: Palette) -> NDArray[Any]:
    flat = frame.pixels.reshape(-1, 1 if frame.is_gray else 3)
    labels = np.empty(len(flat), np.uint8 if len(palette) <= _MOST_DITHERED else np.int32)
    for start in range(0, len(flat), _PART):
        rgb = _as_colour(flat[start : start + _PART], gray=frame.is_gray)
        points = rgb if _as_it_is(rgb, palette) else to_points(rgb, palette.space)
        nearest(points, palette.centers, out=labels[start : start + _PART])
    return labels.reshape(frame.size)


def _as_it_is(rgb: NDArray[Any], palette: Palette) -> bool:
    """Whether pixels are points already."""
    return palette.space == "rgb" and rgb.dtype == np.uint8


def _as_colour(pixels: NDArray[Any], *, gray: bool | None = None) -> NDArray[Any]:
    """Return gray (H, W), or (N, 1) where so said, as three channels."""
    if gray is None:
        gray, pixels = pixels.ndim == 2, pixels[..., None] if pixels.ndim == 2 else pixels
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:-1], 3)))
