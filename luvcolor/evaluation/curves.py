"""The curves of the training run that a checkpoint came from."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luvcolor.checkpoint import Card

__all__ = ["Curves", "curves_of"]

Curves = Mapping[str, Sequence[tuple[float, float]]]
"""Epoch and value, by the name of the metric."""


def curves_of(card: Card, checkpoint: Path) -> dict[str, list[tuple[float, float]]]:
    """Return the curves that the card has, or the table of the run beside the checkpoint.

    Parameters
    ----------
    card
        Its ``metrics["curves"]``, where it has that, holds one mapping an epoch, with ``epoch``.
    checkpoint
        ``NAME.safetensors``; `luvcolor train` leaves ``NAME.run/metrics.csv`` beside it.

    Returns
    -------
    dict
        See `Curves`; empty where there is neither.

    Examples
    --------
    >>> from luvcolor.checkpoint import Card
    >>> rows = [{"epoch": 1, "val_loss": 3.0, "seconds": 9}, {"epoch": 2, "val_loss": 2.5}]
    >>> curves_of(Card("unet", {}, 32, metrics={"curves": rows}), Path("none.safetensors"))
    {'val_loss': [(1.0, 3.0), (2.0, 2.5)]}
    """
    rows = card.metrics.get("curves") or _table(checkpoint.with_suffix(".run") / "metrics.csv")
    names = dict.fromkeys(name for row in rows for name in row)
    curves = {
        name: [point for row in rows if (point := _point(row, name)) is not None]
        for name in names
        if name not in {"epoch", "seconds"}
    }
    return {name: points for name, points in curves.items() if points}


def _table(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        return []  # a checkpoint whose run is elsewhere by now has no curves to show


def _point(row: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    """Return epoch and value, or None where the row has none."""
    try:
        epoch, value = float(row["epoch"]), float(row[name])
    except (KeyError, TypeError, ValueError):
        return None
    return (epoch, value) if abs(value) < float("inf") else None
