"""``luvcolor prepare``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from luvcolor.cli.chain import Flow, Stage
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import input_options


@click.command()
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DATASET",
    help="The dataset to make, such as photos.zarr.",
)
@click.option("-f", "--force", is_flag=True, help="Replace what exists; start anew.")
@click.option(
    "--size",
    type=int,
    default=224,
    show_default=True,
    metavar="PIXELS",
    help="Side of the squares.",
)
@click.option("--val", type=float, default=0.1, show_default=True, help="Share for validation.")
@click.option("--test", type=float, default=0.1, show_default=True, help="Share for testing.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides the splits.")
@click.option(
    "--fit",
    type=click.Choice(["crop", "stretch"]),
    default="crop",
    show_default=True,
    help="Cut the longer side, or squeeze it.",
)
@input_options
def prepare(
    inputs: tuple[str, ...], strict: bool, jobs: int, output: Path, force: bool, **options: Any
) -> Stage:
    """Make a dataset from pictures in colour.

    Pictures in folders called train, val and test stay there; others are drawn by their content, so
    that the same picture always lands in the same split. Gray pictures are left out. A run that was
    cut off goes on when it is repeated.

    \b
    Examples:
      luvcolor prepare photos/ -o photos.zarr
      luvcolor prepare photos.tar more.zip -o photos.zarr --size 64 --seed 7
      luvcolor prepare photos/ -o photos.zarr ! train -m unet -o unet.safetensors
    """
    from luvcolor.preparation import PrepareOptions
    from luvcolor.preparation import prepare as prepared

    checked = PrepareOptions(**options)
    if not inputs:
        raise click.UsageError("name the pictures to prepare: files, folders, globs or archives")

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        flow.refuse_frames("prepare")
        journal.strict = strict
        dataset = prepared(
            inputs,
            output,
            checked,
            failed=journal.failed,
            workers=jobs,
            force=force,
            watch=lambda items, total: journal.progress(items, "prepare", total),
        )
        counts = dataset.manifest["counts"]
        left_out = dataset.manifest["left_out"]
        journal.done += sum(counts.values())
        journal.say(
            f"{output}: {counts['train']} train, {counts['val']} val, {counts['test']} test "
            f"pictures of {dataset.size} pixels; left out {left_out['gray']} gray, "
            f"{left_out['failed']} unreadable"
        )
        return replace(flow, dataset=dataset)

    return Stage("prepare", run)
