"""Writes metrics, curves and the best weights after every epoch."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import Callback

from luvcolor.checkpoint import Card, save
from luvcolor.io.atomic import atomic_path, atomic_write
from luvcolor.learning.board import Board
from luvcolor.learning.pace import TIMES, Pace, in_words
from luvcolor.learning.runs import RunFolder

__all__ = ["Recorder"]

Row = dict[str, float]


class Recorder(Callback):
    """Writes metrics, curves and the best weights after every epoch; stops early."""

    def __init__(
        self,
        folder: RunFolder,
        card: Card,
        pace: Pace,
        say: Callable[[str], None],
        board: Board | None = None,
    ) -> None:
        self.folder, self.card, self.pace, self.say = folder, card, pace, say
        self.board = board
        self.rows: list[Row] = []

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs to go on writing the same tables."""
        return {"rows": self.rows}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up the tables of the run that was cut off."""
        self.rows = list(state["rows"])

    def on_train_epoch_start(self, trainer: Any, adapter: Any) -> None:
        """Start the clock of this epoch."""
        self.pace.begin()

    def on_train_batch_end(self, *args: Any) -> None:
        """Note how long learning took so far."""
        self.pace.step()

    def on_train_epoch_end(self, trainer: Any, adapter: Any) -> None:
        """Record the epoch that ended."""
        logged = {key: round(float(value), 6) for key, value in trainer.callback_metrics.items()}
        self.rows.append({"epoch": trainer.current_epoch + 1, **logged, **self.pace.times()})
        best = min(self.rows, key=_score)
        if trainer.is_global_zero:
            self._write(adapter, best)
        patience = adapter.options.patience
        if patience and self.rows[-1]["epoch"] - best["epoch"] >= patience:
            trainer.should_stop = True
            self.say(f"no better for {patience} epochs: stopped early")

    def _write(self, adapter: Any, best: Row) -> None:
        latest = self.rows[-1]
        if best is latest:
            reached = {key: value for key, value in best.items() if key not in TIMES}
            save(self.folder.best, adapter.model, replace(self.card, metrics=reached), force=True)
        _write_csv(self.folder.path / "metrics.csv", self.rows)
        _draw_curves(self.folder.path / "curves.png", self.rows)
        if self.board is not None:
            self.board.numbers(latest)
        self.say(_line(latest, adapter.options.epochs, best is latest))


def _score(row: Row) -> float:
    """Return what decides which epoch is best: validation loss, else the training loss."""
    value = row.get("val_loss", next(v for k, v in row.items() if k.startswith("train_")))
    return value if math.isfinite(value) else math.inf


def _line(row: Row, epochs: int, best: bool) -> str:
    words = ", ".join(f"{key} {row[key]:.4g}" for key in _followed(row))
    return f"epoch {row['epoch']:g}/{epochs}: {words}{' (best)' * best}; {in_words(row)}"


def _followed(row: Row) -> list[str]:
    return [key for key in row if key not in {"epoch", *TIMES}]


def _write_csv(path: Path, rows: list[Row]) -> None:
    text = io.StringIO()
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    atomic_write(path, text.getvalue().encode(), force=True)


def _draw_curves(path: Path, rows: list[Row]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    epochs = [row["epoch"] for row in rows]
    for key in _followed(rows[-1]):
        axes.plot(epochs, [row.get(key, math.nan) for row in rows], marker=".", label=key)
    axes.set_xlabel("epoch")
    axes.grid(alpha=0.3)
    axes.legend()
    with atomic_path(path, force=True) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
