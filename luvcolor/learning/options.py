"""How a model is trained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from luvcolor.errors import UsageError
from luvcolor.learning.schedules import SCHEDULES

__all__ = ["PRECISIONS", "TrainingOptions"]

SMALLEST_CROP = 8
PRECISIONS = ("auto", "32-true", "bf16-mixed", "16-mixed")


@dataclass(frozen=True)
class TrainingOptions:
    """How a model is trained.

    Attributes
    ----------
    epochs
        Passes over the training pictures.
    batch_size
        Pictures in a batch; of each process, where there are several.
    crop
        Side of the random crops, in pixels; 0 for whole pictures.
    film
        Train on pictures that are made to look old as well (`luvcolor.augmentation`).
    schedule
        How the learning rate goes over the run: ``"cosine"``, ``"one-cycle"`` or ``"constant"``.
    patience
        Epochs without a better validation loss before stopping early; 0 never stops early.
    clip
        Largest norm of the gradient; 0 leaves it alone.
    overfit
        Learn and validate the same few pictures, as they are, to check a model; 0 for all of them.
    precision
        ``"auto"``, ``"32-true"``, ``"bf16-mixed"`` or ``"16-mixed"``.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    seed
        Decides weights, order, crops, flips and ageing.
    """

    epochs: int = 20
    batch_size: int = 64
    crop: int = 0
    film: bool = False
    schedule: str = "cosine"
    patience: int = 0
    clip: float = 1.0
    overfit: int = 0
    precision: str = "auto"
    device: str = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        self._refuse_numbers()
        _refuse_unknown("schedule", self.schedule, SCHEDULES)
        _refuse_unknown("precision", self.precision, PRECISIONS)
        if self.overfit and (self.film or self.crop):
            raise UsageError(
                "to overfit is to learn a few pictures as they are; found a crop or film with it: "
                "leave these out, or overfit"
            )

    def _refuse_numbers(self) -> None:
        if self.epochs < 1 or self.batch_size < 1:
            raise UsageError(
                f"epochs and batch size are at least 1; found {self.epochs} and {self.batch_size}"
            )
        if not (self.crop == 0 or self.crop >= SMALLEST_CROP):
            raise UsageError(
                f"the crop is at least {SMALLEST_CROP} pixels, or 0 for none; found {self.crop}"
            )
        if self.patience < 0 or not self.clip >= 0:
            raise UsageError(
                f"patience and clip are not negative; found {self.patience} and {self.clip}"
            )
        if self.overfit < 0:
            raise UsageError(
                f"the pictures to overfit are at least 1, or 0 for all; found {self.overfit}"
            )


def _refuse_unknown(what: str, found: str, known: Iterable[str]) -> None:
    names = list(known)
    if found not in names:
        raise UsageError(f"the {what} is one of {', '.join(names)}; found {found!r}")
