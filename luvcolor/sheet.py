"""Contact sheets: versions of pictures side by side, labelled, on neutral gray."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.errors import PictureError, UsageError
from luvcolor.frame import Frame
from luvcolor.resize import resize

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

__all__ = ["Row", "contact_sheet", "elided", "font"]

# Neutral, of middle lightness (L = 50): a surround that flatters no colour and no brightness.
_BACKGROUND = (119, 119, 119)
_STRONG_INK = (255, 255, 255)
_SOFT_INK = (236, 236, 236)
_EMPTY = (130, 130, 130)
_CHECKER = (222, 190)


@dataclass(frozen=True)
class Row:
    """The versions of one picture.

    Attributes
    ----------
    name
        What to write under the row; may be empty.
    cells
        Label and picture of each version. Labels name the columns and differ within a row. A
        picture is a `Frame`, or an array of any size: gray (H, W), gray with alpha (H, W, 2), RGB
        (H, W, 3) or RGBA (H, W, 4); bool, uint8, uint16 or float 0..1.

    Examples
    --------
    >>> import numpy as np
    >>> row = Row("a.png", [("gray", np.zeros((4, 4))), ("colour", np.zeros((4, 4, 3)))])
    >>> [label for label, _ in row.cells]
    ['gray', 'colour']
    """

    name: str
    cells: Sequence[tuple[str, Frame | NDArray[Any]]]


def contact_sheet(
    rows: Iterable[Row], *, cell: int = 256, rows_per_block: int | None = None
) -> Frame:
    """Lay versions of pictures side by side: a row per picture, a column per label.

    Pictures are shrunk (or enlarged) to fit a cell, keeping their aspect, as soon as their row
    arrives, so an iterable of many large pictures needs memory for the sheet alone. Columns stand
    in the order in which their labels first appear; a row without a picture for a column leaves
    the place empty. Transparent parts show a neutral checker.

    Parameters
    ----------
    rows
        The pictures; at least one row with at least one cell.
    cell
        Side in pixels of the square that each picture must fit; at least 16.
    rows_per_block
        Begin a new block, to the right of the one before, after so many rows; None: one block.

    Returns
    -------
    Frame
        uint8 RGB, with the step ``"sheet"``.

    Raises
    ------
    UsageError
        If there is nothing to show, a label comes twice in a row, or a number is too small.
    PictureError
        If a cell holds something that is no picture.

    Examples
    --------
    >>> import numpy as np
    >>> red = np.full((20, 30, 3), (200, 30, 30), np.uint8)
    >>> sheet = contact_sheet([Row("a.png", [("gray", red[..., 0]), ("truth", red)])], cell=64)
    >>> sheet.pixels.dtype, sheet.size[1] > 2 * 64
    (dtype('uint8'), True)
    """
    if cell < 16:
        raise UsageError(f"a cell has a side of at least 16 pixels, found {cell}")
    if rows_per_block is not None and rows_per_block < 1:
        raise UsageError(f"a block has at least 1 row, found {rows_per_block}")
    shrunk = [_Tiles(row.name, _tiles(row, cell)) for row in rows]
    labels = list(dict.fromkeys(label for row in shrunk for label in row.tiles))
    if not labels:
        raise UsageError("a contact sheet needs at least one picture, found none")
    layout = _Layout.of(shrunk, labels, cell)
    step = rows_per_block or len(shrunk)
    blocks = [shrunk[start : start + step] for start in range(0, len(shrunk), step)]
    return Frame(np.array(_draw(blocks, layout)), name="sheet.png", step="sheet")


@dataclass(frozen=True)
class _Tiles:
    """A row whose pictures have shrunk to uint8 RGB tiles, keyed by label."""

    name: str
    tiles: Mapping[str, NDArray[np.uint8]]

    @property
    def height(self) -> int:
        return max((tile.shape[0] for tile in self.tiles.values()), default=0)


@dataclass(frozen=True)
class _Layout:
    """The measures of a sheet in pixels."""

    widths: dict[str, int]  # of the columns
    text: int  # height of letters
    gap: int  # between cells
    margin: int  # around blocks

    @classmethod
    def of(cls, rows: Sequence[_Tiles], labels: Sequence[str], cell: int) -> _Layout:
        """Measure the columns: as wide as their widest picture, and never too narrow for words."""
        widths = {
            label: max(cell // 2, *(r.tiles[label].shape[1] for r in rows if label in r.tiles))
            for label in labels
        }
        text = max(11, round(cell / 17))
        return cls(widths, text, gap=max(6, cell // 32), margin=max(20, cell // 8))

    @property
    def width(self) -> int:
        """Width of a block."""
        return sum(self.widths.values()) + self.gap * (len(self.widths) - 1)

    @property
    def head(self) -> int:
        """Height of the column labels with the space under them."""
        return round(1.25 * self.text) + self.gap

    def row(self, row: _Tiles) -> int:
        """Height of a row with its name and the space under it."""
        name = self.gap + round(1.25 * self.text) if row.name else 0
        return row.height + name + 2 * self.gap

    def block(self, rows: Sequence[_Tiles]) -> int:
        """Height of a block."""
        return self.head + sum(map(self.row, rows)) - 2 * self.gap


def _tiles(row: Row, cell: int) -> dict[str, NDArray[np.uint8]]:
    """Shrink the pictures of a row."""
    tiles: dict[str, NDArray[np.uint8]] = {}
    for label, picture in row.cells:
        if label in tiles:
            raise UsageError(f"the row {row.name!r} has two cells with the label {label!r}")
        frame = picture if isinstance(picture, Frame) else _as_frame(picture)
        tiles[label] = _on_checker(resize(frame, long_side=cell), square=max(4, cell // 32))
    return tiles


def _as_frame(array: NDArray[Any]) -> Frame:
    """Tell colours from alpha by the number of channels."""
    if array.dtype == np.bool_:
        array = array.astype(np.uint8) * 255
    known = array.dtype in (np.uint8, np.uint16) or array.dtype.kind == "f"
    channels = array.shape[2] if array.ndim == 3 else 1
    if not known or array.ndim not in (2, 3) or channels not in (1, 2, 3, 4) or not array.size:
        raise PictureError(
            "a cell holds gray or RGB, with or without alpha, as bool, uint8, uint16 or float; "
            f"found {array.dtype} of shape {array.shape}"
        )
    if array.ndim == 2:
        return Frame(array)
    alpha = array[..., -1] if channels in (2, 4) else None
    return Frame(array[..., 0] if channels < 3 else array[..., :3], alpha)


def _on_checker(frame: Frame, square: int) -> NDArray[np.uint8]:
    """Return uint8 RGB, transparent parts over a checker."""
    pixels = frame.pixels[..., None] if frame.is_gray else frame.pixels
    rgb = np.broadcast_to(_as_bytes(pixels), (*frame.size, 3))
    if frame.alpha is None:
        return np.ascontiguousarray(rgb)
    alpha = (_as_bytes(frame.alpha) / np.float32(255))[..., None]
    y, x = np.ogrid[: frame.size[0], : frame.size[1]]
    checker = np.where((y // square + x // square) % 2, *_CHECKER)[..., None]
    return _rounded(rgb * alpha + checker * (1 - alpha))


def _as_bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale any dtype to 0..255; what is no number becomes black."""
    if values.dtype == np.uint8:
        return values
    peak = 65535 if values.dtype == np.uint16 else 1
    scaled = np.nan_to_num(values.astype(np.float32)) * (255 / peak)
    return _rounded(np.clip(scaled, 0, 255))


