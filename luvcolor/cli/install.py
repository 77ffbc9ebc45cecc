"""``luvcolor install``."""

from __future__ import annotations

from functools import partial

import click

from luvcolor.cli.journal import Journal


@click.command()
@click.argument("wanted", metavar="NAME|PATH...", nargs=-1, required=True)
@click.option("-e", "--editable", is_flag=True, help="Use the sources where they lie.")
@click.pass_obj
def install(journal: Journal, wanted: tuple[str, ...], editable: bool) -> None:
    """Install plugins beside luvcolor, with pip, and say what they bring.

    What turns out to be no plugin is removed again.

    \b
    Examples:
      luvcolor install luvcolor-mytint
      luvcolor install ./mytint
      luvcolor install -e mytint
    """
    from luvcolor.cli.plugins import in_words
    from luvcolor.errors import PluginError
    from luvcolor.installation import install as installed

    journal.say(f"installing {', '.join(wanted)} with pip")
    found = installed(wanted, editable=editable, say=partial(click.echo, err=True))
    for row in found:
        journal.say(in_words(row))
    if any(row["reason"] for row in found):
        raise PluginError("expected healthy plugins, found what is skipped above; it is installed")
