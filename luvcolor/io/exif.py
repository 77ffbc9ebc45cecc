"""EXIF blocks, read and written without losing what luvcolor does not know.

An EXIF block is a small TIFF file: a directory of entries, some of which are directories again.
Orientation is reset by changing two bytes in place, so that everything else, maker notes with
their absolute offsets included, stays where it was.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DESCRIPTION",
    "Directory",
    "build",
    "dpi_of",
    "normalize",
    "read",
    "set_dpi",
    "upright",
    "write",
]

DESCRIPTION, ORIENTATION = 0x010E, 0x0112
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
# Pointers to further directories: EXIF, GPS, interoperability.
_POINTERS = frozenset({0x8769, 0x8825, 0xA005})
# Bytes per value of the types BYTE, ASCII, SHORT, LONG, RATIONAL, and so on up to DOUBLE and IFD.
_WIDTHS = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4)


@dataclass
class Directory:
    """Entries ``tag -> (type, count, raw bytes)`` and directories below them."""

    order: str
    entries: dict[int, tuple[int, int, bytes]] = field(default_factory=dict)
    below: dict[int, Directory] = field(default_factory=dict)

    def text(self, tag: int) -> bytes:
        """Return an ASCII entry without its closing NUL; empty where there is none."""
        return self.entries.get(tag, (2, 0, b""))[2].split(b"\0")[0]

    def set_text(self, tag: int, value: bytes) -> None:
        """Set an ASCII entry, or remove it where the value is empty."""
        self.entries.pop(tag, None)
        if value:
            self.entries[tag] = (2, len(value) + 1, value + b"\0")


def read(block: bytes, depth: int = 0, at: int | None = None, order: str = "") -> Directory:
    """Read the first directory of an EXIF block or classic TIFF file, and those below it.

    Entries that point outside the block are left out: a damaged block yields what is readable.
    """
    if at is None:
        order = {b"II*\0": "<", b"MM\0*": ">"}[block[:4]]
        at = _int(block, order, "I", 4)
    found = Directory(order)
    for number in range(_int(block, order, "H", at)):
        where = at + 2 + 12 * number
        tag, kind, count = struct.unpack_from(order + "HHI", block, where)
        size = _WIDTHS[kind] * count if kind < len(_WIDTHS) else 0
        start = where + 8 if size <= 4 else _int(block, order, "I", where + 8)
        if not size or start + size > len(block):
            continue
        if tag in _POINTERS and depth < 3:
            pointer = _int(block, order, "I", where + 8)
            found.below[tag] = read(block, depth + 1, pointer, order)
        else:
            found.entries[tag] = (kind, count, block[start : start + size])
    return found


def build(directory: Directory, base: int) -> bytes:
    """Return a directory as bytes that belong at the offset `base` of a block."""
    order, tags = directory.order, sorted({*directory.entries, *directory.below})
    table, heap = struct.pack(order + "H", len(tags)), b""
    start = base + 2 + 12 * len(tags) + 4
    for tag in tags:
        if tag in directory.below:
            table += struct.pack(order + "HHII", tag, 4, 1, start + len(heap))
            heap += build(directory.below[tag], start + len(heap))
        else:
            kind, count, value = directory.entries[tag]
            table += struct.pack(order + "HHI", tag, kind, count)
            table += (
                value.ljust(4, b"\0")
                if len(value) <= 4
                else struct.pack(order + "I", start + len(heap))
            )
            heap += value if len(value) > 4 else b""
        heap += b"\0" * (len(heap) % 2)
    return table + struct.pack(order + "I", 0) + heap


def write(directory: Directory) -> bytes:
    """Return a whole EXIF block."""
    magic = b"II*\0" if directory.order == "<" else b"MM\0*"
    return magic + struct.pack(directory.order + "I", 8) + build(directory, 8)


def normalize(block: bytes | None) -> tuple[bytes | None, int]:
    """Return a block with orientation 1 and no thumbnail, and the orientation it had.

    The thumbnail shows the picture before it was turned upright and coloured, so it is unlinked.
    A block that cannot be read is dropped.
    """
    if not block:
        return None, 1
    block = block.removeprefix(b"Exif\0\0")
    try:
        return _reset(bytearray(block), read(block))
    except (KeyError, struct.error, RecursionError):
        return None, 1


def _reset(block: bytearray, directory: Directory) -> tuple[bytes, int]:
    order = directory.order
    at = _int(block, order, "I", 4)
    count = _int(block, order, "H", at)
    orientation = 1
    for where in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", block, where)
        if tag == ORIENTATION and kind == 3:
            orientation = _int(block, order, "H", where + 8)
            struct.pack_into(order + "H", block, where + 8, 1)
    end = at + 2 + 12 * count
    if end + 4 <= len(block):
        struct.pack_into(order + "I", block, end, 0)
    return bytes(block), orientation if 1 <= orientation <= 8 else 1


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return pixels (H, W, ...) as they are meant to be seen.

    Examples
    --------
    >>> upright(np.array([[1, 2], [3, 4]]), 6).tolist()
    [[3, 1], [4, 2]]
    """
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    # Decoders lend read-only memory, which torch takes only with a warning.
    return np.require(pixels, requirements=["C", "W"])


def dpi_of(directory: Directory) -> tuple[float, float] | None:
    """Return the resolution a directory states, in dots per inch."""
    unit = directory.entries.get(RESOLUTION_UNIT, (3, 1, b""))[2]
    code = _int(unit, directory.order, "H", 0) if len(unit) == 2 else 2
    scale = {2: 1.0, 3: 2.54}.get(code)
    values = [_rational(directory, tag) for tag in (X_RESOLUTION, Y_RESOLUTION)]
    if scale is None or not all(values):
        return None
    return round(values[0] * scale, 4), round(values[1] * scale, 4)


def set_dpi(directory: Directory, dpi: tuple[float, float]) -> None:
    """State a resolution in dots per inch."""
    for tag, value in zip((X_RESOLUTION, Y_RESOLUTION), dpi, strict=True):
        raw = struct.pack(directory.order + "II", round(value * 10_000), 10_000)
        directory.entries[tag] = (5, 1, raw)
    directory.entries[RESOLUTION_UNIT] = (3, 1, struct.pack(directory.order + "H", 2))


def _rational(directory: Directory, tag: int) -> float:
    raw = directory.entries.get(tag, (5, 1, b""))[2]
    if len(raw) != 8:
        return 0.0
    above, below = struct.unpack(directory.order + "II", raw)
    return float(above / below) if below else 0.0


def _int(data: bytes | bytearray, order: str, code: str, at: int) -> int:
    return int(struct.unpack_from(order + code, data, at)[0])
