"""Many pictures on one pipe: simply one after the other, as image2pipe and netpbm write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from luvcolor.errors import PictureError
from luvcolor.frame import Frame
from luvcolor.io.codec import decode, encode
from luvcolor.io.comments import NAME_KEY
from luvcolor.io.formats import FORMATS, describe, identify
from luvcolor.io.names import clean_name
from luvcolor.io.scan import CutShortError, Window, picture_length

__all__ = ["name_on_pipe", "read_frames", "split", "write_frame"]


def split(stream: BinaryIO, *, name: str = "standard input") -> Iterator[bytes]:
    """Cut a stream of concatenated pictures into pictures, without decoding them.

    Each picture is yielded as soon as its last byte is there, and no more than one is held. A TIFF
    does not say how long it is: it takes all that is left, so it must come last.

    Parameters
    ----------
    stream
        Anything that can be read in bytes; short reads are fine, and it need not seek.
    name
        What to call the stream in messages.

    Raises
    ------
    PictureError
        At bytes that begin no picture, or where the stream ends within one; the pictures before
        have been yielded by then.

    Examples
    --------
    >>> from io import BytesIO
    >>> list(split(BytesIO(b"P5 1 1 255 aP5 1 1 255 b")))
    [b'P5 1 1 255 a', b'P5 1 1 255 b']
    """
    window = Window(stream)
    while window.has(1):
        window.has(18)  # as many as identify() wants, fewer at the end of the stream
        kind = identify(window.data)
        if kind is None:
            if window.skip_space():
                continue
            raise PictureError(
                f"{name}: expected a picture at byte {window.position:,}, found "
                f"{describe(bytes(window.data))}; pictures must follow each other directly"
            )
        try:
            length = picture_length(window, kind)
        except CutShortError:
            raise PictureError(
                f"{name}: expected a whole {kind} picture at byte {window.position:,}, found the "
                f"end of the stream after {len(window.data):,} bytes of it; send it again"
            ) from None
        except PictureError as error:
            raise PictureError(f"{name}: at byte {window.position:,}: {error}") from error
        yield window.take(length)


def read_frames(stream: BinaryIO, *, name: str = "stdin") -> Iterator[Frame | PictureError]:
    """Read the pictures on a stream, one by one; a bad one comes as the error it caused.

    A picture that carries its name (`luvcolor:name`) has that, any other ``stdin-0001.png``.

    Examples
    --------
    >>> from io import BytesIO
    >>> [frame.name for frame in read_frames(BytesIO(b"P5 1 1 255 a"))]
    ['stdin-0001.pnm']
    """
    number, pictures = 0, split(stream)
    while True:
        try:
            data = next(pictures, None)
            if data is None:
                return
            number += 1
            frame = decode_on_pipe(data, name_on_pipe(data, number, name))
        except PictureError as error:
            yield error
        else:
            yield frame


def decode_on_pipe(data: bytes, name: str) -> Frame:
    """Decode a picture that may carry its own name; `name` is for one that does not."""
    try:
        frame = decode(data)
    except PictureError as error:
        message = str(error).removeprefix("picture: ")
        raise PictureError(f"{name}: {message}") from error
    return replace(frame, name=clean_name(frame.name) or name)


def name_on_pipe(data: bytes, number: int, name: str = "stdin") -> str:
    """Return the name of a picture that carries none: ``stdin-0001.png``."""
    kind = identify(data)
    return f"{name}-{number:04d}{FORMATS[kind].suffixes[0] if kind else ''}"


def write_frame(
    stream: BinaryIO, frame: Frame, format: str | None = None, *, quality: int | None = None
) -> None:
    """Write a picture to a pipe, its name inside it, and flush so that the next stage can begin.

    Parameters
    ----------
    stream
        Where to.
    frame
        What; its name travels as the comment `luvcolor:name` in every format but BMP.
    format
        ``"png"`` unless another is asked for.
    quality
        See `encode`.
    """
    write_bytes(stream, encode_for_pipe(frame, format, quality=quality))


def encode_for_pipe(frame: Frame, format: str | None, *, quality: int | None = None) -> bytes:
    """Encode a picture with its name among the comments."""
    text = {**frame.metadata.text}
    if frame.name:
        text[NAME_KEY] = frame.name
    named = replace(frame, metadata=replace(frame.metadata, text=text))
    return encode(named, format or "png", quality=quality)


def write_bytes(stream: BinaryIO, data: bytes) -> None:
    """Write all of `data` and flush; a raw stream may take it in several bites."""
    rest = memoryview(data)
    while rest:
        written = stream.write(rest)
        rest = rest[len(rest) if written is None else written :]
    stream.flush()
