"""Small pictures for the tests of luvcolor.io, and odd files made of them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from luvcolor.frame import Frame


def pixels(dtype: str, colour: bool, size: tuple[int, int] = (13, 17), seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    shape = (*size, 3) if colour else size
    if dtype == "float32":
        return rng.random(shape, np.float32)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def frame(dtype: str = "uint8", colour: bool = True, alpha: bool = False, **fields: Any) -> Frame:
    matte = pixels(dtype, False, seed=1) if alpha else None
    return Frame(pixels(dtype, colour), matte, **fields)


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def smooth(size: tuple[int, int] = (48, 64)) -> NDArray[np.uint8]:
    y, x = np.mgrid[: size[0], : size[1]]
    return np.stack([x * 3, y * 4, 255 - x * 2], axis=-1).clip(0, 255).astype(np.uint8)


def exif_block(orientation: int, order: str = ">", thumbnail: bytes = b"") -> bytes:
    """A block with a make, an orientation, and a thumbnail in a second directory."""
    magic = b"MM\0*" if order == ">" else b"II*\0"
    head = magic + struct.pack(order + "I", 8)
    # Directory of two entries (30 bytes) at 8, "Camera\0" padded at 38, second directory at 46.
    first = struct.pack(order + "H", 2)
    first += struct.pack(order + "HHII", 0x010F, 2, 7, 38)
    first += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    first += struct.pack(order + "I", 46 if thumbnail else 0)
    second = struct.pack(order + "H", 2)
    second += struct.pack(order + "HHII", 0x0201, 4, 1, 76)
    second += struct.pack(order + "HHII", 0x0202, 4, 1, len(thumbnail))
    second += struct.pack(order + "I", 0)
    block = head + first + b"Camera\0\0"
    return block + second + thumbnail if thumbnail else block


def multi_picture(images: Sequence[bytes]) -> bytes:
    """JPEGs joined the way phones join them: an index in the first says where the others are."""
    first, body = images[0], b"MPF\0MM\0*" + struct.pack(">I", 8)
    entries, index = 50, b""
    total = len(first) + 2 + 2 + 4 + entries + 16 * len(images)
    offset = total
    for number, image in enumerate(images):
        size = total if number == 0 else len(image)
        # Offsets count from the byte order mark, which stands at 2 + 4 + 4 = 10.
        index += struct.pack(">IIIHH", 0, size, 0 if number == 0 else offset - 10, 0, 0)
        offset += 0 if number == 0 else len(image)
    table = struct.pack(">H", 3)
    table += struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")
    table += struct.pack(">HHII", 0xB001, 4, 1, len(images))
    table += struct.pack(">HHII", 0xB002, 7, 16 * len(images), entries)
    table += struct.pack(">I", 0)
    body += table.ljust(entries - 8, b"\0") + index
    segment = b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body
    assert len(first) + len(segment) == total
    return first[:2] + segment + first[2:] + b"".join(images[1:])
