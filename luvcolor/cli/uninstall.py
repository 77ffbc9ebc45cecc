"""``luvcolor uninstall``."""

from __future__ import annotations

from functools import partial

import click

from luvcolor.cli.journal import Journal


@click.command()
@click.argument("wanted", metavar="NAME...", nargs=-1, required=True)
@click.pass_obj
def uninstall(journal: Journal, wanted: tuple[str, ...]) -> None:
    """Remove plugins, by their names or their distributions', with pip.

    What they need besides, such as other libraries, stays.

    \b
    Examples:
      luvcolor uninstall mytint
      luvcolor uninstall luvcolor-mytint
    """
    from luvcolor.installation import uninstall as uninstalled

    for row in uninstalled(wanted, say=partial(click.echo, err=True)):
        journal.say(f"removed {row['name']} ({row['distribution']} {row['version']})")
