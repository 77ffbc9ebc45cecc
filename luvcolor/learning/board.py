"""What TensorBoard shows of a run: the numbers of `metrics.csv`, and the sheets."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Board"]


class Board:
    """Writes into one folder; a resumed run adds to it, and hides what it does anew.

    Raises
    ------
    UsageError
        When TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        if find_spec("tensorboard") is None:
            raise UsageError(
                "expected TensorBoard to write for, found none; "
                "pip install 'luvcolor[tensorboard]', or leave --tensorboard out"
            )
        self.folder = folder
        self._opened: Any = None

    def numbers(self, row: dict[str, float]) -> None:
        """Write the numbers of an epoch."""
        epoch = int(row["epoch"])
        writer = self._writer(epoch)
        for name, value in row.items():
            if name != "epoch":
                writer.add_scalar(name.replace("_", "/", 1), value, epoch)
        writer.flush()

    def sheet(self, epoch: int, rgb: NDArray[np.uint8]) -> None:
        """Write the contact sheet of an epoch, (H, W, 3)."""
        writer = self._writer(epoch)
        writer.add_image("samples", rgb, epoch, dataformats="HWC")
        writer.flush()

    def close(self) -> None:
        """Let go of the file."""
        if self._opened is not None:
            self._opened.close()

    def _writer(self, epoch: int) -> Any:
        if self._opened is None:
            from torch.utils.tensorboard import SummaryWriter

            self._opened = SummaryWriter(self.folder, purge_step=epoch)
        return self._opened
