"""``luvcolor evaluate``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from luvcolor.cli.chain import Flow, Stage
from luvcolor.cli.checkpoints import check_model, model_of, open_engine, prediction_options
from luvcolor.cli.hints import reference_option
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import Pictures, input_options, read, refuse_json_among_pictures

if TYPE_CHECKING:
    from luvcolor.colorization import ColorizeOptions, Engine
    from luvcolor.dataset import Dataset
    from luvcolor.evaluation import Evaluation, Measured
    from luvcolor.evaluation.gallery import Gallery
    from luvcolor.evaluation.protocol import Origin
    from luvcolor.frame import Frame
    from luvcolor.hints import HintSource


@click.command()
@click.option(
    "-o", "--output", metavar="FILE", help="Write JSON to FILE, or to standard output for -."
)
@click.option(
    "--page", metavar="FILE.html", help="Write a page with tables, plots and the pictures."
)
@click.option(
    "--against",
    metavar="FILE.json",
    help="Compare with what an earlier -o wrote, under the same protocol.",
)
@click.option("-f", "--force", is_flag=True, help="Replace what exists.")
@click.option(
    "--split",
    type=click.Choice(["train", "val", "test"]),
    default="test",
    show_default=True,
    help="Which part of a dataset.",
)
@click.option(
    "--reveal",
    type=click.IntRange(1),
    metavar="N",
    help="Tell models that use colours at pixels N pixels of the truth, the same ones each time.",
)
@reference_option
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    metavar="MODEL",
    help="Checkpoint, or a name from `luvcolor models`; once for each to measure.  "
    "[default: the one that ships]",
)
@prediction_options
@input_options
def evaluate(
    inputs: tuple[str, ...],
    strict: bool,
    jobs: int,
    models: tuple[str, ...],
    output: str | None,
    page: str | None,
    against: str | None,
    force: bool,
    split: str,
    reveal: int | None,
    reference: Path | None,
    **options: Any,
) -> Stage:
    """Measure models on pictures whose colours are known.

    INPUT is pictures or one dataset; behind `prepare` or `train` it is their dataset's test split.
    The table on standard error shows the models beside no chroma at all, the mean chroma of the
    first one's training pictures, what luma alone tells (on datasets), and the truth. Runtime auto
    is torch here, which alone can tell a model's loss and accuracy. Hints go to the models that use
    them; the others are measured without.

    \b
    Examples:
      luvcolor evaluate photos/
      luvcolor evaluate photos.zarr -m unet.safetensors -o result.json --page result.html
      luvcolor evaluate photos/ -m unet.safetensors -m default
      luvcolor evaluate photos.zarr -m better.safetensors --against result.json
      luvcolor evaluate photos/ -m scribble -m default --reveal 50
      luvcolor train photos.zarr -o unet.safetensors ! evaluate
    """
    from luvcolor.colorization import ColorizeOptions
    from luvcolor.evaluation.protocol import read_result
    from luvcolor.io.atomic import refuse_existing

    checked, hints = ColorizeOptions(**options), _given(reveal, reference)
    for name in models:
        check_model(name)
    source = Pictures(inputs, None, None, None, force, strict, jobs)
    for file in (output, page):
        if file and file != "-":
            refuse_existing(Path(file), force)
    earlier = read_result(Path(against)) if against else None

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        refuse_json_among_pictures(output == "-" and not last)
        dataset = _dataset(inputs, flow)
        if dataset is None:
            frames = read(source, flow, journal, "evaluate").each
        else:
            frames = _frames(dataset, split, journal)
        opened = [_opened(name, checked, hints, flow, journal) for name in models or [None]]
        origin = replace(_origin(dataset, split, opened, journal), **hints.protocol)
        result, gallery = _measured(frames, opened, origin, journal, earlier, keep=bool(page))
        _write_json(result, output, force)
        _write_page(result, gallery, opened, page, force)
        _compare(result, earlier)
        return replace(flow, frames=None)

    return Stage("evaluate", run)


class _Opened(NamedTuple):
    """A model, and the file it came from; None for one that needs none."""

    engine: Engine
    path: Path | None


class _Given(NamedTuple):
    """What models are given that can use it: pixels of the truth, a picture in colour."""

    sources: Sequence[HintSource]
    protocol: Mapping[str, Any]

    def to(self, uses: Sequence[str]) -> HintSource | None:
        """Return what a model can use of it."""
        from luvcolor.hints import Together

        usable = [source for source in self.sources if set(source.kinds) <= set(uses)]
        return Together(*usable) if usable else None


def _given(reveal: int | None, reference: Path | None) -> _Given:
    from luvcolor.evaluation.revealing import Revealed
    from luvcolor.hints import read_reference

    sources: list[HintSource] = [] if reveal is None else [Revealed(reveal)]
    picture = None if reference is None else read_reference(reference)
    if picture is not None:
        sources.append(picture)
    fingerprint = picture.reference.fingerprint if picture and picture.reference else None
    return _Given(sources, {"reveal": reveal, "reference": fingerprint})


def _opened(
    name: str | None, options: ColorizeOptions, hints: _Given, flow: Flow, journal: Journal
) -> _Opened:
    from luvcolor.colorization.hinting import uses_of
    from luvcolor.runtimes import prefer_torch

    model = model_of(name, flow)
    runtime = prefer_torch(model, options.runtime)
    options = replace(options, runtime=runtime, hints=hints.to(uses_of(model)))
    path = model if isinstance(model, Path) else None
    return _Opened(open_engine(model, options, journal), path)


def _dataset(inputs: tuple[str, ...], flow: Flow) -> Dataset | None:
    from luvcolor.dataset import Dataset

    if not inputs:
        return flow.dataset if flow.frames is None else None
    stores = [name for name in inputs if (Path(name) / "zarr.json").exists()]
    return Dataset.open(stores[0]) if stores and len(inputs) == 1 else None


def _frames(dataset: Dataset, split: str, journal: Journal) -> Iterator[Frame]:
    from luvcolor.errors import DatasetError
    from luvcolor.frame import Frame

    total = dataset.count(split)
    if not total:
        raise DatasetError(f"{dataset.path} has no {split} pictures")
    pictures = journal.progress(dataset.pictures(split), "evaluate", total)
    return (Frame(pixels, name=f"{split}/{number}") for number, pixels in enumerate(pictures))


def _origin(
    dataset: Dataset | None, split: str, opened: Sequence[_Opened], journal: Journal
) -> Origin:
    from luvcolor.dataset import SAMPLED
    from luvcolor.evaluation import origin_of
    from luvcolor.evaluation.protocol import Origin

    if dataset is None:
        return Origin()

    def watch(pictures: Iterable[Any]) -> Iterator[Any]:
        return journal.progress(pictures, "luma lookup", min(dataset.count("train"), SAMPLED))

    return origin_of(dataset, split, [engine for engine, _ in opened], watch=watch)


def _measured(
    frames: Iterator[Frame],
    opened: Sequence[_Opened],
    origin: Origin,
    journal: Journal,
    earlier: Mapping[str, Any] | None,
    *,
    keep: bool,
) -> tuple[Evaluation, Gallery]:
    """Measure, print the table, and return the result with thumbnails where they are kept."""
    from luvcolor.cli.evaluation_table import print_table
    from luvcolor.evaluation import evaluate as evaluated
    from luvcolor.evaluation import methods_of
    from luvcolor.evaluation.gallery import Gallery
    from luvcolor.evaluation.protocol import refuse_other_protocol

    if earlier is not None:
        refuse_other_protocol(earlier["protocol"], origin.protocol())
    engines = [engine for engine, _ in opened]
    gallery = Gallery(list(methods_of(engines)))
    each = gallery.add if keep else _let_go
    result = evaluated(frames, engines, failed=journal.failed, origin=origin, each=each)
    journal.done += result.protocol["pictures"]
    print_table(result)
    return result, gallery


def _let_go(measured: Measured) -> None:
    """Keep nothing of a picture."""


def _compare(result: Evaluation, earlier: Mapping[str, Any] | None) -> None:
    from luvcolor.cli.evaluation_table import print_comparison
    from luvcolor.evaluation.protocol import refuse_other_protocol

    if earlier is not None:
        refuse_other_protocol(earlier["protocol"], result.protocol)
        print_comparison(earlier["summary"], result.summary())


def _write_json(result: Evaluation, output: str | None, force: bool) -> None:
    from luvcolor.io.atomic import atomic_write

    if output is None:
        return
    text = json.dumps(result.to_json(), indent=1, allow_nan=False) + "\n"
    if output == "-":
        click.echo(text, nl=False)
    else:
        atomic_write(Path(output), text.encode(), force=force)


def _write_page(
    result: Evaluation, gallery: Gallery, opened: Sequence[_Opened], page: str | None, force: bool
) -> None:
    from luvcolor.evaluation.curves import curves_of
    from luvcolor.evaluation.page import evaluation_page
    from luvcolor.io.atomic import atomic_write

    if page is None:
        return
    curves = {
        method: curves_of(engine.predictor.card, path)
        for method, (engine, path) in zip(gallery.models, opened, strict=True)
        if path is not None
    }
    atomic_write(Path(page), evaluation_page(result, gallery, curves).encode(), force=force)
