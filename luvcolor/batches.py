"""Batches in LUV from a dataset: shuffled, cropped, flipped, aged, ahead of the network.

A pool of pictures is read while the one before is used, on a thread of its own; batches are made
of it on other threads. Each batch draws from a generator of its own, so that however many threads
make them, the batches of an epoch are the same and come in the same order.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

import luvcolor_kernels as kernels
from luvcolor.augmentation import age, shrink
from luvcolor.dataset import Dataset
from luvcolor.io.parallel import ordered_map
from luvcolor.model import Batch

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Batches", "Spent", "to_batch"]

AHEAD = 2
"""Batches that are made, or being made, for each thread, beyond the one in use."""


@dataclass
class Spent:
    """What the batches of one pass took, in seconds.

    Attributes
    ----------
    reading
        Reading pictures from the dataset, and shuffling them.
    making
        Cropping, flipping, ageing and converting them to LUV; of all threads together.
    waiting
        What whoever takes the batches waited for them.
    pictures
        In the batches so far.
    """

    reading: float = 0.0
    making: float = 0.0
    waiting: float = 0.0
    pictures: int = 0


class _Raw(NamedTuple):
    """The pictures of one batch, and which of the epoch's batches it is."""

    rgb: NDArray[np.uint8]
    epoch: int
    number: int


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
        The share of this process among several. Together they have the pictures, crops and flips
        that one process with batches `world` times as large has.
    makers
        Threads that make batches.
    spent
        What the latest pass took.
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
    makers: int = 1
    spent: Spent = field(default_factory=Spent)
    _whole: NDArray[np.uint8] | None = field(default=None, init=False, repr=False)

    def __len__(self) -> int:
        """Return the batches in one pass: the same for every process, for they go in step."""
        return len(self._sizes())

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches of one pass; the next ones are made while this one is used."""
        self.spent = Spent()
        raw = self._raw()
        made = ordered_map(self._timed, raw, self.makers, ahead=AHEAD * self.makers)
        with closing(raw), closing(made):
            while True:
                begin = time.perf_counter()
                outcome = next(made, None)
                self.spent.waiting += time.perf_counter() - begin
                if outcome is None:
                    return
                if isinstance(outcome, Exception):
                    raise outcome
                batch, seconds = outcome
                self.spent.making += seconds
                self.spent.pictures += len(batch.luma)
                yield batch

    def _raw(self) -> Generator[_Raw]:
        """Yield the pictures of every batch of this process, as they lie in the dataset."""
        epoch = self.epoch()
        # Every process shuffles alike.
        order = np.random.default_rng((self.seed, epoch)) if self.augment else None
        sizes, number, seen = deque(self._sizes()), 0, 0
        left: NDArray[np.uint8] | None = None
        for pool in self._pools(order):
            mine = pool[(self.rank - seen) % self.world :: self.world]
            seen += len(pool)
            start = 0
            held = 0 if left is None else len(left)
            while sizes and held + len(mine) - start >= sizes[0]:
                stop = start + sizes.popleft() - held
                rgb = mine[start:stop] if left is None else np.concatenate([left, mine[:stop]])
                yield _Raw(rgb, epoch, number)
                number, start, held, left = number + 1, stop, 0, None
            if not sizes:
                return
            rest = mine[start:]
            left = rest.copy() if left is None else np.concatenate([left, rest])

    def _pools(self, order: np.random.Generator | None) -> Iterator[NDArray[np.uint8]]:
        """Yield the pools of the split; the next is read while this one is used.

        A split of one pool is read once and kept, so that no epoch begins with reading.
        """
        if self.dataset.fits(self.split):
            yield self._shuffled(order)
            return
        pools = self.dataset.pools(self.split, order)

        def read() -> tuple[NDArray[np.uint8] | None, float]:
            begin = time.perf_counter()
            return next(pools, None), time.perf_counter() - begin

        with ThreadPoolExecutor(1, "luvcolor-reader") as reader:
            ahead = reader.submit(read)
            while True:
                pool, seconds = ahead.result()
                self.spent.reading += seconds
                if pool is None:
                    return
                ahead = reader.submit(read)
                yield pool

    def _shuffled(self, order: np.random.Generator | None) -> NDArray[np.uint8]:
        begin = time.perf_counter()
        if self._whole is None:
            self._whole = next(self.dataset.pools(self.split, None))
        whole = self._whole
        pool = whole if order is None else whole[order.permutation(len(whole))]
        self.spent.reading += time.perf_counter() - begin
        return pool

    def _timed(self, raw: _Raw) -> tuple[Batch, float]:
        begin = time.perf_counter()
        return self._made(raw), time.perf_counter() - begin

    def _made(self, raw: _Raw) -> Batch:
        if not self.augment:
            return to_batch(raw.rgb)
        # One more: the number 0 would draw what the order of the pictures was drawn from.
        key = (self.seed, raw.epoch, 1 + raw.number)
        rng = np.random.default_rng(key)
        if not self.film:
            return to_batch(self._cropped(raw.rgb, rng))
        mine = np.random.default_rng((*key, 1 + self.rank))
        return age(to_batch(self._cropped(shrink(raw.rgb, rng), rng)), mine)

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

    def _cropped(self, rgb: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        side = min(self.crop or rgb.shape[1], rgb.shape[1])
        # Drawn for the pictures of all processes, of which this one has its share.
        drawn, share = len(rgb) * self.world, slice(self.rank, None, self.world)
        corners = rng.integers(0, rgb.shape[1] - side + 1, (drawn, 2))[share]
        flips = rng.random(drawn)[share] < 0.5
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
