"""One picture: bytes to frame, frame to bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luvcolor.errors import PictureError, UsageError
from luvcolor.frame import Frame, Metadata
from luvcolor.io import exif, icc
from luvcolor.io.bmp import decode_bmp, encode_bmp
from luvcolor.io.comments import NAME_KEY, XMP_KEY
from luvcolor.io.depth import convert_depth
from luvcolor.io.formats import FORMATS, describe, format_of_suffix, identify
from luvcolor.io.jpeg import decode_jpeg, encode_jpeg
from luvcolor.io.png import decode_png, encode_png
from luvcolor.io.pnm import decode_pnm, encode_pnm
from luvcolor.io.raster import Decoded
from luvcolor.io.tiff import decode_tiff, encode_tiff
from luvcolor.io.webp import decode_webp, encode_webp

__all__ = [
    "FORMATS",
    "decode",
    "encode",
    "format_of_suffix",
    "identify",
    "known_format",
    "suitable_format",
]

_DECODERS: dict[str, Callable[[bytes], Decoded]] = {
    "png": decode_png,
    "jpeg": decode_jpeg,
    "tiff": decode_tiff,
    "webp": decode_webp,
    "pnm": decode_pnm,
    "bmp": decode_bmp,
}


def decode(data: bytes, *, name: str = "") -> Frame:
    """Read one picture, whatever its suffix says: the format is told by its first bytes.

    The picture comes back upright (EXIF orientation applied and reset to 1), at the bit depth it
    has, gray as (H, W) and colour as (H, W, 3). 8-bit pixels with a foreign ICC profile, and CMYK,
    are brought to sRGB; 16-bit and float pixels keep their profile and values.

    Parameters
    ----------
    data
        One whole picture: PNG, JPEG, TIFF (first page), WebP, PNM or BMP.
    name
        What to call it; where empty, the name that the picture itself carries is taken.

    Raises
    ------
    PictureError
        If these bytes are not a picture, or not a whole one.

    Examples
    --------
    >>> frame = decode(b"P2 3 1 255  0 128 255", name="ramp.pgm")
    >>> frame.pixels.tolist(), frame.format, frame.is_gray
    ([[0, 128, 255]], 'pnm', True)
    """
    label = name or "picture"
    kind = identify(data)
    if kind is None:
        known = ", ".join(sorted(FORMATS))
        raise PictureError(
            f"{label}: expected a picture ({known}), found {describe(data)}; "
            "convert it to PNG or TIFF first"
        )
    try:
        return _to_frame(_DECODERS[kind](data), kind, name)
    except PictureError as error:
        raise PictureError(f"{label}: {error}") from error
    except MemoryError as error:
        raise PictureError(
            f"{label}: expected a picture that fits in memory, found one that does not; "
            "cut or shrink it first"
        ) from error
    except Exception as error:
        # Decoders meet damage in many ways (OSError, SyntaxError, struct.error, IndexError, ...);
        # to the batch, all of them are one bad picture.
        raise PictureError(
            f"{label}: expected a whole {kind} picture, found {_reason(error)}; get a complete copy"
        ) from error


def encode(frame: Frame, format: str | None = None, *, quality: int | None = None) -> bytes:
    """Write one picture.

    Pixels deeper than the format is are rounded to its depth: float to 16 bits for PNG and PNM,
    everything to 8 bits for JPEG, WebP and BMP. Transparency is never dropped: a frame with alpha
    that is not opaque everywhere is refused by JPEG and BMP. PNM writes it as PAM.

    Parameters
    ----------
    frame
        Pixels (H, W) or (H, W, 3), uint8, uint16 or float32.
    format
        ``"png"``, ``"jpeg"``, ``"tiff"``, ``"webp"``, ``"pnm"`` or ``"bmp"``; None for the format
        the frame came in, if that can hold it, else PNG (TIFF for float).
    quality
        1 to 100, for JPEG (default 92, without chroma subsampling) and WebP (default lossless);
        the others are lossless and take no notice.

    Raises
    ------
    PictureError
        If the format cannot hold this picture.
    UsageError
        If the format is unknown or the quality out of range.

    Examples
    --------
    >>> frame = Frame(np.zeros((2, 3), np.uint8))
    >>> decode(encode(frame, "pnm")).size
    (2, 3)
    """
    kind = known_format(format) if format else suitable_format(frame)
    if quality is not None and not 1 <= quality <= 100:
        raise UsageError(f"quality: expected 1 to 100, found {quality}; 92 is a good one")
    label = frame.name or "picture"
    try:
        pixels, alpha = _samples_for(kind, frame)
        return _encode(kind, pixels, alpha, frame.metadata, quality)
    except PictureError as error:
        raise PictureError(f"{label}: {error}") from error
    except Exception as error:
        raise PictureError(
            f"{label}: expected to write it as {kind}, found {_reason(error)}; "
            "choose another format, such as PNG"
        ) from error


def known_format(name: str) -> str:
    """Return a format's own name for what a person typed: ``"JPG"`` is ``"jpeg"``.

    Examples
    --------
    >>> known_format("JPG"), known_format("ppm")
    ('jpeg', 'pnm')
    """
    lower = name.lower().removeprefix(".")
    if lower in FORMATS:
        return lower
    try:
        return format_of_suffix(f".{lower}")
    except UsageError:
        known = ", ".join(sorted(FORMATS))
        raise UsageError(f"format: expected one of {known}, found {name!r}") from None


def suitable_format(frame: Frame) -> str:
    """Return the format a frame came in if it holds its pixels exactly, else PNG or TIFF.

    Examples
    --------
    >>> suitable_format(Frame(np.zeros((2, 2), np.uint16), format="jpeg"))
    'png'
    """
    kind, dtype = FORMATS.get(frame.format), frame.pixels.dtype.name
    if kind and dtype in kind.dtypes and (kind.alpha or _opaque(frame.alpha)):
        return kind.name
    return "tiff" if dtype == "float32" else "png"


def _to_frame(decoded: Decoded, kind: str, name: str) -> Frame:
    block, turned = exif.normalize(decoded.exif)
    orientation = decoded.orientation if decoded.orientation in range(2, 9) else turned
    pixels, profile = icc.to_srgb(decoded.pixels, decoded.icc)
    alpha = None if decoded.alpha is None else exif.upright(decoded.alpha, orientation)
    dpi = decoded.dpi[::-1] if decoded.dpi and orientation >= 5 else decoded.dpi
    text = dict(decoded.text)
    carried = text.pop(NAME_KEY, "")
    if XMP_KEY in text:
        text[XMP_KEY] = _upright_xmp(text[XMP_KEY])
    return Frame(
        exif.upright(pixels, orientation),
        alpha,
        name=name or carried,
        format=kind,
        metadata=Metadata(block, profile, dpi, text),
    )


def _upright_xmp(packet: str) -> str:
    """Reset the orientation that XMP repeats, or viewers would turn the picture once more."""
    return re.sub(r"""(tiff:Orientation(?:\s*=\s*["']|>))[1-8](?=["'<])""", r"\g<1>1", packet)


def _samples_for(kind: str, frame: Frame) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return pixels and alpha in the deepest type that a format holds and the frame has."""
    pixels, alpha, can = frame.pixels, frame.alpha, FORMATS[kind]
    name = pixels.dtype.name
    fits = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)
    if name not in ("uint8", "uint16", "float32") or not fits or not pixels.size:
        raise PictureError(
            "expected pixels (H, W) or (H, W, 3) of uint8, uint16 or float32, found "
            f"{pixels.shape} of {name}; convert them first"
        )
    if not can.alpha and not _opaque(alpha):
        raise PictureError(
            f"expected an opaque picture for {kind}, found transparency; "
            "choose a format that keeps it (png, tiff, webp) or flatten it first"
        )
    dtype = name if name in can.dtypes else can.dtypes[-1]
    if alpha is None or not can.alpha:
        return convert_depth(pixels, dtype), None
    return convert_depth(pixels, dtype), convert_depth(alpha, dtype)


def _encode(
    kind: str,
    pixels: NDArray[Any],
    alpha: NDArray[Any] | None,
    metadata: Metadata,
    quality: int | None,
) -> bytes:
    if kind == "jpeg":
        return encode_jpeg(pixels, metadata, quality)
    if kind == "webp":
        return encode_webp(pixels, alpha, metadata, quality)
    if kind == "bmp":
        return encode_bmp(pixels, metadata)
    lossless = {"png": encode_png, "tiff": encode_tiff, "pnm": encode_pnm}
    return lossless[kind](pixels, alpha, metadata)


def _opaque(alpha: NDArray[Any] | None) -> bool:
    if alpha is None:
        return True
    top = 1 if alpha.dtype.kind == "f" else np.iinfo(alpha.dtype).max
    return bool((alpha >= top).all())


def _reason(error: Exception) -> str:
    """Return what a library said, on one line."""
    return " ".join(str(error).split()) or type(error).__name__
