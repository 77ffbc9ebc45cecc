"""``luvcolor plugins``."""

from __future__ import annotations

import json
from typing import Any

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def plugins(as_json: bool) -> None:
    """List plugins: where each comes from, what it brings, and what is wrong with it.

    Set LUVCOLOR_PLUGINS to the names to load, by comma, or to nothing for the built-ins alone.

    \b
    Examples:
      luvcolor plugins
      luvcolor plugins --json
      LUVCOLOR_PLUGINS= luvcolor plugins
    """
    from luvcolor.plugin_description import describe_plugin
    from luvcolor.registry import registry

    rows = [describe_plugin(plugin) for plugin in registry().plugins]
    click.echo(json.dumps(rows, indent=1) if as_json else "\n".join(map(in_words, rows)))


def in_words(row: dict[str, Any]) -> str:
    """Return one line on a plugin."""
    brings = "; ".join(_counted(kind, row[kind]) for kind in ("models", "commands") if row[kind])
    state = f"skipped: {row['reason']}" if row["reason"] else f"brings {brings or 'nothing'}"
    return f"{row['name']} ({row['distribution']} {row['version']}): {state}"


def _counted(kind: str, names: list[str]) -> str:
    return f"{kind if len(names) > 1 else kind[:-1]} {', '.join(names)}"
