"""WebP: 8-bit colour with alpha; comments and resolution live in its EXIF block."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luvcolor.errors import PictureError
from luvcolor.frame import Metadata
from luvcolor.io import exif
from luvcolor.io.comments import XMP_KEY, from_lines, to_bytes, to_lines, to_text
from luvcolor.io.icc import embeddable
from luvcolor.io.raster import Decoded, check_size, join, split_alpha

__all__ = ["decode_webp", "encode_webp"]

_PLAIN = "Description"
_MAX_SIDE = 16_383


def decode_webp(data: bytes) -> Decoded:
    """Read a WebP, of an animation its first picture. WebP has no gray: pixels are (H, W, 3)."""
    import imagecodecs

    chunks = dict(_chunks(data))
    if b"VP8X" in chunks:
        width, height = (
            int.from_bytes(chunks[b"VP8X"][at : at + 3], "little") + 1 for at in (4, 7)
        )
        check_size(width, height)
    pixels, alpha = split_alpha(imagecodecs.webp_decode(data))
    block, dpi, text = _take_notes(chunks.get(b"EXIF"))
    if b"XMP " in chunks:
        text[XMP_KEY] = to_text(chunks[b"XMP "])
    return Decoded(pixels, alpha, exif=block, icc=chunks.get(b"ICCP"), dpi=dpi, text=text)


def encode_webp(
    pixels: NDArray[Any], alpha: NDArray[Any] | None, metadata: Metadata, quality: int | None
) -> bytes:
    """Write a WebP: lossless, unless a quality is asked for.

    A lossy WebP always halves the resolution of colour, so it is nothing to fall into unasked.
    """
    from PIL import Image

    if max(pixels.shape[:2]) > _MAX_SIDE:
        height, width = pixels.shape[:2]
        raise PictureError(
            f"expected at most {_MAX_SIDE} pixels a side for WebP, found {width} x {height}; "
            "write PNG or TIFF"
        )
    options: dict[str, Any] = {"exif": _put_notes(metadata)}
    if quality is None:
        # `exact` keeps the colour under transparent pixels; for lossless, quality means effort.
        options |= {"lossless": True, "exact": True, "quality": 20, "method": 0}
    else:
        options |= {"quality": quality}
    colour = pixels if pixels.ndim == 3 else np.dstack([pixels] * 3)
    if profile := embeddable(metadata.icc, colour):
        options["icc_profile"] = profile
    if XMP_KEY in metadata.text:
        options["xmp"] = metadata.text[XMP_KEY].encode()
    buffer = BytesIO()
    Image.fromarray(join(colour, alpha)).save(buffer, "WEBP", **options)
    return buffer.getvalue()


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind in (b"VP8X", b"EXIF", b"ICCP", b"XMP "):
            yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _take_notes(
    block: bytes | None,
) -> tuple[bytes | None, tuple[float, float] | None, dict[str, str]]:
    """Return the EXIF block without luvcolor's comments, the resolution, and the comments."""
    if block is None:
        return None, None, {}
    block = block.removeprefix(b"Exif\0\0")
    try:
        directory = exif.read(block)
    except (KeyError, struct.error):
        return None, None, {}
    dpi, note = exif.dpi_of(directory), to_text(directory.text(exif.DESCRIPTION))
    text = from_lines(note.split("\n"), _PLAIN) if note else {}
    if not any(key.startswith("luvcolor:") for key in text):
        # Somebody else's description stays where it is.
        return block, dpi, {}
    directory.set_text(exif.DESCRIPTION, b"")
    return exif.write(directory) if directory.entries or directory.below else None, dpi, text


def _put_notes(metadata: Metadata) -> bytes:
    """Return an EXIF block with the comments as its description; empty where nothing is to say."""
    if not metadata.dpi and not metadata.text:
        return metadata.exif or b""
    directory = exif.read(metadata.exif) if metadata.exif else exif.Directory("<")
    if metadata.dpi:
        exif.set_dpi(directory, metadata.dpi)
    text = metadata.text
    if text and _PLAIN not in text and directory.text(exif.DESCRIPTION):
        text = {_PLAIN: to_text(directory.text(exif.DESCRIPTION)), **text}
    if lines := to_lines(text, _PLAIN):
        directory.set_text(exif.DESCRIPTION, to_bytes("\n".join(lines)))
    return exif.write(directory)
