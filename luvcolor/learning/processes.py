"""Several processes that learn together, as torchrun starts them: it says so by the environment."""

from __future__ import annotations

import os

from luvcolor.dataset import Dataset
from luvcolor.errors import DatasetError

__all__ = ["here", "rank", "refuse_too_few", "world"]


def world() -> int:
    """Return how many processes learn together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def here() -> int:
    """Return how many of them are on this machine: one for each device."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


def rank() -> int:
    """Return which of them this one is; the first, 0, is the one that writes and speaks."""
    return int(os.environ.get("RANK", "0"))


def refuse_too_few(dataset: Dataset) -> None:
    """Refuse to share out pictures of which some process would get none.

    Raises
    ------
    DatasetError
        When there is no picture to train on, or not one for each process.
    """
    if not dataset.count("train"):
        raise DatasetError(f"{dataset.path} has no train pictures")
    for split in ("train", "val"):
        count = dataset.count(split)
        if 0 < count < world():
            raise DatasetError(
                f"{dataset.path}: expected a {split} picture for each of {world()} processes, "
                f"found {count}; start fewer"
            )
