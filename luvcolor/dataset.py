"""A dataset: pictures of one size in train, val and test arrays, and batches from it.

One zarr store holds three arrays of uint8 sRGB (N, S, S, 3) and a manifest. Pictures lie in small
chunks, so that both a scan and a shuffled epoch read little more than they need; conversion to LUV
happens on the way out, in the kernels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.errors import DatasetError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SPLITS", "Dataset"]

SPLITS = ("train", "val", "test")
POOL_BYTES = 512 * 2**20
"""Pictures are shuffled within a pool of this many bytes, and the pools among each other. Two are
held: one in use, one being read."""
AT_ONCE = 32
"""Chunks that lie beside each other are read together, up to so many: four times as fast."""
SAMPLED = 4096
"""Pictures that a palette or a mean is taken from, at most."""


@dataclass(frozen=True)
class Dataset:
    """An opened dataset.

    Attributes
    ----------
    path
        Where it lies.
    arrays
        uint8 arrays (N, S, S, 3) by split.
    manifest
        What `prepare` wrote: size, counts, sources, seed, fingerprint.
    """

    path: Path
    arrays: dict[str, Any]
    manifest: dict[str, Any]

    @classmethod
    def open(cls, path: Path | str) -> Dataset:
        """Open a dataset that `luvcolor prepare` wrote.

        Raises
        ------
        DatasetError
            When there is none at `path`.
        """
        import zarr

        path = Path(path)
        if not path.exists():
            raise DatasetError(f"{path}: there is no such dataset; make one with luvcolor prepare")
        try:
            root = zarr.open_group(path, mode="r")
            attributes: Any = root.attrs
            manifest = dict(attributes["luvcolor"])
            arrays = {split: root[split] for split in SPLITS}
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise DatasetError(
                f"{path}: expected a dataset that `luvcolor prepare` wrote, found none: {error}"
            ) from None
        return cls(path, arrays, manifest)

    @property
    def size(self) -> int:
        """Height and width of every picture."""
        return int(self.manifest["size"])

    def count(self, split: str) -> int:
        """Return how many pictures `split` holds."""
        return int(self.arrays[split].shape[0])

    def pictures(self, split: str) -> Iterator[NDArray[np.uint8]]:
        """Yield every picture of `split` in order, (S, S, 3) uint8."""
        array = self.arrays[split]
        step = array.chunks[0]
        for start in range(0, array.shape[0], step):
            yield from array[start : start + step]

    def sample(self, split: str, *, seed: int) -> Iterator[NDArray[np.uint8]]:
        """Yield up to `SAMPLED` pictures of `split`, drawn by `seed`, chunk by chunk."""
        array = self.arrays[split]
        step = array.chunks[0]
        chunks = np.random.default_rng(seed).permutation(-(-array.shape[0] // step))
        for chunk in chunks[: SAMPLED // step]:
            yield from array[chunk * step : (chunk + 1) * step]

    def fits(self, split: str) -> bool:
        """Whether `split` is one pool."""
        return 0 < self.count(split) * self.size**2 * 3 <= POOL_BYTES

    def pools(self, split: str, rng: np.random.Generator | None) -> Iterator[NDArray[np.uint8]]:
        """Yield all pictures of `split` in a few large arrays, shuffled when `rng` is given."""
        array = self.arrays[split]
        step = array.chunks[0]
        total = array.shape[0]
        chunks = np.arange(-(-total // step))
        if rng is not None:
            rng.shuffle(chunks)
        per_pool = max(1, POOL_BYTES // (step * self.size * self.size * 3))
        for start in range(0, len(chunks), per_pool):
            runs = _runs(np.sort(chunks[start : start + per_pool]))
            parts = [(first * step, min(end * step, total)) for first, end in runs]
            yield _pool(array, parts, rng)

    def few(self, count: int, *, least: int = 0) -> Dataset:
        """Return a dataset of the first pictures of ``train`` alone, to learn and to validate.

        Parameters
        ----------
        count
            How many.
        least
            To learn they come again and again, until there are so many.

        Raises
        ------
        DatasetError
            When there are not so many.
        """
        import zarr

        if count > self.count("train"):
            raise DatasetError(
                f"{self.path}: expected {count} train pictures, found {self.count('train')}; "
                "ask for fewer"
            )
        pictures = self.arrays["train"][:count]
        splits = {
            "train": np.tile(pictures, (max(1, -(-least // count)), 1, 1, 1)),
            "val": pictures,
            "test": pictures[:0],
        }
        arrays = {split: zarr.array(each) for split, each in splits.items()}
        counts = {split: len(each) for split, each in splits.items()}
        return Dataset(self.path, arrays, {**self.manifest, "counts": counts})


def _runs(chunks: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Yield neighbours among sorted chunks as (first, one after the last), `AT_ONCE` at most."""
    for run in np.split(chunks, np.flatnonzero(np.diff(chunks) != 1) + 1):
        for start in range(0, len(run), AT_ONCE):
            part = run[start : start + AT_ONCE]
            yield int(part[0]), int(part[-1]) + 1


def _pool(
    array: Any, parts: list[tuple[int, int]], rng: np.random.Generator | None
) -> NDArray[np.uint8]:
    """Read parts of an array into one, each picture at once to where the shuffle has it."""
    count = sum(stop - start for start, stop in parts)
    places = np.arange(count) if rng is None else np.argsort(rng.permutation(count))
    pool = np.empty((count, *array.shape[1:]), np.uint8)
    filled = 0
    for start, stop in parts:
        pool[places[filled : filled + stop - start]] = array[start:stop]
        filled += stop - start
    return pool
