"""``luvcolor plugins``."""

from __future__ import annotations

import json

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
    from luvcolor.registry import registry

    rows = [
        {
            "name": plugin.name,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "models": [spec.name for spec in plugin.models],
            "commands": [spec.name for spec in plugin.commands],
            "error": plugin.error,
        }
        for plugin in registry().plugins
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        brings = ", ".join([*row["models"], *row["commands"]]) or "nothing"  # type: ignore[misc]
        state = f"skipped: {row['error']}" if row["error"] else f"brings {brings}"
        click.echo(f"{row['name']} ({row['distribution']} {row['version']}): {state}")
