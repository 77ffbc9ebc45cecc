"""The small pictures that models are tried on; the same in every run."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import torch
from torch import Tensor

from luvcolor.batches import to_batch
from luvcolor.dataset import Dataset
from luvcolor.frame import Frame
from luvcolor.io.codec import encode
from luvcolor.model import Batch, Hints
from luvcolor.preparation import PrepareOptions, prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SIDE", "batch_of", "dataset_in", "hints_for", "luma_of", "picture", "write_picture"]

SIDE = 32
"""Of the pictures that models learn from."""
COUNTS = {"train": 8, "val": 2, "test": 2}
RED, BLUE = (120.0, 20.0), (-10.0, -100.0)
"""u*, v* of the hints."""


def picture(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return a picture of smooth colours with a little noise, (height, width, 3) uint8."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / max(height, width, 2)
    phases = 6 * rng.random((3, 2))
    waves = [np.sin(a + 7 * x) * np.cos(b + 5 * y) for a, b in phases]
    noise = rng.normal(0, 6, (height, width, 3))
    return (128 + 90 * np.stack(waves, -1) + noise).clip(0, 255).astype(np.uint8)


def write_picture(path: Path, height: int = 24, width: int = 40) -> Path:
    """Write such a picture as PNG; return where."""
    path.write_bytes(encode(Frame(picture(height, width, 99)), "png"))
    return path


@cache
def dataset_in(folder: Path) -> Dataset:
    """Make a dataset of a dozen pictures below `folder`, once in a process."""
    number = 0
    for split, count in COUNTS.items():
        (folder / split).mkdir(parents=True)
        for _ in range(count):
            data = encode(Frame(picture(SIDE, SIDE, number)), "png")
            (folder / split / f"{number}.png").write_bytes(data)
            number += 1
    options = PrepareOptions(size=SIDE)
    return prepare([str(folder)], folder / "pictures.zarr", options, failed=_failed, workers=1)


def batch_of(dataset: Dataset, count: int = 4) -> Batch:
    """Return the first pictures of the dataset as a model learns from them."""
    return to_batch(np.stack([*dataset.pictures("train")][:count]))


def luma_of(count: int, height: int, width: int) -> Tensor:
    """Return L / 100 of such pictures, (count, 1, height, width)."""
    return to_batch(np.stack([picture(height, width, 70 + each) for each in range(count)])).luma


def hints_for(luma: Tensor, uses: tuple[str, ...], *, turned: bool = False) -> Hints | None:
    """Return hints of the kinds in `uses`: two pixels, a reference; `turned` swaps their colours.

    Parameters
    ----------
    luma
        (N, 1, H, W) of the pictures they are for.
    """
    if not uses:
        return None
    colours, size = "colours" in uses, (luma.shape[0], 1, *luma.shape[-2:])
    first, last = (BLUE, RED) if turned else (RED, BLUE)
    uv = torch.zeros(luma.shape[0], 2, *luma.shape[-2:])
    mask = torch.zeros(size, dtype=torch.bool)
    if colours:
        uv[..., -1, -1], uv[..., 0, 0] = torch.tensor(last), torch.tensor(first)
        mask[..., -1, -1] = mask[..., 0, 0] = True
    reference = _reference(turned) if "reference" in uses else None
    placed = (None if x is None else x.to(luma.device) for x in (uv, mask, reference))
    return Hints(*placed)  # type: ignore[arg-type]


def _reference(turned: bool) -> Tensor:
    """Return L, u*, v* of a picture, (1, 3, 20, 28)."""
    rgb = picture(20, 28, 50)
    batch = to_batch((rgb[..., ::-1] if turned else rgb)[None].copy())
    return torch.cat([batch.luma * 100, batch.uv], 1)


def _failed(name: str, error: Exception) -> NoReturn:
    raise error
