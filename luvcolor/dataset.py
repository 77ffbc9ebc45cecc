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
"""Pictures are shuffled within a pool of this many bytes, and the pools among each other."""
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

    def pools(self, split: str, rng: np.random.Generator | None) -> Iterator[NDArray[np.uint8]]:
        """Yield all pictures of `split` in a few large arrays, shuffled when `rng` is given."""
        array = self.arrays[split]
        step = array.chunks[0]
        chunks = np.arange(-(-array.shape[0] // step))
        if rng is not None:
            rng.shuffle(chunks)
        per_pool = max(1, POOL_BYTES // (step * self.size * self.size * 3))
        for start in range(0, len(chunks), per_pool):
            chosen = chunks[start : start + per_pool]
            pool = np.concatenate([array[c * step : (c + 1) * step] for c in chosen])
            yield pool[rng.permutation(len(pool))] if rng is not None else pool
