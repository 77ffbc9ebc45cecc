"""Makes a dataset from pictures: any size in, squares in three splits out, resumable.

The store grows under a temporary name beside its final one and is renamed when it is whole. What
has been taken is written down after every block, so that a run that was cut off goes on where it
was; nothing depends on which run did what.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.configuration import to_mapping
from luvcolor.dataset import SPLITS, Dataset
from luvcolor.errors import DatasetError, LuvcolorError, OutputError, UsageError
from luvcolor.io.codec import decode
from luvcolor.io.files import Source, expand
from luvcolor.io.parallel import ordered_map
from luvcolor.pixels import has_colour, to_rgb8

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.frame import Frame

__all__ = ["PrepareOptions", "prepare"]

CHUNK = 16
"""Pictures in a chunk: small, so that shuffled reading is cheap."""
SHARD = 64 * CHUNK
"""Pictures in a file and in memory at a time, at most: a dataset is a few hundred files."""
SHARD_BYTES = 128 * 2**20


@dataclass(frozen=True)
class PrepareOptions:
    """How pictures become a dataset.

    Attributes
    ----------
    size
        Side of the squares, in pixels.
    val, test
        Shares of the pictures that are kept for validation and for testing. Pictures in folders
        called ``train``, ``val`` and ``test`` stay where they are put.
    seed
        Decides the splits.
    fit
        ``"crop"`` keeps shapes and cuts the longer side's ends; ``"stretch"`` keeps all.
    """

    size: int = 224
    val: float = 0.1
    test: float = 0.1
    seed: int = 0
    fit: str = "crop"

    def __post_init__(self) -> None:
        if self.size < 8:
            raise UsageError(f"the size is at least 8 pixels, not {self.size}")
        if min(self.val, self.test) < 0 or self.val + self.test >= 1:
            raise UsageError(
                "val and test are shares that leave something to train on; "
                f"found {self.val} and {self.test}"
            )
        if self.fit not in {"crop", "stretch"}:
            raise UsageError(f"fit is 'crop' or 'stretch', not {self.fit!r}")


@dataclass(frozen=True)
class _Taken:
    """One picture on its way into the store."""

    split: str
    pixels: NDArray[np.uint8]
    digest: bytes


def prepare(
    inputs: Sequence[str],
    output: Path,
    options: PrepareOptions,
    *,
    failed: Callable[[str, LuvcolorError], None],
    workers: int,
    force: bool = False,
    watch: Callable[[Iterator[Any], int], Iterator[Any]] = lambda items, total: items,
) -> Dataset:
    """Make the dataset `output` from the pictures of `inputs`.

    Parameters
    ----------
    inputs
        Files, folders, globs, archives.
    output
        The store to make, usually ``something.zarr``.
    options
        Sizes, splits and seed.
    failed
        Called with the name and the reason of every picture that cannot be used.
    workers
        Threads that decode.
    force
        Replace `output`, and forget a run that was cut off.
    watch
        Wraps the pictures for a progress bar, given how many there are.

    Raises
    ------
    OutputError
        When `output` exists and `force` is not given.
    DatasetError
        When no picture could be used, or an unfinished run had other inputs or options.
    """
    if output.exists() and not force:
        raise OutputError(f"{output} exists already; name another dataset, or give --force")
    if output.exists() and not _is_store(output):
        raise OutputError(f"{output} exists and is no dataset, so that --force leaves it alone")
    if "-" in inputs:
        raise UsageError("prepare goes over its pictures twice and cannot read a pipe; name files")
    names = [(root, source.name) for root, source in _sources(inputs)]
    split_of = _Splitter(names, options)
    store = _Store(Path(f"{output}.partial"), _plan(names, options), options, fresh=force)

    def take(item: tuple[str, Source]) -> _Taken | None:
        root, source = item
        data = source.read()
        frame = decode(data, name=source.name)
        if not has_colour(frame.pixels):
            return None
        digest = hashlib.sha256(data).digest()
        return _Taken(split_of(root, source.name, digest), fit(frame, options), digest)

    rest = islice(_sources(inputs), store.next, None)
    watched = watch(rest, len(names) - store.next)
    results = ordered_map(take, watched, workers, ahead=2 * workers)
    for block in _blocks(zip(names[store.next :], results, strict=True), _shard(options)):
        for (_, name), result in block:
            if isinstance(result, LuvcolorError):
                failed(name, result)
            elif isinstance(result, Exception):
                raise result
        store.append([result for _, result in block])
    store.finish(output, inputs, force=force)
    return Dataset.open(output)


def _is_store(path: Path) -> bool:
    """Whether a dataset of ours lies there, finished or not: nothing else is ever removed."""
    import zarr

    if not (path / "zarr.json").exists():
        return False
    try:
        attributes: Any = zarr.open_group(path, mode="r").attrs
    except (ValueError, OSError, TypeError):
        return False
    return "luvcolor" in attributes or "progress" in attributes


def _sources(inputs: Sequence[str]) -> Iterator[tuple[str, Source]]:
    """Yield every picture with the input it is of; archives are read anew at every call."""
    return ((root, source) for root in inputs for source in expand([root]))


def fit(frame: Frame, options: PrepareOptions) -> NDArray[np.uint8]:
    """Return the picture as (S, S, 3) uint8: its middle square, or all of it stretched."""
    from PIL import Image

    height, width = frame.size
    box = None
    if options.fit == "crop":
        side = min(height, width)
        top, left = (height - side) / 2, (width - side) / 2
        box = (left, top, left + side, top + side)
    image = Image.fromarray(to_rgb8(frame.pixels))
    shrinks = min(height, width) >= options.size
    kernel = Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC
    return np.asarray(image.resize((options.size, options.size), kernel, box=box))


class _Splitter:
    """Says which split a picture belongs to.

    Folders called train, val and test are obeyed; where an input has none for val or test, their
    share is drawn from the rest by a hash of the seed and the file's bytes, so that the same
    picture lands in the same split whatever else is there, and twins that are drawn never straddle
    two. Twins that folders keep apart stay apart.
    """

    def __init__(self, names: list[tuple[str, str]], options: PrepareOptions) -> None:
        self.seed = str(options.seed).encode()
        self.shares = {"val": options.val, "test": options.test}
        self.given: dict[str, set[str]] = {}
        for root, name in names:
            if (folder := _split_folder(name)) is not None:
                self.given.setdefault(root, set()).add(folder)

    def __call__(self, root: str, name: str, digest: bytes) -> str:
        folder = _split_folder(name)
        if folder in {"val", "test"}:
            return str(folder)
        draw = int.from_bytes(hashlib.sha256(self.seed + digest).digest()[:8], "big") / 2**64
        for split, share in self.shares.items():
            if split in self.given.get(root, ()):
                continue
            if draw < share:
                return split
            draw -= share
        return "train"


def _split_folder(name: str) -> str | None:
    return next((part for part in Path(name).parts[:-1] if part in SPLITS), None)


class _Store:
    """The store while it grows, and the notes that let another run go on with it."""

    def __init__(self, path: Path, plan: str, options: PrepareOptions, *, fresh: bool) -> None:
        import zarr

        self.path, self.options = path, options
        if path.exists() and not (path / "zarr.json").exists():
            raise OutputError(f"{path} is in the way of the dataset to be made; move it elsewhere")
        if path.exists() and (fresh or not _is_store(path)):
            shutil.rmtree(path)
        self.root = zarr.open_group(path, mode="a")
        attributes: Any = self.root.attrs
        if "progress" not in attributes:
            self._begin(plan)
        self.notes: dict[str, Any] = dict(attributes["progress"])
        if self.notes["plan"] != plan:
            raise DatasetError(
                f"{path}: an unfinished run with other pictures or options lies here; "
                "repeat it as it was to finish it, or give --force to start anew"
            )
        for split in SPLITS:  # what was written after the last note is written again
            self._array(split).resize((self.notes["counts"][split], *self._array(split).shape[1:]))

    @property
    def next(self) -> int:
        """How many inputs have been dealt with."""
        return int(self.notes["next"])

    def append(self, block: Sequence[_Taken | LuvcolorError | None]) -> None:
        """Write one block of results, then the note that it is done."""
        for split in SPLITS:
            mine = [t.pixels for t in block if isinstance(t, _Taken) and t.split == split]
            if mine:
                self._array(split).append(np.stack(mine))
                self.notes["counts"][split] += len(mine)
        digest = hashlib.sha256(self.notes["fingerprint"].encode())
        for taken in block:
            if isinstance(taken, _Taken):
                digest.update(taken.digest)
        self.notes["fingerprint"] = digest.hexdigest()
        self.notes["next"] += len(block)
        self.notes["gray"] += sum(taken is None for taken in block)
        self.notes["failed"] += sum(isinstance(taken, LuvcolorError) for taken in block)
        self.root.attrs["progress"] = self.notes

    def finish(self, output: Path, inputs: Sequence[str], *, force: bool) -> None:
        """Write the manifest and give the store its name."""
        import zarr

        if not self.notes["counts"]["train"]:
            shutil.rmtree(self.path)
            raise DatasetError(
                f"found no colour picture to train on among {self.next} in {', '.join(inputs)} "
                f"({self.notes['gray']} gray, {self.notes['failed']} unreadable)"
            )
        o = self.options
        self.root.attrs["luvcolor"] = {
            "format": 1,
            "size": o.size,
            "fit": o.fit,
            "seed": o.seed,
            "shares": {"val": o.val, "test": o.test},
            "sources": [Path(name).name for name in inputs],
            "counts": self.notes["counts"],
            "left_out": {"gray": self.notes["gray"], "failed": self.notes["failed"]},
            "fingerprint": self.notes["fingerprint"][:16],
        }
        old = output.with_name(f"{output.name}.old")
        if force and output.exists():
            output.rename(old)
        self.path.rename(output)
        shutil.rmtree(old, ignore_errors=True)
        # Last: until the store has its name, another run must be able to finish this one.
        del zarr.open_group(output, mode="r+").attrs["progress"]

    def _begin(self, plan: str) -> None:
        shape = (self.options.size, self.options.size, 3)
        for split in SPLITS:
            self.root.create_array(
                split,
                shape=(0, *shape),
                chunks=(CHUNK, *shape),
                shards=(_shard(self.options), *shape),
                dtype="uint8",
                overwrite=True,
            )
        counts = dict.fromkeys(SPLITS, 0)
        self.root.attrs["progress"] = {
            "plan": plan,
            "next": 0,
            "counts": counts,
            "gray": 0,
            "failed": 0,
            "fingerprint": "",
        }

    def _array(self, split: str) -> Any:
        return self.root[split]


def _shard(options: PrepareOptions) -> int:
    """Return the pictures in a file: whole chunks, fewer where pictures are large."""
    fitting = SHARD_BYTES // (options.size * options.size * 3)
    return max(CHUNK, min(SHARD, fitting // CHUNK * CHUNK))


def _plan(names: list[tuple[str, str]], options: PrepareOptions) -> str:
    """Digest what was asked for: two runs with the same digest do the same."""
    asked = [to_mapping(options), names]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _blocks(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while block := list(islice(items, size)):
        yield block
