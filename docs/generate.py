"""Writes the pages that are made from the code into a folder, this one unless another is named.

Run by ``make docs``, checked by the tests.
"""

import sys
from pathlib import Path

import click
from reference import reference_page

from luvcolor.cli.main import cli
from luvcolor.commands import COMMANDS
from luvcolor.configuration import describe_settings
from luvcolor.hookspecs import ModelSpec
from luvcolor.registry import build_registry, builtin_plugins

HERE = Path(__file__).parent


def help_page() -> str:
    """Return the help of every command as one Markdown page."""
    parts = ["# Commands", "", "Made from `luvcolor COMMAND --help` by `make docs`.", ""]
    parent = click.Context(cli, info_name="luvcolor", **cli.context_settings)
    parts += _block("luvcolor", cli, parent)
    for name in COMMANDS:
        command = cli.get_command(parent, name)
        assert command is not None
        parts += _block(f"luvcolor {name}", command, click.Context(command, parent, name))
    return "\n".join(parts)


def models_page() -> str:
    """Return every built-in model with its settings as one Markdown page."""
    registry = build_registry(builtin_plugins())
    parts = ["# Models", "", "Made from the registry by `make docs`.", ""]
    for name, spec in sorted(registry.models.items()):
        model_class = registry.model_class(name)
        parts += [f"## {name}", "", spec.summary, "", *_cited(spec)]
        hints = ", ".join(model_class.uses) or "none"
        parts += [f"Learns: {'yes' if spec.learns else 'no'}. Hints it uses: {hints}.", ""]
        parts += ["| setting | default | meaning |", "|---|---|---|"]
        parts += [
            f"| `{name}: {kind}` | `{default or repr(default)}` | {meaning.replace('|', '/')} |"
            for name, kind, default, meaning in describe_settings(model_class.Config)
        ]
        parts += [""]
    return "\n".join(parts)


def _cited(spec: ModelSpec) -> list[str]:
    return [f"{spec.citation}.", ""] if spec.citation else []


def _block(title: str, command: click.Command, context: click.Context) -> list[str]:
    context.max_content_width = context.terminal_width = 100
    return [f"## {title}", "", "```text", command.get_help(context), "```", ""]


PAGES = {"commands.md": help_page, "models.md": models_page, "reference.md": reference_page}


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, page in PAGES.items():
        (folder / name).write_text(page())
