"""``luvcolor new-plugin``."""

from __future__ import annotations

from pathlib import Path

import click

from luvcolor.cli.journal import Journal


@click.command("new-plugin")
@click.argument("name")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The folder to make.  [default: the plugin's name]",
)
@click.option("--model", metavar="NAME", help="Name of its model.  [default: the plugin's name]")
@click.pass_obj
def new_plugin(journal: Journal, name: str, output: Path | None, model: str | None) -> None:
    """Write the project of a new plugin, which works as it stands.

    It has a model to begin from, its test, and what is needed to install and publish it.

    \b
    Examples:
      luvcolor new-plugin mytint
      luvcolor new-plugin warm-sepia -o plugins/sepia --model sepia
    """
    from luvcolor.scaffold import new_plugin as written

    folder = written(name, model=model, folder=output)
    journal.say(
        f"wrote {folder}, which brings the model {model or name}; "
        f"next: luvcolor install -e {folder}, then pytest {folder}; more in {folder / 'README.md'}"
    )
