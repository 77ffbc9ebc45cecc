"""``luvcolor bench``."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from luvcolor.cli.journal import Journal

TITLES = ("", "median, ms", "IQR, ms", "Mpixel/s", "time / luvcolor's")


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(1, 600),
    default=10.0,
    show_default=True,
    help="About how long to measure; more is steadier.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def bench(journal: Journal, seconds: float, as_json: bool) -> None:
    """Measure luvcolor on this machine, beside OpenCV and scikit-image.

    The kernels convert pictures of 12 megapixels and of 224 x 224; then one picture is colorized.
    The copy says what memory allows. Medians of rounds in which all take turns.

    \b
    Examples:
      luvcolor bench
      luvcolor bench --seconds 60
      luvcolor bench --json
    """
    from luvcolor.benchmark import benchmark

    found = benchmark(seconds)
    if as_json:
        click.echo(json.dumps(found, indent=1))
    elif sys.stdout.isatty():
        _print_table(found)
    else:
        click.echo("\n".join(_lines(found)))


def _cells(row: dict[str, Any], compared: bool) -> list[str]:
    return [
        row["who"],
        f"{row['milliseconds']:.3g}",
        f"{row['iqr']:.2g}" if row["rounds"] > 1 else "",
        f"{row['megapixels']:.3g}",
        f"{row['ratio']:.2f}" if compared else "",
    ]


def _tasks(found: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Return the cells of every task, fastest first."""
    tasks: dict[str, list[dict[str, Any]]] = {}
    for row in found["rows"]:
        tasks.setdefault(row["task"], []).append(row)
    return {
        task: [_cells(r, len(rows) > 1) for r in sorted(rows, key=lambda r: r["milliseconds"])]
        for task, rows in tasks.items()
    }


def _about(found: dict[str, Any]) -> list[str]:
    machine = found["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    lines = [
        f"luvcolor {machine['luvcolor']}, {machine['cpu']}, {machine['threads']} threads"
        + (f", {machine['gpu']}" if machine["gpu"] else ""),
        f"{machine['system']}, Python {machine['python']}, {versions}",
    ]
    return lines + [f"left out: {name} ({why})" for name, why in found["left_out"].items()]


def _lines(found: dict[str, Any]) -> list[str]:
    lines, tasks = _about(found), _tasks(found)
    names = [len(task) for task in tasks] + [
        1 + len(row[0]) for rows in tasks.values() for row in rows
    ]
    wide = 1 + max(names, default=0)
    for task, rows in tasks.items():
        lines += ["", f"{task + ':':<{wide}}" + "".join(f"{t:>{len(t) + 3}}" for t in TITLES[1:])]
        for who, *cells in rows:
            padded = (f"{c:>{len(t) + 3}}" for c, t in zip(cells, TITLES[1:], strict=True))
            lines.append(f"  {who:<{wide - 2}}" + "".join(padded).rstrip())
    return lines


def _print_table(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*TITLES[:1], box=None, pad_edge=False)
    for title in TITLES[1:]:
        table.add_column(title, justify="right")
    for task, rows in _tasks(found).items():
        table.add_row(f"[bold]{task}[/bold]")
        for who, *cells in rows:
            table.add_row(f"  {who}", *cells)
        table.add_row()
    console = Console(highlight=False)
    console.print("\n".join(_about(found)), markup=False)
    console.print()
    console.print(table)
