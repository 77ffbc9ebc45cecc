"""Palettes: the k colours that pictures consist of, found by k-means."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.counting import code_of, count_colors, thin
from luvcolor.errors import UsageError
from luvcolor.frame import Frame
from luvcolor.palette_json import dump_palette, parse_palette
from luvcolor.rebalancing import rarity_weights
from luvcolor.spaces import DIMENSIONS, Space, known_space, to_points
from luvcolor_kernels import kmeans, merge_chroma, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Palette", "Space", "fit_palette"]


@dataclass(frozen=True, eq=False)
class Palette:
    """k colours, where they lie in the space they were found in, and how common they are.

    Attributes
    ----------
    colors
        (k, 3) uint8 sRGB, sorted by L from dark to light.
    centers
        (k, D) float64 in `space`: L, u*, v* for ``"luv"``; u*, v* for ``"uv"``; 0..255 for
        ``"rgb"``.
    space
        The colour space in which distances are taken.
    share
        (k,) float64: the share of the pixels nearest to each colour; they sum to 1.

    Examples
    --------
    >>> palette = Palette.from_colors(["#ffffff", "#000000"])
    >>> palette.hex
    ['#000000', '#ffffff']
    >>> import numpy as np
    >>> palette.apply(Frame(np.array([[3, 250]], np.uint8))).pixels.tolist()
    [[[0, 0, 0], [255, 255, 255]]]
    """

    colors: NDArray[np.uint8]
    centers: NDArray[np.float64]
    space: Space
    share: NDArray[np.float64]

    @classmethod
    def from_colors(
        cls,
        colors: Iterable[str],
        *,
        space: str = "luv",
        share: Iterable[float] | None = None,
        centers: list[Any] | None = None,
    ) -> Palette:
        """Return a palette of colours given as ``#rrggbb``.

        Shares are equal unless given, and centres those of the colours.

        Raises
        ------
        UsageError
            If a colour, a share or the space makes no sense.

        Examples
        --------
        >>> Palette.from_colors(["#ff8000", "#0000ff"], share=[0.75, 0.25]).share.tolist()
        [0.25, 0.75]
        """
        rgb = np.array([_from_hex(color) for color in colors], np.uint8).reshape(-1, 3)
        shares = list(share) if share is not None else [1 / max(1, len(rgb))] * len(rgb)
        checked = _checked_shares(shares, len(rgb))
        known = known_space(space)
        points = to_points(rgb, known) if centers is None else _checked_centers(centers, known)
        return _sorted(rgb, points, known, checked)

    @property
    def hex(self) -> list[str]:
        """The colours as ``#rrggbb``."""
        return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in self.colors.tolist()]

    def __len__(self) -> int:
        return len(self.colors)

    def apply(self, frame: Frame) -> Frame:
        """Return the frame with every pixel in its nearest colour of the palette.

        Near is meant in the palette's space, at the input's full bit depth; see `quantize`.

        Examples
        --------
        >>> import numpy as np
        >>> palette = Palette.from_colors(["#ff0000", "#0000ff"], space="rgb")
        >>> palette.apply(Frame(np.array([[[0.9, 0.2, 0.1]]], np.float32))).pixels.tolist()
        [[[255, 0, 0]]]
        """
        from luvcolor.quantization import quantize

        return quantize(frame, self)

    def weights(self, rebalance: float) -> NDArray[np.float64]:
        """Return how much a pixel of each colour should count where rare colours matter too.

        Those of `rarity_weights`, so scaled that their mean over all pixels is 1.

        Examples
        --------
        >>> palette = Palette.from_colors(["#000000", "#ffffff"], share=[0.75, 0.25])
        >>> palette.weights(1).round(2).tolist(), palette.weights(0).tolist()
        ([0.67, 2.0], [1.0, 1.0])
        """
        weights = rarity_weights(self.share, rebalance)
        return np.asarray(weights / (weights @ self.share))

    def to_json(self, *, rebalance: float | None = None) -> str:
        """Return the palette as JSON text that a person can read and change.

        Where `rebalance` is given, every colour has a weight, as `weights` says.

        Examples
        --------
        >>> palette = Palette.from_colors(["#336699"], space="rgb")
        >>> import json
        >>> json.loads(palette.to_json())["colors"]
        [{'hex': '#336699', 'share': 1.0, 'center': [51.0, 102.0, 153.0]}]
        """
        return dump_palette(self, None if rebalance is None else self.weights(rebalance))

    @classmethod
    def from_json(cls, text: str) -> Palette:
        """Return the palette that `to_json` wrote, or a person by hand.

        By hand, ``{"space": "luv", "colors": [{"hex": "#ff8000"}, ...]}`` is enough: shares are
        then equal and centres those of the colours.

        Raises
        ------
        UsageError
            If the text is not JSON, or not that of a palette; it says what is wrong where.

        Examples
        --------
        >>> palette = Palette.from_colors(["#ff8000", "#0000ff"], space="uv")
        >>> Palette.from_json(palette.to_json()).hex
        ['#0000ff', '#ff8000']
        """
        return cls.from_colors(**parse_palette(text))


