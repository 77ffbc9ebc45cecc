"""Draws a palette, so that a person can look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from luvcolor.errors import UsageError
from luvcolor.frame import Frame

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

    from luvcolor.palette import Palette

__all__ = ["swatch"]

# Measures in pixels: the bar's height, a chip's least width, from chip row to chip row.
_MARGIN, _GAP, _BAR, _CHIP, _PITCH = 32, 12, 96, 88, 104
_PAPER, _OUTLINE = (246, 246, 246), (214, 214, 214)


def swatch(palette: Palette, *, width: int = 960) -> Frame:
    """Draw a palette: a bar of the colours in their proportions, and each with its hex label.

    Parameters
    ----------
    palette
        Any palette.
    width
        Of the picture in pixels; at least 160. The height follows from the number of colours.

    Returns
    -------
    Frame
        uint8 RGB, with the step ``"swatch"``.

    Raises
    ------
    UsageError
        If the width is too small.

    Examples
    --------
    >>> from luvcolor.palette import Palette
    >>> picture = swatch(Palette.from_colors(["#d04020", "#204080"]))
    >>> picture.pixels.shape[1:], picture.name
    ((960, 3), 'palette.png')
    """
    if width < 160:
        raise UsageError(f"a swatch is at least 160 pixels wide, found {width}")
    from PIL import Image, ImageDraw

    columns = max(1, min(len(palette), (width - 2 * _MARGIN) // (_CHIP + _GAP)))
    pitch = (width - 2 * _MARGIN + _GAP) // columns
    rows = -(-len(palette) // columns)
    top = _MARGIN + _BAR + 2 * _GAP
    picture = Image.new("RGB", (width, top + rows * _PITCH + _MARGIN - 2 * _GAP), _PAPER)
    draw = ImageDraw.Draw(picture)
    _draw_bar(draw, palette, width - 2 * _MARGIN)
    for number in range(len(palette)):
        corner = (_MARGIN + number % columns * pitch, top + number // columns * _PITCH)
        _draw_chip(draw, palette, number, corner, pitch - _GAP)
    return Frame(np.array(picture), name="palette.png", step="swatch")


def _draw_bar(draw: ImageDraw, palette: Palette, width: int) -> None:
    """Draw the colours beside each other, as wide as they are common."""
    ends = np.cumsum(palette.share) / palette.share.sum() * width
    left = _MARGIN
    for color, end in zip(palette.hex, np.rint(ends).astype(int).tolist(), strict=True):
        if _MARGIN + end > left:
            draw.rectangle((left, _MARGIN, _MARGIN + end - 1, _MARGIN + _BAR - 1), color)
        left = _MARGIN + end


def _draw_chip(
    draw: ImageDraw, palette: Palette, number: int, corner: tuple[int, int], width: int
) -> None:
    """Draw one colour with its label and share below, where every colour leaves them legible."""
    from luvcolor.sheet import font

    x, y = corner
    color, share = palette.hex[number], float(palette.share[number])
    # The outline shows where colours near the background's end.
    draw.rectangle((x, y, x + width - 1, y + _CHIP // 2 - 1), color, _OUTLINE)
    draw.text((x, y + _CHIP // 2 + 4), color, (34, 34, 34), font(14, bold=True))
    draw.text((x, y + _CHIP // 2 + 23), f"{share:.1%}", (96, 96, 96), font(13))
