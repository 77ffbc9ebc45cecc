"""JPEG: 8 bits, gray or colour, with its comments in segments of their own."""

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
from luvcolor.io.raster import Decoded, check_size

__all__ = ["DEFAULT_QUALITY", "decode_jpeg", "encode_jpeg"]

DEFAULT_QUALITY = 92

_PLAIN = "Comment"
# A segment's length, itself included, is written in two bytes.
_MAX_COMMENT = 65_533


def decode_jpeg(data: bytes) -> Decoded:
    """Read a JPEG; CMYK comes back as (H, W, 4) with 255 for full ink."""
    from PIL.JpegImagePlugin import JpegImageFile

    block, rest = _take_exif(data)
    # Not through Image.open: its limit on pixels is a global that is not ours to set.
    with JpegImageFile(BytesIO(rest)) as image:
        check_size(*image.size)
        _check_plenty(len(data), *image.size)
        image.load()
        info = image.info
        comments = [to_text(body) for kind, body in image.applist if kind == "COM"]
        return Decoded(
            np.asarray(image),
            exif=block,
            icc=info.get("icc_profile"),
            dpi=_dpi(info.get("dpi")) or _exif_dpi(block),
            text=_read_text(comments, info.get("xmp")),
        )


def encode_jpeg(pixels: NDArray[Any], metadata: Metadata, quality: int | None) -> bytes:
    """Write a JPEG without chroma subsampling: colour is what luvcolor adds."""
    from PIL import Image

    options: dict[str, Any] = {"quality": quality or DEFAULT_QUALITY, "subsampling": 0}
    if metadata.exif:
        options["exif"] = b"Exif\0\0" + metadata.exif
    if metadata.dpi:
        options["dpi"] = tuple(max(1, min(65535, round(value))) for value in metadata.dpi)
    if XMP_KEY in metadata.text:
        options["xmp"] = metadata.text[XMP_KEY].encode()
    if profile := embeddable(metadata.icc, pixels):
        options["icc_profile"] = profile
    if max(pixels.shape[:2]) > 65_500:
        height, width = pixels.shape[:2]
        raise PictureError(
            f"expected at most 65500 pixels a side for JPEG, found {width} x {height}; "
            "write PNG or TIFF"
        )
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "JPEG", **options)
    return _insert_comments(buffer.getvalue(), metadata.text)


def _check_plenty(size: int, width: int, height: int) -> None:
    """Refuse a picture with less than a bit for each block of 64 pixels: libjpeg would fill it up.

    Huffman codes are a bit long at least, so no encoder can do with less.
    """
    if 8 * size < width * height // 64:
        raise PictureError(
            f"expected data for {width} x {height} pixels, found {size:,} bytes; "
            "get a complete copy"
        )


def _take_exif(data: bytes) -> tuple[bytes | None, bytes]:
    """Return the EXIF block, and the picture without it: Pillow warns of damage in there."""
    blocks, kept, at = list[bytes](), [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] not in (0xDA, 0xFF):
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            blocks.append(data[at + 10 : end])
        else:
            kept.append(data[at:end])
        at = end
    # Where damage ended this walk early, Pillow shall not find any EXIF further on either.
    head, scan, tail = data[at:].partition(b"\xff\xda")
    head = head.replace(b"Exif\0\0", b"none\0\0")
    return b"".join(blocks) or None, b"".join([*kept, head, scan, tail])


def _exif_dpi(block: bytes | None) -> tuple[float, float] | None:
    try:
        return exif.dpi_of(exif.read(block)) if block else None
    except (KeyError, struct.error):
        return None


def _read_text(comments: list[str], xmp: bytes | None) -> dict[str, str]:
    text = from_lines(comments, _PLAIN)
    if xmp:
        text[XMP_KEY] = to_text(xmp)
    return text


def _insert_comments(data: bytes, text: dict[str, str]) -> bytes:
    """Put the comments behind the application segments, where readers look for them."""
    comments = b"".join(_segments(text))
    if not comments:
        return data
    at = 2
    while data[at] == 0xFF and 0xE0 <= data[at + 1] <= 0xEF:
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data[:at] + comments + data[at:]


def _segments(text: dict[str, str]) -> Iterator[bytes]:
    for line in to_lines(text, _PLAIN):
        body = to_bytes(line)
        if len(body) > _MAX_COMMENT:
            raise PictureError(
                f"expected comments of at most {_MAX_COMMENT:,} bytes for JPEG, found one of "
                f"{len(body):,}; write PNG or TIFF"
            )
        yield b"\xff\xfe" + struct.pack(">H", len(body) + 2) + body


def _dpi(value: Any) -> tuple[float, float] | None:
    return (float(value[0]), float(value[1])) if value and all(value) else None
