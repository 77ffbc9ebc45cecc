"""The best that luma alone can do, with no network: one colour for each level of luma.

What a model gains over this is what it knows of things.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import luvcolor_kernels as kernels
from luvcolor.errors import DatasetError
from luvcolor.spaces import Space, to_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Centers", "LumaLookup"]

LEVELS = 256


class Centers(NamedTuple):
    """The colours that a model chooses among.

    Attributes
    ----------
    space
        Where they lie.
    points
        (k, D) float32 in that space.
    """

    space: Space
    points: NDArray[np.float32]

    def __str__(self) -> str:
        """Name the colours, so that equal ones have equal names.

        Examples
        --------
        >>> str(Centers("rgb", np.zeros((24, 3), np.float32)))
        '24 colours in rgb (2d5565fb483d)'
        """
        digest = hashlib.sha256(np.ascontiguousarray(self.points, "<f4").tobytes()).hexdigest()
        return f"{len(self.points)} colours in {self.space} ({digest[:12]})"

    def nearest(self, rgb: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Return the number of the nearest colour for every pixel of uint8 sRGB.

        Examples
        --------
        >>> centers = Centers("rgb", np.array([[0, 0, 0], [255, 255, 255]], np.float32))
        >>> centers.nearest(np.array([[[9, 9, 9], [200, 200, 200]]], np.uint8)).tolist()
        [[0, 1]]
        """
        return np.asarray(kernels.nearest(to_points(rgb, self.space), self.points))


@dataclass(frozen=True)
class LumaLookup:
    """What pictures had where they had a certain luma.

    Attributes
    ----------
    chroma
        (256, 2) float32: the mean u*, v* at every level of luma, from black to white.
    labels
        (256,) the likeliest colour of `centers` at every level; None without such.
    centers
        The colours of the labels.
    pictures
        How many pictures it was learned from.

    Examples
    --------
    >>> dark, light = (90, 20, 20), (200, 210, 240)
    >>> lookup = LumaLookup.learn([np.array([[dark, dark, light]], np.uint8)])
    >>> lookup.colours(np.array([[light, dark]], np.uint8)).tolist()
    [[[200, 210, 240], [90, 20, 20]]]
    """

    chroma: NDArray[np.float32]
    labels: NDArray[np.intp] | None
    centers: Centers | None
    pictures: int

    @classmethod
    def learn(
        cls, pictures: Iterable[NDArray[np.uint8]], centers: Centers | None = None
    ) -> LumaLookup:
        """Look at pictures in colour, one at a time.

        A level that no pixel had takes its chroma from between the levels beside it, and its label
        from the nearest.

        Parameters
        ----------
        pictures
            (H, W, 3) uint8 sRGB.
        centers
            The colours of a model that chooses among some.

        Raises
        ------
        DatasetError
            When there is no picture.
        """
        sums = np.zeros((LEVELS, 2))
        votes = np.zeros((LEVELS, 1 if centers is None else len(centers.points)))
        count = 0
        for picture in pictures:
            count += 1
            level = _levels(picture)
            uv = kernels.rgb_to_luv(picture)[..., 1:].reshape(-1, 2)
            sums += np.stack([np.bincount(level, part, LEVELS) for part in uv.T], -1)
            label = 0 if centers is None else centers.nearest(picture).ravel()
            pairs = level * votes.shape[1] + label
            votes += np.bincount(pairs, minlength=votes.size).reshape(votes.shape)
        if not count:
            raise DatasetError("expected pictures to learn the luma lookup from, found none")
        seen = np.flatnonzero(votes.sum(1))
        means = sums[seen] / votes[seen].sum(1, keepdims=True)
        every = np.arange(LEVELS)
        chroma = np.stack([np.interp(every, seen, part) for part in means.T], -1)
        if centers is None:
            return cls(chroma.astype(np.float32), None, None, count)
        nearest_seen = seen[np.abs(every[:, None] - seen).argmin(1)]
        return cls(chroma.astype(np.float32), votes.argmax(1)[nearest_seen], centers, count)

    def colours(self, truth: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the luma of `truth`, uint8 sRGB (H, W, 3), under the chroma of its levels."""
        uv = self.chroma[_levels(truth)].reshape(*truth.shape[:2], 2)
        planar = np.ascontiguousarray(uv.transpose(2, 0, 1))
        return np.asarray(kernels.merge_chroma(kernels.luminance(truth), planar, dtype=np.uint8))

    def accuracy(self, truth: NDArray[np.uint8]) -> float | None:
        """Return the share of pixels whose nearest colour is the likeliest of their level.

        None without colours to choose among.

        Examples
        --------
        >>> centers = Centers("rgb", np.array([[0, 0, 0], [255, 0, 0]], np.float32))
        >>> red, black = (255, 0, 0), (0, 0, 0)
        >>> lookup = LumaLookup.learn([np.array([[red, black]], np.uint8)], centers)
        >>> lookup.accuracy(np.array([[red, black, black, (0, 0, 255)]], np.uint8))
        0.75
        """
        if self.labels is None or self.centers is None:
            return None
        right = self.labels[_levels(truth)] == self.centers.nearest(truth).ravel()
        return float(right.mean())


def _levels(picture: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return the level of luma of every pixel, flat."""
    luma = np.asarray(kernels.luminance(picture)).ravel()
    scaled = np.rint(luma * ((LEVELS - 1) / 100))
    return np.clip(scaled, 0, LEVELS - 1).astype(np.intp)
