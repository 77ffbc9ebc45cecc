"""Resizing of frames: any bit depth, alpha without bleeding edges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from luvcolor.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.frame import Frame

__all__ = ["Resample", "resize"]

Resample = Literal["area", "lanczos"]

# What a wholly transparent pixel weighs beside an opaque one: nothing that shows at 16 bits, yet
# enough for regions without any opaque pixel to keep their own colour.
_TRANSPARENT_WEIGHT = 1e-6


def resize(
    frame: Frame,
    *,
    size: tuple[int, int] | None = None,
    short_side: int | None = None,
    long_side: int | None = None,
    resample: str = "area",
) -> Frame:
    """Return the frame at another size, at the bit depth it came with.

    Averages are taken over sRGB values, not over linear light, as the tools and the training sets
    of the field do. Colours are weighted by alpha, so what lies hidden under transparent pixels
    does not bleed into the edges. The metadata, the step and the version before stay as they are.

    Parameters
    ----------
    frame
        Gray or RGB; uint8, uint16 or float32.
    size
        Height and width in pixels; the aspect may change.
    short_side, long_side
        Length in pixels of the shorter or longer side; the aspect is kept, and no side becomes 0.
        Exactly one of `size`, `short_side` and `long_side` must be given.
    resample
        ``"area"``: the mean of the pixels that each new pixel covers (bicubic where a side
        grows). ``"lanczos"``: a Lanczos window of three lobes, sharper; it may ring at hard edges.

    Returns
    -------
    Frame
        A frame of the new size; the very same frame where it has that size already.

    Raises
    ------
    UsageError
        If not exactly one size is given, a length is below 1, or `resample` is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor.frame import Frame
    >>> frame = Frame(np.array([[0, 100], [100, 200]], np.uint16))
    >>> resize(frame, long_side=1).pixels
    array([[100]], dtype=uint16)
    """
    height, width = _target(frame.size, size, short_side, long_side)
    if resample not in get_args(Resample):
        known = ", ".join(get_args(Resample))
        raise UsageError(f"unknown resampling {resample!r}; known ones: {known}")
    if (height, width) == frame.size:
        return frame
    grows = height > frame.size[0] or width > frame.size[1]
    method = "lanczos" if resample == "lanczos" else "bicubic" if grows else "box"
    if frame.alpha is None:
        return replace(frame, pixels=_scaled(frame.pixels, height, width, method))
    pixels, alpha = _scaled_under_alpha(frame.pixels, frame.alpha, height, width, method)
    return replace(frame, pixels=pixels, alpha=alpha)


def _target(
    old: tuple[int, int],
    size: tuple[int, int] | None,
    short_side: int | None,
    long_side: int | None,
) -> tuple[int, int]:
    """Return the new height and width."""
    given = [value for value in (size, short_side, long_side) if value is not None]
    if len(given) != 1:
        raise UsageError(
            f"expected exactly one of size, short_side and long_side, found {len(given)}; "
            "give one of them"
        )
    lengths = size if size is not None else (short_side or long_side or 0,)
    if size is not None and len(size) != 2:
        raise UsageError(f"expected a height and a width as the size, found {size}")
    if any(length < 1 for length in lengths):
        raise UsageError(f"a side of a picture has at least 1 pixel, found {min(lengths)}")
    if size is not None:
        return size
    side = lengths[0]
    base = min(old) if short_side is not None else max(old)
    # Whole numbers, halves up: no float rounding can make one pixel more or less.
    height, width = (max(1, (length * side + base // 2) // base) for length in old)
    return height, width


def _scaled(array: NDArray[Any], height: int, width: int, method: str) -> NDArray[Any]:
    """Scale a gray or RGB array of any supported dtype."""
    from PIL import Image

    if array.dtype == np.uint8:
        resample = Image.Resampling[method.upper()]
        return np.array(Image.fromarray(array).resize((width, height), resample))
    if array.ndim == 2:
        return _as_dtype(_scaled_plane(array, height, width, method), array)
    planes = [_scaled_plane(array[..., c], height, width, method) for c in range(array.shape[2])]
    return _as_dtype(np.stack(planes, axis=-1), array)


def _scaled_plane(plane: NDArray[Any], height: int, width: int, method: str) -> NDArray[np.float32]:
    """Scale one channel in float32, which holds every 16-bit value exactly."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.array(image.resize((width, height), Image.Resampling[method.upper()]))


def _scaled_under_alpha(
    pixels: NDArray[Any], alpha: NDArray[Any], height: int, width: int, method: str
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Scale colours weighted by alpha, and alpha."""
    weight = alpha.astype(np.float32)
    weight *= 1.0 / (np.iinfo(alpha.dtype).max if alpha.dtype.kind == "u" else 1.0)
    weight += _TRANSPARENT_WEIGHT
    total = np.maximum(_scaled_plane(weight, height, width, method), _TRANSPARENT_WEIGHT)
    channels = pixels[..., None] if pixels.ndim == 2 else pixels
    planes = [
        _scaled_plane(channels[..., c] * weight, height, width, method) / total
        for c in range(channels.shape[2])
    ]
    colours = _as_dtype(np.stack(planes, axis=-1), pixels)
    return colours.reshape(height, width, *pixels.shape[2:]), _scaled(alpha, height, width, method)


def _as_dtype(values: NDArray[np.float32], like: NDArray[Any]) -> NDArray[Any]:
    """Bring float results back to a dtype and into its range; windows with lobes overshoot."""
    if like.dtype.kind == "u":
        clipped = np.clip(np.rint(values), 0, np.iinfo(like.dtype).max)
        return clipped.astype(like.dtype)
    low, high = np.fmin.reduce(like, axis=None), np.fmax.reduce(like, axis=None)
    return np.clip(values, low, high).astype(like.dtype)
