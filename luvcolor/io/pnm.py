"""PNM: PBM, PGM, PPM and PAM, in text or binary, at 8 or 16 bits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luvcolor.errors import PictureError
from luvcolor.frame import Metadata
from luvcolor.io.comments import from_lines, to_bytes, to_lines, to_text
from luvcolor.io.depth import stretch
from luvcolor.io.raster import Decoded, check_size, join, split_alpha

__all__ = ["Header", "decode_pnm", "encode_pnm", "parse_header"]

_PLAIN = "Comment"
_SPACE = b" \t\r\n\v\f"
_CHANNELS = {1: 1, 2: 1, 3: 3, 4: 1, 5: 1, 6: 3}
_MAX_HEADER = 1 << 20


@dataclass(frozen=True)
class Header:
    """A PNM header: `kind` is the digit after the P, `start` the offset of the raster."""

    kind: int
    width: int
    height: int
    channels: int
    top: int
    start: int
    comments: tuple[bytes, ...] = ()

    @property
    def in_text(self) -> bool:
        """Whether the samples are written as decimal numbers."""
        return self.kind <= 3

    @property
    def samples(self) -> int:
        """How many samples the raster holds."""
        return self.width * self.height * self.channels

    @property
    def nbytes(self) -> int:
        """How long a binary raster is."""
        if self.kind == 4:
            return (self.width + 7) // 8 * self.height
        return self.samples * (1 if self.top < 256 else 2)


def parse_header(data: bytes | bytearray) -> Header | None:
    """Read a header; None where the data end before it does."""
    kind = data[1] - ord("0")
    header = _parse_pam(data) if kind == 7 else _parse_numbers(data, kind)
    if header is None:
        if len(data) > _MAX_HEADER:
            raise PictureError("expected a PNM header, found no end of it; make the picture anew")
        return None
    check_size(header.width, header.height)
    if not 1 <= header.top <= 65535 or not 1 <= header.channels <= 4:
        raise PictureError(
            f"expected 1 to 4 channels and a maximum of 1 to 65535, found {header.channels} and "
            f"{header.top}; make the picture anew"
        )
    return header


def decode_pnm(data: bytes) -> Decoded:
    """Read a PNM; a maximum other than 255 or 65535 is stretched to the full range."""
    header = parse_header(data)
    if header is None:
        raise PictureError("expected a PNM header, found only part of one; get a complete copy")
    samples = _text_samples(data, header) if header.in_text else _binary_samples(data, header)
    if header.kind in (1, 4):
        samples = 1 - samples  # a PBM's ones are black
    shape = (header.height, header.width, header.channels)
    pixels, alpha = split_alpha(stretch(samples.reshape(shape), header.top))
    lines = [to_text(line) for line in header.comments]
    return Decoded(pixels, alpha, text=from_lines(lines, _PLAIN))


def encode_pnm(pixels: NDArray[Any], alpha: NDArray[Any] | None, metadata: Metadata) -> bytes:
    """Write a binary PGM or PPM; with alpha, a PAM. Comments go into the header."""
    (height, width), top = pixels.shape[:2], np.iinfo(pixels.dtype).max
    notes = [b"# " + to_bytes(line) for line in to_lines(metadata.text, _PLAIN)]
    gray = pixels.ndim == 2
    if alpha is None:
        head = [b"P5" if gray else b"P6", *notes, b"%d %d" % (width, height), b"%d" % top]
    else:
        head = [b"P7", *notes, b"WIDTH %d" % width, b"HEIGHT %d" % height]
        head += [b"DEPTH %d" % (2 if gray else 4), b"MAXVAL %d" % top]
        head += [b"TUPLTYPE " + (b"GRAYSCALE_ALPHA" if gray else b"RGB_ALPHA"), b"ENDHDR"]
    samples = join(pixels, alpha)
    big_endian = samples.astype(samples.dtype.newbyteorder(">"), copy=False)
    return b"\n".join([*head, big_endian.tobytes()])


def _parse_numbers(data: bytes | bytearray, kind: int) -> Header | None:
    """Read width, height and, but for PBM, the maximum; comments may stand anywhere between."""
    wanted, at = 2 if kind in (1, 4) else 3, 2
    numbers: list[int] = []
    comments: list[bytes] = []
    while len(numbers) < wanted:
        at = _skip_space(data, at)
        if data[at : at + 1] == b"#":
            end = _end_of_line(data, at)
            comments.append(bytes(data[at + 1 : end]).removeprefix(b" "))
            at = end
        else:
            match = re.compile(rb"[0-9]{1,10}").match(data, at)
            if match is None and at < len(data):
                raise PictureError(
                    f"expected a number in the PNM header, found {bytes(data[at : at + 8])!r}; "
                    "make the picture anew"
                )
            if match is None or match.end() == len(data):
                return None
            numbers.append(int(match[0]))
            at = match.end()
        if at >= len(data):
            return None
    width, height, top = numbers if wanted == 3 else [*numbers, 1]
    return Header(kind, width, height, _CHANNELS[kind], top, at + 1, tuple(comments))


def _parse_pam(data: bytes | bytearray) -> Header | None:
    match = re.compile(rb"^ENDHDR[ \t\r]*\n", re.MULTILINE).search(data)
    if match is None:
        return None
    fields: dict[bytes, int] = {}
    comments: list[bytes] = []
    for line in bytes(data[2 : match.start()]).split(b"\n"):
        if line.startswith(b"#"):
            comments.append(line[1:].removeprefix(b" ").rstrip(b"\r"))
        elif len(words := line.split()) == 2 and words[1].isdigit():
            fields[words[0]] = int(words[1][:11])
    wanted = (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL")
    if any(key not in fields for key in wanted):
        raise PictureError(
            "expected WIDTH, HEIGHT, DEPTH and MAXVAL in the PAM header, found "
            f"{b', '.join(fields).decode('latin-1') or 'none'}; make the picture anew"
        )
    width, height, depth, top = (fields[key] for key in wanted)
    return Header(7, width, height, depth, top, match.end(), tuple(comments))


def _skip_space(data: bytes | bytearray, at: int) -> int:
    while at < len(data) and data[at] in _SPACE:
        at += 1
    return at


def _end_of_line(data: bytes | bytearray, at: int) -> int:
    match = re.compile(rb"[\r\n]").search(data, at)
    return match.start() if match else len(data)


def _binary_samples(data: bytes, header: Header) -> NDArray[Any]:
    raster = data[header.start : header.start + header.nbytes]
    _check_count(len(raster), header.nbytes, "bytes")
    if header.kind == 4:
        rows = np.frombuffer(raster, np.uint8).reshape(header.height, -1)
        return np.unpackbits(rows, axis=1)[:, : header.width]
    if header.top < 256:
        return np.frombuffer(raster, np.uint8)
    return np.frombuffer(raster, ">u2").astype(np.uint16)


def _text_samples(data: bytes, header: Header) -> NDArray[Any]:
    raster = re.sub(rb"#[^\r\n]*", b"", data[header.start :])
    if header.kind == 1:
        # The digits of a PBM need no space between them.
        words = np.frombuffer(b"".join(raster.split()), np.uint8)[: header.samples] - ord("0")
    else:
        words = np.array(raster.split()[: header.samples], dtype="S5").astype(np.uint32)
    _check_count(words.size, header.samples, "samples")
    if words.max() > header.top:
        raise PictureError(
            f"expected samples up to {header.top}, found {words.max()}; make the picture anew"
        )
    return words


def _check_count(found: int, wanted: int, what: str) -> None:
    if found < wanted:
        raise PictureError(f"expected {wanted:,} {what}, found {found:,}; get a complete copy")
