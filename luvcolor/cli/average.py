"""``luvcolor average``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from luvcolor.cli.chain import Flow, Stage
from luvcolor.cli.checkpoints import check_checkpoint, parse_sizes, promise
from luvcolor.cli.journal import Journal


@click.command()
@click.argument("checkpoints", metavar="CHECKPOINT...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="CHECKPOINT",
    help="The checkpoint to write, such as mean.safetensors.",
)
@click.option("-f", "--force", is_flag=True, help="Replace what exists.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A hyperparameter that is to be another, such as temperature=0.8.",
)
@click.option(
    "--sizes",
    callback=parse_sizes,
    metavar="PIXELS[,PIXELS]...",
    help="Short sides at which the model is to see pictures.",
)
@click.option("--licence", metavar="SPDX", help="Of the weights, for their card.")
@click.option("--notes", metavar="TEXT", help="Limits to know of, for their card.")
@click.option("--half", is_flag=True, help="Store the weights in 16 bits.")
def average(
    checkpoints: tuple[str, ...],
    output: Path,
    force: bool,
    settings: tuple[str, ...],
    half: bool,
    **card: Any,
) -> Stage:
    """Write the mean of the weights of several checkpoints.

    They are of one model, and were trained further from the same start; their mean is often better
    on new pictures than each of them. The card is that of the first. One checkpoint alone is
    written as it is, with what is to be said of it changed.

    \b
    Examples:
      luvcolor average before.safetensors after.safetensors -o mean.safetensors
      luvcolor average mine.safetensors --sizes 128,192 --set temperature=0.8 -o mine2.safetensors
    """
    from luvcolor.checkpoint import find_checkpoint
    from luvcolor.configuration import parse_settings
    from luvcolor.io.atomic import refuse_existing

    refuse_existing(output, force)
    promise(output)
    for name in checkpoints:
        check_checkpoint(name)
    changes = {name: value for name, value in card.items() if value is not None}
    if "sizes" in changes:
        changes["sizes"] = list(changes["sizes"])
    parsed = parse_settings(settings)

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        from luvcolor.averaging import average as averaged

        flow.refuse_frames("average")
        paths = [find_checkpoint(name) for name in checkpoints]
        averaged(paths, output, settings=parsed, card=changes, half=half, force=force)
        journal.say(f"wrote {output}, the mean of {len(paths)}")
        return replace(flow, checkpoint=output)

    return Stage("average", run)
