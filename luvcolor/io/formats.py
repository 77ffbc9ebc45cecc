"""The picture formats luvcolor reads and writes, and how to tell one from another."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import PurePosixPath

from luvcolor.errors import UsageError

__all__ = ["FORMATS", "SUFFIXES", "Format", "describe", "format_of_suffix", "identify"]


@dataclass(frozen=True)
class Format:
    """What one file format can hold.

    Attributes
    ----------
    name
        The name it goes by in luvcolor.
    suffixes
        The suffixes its files carry; the first one is given to new files.
    dtypes
        The pixel types it keeps exactly.
    alpha
        Whether it can hold transparency.
    """

    name: str
    suffixes: tuple[str, ...]
    dtypes: tuple[str, ...]
    alpha: bool


FORMATS: dict[str, Format] = {
    kind.name: kind
    for kind in (
        Format("png", (".png",), ("uint8", "uint16"), alpha=True),
        Format("jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"), ("uint8",), alpha=False),
        Format("tiff", (".tif", ".tiff"), ("uint8", "uint16", "float32"), alpha=True),
        Format("webp", (".webp",), ("uint8",), alpha=True),
        Format("pnm", (".pnm", ".pbm", ".pgm", ".ppm", ".pam"), ("uint8", "uint16"), alpha=True),
        Format("bmp", (".bmp", ".dib"), ("uint8",), alpha=False),
    )
}

SUFFIXES: dict[str, str] = {
    suffix: kind.name for kind in FORMATS.values() for suffix in kind.suffixes
}


def format_of_suffix(suffix: str) -> str:
    """Return the format that a suffix, or a whole file name, stands for.

    Raises
    ------
    UsageError
        If no format has that suffix; the message lists the known ones.

    Examples
    --------
    >>> format_of_suffix(".jpg"), format_of_suffix("scans/a.TIF")
    ('jpeg', 'tiff')
    """
    last = (PurePosixPath(suffix).suffix or suffix).lower()
    if last not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise UsageError(f"{suffix}: expected a picture suffix, found {last!r}; use one of {known}")
    return SUFFIXES[last]


# The sizes a BMP information header can have: two bytes "BM" alone are too little to go by.
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def identify(data: bytes | bytearray | memoryview) -> str | None:
    """Return the format of a picture by its first bytes, or None. Eighteen bytes are enough.

    Examples
    --------
    >>> identify(b"P5 2 2 255 abcd"), identify(b"Dear Sir")
    ('pnm', None)
    """
    head = bytes(data[:18])
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:1] == b"P" and head[1:2] in b"1234567" and head[2:3] in b" \t\r\n#" and len(head) > 2:
        return "pnm"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:4] in _TIFF_MAGIC:
        return "tiff"
    if head[:2] == b"BM" and len(head) == 18 and struct.unpack("<I", head[14:])[0] in _BMP_HEADERS:
        return "bmp"
    return None


# What people hand over by mistake, so that the message can name it.
_STRANGERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"GIF8", "a GIF picture"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a zip archive"),
    (0, b"\x1f\x8b", "a gzip file"),
    (0, b"\xfd7zXZ\0", "an xz file"),
    (0, b"SIMPLE  =", "a FITS file"),
    (0, b"8BPS", "a Photoshop file"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (0, b"v/1\x01", "an OpenEXR picture"),
    (128, b"DICM", "a DICOM file"),
    (257, b"ustar", "a tar archive"),
    (4, b"ftypheic", "a HEIC picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyp", "a video"),
    (0, b"\x1aE\xdf\xa3", "a video"),
)


def describe(data: bytes) -> str:
    """Say in a few words what some bytes look like, for error messages.

    Examples
    --------
    >>> describe(b"Dear Sir, your pictures"), describe(b"")
    ("text that begins 'Dear Sir, your pictures'", 'an empty file')
    """
    if not data:
        return "an empty file"
    for at, magic, words in _STRANGERS:
        if data[at : at + len(magic)] == magic:
            return words
    head = data[:32]
    if all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head):
        return f"text that begins {head.decode('ascii')!r}"
    return f"unknown bytes {head[:8].hex(' ')}"
