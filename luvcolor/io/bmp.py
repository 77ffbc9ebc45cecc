"""BMP: 8 bits, gray or colour, and nothing beside the pixels but their resolution."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luvcolor.frame import Metadata
from luvcolor.io.raster import Decoded, check_size, neutral, split_alpha

__all__ = ["decode_bmp", "encode_bmp"]


def decode_bmp(data: bytes) -> Decoded:
    """Read a BMP of any depth; palettes become gray or colour by what is in them."""
    from PIL.BmpImagePlugin import BmpImageFile

    with BmpImageFile(BytesIO(data)) as image:
        check_size(*image.size)
        image.load()
        dpi = image.info.get("dpi")
        if image.mode == "P":
            palette = np.array(image.getpalette(), np.uint8).reshape(-1, 3)
            samples = np.asarray(image.convert("L" if neutral(palette) else "RGB"))
        else:
            samples = np.asarray(image.convert("L") if image.mode == "1" else image)
    pixels, alpha = split_alpha(samples)
    return Decoded(pixels, alpha, dpi=dpi if dpi and all(dpi) else None)


def encode_bmp(pixels: NDArray[Any], metadata: Metadata) -> bytes:
    """Write a BMP: gray as a palette of grays, colour as 24 bits."""
    from PIL import Image

    buffer = BytesIO()
    options = {"dpi": metadata.dpi} if metadata.dpi else {}
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "BMP", **options)
    return buffer.getvalue()
