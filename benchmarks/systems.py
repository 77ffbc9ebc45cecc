"""Every system that luvcolor offers on the same pictures, none of which any was trained on.

    make systems PHOTOGRAPHS_WITH_TRUTH=bsds500-trainval.tar MODELS='zhang.safetensors ... default'

writes ``docs/systems/``. Pictures in folders called ``val`` are measured; those in folders called
``train`` are what ``transfer`` chooses its reference from, by how alike they are when small and
gray. ``scribble`` is told the truth at a few pixels drawn at random.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

import luvcolor_kernels as kernels
from benchmarks.evaluating import table
from luvcolor.checkpoint import find_checkpoint, read_card
from luvcolor.colorization import ColorizeOptions, Engine
from luvcolor.evaluation import Measured
from luvcolor.evaluation.methods import Bench
from luvcolor.evaluation.revealing import Revealed
from luvcolor.frame import Frame
from luvcolor.hints import REFERENCE, HintSet, HintSource, Reference
from luvcolor.io.atomic import atomic_write
from luvcolor.io.codec import encode
from luvcolor.io.files import expand
from luvcolor.resize import resize
from luvcolor.sheet import Row, contact_sheet
from luvcolor.weightless import WeightlessModel

PAGE = Path(__file__).with_name("systems_page.md")
FEW, MANY = 20, 200
"""Pixels of the truth that ``scribble`` is told."""
SHOWN = ("psnr", "ssim", "ciede2000", "auc", "colourfulness")
ON_SHEET, CELL, SMALL = 12, 110, 16


@dataclass
class Nearest:
    """References by likeness; a `luvcolor.hints.HintSource`."""

    references: Sequence[Reference]
    looks: NDArray[np.float32]
    kinds = (REFERENCE,)

    @classmethod
    def among(cls, frames: Sequence[Frame]) -> Nearest:
        """Take every frame for a reference."""
        return cls([Reference.of(frame) for frame in frames], np.stack([look(f) for f in frames]))

    def of(self, frame: Frame) -> HintSet:
        """Return the reference that looks most alike."""
        best = int(np.square(self.looks - look(frame)).sum(1).argmin())
        return HintSet(reference=self.references[best])


def look(frame: Frame) -> NDArray[np.float32]:
    """Return the luma of a picture when it is small, flat."""
    small = resize(frame, size=(SMALL, SMALL)).pixels
    return np.asarray(kernels.luminance(small), np.float32).ravel()


def weightless(name: str, hints: HintSource) -> Engine:
    """Return a model that needs no weights, with what it is given."""
    options = ColorizeOptions(device="cpu", hints=hints)
    return Engine.open(WeightlessModel(name), options)


def systems(models: Sequence[str], references: Sequence[Frame]) -> dict[str, Engine]:
    """Return every system by its name in the table."""
    found: dict[str, Engine] = {}
    for path in map(find_checkpoint, models):
        found[read_card(path).model] = Engine.open(path, ColorizeOptions(device="cpu"))
    shipped = ColorizeOptions(device="cpu", hints=Revealed(FEW), force_hints=True)
    found[f"lite, {FEW} pixels told"] = Engine.open(find_checkpoint(None), shipped)
    for count in (FEW, MANY):
        found[f"scribble, {count} pixels told"] = weightless("scribble", Revealed(count))
    if references:
        found["transfer, from the likest"] = weightless("transfer", Nearest.among(references))
    return found


def pictures(path: Path) -> tuple[list[Frame], list[Frame]]:
    """Return the pictures to measure, and those to choose references from."""
    measured, references = [], []
    for source in expand([str(path)]):
        parts = Path(source.name).parts
        if "val" in parts:
            measured.append(source.frame())
        elif "train" in parts:
            references.append(source.frame())
    if not measured:
        raise click.ClickException(f"{path}: expected pictures in folders called val, found none")
    return measured, references


def means(rows: Sequence[Measured]) -> dict[str, dict[str, float]]:
    """Return every shown metric over all pictures, by method."""
    return {
        method: {name: float(np.mean([one.rows[method][name] for one in rows])) for name in SHOWN}
        for method in rows[0].rows
    }


def sheet(rows: Sequence[Measured]) -> bytes:
    """Return some pictures under every method as a JPEG."""
    step = max(1, len(rows) // ON_SHEET)
    shown = [Row(one.name.split("/")[-1], list(one.pictures.items())) for one in rows[::step]]
    return encode(contact_sheet(shown[:ON_SHEET], cell=CELL), "jpeg", quality=85)


def training(models: Sequence[str]) -> str:
    """Say how each model was trained."""
    cards = [read_card(find_checkpoint(name)) for name in models]
    lines = ["| model | epochs | pictures | their side | settings |", "|---|---:|---:|---:|---|"]
    for card in cards:
        epochs, count = (
            card.training.get("epochs", ""),
            card.data.get("counts", {}).get("train", ""),
        )
        lines.append(f"| `{card.model}` | {epochs} | {count} | {card.size} | {_settings(card)} |")
    return "\n".join(lines)


def _settings(card: Any) -> str:
    return ", ".join(f"{key}={value}" for key, value in card.config.items() if key == "width")


@click.command()
@click.option("--photographs", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("-m", "--model", "models", multiple=True, required=True)
@click.option("-o", "--output", default=Path("docs/systems"), type=click.Path(path_type=Path))
def main(photographs: Path, models: Sequence[str], output: Path) -> None:
    """Measure every system and write the page."""
    measured, references = pictures(photographs)
    bench = Bench(systems(models, references), None)
    rows = [bench.measured(frame) for frame in measured]
    found = means(rows)
    output.mkdir(parents=True, exist_ok=True)
    atomic_write(output / "systems.jpg", sheet(rows), force=True)
    atomic_write(output / "results.json", json.dumps(found, indent=1).encode(), force=True)
    words = {
        "count": len(rows),
        "references": len(references),
        "few": FEW,
        "many": MANY,
        "table": table(found, SHOWN),
        "training": training(models),
    }
    page = Template(PAGE.read_text()).substitute(words)
    atomic_write(output / "README.md", page.encode(), force=True)


if __name__ == "__main__":
    main()
