"""Batches in LUV from a dataset: shuffled, cropped, flipped, aged, one ahead of the network."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch

import luvcolor_kernels as kernels
from luvcolor.augmentation import age, shrink
from luvcolor.dataset import Dataset
from luvcolor.model import Batch

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Batches", "to_batch"]


@dataclass
class Batches:
    """One split of a dataset as an iterable of batches, the same for the same seed and epoch.

    Attributes
    ----------
    dataset, split
        Where the pictures come from.
    size
        Pictures in a batch. Augmented, what does not fill one is left out of an epoch; otherwise
        every picture has its turn, in batches of at most this size.
    augment
        Shuffle, crop and flip: for training.
    crop
        Side of the random square crop, in pixels; None for the whole picture.
    film
        Shrink and age the pictures as well, as old photographs are (`luvcolor.augmentation`).
    seed
        With the epoch, decides order, crops, flips and ageing.
    epoch
        Asked at the start of every pass.
    rank, world
        The share of this process among several.
    """

    dataset: Dataset
    split: str
    size: int
    augment: bool = False
    crop: int | None = None
    film: bool = False
    seed: int = 0
    epoch: Callable[[], int] = lambda: 0
    rank: int = 0
    world: int = 1

    def __len__(self) -> int:
        """Return the batches in one pass: the same for every process, for they go in step."""
        return len(self._sizes())

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches of one pass; the next is made while this one is used."""
        with ThreadPoolExecutor(1, "luvcolor-batches") as maker:
            batches = self._batches()
            ahead = maker.submit(next, batches, None)
            while (batch := ahead.result()) is not None:
                ahead = maker.submit(next, batches, None)
                yield batch

    def _batches(self) -> Iterator[Batch]:
        epoch = self.epoch()
        # Two: every process shuffles alike, however many crops it draws.
        order = np.random.default_rng((self.seed, epoch)) if self.augment else None
        rng = np.random.default_rng((self.seed, epoch, 1 + self.rank)) if self.augment else None
        sizes, seen = deque(self._sizes()), 0
        held: NDArray[np.uint8] | None = None
        for pool in self.dataset.pools(self.split, order):
            mine = pool[(self.rank - seen) % self.world :: self.world]
            seen += len(pool)
            held = mine if held is None else np.concatenate([held, mine])
            while sizes and len(held) >= sizes[0]:
                batch, held = np.split(held, [sizes.popleft()])
                yield to_batch(batch) if rng is None else self._augmented(batch, rng)

    def _sizes(self) -> list[int]:
        """Return how many pictures each batch of this process holds."""
        count = self.dataset.count(self.split)
        if self.augment:  # whole batches alone, of which every process has as many
            mine = count // self.world
            return [self.size] * (mine // self.size) or [mine] * bool(mine)
        mine = len(range(self.rank, count, self.world))
        batches = -(-count // (self.size * self.world))
        bounds = [mine * batch // max(1, batches) for batch in range(batches + 1)]
        return [stop - start for start, stop in pairwise(bounds) if stop > start]

    def _augmented(self, rgb: NDArray[np.uint8], rng: np.random.Generator) -> Batch:
        if not self.film:
            return to_batch(self._cropped(rgb, rng))
        return age(to_batch(self._cropped(shrink(rgb, rng), rng)), rng)

    def _cropped(self, rgb: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        side = min(self.crop or rgb.shape[1], rgb.shape[1])
        corners = rng.integers(0, rgb.shape[1] - side + 1, (len(rgb), 2))
        flips = rng.random(len(rgb)) < 0.5
        return np.stack(
            [
                picture[y : y + side, x : x + side][:, :: -1 if flip else 1]
                for picture, (y, x), flip in zip(rgb, corners, flips, strict=True)
            ]
        )


def to_batch(rgb: NDArray[np.uint8]) -> Batch:
    """Convert (N, H, W, 3) uint8 sRGB to a batch in LUV."""
    planar = np.ascontiguousarray(rgb.transpose(0, 3, 1, 2))
    luv = torch.from_numpy(kernels.rgb_to_luv(planar, channel_axis=-3))
    return Batch(luv[:, :1] / 100, luv[:, 1:].contiguous(), torch.from_numpy(planar))
