"""``luvcolor models``."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

import click

INDENT = " " * 6


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def models(name: str | None, as_json: bool) -> None:
    """List models and the checkpoints that ship; with NAME, everything on one model.

    That is its settings, the hints it uses, where it comes from, and its checkpoints: those that
    ship, and those in the current folder.

    \b
    Examples:
      luvcolor models
      luvcolor models unet
      luvcolor models unet --json
    """
    if name:
        from luvcolor.model_description import describe_model

        found = describe_model(name)
        lines = _on_one(found)
    else:
        found = _all()
        lines = _on_all(found)
    click.echo(json.dumps(found, indent=1, default=str) if as_json else "\n".join(lines))


def _all() -> dict[str, Any]:
    from dataclasses import asdict

    from luvcolor.checkpoint import read_card, shipped
    from luvcolor.model_description import list_models

    checkpoints = {
        stem: {"path": str(path), **asdict(read_card(path))} for stem, path in shipped().items()
    }
    return {"models": list_models(), "checkpoints": checkpoints}


def _on_all(found: dict[str, Any]) -> Iterator[str]:
    rows = [("model", "learns", "hints", "plugin", "")]
    rows += [
        (name, _yes(row["learns"]), _hints(row["hints"]), row["plugin"], row["summary"])
        for name, row in found["models"].items()
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(map(str.ljust, row, widths)).rstrip()
    yield from ("", "checkpoints that ship:")
    for name, card in found["checkpoints"].items():
        yield f"  {name:<12} {_card(card)}"
        if card["notes"]:
            yield f"  {'':<12} {card['notes']}"


def _on_one(found: dict[str, Any]) -> Iterator[str]:
    yield f"{found['name']}: {found['summary']}"
    if found["citation"]:
        yield found["citation"]
    yield ""
    yield f"learns: {_yes(found['learns'])}"
    yield f"hints: {_hints(found['hints'])}"
    yield f"from: {found['plugin']} ({found['distribution']} {found['version']})"
    yield f"licence: {found['licence'] or 'not said'}"
    yield "checkpoints:" if found["checkpoints"] else f"checkpoints: {_no_checkpoint(found)}"
    for card in found["checkpoints"]:
        yield f"  {card['path']}: {_card(card)}{', ships' if card['ships'] else ''}"
    yield "settings:" if found["settings"] else "settings: none"
    for setting in found["settings"]:
        default = setting["default"] or repr(setting["default"])
        yield f"  {setting['name']}: {setting['kind']} = {default}"
        if setting["meaning"]:
            yield textwrap.fill(
                setting["meaning"], 100, initial_indent=INDENT, subsequent_indent=INDENT
            )


def _card(card: dict[str, Any]) -> str:
    sizes = ", ".join(map(str, card["sizes"] or [card["size"]]))
    return ", ".join(filter(None, [card["model"], f"sees {sizes} pixels", card["licence"]]))


def _no_checkpoint(found: dict[str, Any]) -> str:
    if not found["learns"]:
        return "it needs none"
    name = found["name"]
    return f"none here; `luvcolor train DATASET -m {name} -o {name}.safetensors` makes one"


def _hints(hints: list[str] | None) -> str:
    """Return which hints a model uses; ``?`` where its source does not say."""
    return "?" if hints is None else ", ".join(hints) or "none"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
