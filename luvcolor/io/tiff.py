"""TIFF: 8 and 16 bits and float, gray or colour, with alpha; the first page of a file.

Float pixels are 0..1. Where a file's are not, they are stretched linearly so that its smallest
value is 0 and its largest 1, and the comment ``luvcolor:range`` tells what these were. Overshoot
of up to 5 % beyond 0..1, as resampling leaves it, is clipped instead. Pixels that are not a number
become 0.
"""

from __future__ import annotations

import logging
import math
import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from luvcolor.errors import PictureError
from luvcolor.frame import Metadata
from luvcolor.io import exif
from luvcolor.io.comments import XMP_KEY, from_lines, to_bytes, to_lines, to_text
from luvcolor.io.depth import convert_depth, stretch
from luvcolor.io.icc import embeddable
from luvcolor.io.raster import Decoded, check_size, join, neutral

if TYPE_CHECKING:
    from tifffile import TiffPage

__all__ = ["RANGE_KEY", "decode_tiff", "encode_tiff"]

RANGE_KEY = "luvcolor:range"
"""The key under which the range of stretched float pixels is kept."""

_PLAIN = "Description"
_OVERSHOOT = 0.05
# Entries of a TIFF that speak of the picture rather than of how the file is laid out:
# document, make, model, page, date, artist, host, copyright.
_DESCRIPTIVE = frozenset({269, 271, 272, 285, 306, 315, 316, 33432})
_MINISWHITE, _MINISBLACK, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 1, 2, 3, 5, 6
_CHANNELS = {_MINISWHITE: 1, _MINISBLACK: 1, _RGB: 3, _PALETTE: 1, _CMYK: 4, _YCBCR: 3}
_ASSOCIATED, _UNASSOCIATED = 1, 2
_JPEG_COMPRESSION = 7


def decode_tiff(data: bytes) -> Decoded:
    """Read the first page of a TIFF."""
    from tifffile import TiffFile

    # What tifffile has to say about damage becomes an error here, or is of no consequence.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    with TiffFile(BytesIO(data)) as file:
        page = file.pages.first
        check_size(page.imagewidth, page.imagelength)
        _check_segments(page, len(data))
        samples, text = _to_range(_samples(page), page)
        pixels, alpha = _colours(page, samples)
        orientation = page.tags.valueof(274, 1)
        note, xmp = page.tags.valueof(270, ""), page.tags.valueof(700)
        profile = page.tags.valueof(34675)
    if note:
        text |= from_lines((note if isinstance(note, str) else to_text(note)).split("\n"), _PLAIN)
    if isinstance(xmp, bytes):
        text[XMP_KEY] = to_text(xmp)
    block, dpi = _read_exif(data)
    return Decoded(pixels, alpha, block, profile, dpi, text, orientation)


