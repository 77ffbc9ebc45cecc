"""The folder of a training run, beside the checkpoint it is for."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import ModelCheckpoint

from luvcolor.checkpoint import SUFFIX, Card, read_card
from luvcolor.configuration import to_mapping
from luvcolor.errors import OutputError
from luvcolor.learning.options import TrainingOptions

__all__ = ["RunFolder"]


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
        if resume and self.last.exists():
            if self.best.exists():
                self._refuse_another(card)
        elif self.last.exists() or self.best.exists():  # of a run before, and so ours to remove
            shutil.rmtree(self.path)
        self.path.mkdir(parents=True, exist_ok=True)

    def finish(self) -> None:
        """Leave curves, table, sheets and weights; there is nothing to resume any more."""
        self.last.unlink(missing_ok=True)

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

    def _refuse_another(self, card: Card) -> None:
        begun = _as_begun_today(read_card(self.best))
        fresh: Card = replace(card, **json.loads(json.dumps(asdict(card))))
        for what in ("model", "config", "data", "palette", "training"):
            theirs, ours = getattr(begun, what), getattr(fresh, what)
            if theirs != ours:
                raise OutputError(
                    f"the unfinished run in {self.path} has another {what} ({theirs}, not {ours}); "
                    "resume it as it was begun, or give --force to start anew"
                )


def _as_begun_today(card: Card) -> Card:
    """Fill in the options that were not there yet when the run was begun."""
    known: dict[str, Any] = to_mapping(TrainingOptions())
    return replace(card, training=known | card.training)
