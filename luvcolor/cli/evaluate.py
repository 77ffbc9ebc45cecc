"""``luvcolor evaluate``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from luvcolor.cli.chain import Flow, Stage
from luvcolor.cli.checkpoints import open_engine
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import input_options, read

if TYPE_CHECKING:
    from luvcolor.dataset import Dataset
    from luvcolor.evaluation import Evaluation
    from luvcolor.frame import Frame


@click.command()
@click.option(
    "-m",
    "--model",
    metavar="MODEL",
    help="Checkpoint file, or a name from `luvcolor models`.  [default: the one that ships]",
)
@click.option(
    "-o", "--output", metavar="FILE", help="Write JSON to FILE, or to standard output for -."
)
@click.option("-f", "--force", is_flag=True, help="Replace what exists.")
@click.option("--split", default="test", show_default=True, help="Which part of a dataset.")
@click.option("--size", type=int, metavar="PIXELS", help="As in `colorize`.")
@click.option("--temperature", type=float, metavar="T", help="As in `colorize`.")
@click.option("--saturation", type=float, default=1.0, show_default=True, help="As in `colorize`.")
@click.option("--device", default="auto", show_default=True, help="As in `colorize`.")
@input_options
def evaluate(
    inputs: tuple[str, ...],
    strict: bool,
    jobs: int,
    model: str | None,
    output: str | None,
    force: bool,
    split: str,
    size: int | None,
    temperature: float | None,
    saturation: float,
    device: str,
) -> Stage:
    r"""Measure a model on pictures whose colours are known.

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

    checked = ColorizeOptions(size, temperature, saturation, device)

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        from luvcolor.cli.pictures import Pictures
        from luvcolor.evaluation import evaluate as evaluated

        dataset = _dataset(inputs, flow)
        if dataset is not None:
            frames = _frames(dataset, split)
        else:
            source = Pictures(inputs, None, None, None, force, strict, jobs)
            frames = read(source, flow, journal, "evaluate")
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
    table = Table("method", *next(iter(summary.values())), title=_title(result))
    for method, means in summary.items():
        table.add_row(method, *(f"{value:.3f}" for value in means.values()))
    Console(stderr=True, width=None if sys.stderr.isatty() else 140).print(table)


def _title(result: Evaluation) -> str:
    protocol = result.protocol
    return f"mean of {protocol['pictures']} pictures (split {protocol['split']})"


def _dataset(inputs: tuple[str, ...], flow: Flow) -> Dataset | None:
    from luvcolor.dataset import Dataset

    if not inputs:
        return flow.dataset if flow.frames is None else None
    stores = [name for name in inputs if (Path(name) / "zarr.json").exists()]
    return Dataset.open(stores[0]) if stores and len(inputs) == 1 else None


def _frames(dataset: Dataset, split: str) -> Iterator[Frame]:
    from luvcolor.dataset import SPLITS
    from luvcolor.errors import DatasetError, UsageError
    from luvcolor.frame import Frame

    if split not in SPLITS:
        raise UsageError(f"a split is one of {', '.join(SPLITS)}; found {split!r}")
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
        sys.stdout.write(text)
    else:
        atomic_write(Path(output), text.encode(), force=force)
