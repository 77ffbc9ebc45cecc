"""The report's experiment, anew: four models on the horses of CIFAR-10, beside its own figures.

    make report HORSES=cifar10-horse-32px.tar

prepares the dataset, trains what is not trained yet, measures all on the test split, and writes
``docs/report/``. The working folder, ``.report/`` unless another is named, keeps dataset and
checkpoints; a run that was cut off goes on from its last epoch.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

import luvcolor_kernels as kernels
from benchmarks.evaluating import stop, table
from luvcolor.checkpoint import find_checkpoint, read_card
from luvcolor.colorization import ColorizeOptions, Engine
from luvcolor.configuration import from_mapping
from luvcolor.dataset import SPLITS, Dataset
from luvcolor.evaluation import TRUTH, Evaluation, Measured, evaluate, origin_of
from luvcolor.evaluation.columns import COLUMNS
from luvcolor.evaluation.curves import curves_of
from luvcolor.frame import Frame
from luvcolor.gray import to_gray
from luvcolor.io.atomic import atomic_write
from luvcolor.io.codec import decode, encode
from luvcolor.learning.runs import RunFolder
from luvcolor.pixels import has_colour
from luvcolor.preparation import PrepareOptions, prepare
from luvcolor.registry import registry
from luvcolor.sheet import Row, contact_sheet
from luvcolor.training import TrainingOptions, train

PAGE = Path(__file__).with_name("experiment_page.md")
SIZE, VALIDATION = 32, 0.2
TRIPTYCHS, CELL = 24, 96
"""Pictures on the sheet, and their side there."""
SHOWN = ("psnr", "ssim", "ciede2000", "chroma_mse", "accuracy", "loss", "auc", "colourfulness")
SPANS = {
    "u*, v* / 100, as luvcolor trains": (100.0, 100.0),
    "-1 to 1 over the sRGB gamut (u* -83 to 175, v* -134 to 108)": (129.0, 121.0),
    "0 to 1 over the sRGB gamut": (258.0, 242.0),
    "0 to 1 as OpenCV stores 8-bit LUV (u* -134 to 220, v* -140 to 122)": (354.0, 262.0),
}
"""By what u* and v* may have been divided, for the report does not say."""
FIELDS = {
    "astronomy": ("hubble_deep_field.jpg", "moon.png"),
    "medicine": ("retina.jpg", "microaneurysms.png"),
    "microscopy": ("ihc.png", "cell.png"),
}
"""Pictures of scikit-image from what the report calls the fields of application."""
LEARNED, CHECKED, PAPER, INK, QUIET = "#b0b0b0", "#3b6ea5", "#ffffff", "#222222", "#e5e5e5"


@dataclass(frozen=True)
class Recipe:
    """How one model is trained."""

    epochs: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    crop: int = 0

    @property
    def options(self) -> TrainingOptions:
        """The options of the run; precision is fixed so that machines agree."""
        return TrainingOptions(
            epochs=self.epochs, crop=self.crop, precision="32-true", device="cpu"
        )


RECIPES = {
    "regression": Recipe(20),
    "cnn": Recipe(20, crop=28),
    "unet": Recipe(20, crop=28),
    "gan": Recipe(20, {"chroma_weight": 6.0}),
}
"""Chosen on the validation split: longer runs learn the training pictures by heart."""


def prepared(horses: Path, folder: Path) -> Dataset:
    """Return the dataset, made unless it is there."""
    store = folder / "horses.zarr"
    if store.exists():
        return Dataset.open(store)

    options = PrepareOptions(size=SIZE, val=VALIDATION)
    return prepare([str(horses)], store, options, failed=stop, workers=2)


def trained(name: str, recipe: Recipe, dataset: Dataset, folder: Path) -> Path:
    """Return a model's checkpoint, trained unless it is there."""
    output = folder / f"{name}.safetensors"
    if not output.exists():
        model_class = registry().model_class(name)
        model = model_class(from_mapping(model_class.Config, dict(recipe.settings)))
        resume = RunFolder(output).last.exists()
        say = lambda line: click.echo(f"{name}: {line}", err=True)  # noqa: E731
        train(name, model, dataset, output, recipe.options, resume=resume, sheets=0, say=say)
    return output


def opened(checkpoint: Path) -> Engine:
    """Return the model, to see pictures at their own size."""
    return Engine.open(checkpoint, ColorizeOptions(device="cpu", runtime="torch", sizes=(SIZE,)))