def encode_tiff(pixels: NDArray[Any], alpha: NDArray[Any] | None, metadata: Metadata) -> bytes:
    """Write a TIFF with lossless compression."""
    from tifffile import imwrite

    gray, text = pixels.ndim == 2, metadata.text
    directory = exif.read(metadata.exif) if metadata.exif else exif.Directory("<")
    if _PLAIN not in text and (note := directory.text(exif.DESCRIPTION)):
        text = {_PLAIN: to_text(note), **text}
    xmp = text.get(XMP_KEY, "").encode()
    buffer = BytesIO()
    imwrite(
        buffer,
        join(pixels, alpha),
        byteorder="<" if directory.order == "<" else ">",
        photometric="minisblack" if gray else "rgb",
        planarconfig=None if gray and alpha is None else "contig",
        extrasamples=None if alpha is None else ["unassalpha"],
        compression="adobe_deflate",
        compressionargs={"level": 1},
        predictor=True,
        rowsperstrip=max(1, (1 << 20) // (pixels.nbytes // pixels.shape[0])),
        description=to_bytes("\n".join(to_lines(text, _PLAIN))) or None,
        resolution=metadata.dpi,
        resolutionunit="inch" if metadata.dpi else None,
        iccprofile=embeddable(metadata.icc, pixels),
        extratags=[(700, 1, len(xmp), xmp, True)] if xmp else [],
        metadata=None,
        software=False,
    )
    return _attach(buffer.getvalue(), directory)


def _check_segments(page: TiffPage, size: int) -> None:
    """Refuse a page that is not all there: tifffile would fill its gaps with black.

    A segment at offset 0 of no length is no gap but a blank one that GDAL has left out.
    """
    spans = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    whole = all(at + count <= size and (count > 0 or at == 0) for at, count in spans)
    bits = page.imagewidth * page.imagelength * page.samplesperpixel * page.bitspersample
    bare = page.compression == 1 and all(at for at, _ in spans)
    enough = not bare or 8 * sum(count for _, count in spans) >= bits
    if len(spans) < math.prod(page.chunked) or not whole or not enough:
        raise PictureError("expected all strips of the page, found only some; get a complete copy")


def _samples(page: TiffPage) -> NDArray[Any]:
    """Return the samples as (H, W, channels)."""
    if page.axes not in ("YX", "YXS", "SYX"):
        raise PictureError(
            f"expected a flat page, found axes {page.axes}; write one plane as a TIFF of its own"
        )
    samples: NDArray[Any] = page.asarray()
    if page.axes == "SYX":
        return np.moveaxis(samples, 0, -1)
    return samples if samples.ndim == 3 else samples[..., None]


def _to_range(samples: NDArray[Any], page: TiffPage) -> tuple[NDArray[Any], dict[str, str]]:
    """Bring samples to the full range of uint8, uint16 or float32."""
    dtype, bits = samples.dtype, page.bitspersample
    if dtype == np.bool_:
        return samples.astype(np.uint8) * np.uint8(255), {}
    if dtype.kind == "f":
        return _float_range(samples)
    if dtype.name not in ("uint8", "uint16"):
        raise PictureError(
            f"expected uint8, uint16 or float samples, found {dtype.name}; convert them first"
        )
    if page.photometric == _PALETTE or bits == dtype.itemsize * 8:
        return samples.astype(dtype.newbyteorder("="), copy=False), {}
    return stretch(samples, (1 << bits) - 1), {}


def _float_range(samples: NDArray[Any]) -> tuple[NDArray[Any], dict[str, str]]:
    values = samples.astype(np.float64 if samples.dtype.itemsize == 8 else np.float32)
    finite = np.isfinite(values)
    if not finite.any():
        raise PictureError("expected float pixels, found no finite number; check how it was made")
    low, high = float(values[finite].min()), float(values[finite].max())
    values[~finite] = 0
    if low >= -_OVERSHOOT and high <= 1 + _OVERSHOOT:
        return np.clip(values, 0, 1).astype(np.float32), {}
    wide = values.astype(np.float64)
    scaled = (wide - low) / (high - low) if high > low else np.zeros_like(wide)
    scaled[~finite] = 0
    return scaled.astype(np.float32), {RANGE_KEY: f"{low:.9g} {high:.9g}"}


def _colours(page: TiffPage, samples: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return gray, RGB or CMYK pixels, and alpha."""
    kind = int(page.photometric)
    wanted, found = _CHANNELS.get(kind, 0), samples.shape[2]
    decodable = kind != _YCBCR or page.compression == _JPEG_COMPRESSION
    if not decodable or not wanted or found not in (wanted, wanted + 1):
        raise PictureError(
            f"expected a gray, RGB, palette or CMYK TIFF with at most an alpha channel, found "
            f"{getattr(page.photometric, 'name', kind)} with {found} channels; convert it first"
        )
    extra = page.extrasamples[:1] if found > wanted else ()
    alpha = samples[..., -1] if extra and extra[0] in (_ASSOCIATED, _UNASSOCIATED) else None
    pixels = samples[..., :wanted] if wanted > 1 else samples[..., 0]
    if alpha is not None and extra[0] == _ASSOCIATED:
        pixels = _unmultiply(pixels, alpha)
    if kind == _MINISWHITE:
        top = 1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
        pixels = np.subtract(top, pixels, dtype=pixels.dtype)
    if kind == _PALETTE:
        pixels = _look_up(page, pixels)
    return convert_depth(pixels, "uint8") if kind == _CMYK else pixels, alpha


def _look_up(page: TiffPage, indices: NDArray[Any]) -> NDArray[Any]:
    assert page.colormap is not None
    table = page.colormap.T
    # Writers make 16 bits of 8 by 256 or by 257; some put 8-bit values where 16-bit ones belong.
    palette = (table if table.max() < 256 else table >> 8).astype(np.uint8)
    return np.asarray(palette[:, 0][indices] if neutral(palette) else palette[indices])


def _unmultiply(pixels: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    """Undo the multiplication with alpha; where alpha is 0, no colour is left to find."""
    top = 1.0 if pixels.dtype.kind == "f" else float(np.iinfo(pixels.dtype).max)
    shape = alpha.reshape(alpha.shape + (1,) * (pixels.ndim - 2)).astype(np.float64)
    straight = np.divide(pixels * top, shape, out=np.zeros(pixels.shape), where=shape > 0)
    rounded = straight if pixels.dtype.kind == "f" else np.floor(straight + 0.5)
    return np.minimum(rounded, top).astype(pixels.dtype)


def _read_exif(data: bytes) -> tuple[bytes | None, tuple[float, float] | None]:
    """Return what a classic TIFF holds of EXIF as a block of its own, and its resolution."""
    try:
        directory = exif.read(data)
    except (KeyError, struct.error):
        return None, None
    kept = _descriptive(directory)
    block = exif.write(kept) if kept.entries or kept.below else None
    return block, exif.dpi_of(directory)


def _descriptive(directory: exif.Directory) -> exif.Directory:
    entries = {tag: entry for tag, entry in directory.entries.items() if tag in _DESCRIPTIVE}
    return exif.Directory(directory.order, entries, directory.below)


def _attach(data: bytes, source: exif.Directory) -> bytes:
    """Give a TIFF the descriptive entries of an EXIF block: a new directory behind the old one."""
    kept = _descriptive(source)
    if not (kept.entries or kept.below) or data[2:4] not in (b"*\0", b"\0*"):
        return data
    directory = exif.read(data)
    directory.entries |= kept.entries
    directory.below |= kept.below
    data += b"\0" * (len(data) % 2)
    pointer = struct.pack(directory.order + "I", len(data))
    return data[:4] + pointer + data[8:] + exif.build(directory, len(data))
