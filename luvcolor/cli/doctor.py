"""``luvcolor doctor``."""

from __future__ import annotations

import json
from typing import Any

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def doctor(as_json: bool) -> None:
    """Show versions, devices, backends, and how to get what is missing.

    \b
    Examples:
      luvcolor doctor
      luvcolor doctor --json
    """
    from luvcolor.diagnosis import diagnose

    found = diagnose()
    click.echo(json.dumps(found, indent=1) if as_json else "\n".join(_lines(found)))


def _lines(found: dict[str, Any]) -> list[str]:
    lines = []
    for title, value in found.items():
        if isinstance(value, dict):
            lines.append(f"{title}:" if value else f"{title}: none")
            lines += [f"  {name}: {_words(row)}" for name, row in value.items()]
        else:
            lines.append(f"{title}: {', '.join(value) if isinstance(value, list) else value}")
    return lines


def _words(row: Any) -> str:
    return f"needed for {row['for']}; {row['get']}" if isinstance(row, dict) else str(row)