def measured(dataset: Dataset, engines: Sequence[Engine]) -> tuple[Evaluation, list[Measured]]:
    """Measure all on the test split, and keep what goes on the sheet."""
    every = max(1, dataset.count("test") // TRIPTYCHS)
    frames = (
        Frame(pixels, name=f"{number}") for number, pixels in enumerate(dataset.pictures("test"))
    )
    kept: list[Measured] = []

    def keep(one: Measured) -> None:
        if not int(one.name) % every and len(kept) < TRIPTYCHS:
            kept.append(one)

    def failed(name: str, error: Exception) -> None:
        stop(f"picture {name}", error)

    origin = origin_of(dataset, "test", engines)
    return evaluate(frames, engines, failed=failed, origin=origin, each=keep), kept


def squared_errors(dataset: Dataset, engine: Engine) -> NDArray[np.float64]:
    """Return mean squared errors of u* and v*, (2, 2): without colours, and the model's."""
    found = []
    for picture in dataset.pictures("test"):
        luv = kernels.rgb_to_luv(picture).transpose(2, 0, 1)
        luma = np.ascontiguousarray(luv[None, :1] / 100)
        uv = engine.predictor(luma, temperature=None, seed=None).uv[0]
        found.append([(luv[1:] ** 2).mean((1, 2)), ((uv - luv[1:]) ** 2).mean((1, 2))])
    mean: NDArray[np.float64] = np.mean(found, 0, dtype=np.float64)
    return mean


def scaled_table(errors: NDArray[np.float64]) -> str:
    """Return the regression's squared error in every scaling the report may have used."""
    lines = ["| chroma scaled to | gray | `regression` |", "|---|---:|---:|"]
    for words, spans in SPANS.items():
        gray, model = (errors / np.square(spans)).mean(1)
        lines.append(f"| {words} | {gray:.4f} | {model:.4f} |")
    return "\n".join(lines)


def draw(checkpoints: Mapping[str, Path], path: Path) -> None:
    """Draw the losses of every model against epochs: learned and validated."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.4), layout="constrained", facecolor=PAPER)
    for axes, (name, checkpoint) in zip(
        figure.subplots(2, 2).flat, checkpoints.items(), strict=True
    ):
        curves = curves_of(read_card(checkpoint), checkpoint)
        for label, points in curves.items():
            if label == "val_loss" or label.startswith("train_"):
                color = CHECKED if label == "val_loss" else LEARNED
                axes.plot(*zip(*points, strict=True), color=color)
                axes.annotate(
                    label,
                    points[-1],
                    (-4, 5),
                    textcoords="offset points",
                    ha="right",
                    color=INK,
                    fontsize=8,
                )
        axes.set_title(name, color=INK, fontsize=10)
        axes.set_xlabel("epoch", fontsize=8)
        axes.grid(color=QUIET)
        axes.spines[["top", "right"]].set_visible(False)
    data = io.BytesIO()
    figure.savefig(data, format="svg", metadata={"Date": None})
    atomic_write(path, data.getvalue(), force=True)


def sheet(kept: Sequence[Measured]) -> bytes:
    """Return the triptychs as a JPEG: gray, every model, the truth."""
    shown = contact_sheet(list(_rows(kept)), cell=CELL, rows_per_block=TRIPTYCHS // 2)
    return encode(shown, "jpeg", quality=85)


def _rows(kept: Sequence[Measured]) -> Iterator[Row]:
    baselines = {"mean chroma"}
    for one in kept:
        yield Row(
            one.name, [(k, _enlarged(v)) for k, v in one.pictures.items() if k not in baselines]
        )


def fields() -> bytes:
    """Return the fields of application under the model that ships as a JPEG."""
    import skimage

    engine = Engine.open(find_checkpoint(None), ColorizeOptions(device="cpu"))
    folder = Path(skimage.__file__).parent / "data"
    rows = []
    for what, names in FIELDS.items():
        for name in names:
            frame = decode((folder / name).read_bytes(), name=name)
            shown = [("gray", to_gray(frame).pixels), ("lite", engine(frame).pixels)]
            truth = [(TRUTH, frame.pixels)] if has_colour(frame.pixels) else []
            rows.append(Row(f"{what}: {name}", shown + truth))
    return encode(contact_sheet(rows, cell=2 * CELL, rows_per_block=3), "jpeg", quality=85)


def _enlarged(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    times = CELL // SIZE
    return picture.repeat(times, 0).repeat(times, 1)


def page(
    dataset: Dataset, checkpoints: Mapping[str, Path], result: Evaluation, errors: NDArray[Any]
) -> str:
    """Return the page that shows it all."""
    means = result.summary()
    words: dict[str, Any] = {f"{part}_pictures": dataset.count(part) for part in SPLITS}
    words |= {
        "dataset_print": dataset.manifest["fingerprint"],
        "table": table(means, SHOWN),
        "scaled": scaled_table(errors),
        "recipes": "\n".join(map(_recipe, checkpoints.values())),
    }
    for name, found in means.items():
        words |= {f"{name.replace(' ', '_')}_{k}": COLUMNS[k].text(v) for k, v in found.items()}
    share = (means["gan"]["colourfulness"] or 0) / (means[TRUTH]["colourfulness"] or 1)
    words["gan_share"] = f"{100 * share:.0f}"
    return Template(PAGE.read_text()).substitute(words)


def _recipe(checkpoint: Path) -> str:
    card = read_card(checkpoint)
    asked, best = card.training, card.metrics
    settings = ", ".join(f"{key}={value}" for key, value in RECIPES[card.model].settings.items())
    return (
        f"| `{card.model}` | {asked['epochs']} | {best['epoch']:g} | {best['val_loss']:.4g} "
        f"| {asked['crop'] or 'whole pictures'} | {settings} |"
    )


@click.command()
@click.option("--horses", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--work", default=Path(".report"), type=click.Path(path_type=Path))
@click.option("-o", "--output", default=Path("docs/report"), type=click.Path(path_type=Path))
def main(horses: Path, work: Path, output: Path) -> None:
    """Train, measure and write the page."""
    work.mkdir(parents=True, exist_ok=True)
    dataset = prepared(horses, work)
    checkpoints = {name: trained(name, recipe, dataset, work) for name, recipe in RECIPES.items()}
    engines = [opened(path) for path in checkpoints.values()]
    result, kept = measured(dataset, engines)
    output.mkdir(parents=True, exist_ok=True)
    draw(checkpoints, output / "curves.svg")
    atomic_write(output / "triptychs.jpg", sheet(kept), force=True)
    atomic_write(output / "fields.jpg", fields(), force=True)
    summary = {"protocol": result.protocol, "summary": result.summary()}
    atomic_write(output / "results.json", json.dumps(summary, indent=1).encode(), force=True)
    errors = squared_errors(dataset, engines[0])
    atomic_write(
        output / "README.md", page(dataset, checkpoints, result, errors).encode(), force=True
    )


if __name__ == "__main__":
    main()
