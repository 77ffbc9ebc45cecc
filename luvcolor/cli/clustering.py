"""The options of the commands that look for colours by k-means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

from luvcolor.cli.pictures import decorated

Command = TypeVar("Command", bound=Callable[..., Any])


def clustering_options(command: Command) -> Command:
    """Add -k, --space and --seed."""
    decorators = [
        click.option(
            "-k",
            "--colors",
            type=click.IntRange(1, 4096),
            default=24,
            show_default=True,
            metavar="K",
            help="How many colours to find.",
        ),
        click.option(
            "--space",
            type=click.Choice(["luv", "rgb", "uv"]),
            default="luv",
            show_default=True,
            help="Where colours are compared.",
        ),
        click.option("--seed", type=int, default=0, show_default=True, help="Start of the search."),
    ]
    return cast("Command", decorated(command, decorators))
