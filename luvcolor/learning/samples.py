"""Contact sheets of the same few validation pictures, to see a model learn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from lightning.pytorch.callbacks import Callback

import luvcolor_kernels as kernels
from luvcolor.batches import to_batch
from luvcolor.dataset import Dataset
from luvcolor.io.atomic import atomic_write
from luvcolor.io.codec import encode
from luvcolor.learning.board import Board
from luvcolor.model import Batch
from luvcolor.sheet import Row, contact_sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.frame import Frame
    from luvcolor.model import Colorizer

__all__ = ["Samples"]

SHOWN = 8
ROWS = 4
"""In a column of the sheet."""
CELLS = (96, 192)
"""A picture is shown at its own size, but with a side of this many pixels at least and at most."""


class Samples(Callback):
    """Writes ``samples-0005.jpg`` every few epochs and at the end: gray, prediction, truth.

    Parameters
    ----------
    folder
        Where to.
    dataset
        Shown are pictures from all over the validation pictures, else the training pictures.
    every
        How many epochs lie between two sheets.
    board
        Where else to.
    """

    def __init__(self, folder: Path, dataset: Dataset, every: int, board: Board | None) -> None:
        self.folder, self.every, self.board = folder, every, board
        split = "val" if dataset.count("val") else "train"
        count = dataset.count(split)
        places = np.linspace(0, count - 1, min(SHOWN, count)).round().astype(int)
        self.names = [f"{split} {place}" for place in places]
        self.batch = to_batch(np.stack([dataset.arrays[split][int(place)] for place in places]))
        self.cell = int(np.clip(dataset.size, *CELLS))

    def on_train_epoch_end(self, trainer: Any, adapter: Any) -> None:
        """Write the sheet of the epoch that ended, where it is the turn of one."""
        epoch = trainer.current_epoch + 1
        last = trainer.should_stop or epoch == trainer.max_epochs
        if not trainer.is_global_zero or not (last or epoch % self.every == 0):
            return
        with trainer.precision_plugin.forward_context():
            predicted = predict(adapter.model, self.batch.luma.to(adapter.device))
        sheet = self._sheet(predicted)
        path = self.folder / f"samples-{epoch:04}.jpg"
        atomic_write(path, encode(sheet, "jpeg"), force=True)
        if self.board is not None:
            self.board.sheet(epoch, sheet.pixels)

    def columns(self, uv: NDArray[np.float32]) -> dict[str, NDArray[np.uint8]]:
        """Return the pictures of each column by its label, given chroma (N, 2, H, W)."""
        return {
            "gray": _coloured(self.batch, np.zeros_like(uv)),
            "prediction": _coloured(self.batch, uv),
            "truth": self.batch.rgb.permute(0, 2, 3, 1).numpy(),
        }

    def _sheet(self, uv: NDArray[np.float32]) -> Frame:
        columns = self.columns(uv)
        rows = [
            Row(name, [(label, pictures[number]) for label, pictures in columns.items()])
            for number, name in enumerate(self.names)
        ]
        return contact_sheet(rows, cell=self.cell, rows_per_block=ROWS)


@torch.no_grad()
def predict(model: Colorizer, luma: torch.Tensor) -> NDArray[np.float32]:
    """Return the chroma that a model predicts while it learns, (N, 2, H, W); it stays as it is."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        uv: NDArray[np.float32] = model.predict(luma).uv.float().cpu().numpy()
    finally:
        for module, mode in modes.items():
            module.training = mode
    return uv


def _coloured(batch: Batch, uv: NDArray[np.float32]) -> NDArray[Any]:
    return kernels.merge_chroma(100 * batch.luma[:, 0].numpy(), uv, dtype=np.uint8)
