"""The tables that ``luvcolor evaluate`` prints on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from luvcolor.evaluation.columns import Summary, used_columns
from luvcolor.evaluation.comparison import compared

if TYPE_CHECKING:
    from rich.table import Table

    from luvcolor.evaluation import Evaluation

__all__ = ["print_comparison", "print_table"]


def print_table(result: Evaluation) -> None:
    """Write the means as a table, a row for each method."""
    summary = result.summary()
    columns = used_columns(summary)
    table = _table("method", [column.title for column in columns.values()], _title(result.protocol))
    for method, means in summary.items():
        table.add_row(method, *(column.text(means[name]) for name, column in columns.items()))
    _print(table)


def print_comparison(earlier: Summary, now: Summary) -> None:
    """Write earlier, now and the difference: a row for each metric of each method."""
    columns = used_columns(earlier, now)
    table = _table("method", ["metric", "earlier", "now", "difference"], "against the earlier one")
    for pair in compared(earlier, now):
        for number, (name, column) in enumerate(columns.items()):
            values = (pair.earlier or {}).get(name), (pair.now or {}).get(name)
            if values != (None, None):
                change = column.text(pair.difference(name), signed=True)
                first = pair.method if number == 0 else ""
                table.add_row(first, column.title, *map(column.text, values), change)
        table.add_section()
    _print(table)


def _table(first: str, others: Iterable[str], title: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(first, title=title, box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for other in others:
        table.add_column(other, justify="right")
    return table


def _title(protocol: Mapping[str, Any]) -> str:
    split = "" if protocol["split"] is None else f" of {protocol['split']}"
    return f"mean of {protocol['pictures']} pictures{split} (fingerprint {protocol['fingerprint']})"


def _print(table: Table) -> None:
    from rich.console import Console

    Console(stderr=True, width=None if sys.stderr.isatty() else 100).print(table)