def fit_palette(
    pictures: Iterable[NDArray[np.uint8]],
    k: int,
    *,
    space: str = "luv",
    seed: int = 0,
    max_colors: int = 1 << 18,
    max_iter: int = 100,
) -> Palette:
    """Find the k colours that stand for all pixels of many pictures, by weighted k-means.

    Pictures are counted one by one, so their number and size do not matter for memory. Where they
    have fewer than k colours, the palette has as many as there are. Colours found in ``"uv"``,
    which has no L, are shown at the mean L of their pixels.

    Parameters
    ----------
    pictures
        uint8 sRGB arrays of shape (..., 3); any number, any sizes.
    k
        How many colours; at least 1.
    space
        Where distances are taken: ``"luv"``, ``"uv"`` (chroma alone) or ``"rgb"``.
    seed
        Of the k-means++ start; the same seed gives the same palette.
    max_colors
        How many different colours k-means may work on. Where there are more, those that agree in
        their leading bits are counted as one, at their mean.
    max_iter
        How often the colours are moved at most.

    Returns
    -------
    Palette
        Sorted by L.

    Raises
    ------
    UsageError
        If there is no picture, or k, the space or `max_colors` makes no sense.
    PictureError
        If a picture is not uint8 RGB.

    Examples
    --------
    >>> import numpy as np
    >>> picture = np.array([[[0, 0, 0], [0, 0, 0], [0, 0, 0], [255, 0, 0]]], np.uint8)
    >>> palette = fit_palette([picture], 2)
    >>> palette.hex, palette.share.tolist()
    (['#000000', '#ff0000'], [0.75, 0.25])
    """
    chosen = known_space(space)
    if k < 1 or max_colors < 1:
        name, value = ("k", k) if k < 1 else ("max_colors", max_colors)
        raise UsageError(f"{name} is a number of colours, at least 1; found {value}")
    colors, counts = thin(*count_colors(pictures), max(k, max_colors))
    points = to_points(colors, chosen)
    # In chroma alone, colours may be alike: all grays are, but for rounding.
    different = len(np.unique(points.round(1), axis=0)) if chosen == "uv" else len(colors)
    found = kmeans(
        colors, min(k, different), weights=counts, space=chosen, seed=seed, max_iter=max_iter
    )
    labels = nearest(points, found.centers)
    used, labels = np.unique(labels, return_inverse=True)
    weight = np.bincount(labels, weights=counts)
    if chosen == "uv":
        luma = np.bincount(labels, weights=counts * to_points(colors, "luv")[:, 0]) / weight
        shown = merge_chroma(luma[None], found.centers[used].T[:, None])[0]
    else:
        shown = np.asarray(found.palette)[used]
    return _merged(shown, found.centers[used], weight, chosen)


def _merged(
    colors: NDArray[np.uint8], centers: NDArray[np.float64], weight: NDArray[Any], space: Space
) -> Palette:
    """Return the palette, colours that came out equal as one at their mean centre."""
    colors, group = np.unique(colors, axis=0, return_inverse=True)
    total = np.bincount(group, weights=weight)
    sums = [np.bincount(group, weights=weight * column) for column in centers.T]
    # Four decimals say more than any eye or 16-bit picture can, and keep the JSON short.
    means = np.round(np.stack(sums, axis=-1) / total[:, None], 4)
    return _sorted(colors, means, space, total / total.sum())


def _sorted(
    colors: NDArray[np.uint8],
    centers: NDArray[Any],
    space: Space,
    share: NDArray[np.float64],
) -> Palette:
    """Return the palette from dark to light; equals by their code, so that order is certain."""
    luma = to_points(colors, "luv")[:, 0]
    order = np.lexsort((code_of(colors), luma))
    return Palette(colors[order], centers[order].astype(np.float64), space, share[order])


def _from_hex(text: object) -> list[int]:
    """Read ``#rrggbb``."""
    if not isinstance(text, str) or not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise UsageError(f"expected a colour as #rrggbb, found {text!r}")
    return list(bytes.fromhex(text[1:]))


def _checked_shares(shares: list[Any], count: int) -> NDArray[np.float64]:
    """Refuse shares that are no parts of one whole."""
    if not count:
        raise UsageError("a palette has at least 1 colour, found none")
    if len(shares) != count:
        raise UsageError(f"expected a share for each of {count} colours, found {len(shares)}")
    for share in shares:
        if not _is_number(share) or share < 0:
            raise UsageError(f"a share is a number from 0 to 1, found {share!r}")
    if not math.isclose(sum(shares), 1, abs_tol=1e-3):
        raise UsageError(f"the shares of a palette sum to 1, found {sum(shares):g}")
    return np.array(shares, np.float64)


def _is_number(value: object) -> bool:
    """Tell numbers of sensible size from everything else: NaN, infinity, truth values."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6


def _checked_centers(centers: list[Any], space: Space) -> NDArray[np.float64]:
    """Refuse centres that are no points of the space."""
    wanted = DIMENSIONS[space]
    for center in centers:
        right = isinstance(center, list) and len(center) == wanted and all(map(_is_number, center))
        if not right:
            raise UsageError(f"a center in {space} is a list of {wanted} numbers, found {center!r}")
    return np.array(centers, np.float64)
