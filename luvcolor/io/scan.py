"""How long a picture at the head of a stream is, told from its structure without decoding it."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import BinaryIO

from luvcolor.errors import PictureError
from luvcolor.io.pnm import Header, parse_header

__all__ = ["CutShortError", "Window", "picture_length"]

_CHUNK = 1 << 16


class CutShortError(Exception):
    """The stream ended within a picture."""


class Window:
    """The part of a stream that is being looked at: what is read and not yet taken.

    Attributes
    ----------
    data
        The bytes at hand; offset 0 is where the current picture begins.
    position
        How many bytes of the stream were taken before.
    """

    def __init__(self, stream: BinaryIO) -> None:
        # read() of a pipe waits for all it was asked for, read1() returns what is there.
        self._read: Callable[[int], bytes | None] = getattr(stream, "read1", stream.read)
        self._ended = False
        self.data = bytearray()
        self.position = 0

    def has(self, count: int) -> bool:
        """Read on until `count` bytes are at hand; tell whether they are."""
        while len(self.data) < count and not self._ended:
            chunk = self._read(max(_CHUNK, min(count - len(self.data), 1 << 24)))
            self._ended = not chunk
            self.data += chunk or b""
        return len(self.data) >= count

    def need(self, count: int) -> None:
        """Read on until `count` bytes are at hand, or raise CutShortError."""
        if not self.has(count):
            raise CutShortError

    def more(self) -> bool:
        """Read a little further; tell whether anything came."""
        return self.has(len(self.data) + 1)

    def unpack(self, layout: str, at: int) -> tuple[int, ...]:
        """Return the integers at an offset, read on as needed."""
        self.need(at + struct.calcsize(layout))
        return struct.unpack_from(layout, self.data, at)

    def skip_space(self) -> bool:
        """Drop white space at the head, as text formats leave it; tell whether there was any."""
        kept = self.data.lstrip(b" \t\r\n")
        dropped = len(self.data) - len(kept)
        self.data = kept
        self.position += dropped
        return dropped > 0

    def take(self, count: int) -> bytes:
        """Take `count` bytes off the head."""
        taken = bytes(memoryview(self.data)[:count])
        del self.data[:count]
        self.position += count
        return taken


def picture_length(window: Window, kind: str) -> int:
    """Return how many bytes the picture at the head of a window takes, all of them read.

    Raises
    ------
    CutShortError
        If the stream ends before the picture does.
    PictureError
        If its structure is broken.
    """
    length = _SCANNERS[kind](window)
    window.need(length)
    return length


def _png(window: Window) -> int:
    at = 8
    while True:
        size, kind = window.unpack(">II", at)
        if size > 0x7FFFFFFF:
            raise PictureError(f"expected a PNG chunk below 2 GiB, found {size:,} bytes; resend it")
        at += 12 + size
        if kind == 0x49454E44:  # IEND
            return at


# In compressed data, FF is followed by 00 (stuffed) or D0..D7 (restart); anything else ends it.
_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SOS, _EOI, _APP2 = 0xDA, 0xD9, 0xE2


def _jpeg(window: Window) -> int:
    """Walk the segments: a thumbnail inside one is stepped over with it, its own end too."""
    at, trailer = 2, 0
    while True:
        while window.unpack("BB", at) == (0xFF, 0xFF):  # fill bytes
            at += 1
        mark, code = window.unpack("BB", at)
        if mark != 0xFF:
            raise PictureError(f"expected a JPEG marker, found byte {mark:#04x}; send it again")
        at += 2
        if code == _EOI:
            return _with_trailer(window, at, trailer)
        if code in _STANDALONE:
            continue
        size = window.unpack(">H", at)[0]
        window.need(at + size)
        if code == _APP2 and window.data[at + 2 : at + 6] == b"MPF\0":
            trailer = _multi_picture_end(window, at + 6, at + size)
        at += size
        if code == _SOS:
            at = _end_of_scan(window, at)


def _end_of_scan(window: Window, at: int) -> int:
    while True:
        match = _MARKER.search(window.data, at)
        if match:
            return match.start()
        # A marker may straddle the edge of what is read.
        at = max(at, len(window.data) - 1)
        if not window.more():
            raise CutShortError


def _multi_picture_end(window: Window, start: int, end: int) -> int:
    """Return where the last picture of a multi-picture file ends; 0 where it does not say.

    Phones append gain maps and previews this way: they belong to the picture before them.
    """
    block = bytes(window.data[start:end])
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    ends = [0]
    try:
        at = struct.unpack_from(f"{order}I", block, 4)[0]
        for number in range(struct.unpack_from(f"{order}H", block, at)[0]):
            tag, _, count, value = struct.unpack_from(f"{order}HHII", block, at + 2 + 12 * number)
            if tag == 0xB002:
                for entry in range(value, value + count, 16):
                    _, size, offset, _ = struct.unpack_from(f"{order}IIII", block, entry)
                    ends.append(start + offset + size if offset else 0)
    except struct.error:
        return 0
    return max(ends)


def _with_trailer(window: Window, at: int, trailer: int) -> int:
    """Count appended pictures in, if they are there: an editor may have dropped them."""
    if trailer <= at or not window.has(at + 2) or window.data[at : at + 2] != b"\xff\xd8":
        return at
    whole = window.has(trailer) and window.data[trailer - 2 : trailer] == b"\xff\xd9"
    return trailer if whole else at


def _pnm(window: Window) -> int:
    header = parse_header(window.data)
    while header is None:
        if not window.more():
            raise CutShortError
        header = parse_header(window.data)
    if not header.in_text:
        return header.start + header.nbytes
    return _text_raster_end(window, header)


_SAMPLE = re.compile(rb"[0-9]+|#[^\r\n]*|[^\s0-9#]")
_BIT = re.compile(rb"[01]|#[^\r\n]*|[^\s01#]")


def _text_raster_end(window: Window, header: Header) -> int:
    """Count the samples of a text raster; a number at the edge may go on behind it."""
    pattern = _BIT if header.kind == 1 else _SAMPLE
    at, left = header.start, header.samples
    while left:
        edge = at
        for match in pattern.finditer(window.data, at):
            edge = match.start()
            whole = header.kind == 1 and match[0][:1] != b"#"
            if match.end() == len(window.data) and not whole:
                break
            if match[0][:1] != b"#" and not match[0].isdigit():
                raise PictureError(f"expected a number, found {match[0]!r}; send it again")
            edge = at = match.end()
            left -= match[0][:1] != b"#"
            if not left:
                return at
        at = edge
        if not window.more():
            # The last number may end with the stream itself.
            if left == 1 and window.data[at:].isdigit():
                return len(window.data)
            raise CutShortError
    return at


def _riff(window: Window) -> int:
    size = 8 + window.unpack("<I", 4)[0]
    # The padding byte of an odd length is left out by some writers at the end.
    return size + 1 if size % 2 and window.has(size + 1) and window.data[size] == 0 else size


def _bmp(window: Window) -> int:
    size = window.unpack("<I", 2)[0]
    if size < 26:
        raise PictureError(f"expected a BMP that states its length, found {size}; use PNG instead")
    return size


def _tiff(window: Window) -> int:
    while window.more():
        pass
    return len(window.data)


_SCANNERS: dict[str, Callable[[Window], int]] = {
    "png": _png,
    "jpeg": _jpeg,
    "pnm": _pnm,
    "webp": _riff,
    "bmp": _bmp,
    "tiff": _tiff,
}
