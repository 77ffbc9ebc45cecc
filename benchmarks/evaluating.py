"""What pages of evaluations share: their tables, and that a picture gone wrong ends the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import click

from luvcolor.evaluation import TRUTH
from luvcolor.evaluation.columns import COLUMNS, Summary

OF_THE_TRUTH = ("psnr", "chroma_mse")
"""Metrics that say nothing of the truth itself."""


def stop(name: str, error: Exception) -> NoReturn:
    """End the run, naming the picture."""
    raise click.ClickException(f"{name}: {error}")


def table(summary: Summary, names: Sequence[str]) -> str:
    """Return means as a Markdown table, a row a method."""
    titles = " | ".join(COLUMNS[name].title for name in names)
    lines = [f"| | {titles} |", "|---" + "|---:" * len(names) + "|"]
    for method, means in summary.items():
        cells = (
            "" if method == TRUTH and name in OF_THE_TRUTH else COLUMNS[name].text(means[name])
            for name in names
        )
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)
