"""``luvcolor models``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def models(ctx: click.Context, name: str | None, as_json: bool) -> None:
    """List models and the checkpoints that ship; with NAME, one model and its settings.

    \b
    Examples:
      luvcolor models
      luvcolor models unet
      luvcolor models --json
    """
    found = _one(name) if name else _all()
    click.echo(json.dumps(found, indent=1) if as_json else _as_text(found))


def _all() -> dict[str, Any]:
    from luvcolor.checkpoint import read_card, shipped
    from luvcolor.registry import registry

    checkpoints = {
        stem: {"path": str(path), **asdict(read_card(path))} for stem, path in shipped().items()
    }
    specs = registry().models
    return {"models": {n: asdict(s) for n, s in specs.items()}, "checkpoints": checkpoints}


def _one(name: str) -> dict[str, Any]:
    from luvcolor.configuration import to_mapping
    from luvcolor.registry import registry

    spec = registry().model(name)
    settings = to_mapping(registry().model_class(name).Config())
    return {**asdict(spec), "settings": settings}


def _as_text(found: dict[str, Any]) -> str:
    if "settings" in found:
        lines = [f"{found['name']}: {found['summary']}", found["citation"], "", "settings:"]
        lines += [f"  {key}={value}" for key, value in found["settings"].items()]
        return "\n".join(lines)
    lines = ["models:"]
    lines += [f"  {name:<12} {spec['summary']}" for name, spec in found["models"].items()]
    lines += ["", "checkpoints that ship:"]
    for name, card in found["checkpoints"].items():
        facts = [card["model"], f"sees {card['size']} pixels", card["licence"]]
        lines.append(f"  {name:<12} {', '.join(filter(None, facts))}")
        lines += [f"  {'':<12} {card['notes']}"] if card["notes"] else []
    return "\n".join(lines)
