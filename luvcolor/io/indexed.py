"""Pictures of few colours as indices into a palette: a fraction of what RGB takes.

No frame says that it has few colours; they are counted where it is written. So it does not matter
what made them few, and a picture that was changed in between is none the worse for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Indexed", "index_colors"]

MOST = 256
_FEW = 16
# A photograph has more colours than that in so many of its pixels, and is told at once.
_SAMPLE = 64
_BLOCK = 1 << 18


class Indexed(NamedTuple):
    """A picture by its colours.

    Attributes
    ----------
    palette
        (n, 3) uint8: first the colours that are not opaque, then from dark to light.
    alphas
        (n,) uint8.
    indices
        (H, W) uint8.
    """

    palette: NDArray[np.uint8]
    alphas: NDArray[np.uint8]
    indices: NDArray[np.uint8]

    @property
    def bits(self) -> int:
        """How many bits an index needs: 1, 2, 4 or 8."""
        return next(bits for bits in (1, 2, 4, 8) if len(self.palette) <= 1 << bits)

    def packed_rows(self) -> NDArray[np.uint8]:
        """Return the indices as bytes (H, ceil(W * bits / 8)), the leftmost in the high bits."""
        per_byte = 8 // self.bits
        if per_byte == 1:
            return self.indices
        height, width = self.indices.shape
        wide = np.zeros((height, -(-width // per_byte) * per_byte), np.uint8)
        wide[:, :width] = self.indices
        packed = np.zeros((height, wide.shape[1] // per_byte), np.uint8)
        for place in range(per_byte):
            packed |= wide[:, place::per_byte] << np.uint8(8 - self.bits * (place + 1))
        return packed


def index_colors(pixels: NDArray[Any], alpha: NDArray[Any] | None) -> Indexed | None:
    """Return a picture by its colours, or None where it has too many for that to pay.

    Parameters
    ----------
    pixels
        (H, W) or (H, W, 3).
    alpha
        (H, W), or None.

    Examples
    --------
    >>> picture = np.array([[[255, 0, 0], [0, 0, 0]] * 3], np.uint8)
    >>> found = index_colors(picture, None)
    >>> found.palette.tolist(), found.indices.tolist(), found.bits
    ([[0, 0, 0], [255, 0, 0]], [[1, 0, 1, 0, 1, 0]], 1)
    """
    if pixels.dtype != np.uint8:
        return None
    # A byte of opaque gray is an index already: only fewer bits are smaller.
    most = _FEW if pixels.ndim == 2 and alpha is None else MOST
    if _has_more(most, pixels, alpha):
        return None
    found = _number(_codes(pixels), 1 << (8 if pixels.ndim == 2 else 24), most)
    if found is None:
        return None
    codes, numbers = found
    alphas = np.full(len(codes), 255, np.uint8)
    if alpha is not None:
        # At most 256 colours with 256 alphas each: small enough for the same way of counting.
        found = _number(_with_alpha(numbers, alpha), 1 << 16, most)
        if found is None:
            return None
        pairs, numbers = found
        codes, alphas = codes[pairs >> 8], (pairs & 255).astype(np.uint8)
    palette = _colors_of(codes, gray=pixels.ndim == 2)
    indexed = _in_order(palette, alphas, numbers.reshape(pixels.shape[:2]))
    return indexed if _pays(indexed, pixels, alpha) else None


def _has_more(most: int, pixels: NDArray[Any], alpha: NDArray[Any] | None) -> bool:
    """Whether some pixels here and there have more colours than that already."""
    every = tuple(slice(None, None, max(1, size // _SAMPLE)) for size in pixels.shape[:2])
    codes = _codes(pixels[every])
    return len(np.unique(codes if alpha is None else _with_alpha(codes, alpha[every]))) > most


def _with_alpha(codes: NDArray[Any], alpha: NDArray[Any]) -> NDArray[np.uint32]:
    joined: NDArray[np.uint32] = codes.astype(np.uint32) << np.uint32(8) | alpha.reshape(-1)
    return joined


def _codes(pixels: NDArray[Any]) -> NDArray[np.uint32]:
    """Return each colour as one number."""
    if pixels.ndim == 2:
        return pixels.reshape(-1).astype(np.uint32)
    flat = pixels.reshape(-1, 3)
    codes = flat[:, 0].astype(np.uint32)
    for channel in (1, 2):
        codes <<= np.uint32(8)
        codes |= flat[:, channel]
    return codes


def _number(
    codes: NDArray[np.uint32], size: int, most: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint8]] | None:
    """Return the different codes and which of them each is, or None where there are too many.

    The table of all `size` codes costs nothing where it is not touched.
    """
    place = np.zeros(size, np.uint16)  # where a code stands among those known; 0 is nowhere
    known = np.empty(0, np.uint32)
    numbers = np.empty(codes.size, np.uint8)
    for start in range(0, codes.size, _BLOCK):
        block = codes[start : start + _BLOCK]
        found = place[block]
        if not found.all():
            known = np.concatenate([known, np.unique(block[found == 0])])
            if len(known) > most:
                return None
            place[known] = np.arange(1, len(known) + 1)
            found = place[block]
        np.subtract(found, 1, out=numbers[start : start + _BLOCK], casting="unsafe")
    return known, numbers


def _colors_of(codes: NDArray[np.uint32], *, gray: bool) -> NDArray[np.uint8]:
    shifts = np.array([0, 0, 0] if gray else [16, 8, 0], np.uint32)
    return (codes[:, None] >> shifts & 255).astype(np.uint8)


def _in_order(
    palette: NDArray[np.uint8], alphas: NDArray[np.uint8], numbers: NDArray[np.uint8]
) -> Indexed:
    luma = palette.astype(np.int64) @ np.array([299, 587, 114])
    order = np.lexsort((*palette.T, alphas, luma, alphas == 255))
    rank = np.empty(len(order), np.uint8)
    rank[order] = np.arange(len(order))
    return Indexed(palette[order], alphas[order], np.take(rank, numbers))


def _pays(indexed: Indexed, pixels: NDArray[Any], alpha: NDArray[Any] | None) -> bool:
    """Whether indices are smaller: not where many pixels have a colour of their own."""
    height, width = pixels.shape[:2]
    as_it_is = pixels.size + (0 if alpha is None else alpha.size)
    tables = len(indexed.palette) * (3 if alpha is None else 4)
    return bool(tables + height * -(-width * indexed.bits // 8) < as_it_is * 3 // 4)
