"""``luvcolor evaluate``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from luvcolor.cli.chain import Flow, Frames, Stage
from luvcolor.cli.checkpoints import check_model, model_options, open_engine
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import Pictures, input_options, read, refuse_json_among_pictures

if TYPE_CHECKING:
    from luvcolor.dataset import Dataset
    from luvcolor.evaluation import Evaluation
    from luvcolor.frame import Frame

COLUMNS = {
    "psnr": ("PSNR dB", 2),
    "ssim": ("SSIM", 3),
    "ciede2000": ("CIEDE2000", 2),
    "auc": ("AUC", 3),
    "chroma_mse": ("uv MSE", 4),
    "colourfulness": ("colourful", 1),
    "colourfulness_absolute": ("... abs", 1),
}
"""Short titles and decimals of the metrics, which `luvcolor.metrics` explains."""


@click.command()
@click.option(
    "-o", "--output", metavar="FILE", help="Write JSON to FILE, or to standard output for -."
)
@click.option("-f", "--force", is_flag=True, help="Replace what exists.")
@click.option(
    "--split",
    type=click.Choice(["train", "val", "test"]),
    default="test",
    show_default=True,
    help="Which part of a dataset.",
)
@model_options
@input_options
def evaluate(
    inputs: tuple[str, ...],
    strict: bool,
    jobs: int,
    model: str | None,
    output: str | None,
    force: bool,
    split: str,
    **options: Any,
) -> Stage:
    """Measure a model on pictures whose colours are known.

    INPUT is pictures or one dataset; behind `prepare` or `train` it is their dataset's test split.
    The table on standard error shows the model beside no chroma at all, the mean chroma of its
    training pictures, and the truth.

    \b
    Examples:
      luvcolor evaluate photos/
      luvcolor evaluate photos.zarr -m unet.safetensors -o result.json
      luvcolor train photos.zarr -o unet.safetensors ! evaluate
    """
    from luvcolor.colorization import ColorizeOptions
    from luvcolor.io.atomic import refuse_existing

    checked = ColorizeOptions(**options)
    check_model(model)
    source = Pictures(inputs, None, None, None, force, strict, jobs)
    if output and output != "-":
        refuse_existing(Path(output), force)

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        from luvcolor.evaluation import evaluate as evaluated

        refuse_json_among_pictures(output == "-" and not last)
        dataset = _dataset(inputs, flow)
        if dataset is None:
            frames = read(source, flow, journal, "evaluate")
        else:
            frames = Frames(_frames(dataset, split))
        engine = open_engine(model, checked, flow, journal)
        result = evaluated(frames, engine, mean_uv=engine.mean_uv, failed=journal.failed)
        journal.done += result.protocol["pictures"]
        print_table(result)
        _write_json(result, output, force)
        return replace(flow, frames=None)

    return Stage("evaluate", run)


def print_table(result: Evaluation) -> None:
    """Write the means as a table to standard error."""
    from rich.console import Console
    from rich.table import Table

    summary = result.summary()
    table = Table("method", title=_title(result))
    for name in next(iter(summary.values())):
        table.add_column(_column(name)[0], justify="right")
    for method, means in summary.items():
        table.add_row(method, *(_cell(name, value) for name, value in means.items()))
    Console(stderr=True, width=None if sys.stderr.isatty() else 100).print(table)


def _column(name: str) -> tuple[str, int]:
    """Return the short title of a metric and how many decimals mean something."""
    return COLUMNS.get(name, (name, 3))


def _cell(name: str, value: float) -> str:
    from luvcolor.metrics import PSNR_CAP

    if name == "psnr" and value >= PSNR_CAP:
        return "inf"
    return f"{value:.{_column(name)[1]}f}"


def _title(result: Evaluation) -> str:
    protocol = result.protocol
    return f"mean of {protocol['pictures']} pictures (fingerprint {protocol['fingerprint']})"


def _dataset(inputs: tuple[str, ...], flow: Flow) -> Dataset | None:
    from luvcolor.dataset import Dataset

    if not inputs:
        return flow.dataset if flow.frames is None else None
    stores = [name for name in inputs if (Path(name) / "zarr.json").exists()]
    return Dataset.open(stores[0]) if stores and len(inputs) == 1 else None


def _frames(dataset: Dataset, split: str) -> Iterator[Frame]:
    from luvcolor.errors import DatasetError
    from luvcolor.frame import Frame

    if not dataset.count(split):
        raise DatasetError(f"{dataset.path} has no {split} pictures")
    for number, pixels in enumerate(dataset.pictures(split)):
        yield Frame(pixels, name=f"{split}/{number}")


def _write_json(result: Evaluation, output: str | None, force: bool) -> None:
    from luvcolor.io.atomic import atomic_write

    if output is None:
        return
    text = json.dumps(result.to_json(), indent=1) + "\n"
    if output == "-":
        click.echo(text, nl=False)
    else:
        atomic_write(Path(output), text.encode(), force=force)
