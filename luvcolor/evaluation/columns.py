"""How the metrics of an evaluation are shown: their titles, their decimals, what is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from luvcolor.metrics import PSNR_CAP

__all__ = [
    "BASELINES",
    "COLUMNS",
    "GRAY",
    "LOOKUP",
    "MEAN",
    "TRUTH",
    "Column",
    "Summary",
    "best_methods",
    "used_columns",
]

Summary = Mapping[str, Mapping[str, float | None]]
"""Means of the metrics by method, as `Evaluation.summary` returns them."""

GRAY, MEAN, LOOKUP, TRUTH = "gray", "mean chroma", "luma lookup", "truth"
BASELINES = (GRAY, MEAN, LOOKUP)
"""The methods that are no models; the truth is the other one."""


@dataclass(frozen=True)
class Column:
    """One metric as a column of a table.

    Attributes
    ----------
    title
        Short, for a column; docs/evaluation.md has the definition.
    decimals
        How many mean something.
    better
        ``"higher"``, ``"lower"``, ``"near the truth"``; empty where methods cannot be compared.
    words
        What it is, in a sentence.
    scale
        What to multiply by for show.
    """

    title: str
    decimals: int
    better: Literal["higher", "lower", "near the truth", ""]
    words: str
    scale: float = 1

    def text(self, value: float | None, *, signed: bool = False) -> str:
        """Return a value as a cell: empty where the metric does not apply.

        Examples
        --------
        >>> COLUMNS["psnr"].text(24.049), COLUMNS["psnr"].text(100.0), COLUMNS["loss"].text(None)
        ('24.05', 'inf', '')
        >>> COLUMNS["accuracy"].text(0.0125, signed=True)
        '+1.2'
        """
        if value is None:
            return ""
        if self is COLUMNS["psnr"] and value >= PSNR_CAP:
            return "inf"
        return f"{value * self.scale:{'+' if signed else ''}.{self.decimals}f}"


COLUMNS = {
    "psnr": Column("PSNR dB", 2, "higher", "Peak signal-to-noise ratio over red, green and blue."),
    "ssim": Column("SSIM", 3, "higher", "Structural similarity; 1 is the same."),
    "ciede2000": Column(
        "CIEDE2000", 2, "lower", "Colour difference; about 1 is just noticeable side by side."
    ),
    "auc": Column(
        "AUC",
        3,
        "higher",
        "Share of pixels with nearly the right colour, over all meanings of nearly.",
    ),
    "auc_rebalanced": Column(
        "AUC reb.", 3, "higher", "The same with every colour counting alike, however rare it is."
    ),
    "chroma_mse": Column(
        "uv MSE", 4, "lower", "Mean squared error of u* / 100 and v* / 100, about -1 to 1."
    ),
    "accuracy": Column(
        "acc. %",
        1,
        "higher",
        "Share of pixels whose likeliest palette colour is the one nearest to the truth.",
        scale=100,
    ),
    "loss": Column("loss", 3, "", "What the model itself minimizes; each model has its own."),
    "colourfulness": Column(
        "colourful", 1, "near the truth", "Colourfulness after Hasler and Suesstrunk."
    ),
    "colourfulness_absolute": Column(
        "col. abs", 1, "near the truth", "The same of absolute values, as DDColor's tables have it."
    ),
}
"""The metrics of a summary, in their order."""


def used_columns(*summaries: Summary) -> dict[str, Column]:
    """Return the columns in which any method has a value."""
    rows = [row for summary in summaries for row in summary.values()]
    return {
        name: column
        for name, column in COLUMNS.items()
        if any(row.get(name) is not None for row in rows)
    }


def best_methods(summary: Summary, name: str) -> set[str]:
    """Return the methods with the best value of a metric, as it is shown; the truth is none.

    None is best where one alone has a value.

    Examples
    --------
    >>> summary = {"gray": {"psnr": 22.001}, "a": {"psnr": 22.0}, "truth": {"psnr": 100.0}}
    >>> sorted(best_methods(summary, "psnr"))
    ['a', 'gray']
    """
    column, goal = COLUMNS[name], summary.get(TRUTH, {}).get(name)
    far = {
        method: round(_far(column, value, goal or 0), column.decimals)
        for method, row in summary.items()
        if method != TRUTH and (value := row.get(name)) is not None
    }
    if len(far) < 2 or not column.better or (column.better == "near the truth" and goal is None):
        return set()
    return {method for method, value in far.items() if value == min(far.values())}


def _far(column: Column, value: float, goal: float) -> float:
    """Return a number that is the lower, the better the value is, in the units shown."""
    if column.better == "near the truth":
        return abs(value - goal) * column.scale
    return (-value if column.better == "higher" else value) * column.scale
