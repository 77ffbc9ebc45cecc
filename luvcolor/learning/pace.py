"""Where the time of training goes: reading, making batches, learning, waiting for data."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from luvcolor.batches import Batches

__all__ = ["TIMES", "Pace", "in_words"]

TIMES = ("seconds", "pictures_per_second", "waited", "read_ms", "make_ms", "learn_ms")
"""The columns that say how long an epoch took, and differ from run to run."""


@dataclass
class Pace:
    """The times of one epoch after the other.

    Attributes
    ----------
    batches
        What the model learns from, and what it took to make them.
    """

    batches: Batches
    _begun: float = field(default_factory=time.perf_counter)
    _learned: float = 0.0

    def begin(self) -> None:
        """Start the clock of an epoch."""
        self._begun = self._learned = time.perf_counter()

    def step(self) -> None:
        """Note that a batch has been learned; validation comes after the last."""
        self._learned = time.perf_counter()

    def times(self) -> dict[str, float]:
        """Return the times of the epoch that ends.

        ``seconds`` counts everything, validation and writing too; the others training alone.
        ``waited`` is the share of it in which the model waited for a batch. ``read_ms``,
        ``make_ms`` and ``learn_ms`` are milliseconds a picture; the first two go on beside the
        third, on other threads.
        """
        whole, spent = self._learned - self._begun, self.batches.spent
        each = 1e3 / max(1, spent.pictures)
        return {
            "seconds": round(time.perf_counter() - self._begun, 1),
            "pictures_per_second": round(self.batches.world * spent.pictures / max(whole, 1e-9), 1),
            "waited": round(spent.waiting / max(whole, 1e-9), 3),
            "read_ms": round(spent.reading * each, 3),
            "make_ms": round(spent.making * each, 3),
            "learn_ms": round((whole - spent.waiting) * each, 3),
        }


def in_words(row: dict[str, float]) -> str:
    """Say the times of an epoch.

    Examples
    --------
    >>> in_words({"seconds": 41.2, "pictures_per_second": 1240.0, "waited": 0.031,
    ...           "read_ms": 0.02, "make_ms": 0.31, "learn_ms": 0.78})
    '41 s; 1,240 pictures/s, waited 3 % for data (ms a picture: read 0.02, made 0.31, learned 0.78)'
    """
    each = (f"{word} {row[f'{column}_ms']:.2g}" for word, column in _EACH.items())
    return (
        f"{row['seconds']:.0f} s; {row['pictures_per_second']:,.0f} pictures/s, "
        f"waited {100 * row['waited']:.0f} % for data (ms a picture: {', '.join(each)})"
    )


_EACH = {"read": "read", "made": "make", "learned": "learn"}
