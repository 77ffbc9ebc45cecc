"""ICC profiles: 8-bit pixels in a foreign profile are brought to sRGB."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

__all__ = ["embeddable", "to_srgb"]


def to_srgb(pixels: NDArray[Any], profile: bytes | None) -> tuple[NDArray[Any], bytes | None]:
    """Return pixels in sRGB, gray staying gray, and the profile that describes them from now on.

    Parameters
    ----------
    pixels
        (H, W), (H, W, 3), or CMYK (H, W, 4) with 255 for full ink.
    profile
        The embedded profile, or None.

    Returns
    -------
    pixels, profile
        uint8 pixels come back in sRGB; the profile is kept where it already was sRGB and is None
        otherwise. Deeper pixels come back untouched with their profile: a colour management
        engine would cut them to 8 bits.
    """
    if pixels.shape[2:] == (4,):
        return _cmyk_to_rgb(pixels, profile), None
    if profile is None:
        return pixels, None
    if pixels.dtype != np.uint8:
        return pixels, profile
    space = profile[16:20]
    transform = _transform(profile, "L" if space == b"GRAY" else "RGB")
    if transform is None or (space == b"GRAY" and pixels.ndim == 3):
        return pixels, None
    if space == b"RGB " and _is_identity(transform):
        return pixels, profile if pixels.ndim == 3 else None
    return _gray_or_rgb(transform, pixels, space), None


def embeddable(profile: bytes | None, pixels: NDArray[Any]) -> bytes | None:
    """Return a profile if it speaks of this kind of pixels: RGB of colour, GRAY of gray."""
    wanted = b"GRAY" if pixels.ndim == 2 else b"RGB "
    return profile if profile and profile[16:20] == wanted else None


def _gray_or_rgb(transform: ImageCmsTransform, pixels: NDArray[Any], space: bytes) -> NDArray[Any]:
    """Send gray through as gray: its neutral axis is mapped, and one channel tells it all."""
    if pixels.ndim == 3:
        return _apply(transform, pixels)
    ramp = np.arange(256, dtype=np.uint8)[None]
    source = ramp if space == b"GRAY" else np.dstack([ramp] * 3)
    return np.asarray(_apply(transform, source)[0, :, 1][pixels])


def _cmyk_to_rgb(pixels: NDArray[Any], profile: bytes | None) -> NDArray[Any]:
    from PIL import Image

    if profile is not None and profile[16:20] == b"CMYK":
        transform = _transform(profile, "CMYK")
        if transform is not None:
            return _apply(transform, pixels)
    return np.asarray(Image.fromarray(pixels, "CMYK").convert("RGB"))


def _apply(transform: ImageCmsTransform, pixels: NDArray[Any]) -> NDArray[Any]:
    from PIL import Image, ImageCms

    source = Image.fromarray(np.ascontiguousarray(pixels), transform.input_mode)
    result = ImageCms.applyTransform(source, transform)
    assert result is not None  # None only where applied in place
    return np.asarray(result)


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCmsTransform | None:
    """Return the way from a profile to sRGB; None where it is broken or of another kind."""
    from PIL import ImageCms

    try:
        return ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None


@lru_cache(maxsize=16)
def _is_identity(transform: ImageCmsTransform) -> bool:
    """Tell sRGB by what it does, not by its name: there are linear profiles named sRGB too."""
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
    moved = _apply(transform, cube).astype(int) - cube
    return bool(np.abs(moved).max() <= 2)
