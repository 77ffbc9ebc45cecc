"""Learning a few pictures by heart, which a model must be able to do."""

from __future__ import annotations

import numpy as np
import torch

from luvcolor.batches import to_batch
from luvcolor.dataset import Dataset
from luvcolor.model import Colorizer


def error_left(model: Colorizer, dataset: Dataset, *, steps: int) -> float:
    """Learn four pictures; return the squared error of their chroma as a share of its square."""
    batch = to_batch(np.stack(list(dataset.pictures("train"))[:4]))
    optimizer = model.optimizers()["main"]
    for _ in range(steps):
        ((_, loss),) = model.losses(batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        error = (model.eval().predict(batch.luma).uv - batch.uv).square().mean()
    return float(error / batch.uv.square().mean())