def _rounded(values: NDArray[Any]) -> NDArray[np.uint8]:
    return values.round().astype(np.uint8)


def _draw(blocks: Sequence[Sequence[_Tiles]], layout: _Layout) -> Image:
    """Put the blocks beside each other on the background."""
    from PIL import Image, ImageDraw

    between = 2 * layout.margin
    width = len(blocks) * (layout.width + between)
    height = max(map(layout.block, blocks)) + between
    sheet = Image.new("RGB", (width, height), _BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    for number, rows in enumerate(blocks):
        left = layout.margin + number * (layout.width + between)
        _draw_labels(draw, layout, left)
        top = layout.margin + layout.head
        for row in rows:
            _draw_row(sheet, draw, row, layout, (left, top))
            top += layout.row(row)
    return sheet


def _columns(layout: _Layout, left: int) -> Iterable[tuple[str, int, int]]:
    """Yield label, left edge and width of each column."""
    for label, width in layout.widths.items():
        yield label, left, width
        left += width + layout.gap


def _draw_labels(draw: ImageDraw, layout: _Layout, left: int) -> None:
    """Write the column labels above a block."""
    letters = font(layout.text, bold=True)
    for label, x, width in _columns(layout, left):
        draw.text((x, layout.margin), elided(label, letters, width), _STRONG_INK, letters)


def _draw_row(
    sheet: Image, draw: ImageDraw, row: _Tiles, layout: _Layout, corner: tuple[int, int]
) -> None:
    """Paste the pictures of a row and write its name below."""
    from PIL import Image

    left, top = corner
    for label, x, width in _columns(layout, left):
        if label in row.tiles:
            sheet.paste(Image.fromarray(row.tiles[label]), (x, top))
        elif row.height:
            draw.rectangle((x, top, x + width - 1, top + row.height - 1), outline=_EMPTY)
    letters = font(layout.text)
    name = elided(row.name, letters, layout.width)
    draw.text((left, top + row.height + layout.gap), name, _SOFT_INK, letters)


def font(size: int, *, bold: bool = False) -> FreeTypeFont:
    """Return a sans-serif font of a height in pixels; it has Latin, Greek and Cyrillic letters.

    Examples
    --------
    >>> font(16).getlength("luvcolor") > font(12).getlength("luvcolor")
    True
    """
    return _loaded(size, "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")


@lru_cache(maxsize=16)
def _loaded(size: int, name: str) -> FreeTypeFont:
    """Load DejaVu, which comes with matplotlib: Pillow's own font knows Latin letters alone."""
    from pathlib import Path

    from matplotlib import get_data_path
    from PIL import ImageFont

    return ImageFont.truetype(Path(get_data_path(), "fonts", "ttf", name), size)


def elided(text: str, letters: FreeTypeFont, width: float) -> str:
    """Shorten a text to a width in pixels, in its middle: names differ most at their ends.

    Characters that cannot be printed on one line, such as line breaks, become spaces.

    Examples
    --------
    >>> elided("scans/box 12/portrait.jpg", font(12), 100)
    'scans/…trait.jpg'
    """
    text = "".join(char if char.isprintable() else " " for char in text)
    if letters.getlength(text) <= width:
        return text
    # A head and a tail of `kept` characters together; the longest that fits, by bisection.
    low, high = 0, len(text)
    while low < high:
        kept = (low + high + 1) // 2
        if letters.getlength(_without_middle(text, kept)) <= width:
            low = kept
        else:
            high = kept - 1
    return _without_middle(text, low)


def _without_middle(text: str, kept: int) -> str:
    """Keep so many characters of a text, the greater half of them at its end."""
    head = kept // 2 - kept // 8
    return f"{text[:head]}…{text[len(text) - (kept - head) :]}"
