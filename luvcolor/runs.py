"""What a training run leaves on disk: its folder, its table and curves, its best weights."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import Callback, ModelCheckpoint

from luvcolor.checkpoint import SUFFIX, Card, read_card, save
from luvcolor.errors import OutputError
from luvcolor.io.atomic import atomic_path, atomic_write

__all__ = ["Recorder", "RunFolder"]


@dataclass(frozen=True)
class RunFolder:
    """Where a run keeps what it needs; `output` is the checkpoint it is for."""

    output: Path

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.output.with_name(self.output.name.removesuffix(SUFFIX) + ".run")

    @property
    def last(self) -> Path:
        """Everything that resuming needs."""
        return self.path / "last.ckpt"

    @property
    def best(self) -> Path:
        """The weights with the lowest validation loss."""
        return self.path / "best.safetensors"

    def refuse(self, *, resume: bool, force: bool) -> None:
        """Refuse to run over a checkpoint, or over a run that is not finished."""
        if self.output.exists() and not force:
            raise OutputError(f"{self.output} exists already; name another, or give --force")
        if self.last.exists() and not (resume or force):
            raise OutputError(
                f"an unfinished run lies in {self.path}; "
                "--resume goes on with it, --force starts anew"
            )

    def enter(self, card: Card, *, resume: bool) -> None:
        """Make the folder; go on only with a run that was begun as `card` says."""
        if self.last.exists() and not resume:
            shutil.rmtree(self.path)
        if self.last.exists() and self.best.exists():
            self._refuse_another(card)
        self.path.mkdir(parents=True, exist_ok=True)

    def finish(self) -> None:
        """Leave curves, table and weights; there is nothing to resume any more."""
        self.last.unlink(missing_ok=True)

    def _refuse_another(self, card: Card) -> None:
        begun = read_card(self.best)
        fresh: Card = replace(card, **json.loads(json.dumps(asdict(card))))
        for what in ("model", "config", "data", "palette", "training"):
            theirs, ours = getattr(begun, what), getattr(fresh, what)
            if theirs != ours:
                raise OutputError(
                    f"the unfinished run in {self.path} has another {what} ({theirs}, not {ours}); "
                    "resume it as it was begun, or give --force to start anew"
                )

    def keeper(self) -> ModelCheckpoint:
        """Return the callback that keeps what resuming needs, after every epoch."""
        return ModelCheckpoint(
            self.path,
            filename="last",
            save_top_k=1,
            monitor=None,
            enable_version_counter=False,
            save_on_train_epoch_end=True,
        )


class Recorder(Callback):
    """Writes metrics, curves and the best weights after every epoch; stops early."""

    def __init__(self, folder: RunFolder, card: Card, say: Callable[[str], None]) -> None:
        self.folder, self.card, self.say = folder, card, say
        self.rows: list[dict[str, float]] = []
        self.started = time.monotonic()

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs to go on writing the same tables."""
        return {"rows": self.rows}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up the tables of the run that was cut off."""
        self.rows = list(state["rows"])

    def on_train_epoch_start(self, trainer: Any, adapter: Any) -> None:
        """Start the clock of this epoch."""
        self.started = time.monotonic()

    def on_train_epoch_end(self, trainer: Any, adapter: Any) -> None:
        """Record the epoch that ended."""
        logged = {key: round(float(value), 6) for key, value in trainer.callback_metrics.items()}
        seconds = round(time.monotonic() - self.started, 1)
        self.rows.append({"epoch": trainer.current_epoch + 1, **logged, "seconds": seconds})
        best = min(self.rows, key=_score)
        if trainer.is_global_zero:
            self._write(adapter, best)
        patience = adapter.options.patience
        if patience and self.rows[-1]["epoch"] - best["epoch"] >= patience:
            trainer.should_stop = True
            if trainer.is_global_zero:
                self.say(f"no better for {patience} epochs: stopped early")

    def _write(self, adapter: Any, best: dict[str, float]) -> None:
        if best is self.rows[-1]:
            reached = replace(self.card, metrics={k: v for k, v in best.items() if k != "seconds"})
            save(self.folder.best, adapter.model, reached, force=True)
        _write_csv(self.folder.path / "metrics.csv", self.rows)
        _draw_curves(self.folder.path / "curves.png", self.rows)
        self.say(_line(self.rows[-1], adapter.options.epochs, best is self.rows[-1]))


def _score(row: dict[str, float]) -> float:
    """Return what decides which epoch is best: validation loss, else the training loss."""
    value = row.get("val_loss", next(v for k, v in row.items() if k.startswith("train_")))
    return value if math.isfinite(value) else math.inf


def _line(row: dict[str, float], epochs: int, best: bool) -> str:
    words = [f"{key} {value:.4g}" for key, value in row.items() if key not in {"epoch", "seconds"}]
    mark = " (best)" if best else ""
    return f"epoch {row['epoch']:g}/{epochs}: {', '.join(words)}, {row['seconds']:.0f} s{mark}"


def _write_csv(path: Path, rows: list[dict[str, float]]) -> None:
    text = io.StringIO()
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    atomic_write(path, text.getvalue().encode(), force=True)


def _draw_curves(path: Path, rows: list[dict[str, float]]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    epochs = [row["epoch"] for row in rows]
    for key in (k for k in rows[-1] if k not in {"epoch", "seconds"}):
        axes.plot(epochs, [row.get(key, math.nan) for row in rows], marker=".", label=key)
    axes.set_xlabel("epoch")
    axes.grid(alpha=0.3)
    axes.legend()
    with atomic_path(path, force=True) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
