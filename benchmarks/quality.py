"""How good the colours are: tables, a trade-off and sheets, on pictures that were not trained on.

    make quality PHOTOGRAPHS_WITH_TRUTH=bsds500-trainval.tar PLATES=historical/ \\
        MODELS='regression.safetensors unet.safetensors gan.safetensors default'

writes ``docs/quality/``: ``README.md`` and what it shows. The last model is the one that is looked
at closely: how its boldness and its error go together by temperature, and how much its colours
change with the size of the input.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.evaluating import stop
from luvcolor.checkpoint import find_checkpoint
from luvcolor.colorization import ColorizeOptions, Engine
from luvcolor.colorization.stability import stability as size_stability
from luvcolor.evaluation import GRAY, TRUTH, Evaluation, evaluate, methods_of
from luvcolor.frame import Frame
from luvcolor.gray import to_gray
from luvcolor.io.atomic import atomic_write
from luvcolor.io.files import expand
from luvcolor.metrics import colourfulness, psnr
from luvcolor.pixels import to_rgb8
from luvcolor.sheet import Row, contact_sheet

PAGE = Path(__file__).with_name("quality_page.md")
TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
COLUMNS = {
    "psnr": ("PSNR, dB", 2),
    "ssim": ("SSIM", 3),
    "ciede2000": ("CIEDE2000", 2),
    "auc": ("AuC", 3),
    "colourfulness": ("colourfulness", 1),
}
SHOWN, ROWS_A_SHEET, CELL = 96, 16, 150
"""Photographs on the sheets, how many on each, and the longest side of a picture there."""
CURVE, PAPER, INK, QUIET = "#3b6ea5", "#ffffff", "#222222", "#dddddd"


@dataclass(frozen=True)
class Trade:
    """What one temperature gives, as means over pictures."""

    temperature: float
    psnr: float
    gain: float
    colourfulness: float
    truth: float

    @property
    def share(self) -> float:
        """Colourfulness in per cent of the truth's."""
        return 100 * self.colourfulness / self.truth


def photographs(path: Path) -> Iterator[Frame]:
    """Yield the pictures of a folder or an archive, one at a time."""
    return (source.frame() for source in expand([str(path)]))


def measured(path: Path, engines: Sequence[Engine]) -> Evaluation:
    """Evaluate models on all pictures; one that cannot be read ends the run."""
    return evaluate(photographs(path), engines, failed=stop)


def table(result: Evaluation) -> str:
    """Return the means as a Markdown table."""
    titles = [title for title, _ in COLUMNS.values()]
    lines = [f"| | {' | '.join(titles)} |", "|---" + "|---:" * len(titles) + "|"]
    for method, means in result.summary().items():
        cells = [
            "" if method == TRUTH and name == "psnr" else f"{means[name]:.{digits}f}"
            for name, (_, digits) in COLUMNS.items()
        ]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def trade_offs(path: Path, engine: Engine) -> list[Trade]:
    """Colour all pictures at every temperature."""
    found = np.array([list(_trades(frame, engine)) for frame in photographs(path)])
    means = found.mean(0)
    return [Trade(t, *row.tolist()) for t, row in zip(TEMPERATURES, means, strict=True)]


def _trades(frame: Frame, engine: Engine) -> Iterator[tuple[float, float, float, float]]:
    """Yield PSNR, PSNR over gray, colourfulness, and the truth's colourfulness."""
    truth = frame.pixels
    base, colours = psnr(_gray(frame), truth), colourfulness(truth)
    for temperature in TEMPERATURES:
        options = replace(engine.options, temperature=temperature)
        rgb = Engine(engine.predictor, options)(frame).pixels
        reached = psnr(rgb, truth)
        yield reached, reached - base, colourfulness(rgb), colours


def _gray(frame: Frame) -> NDArray[np.uint8]:
    return to_rgb8(to_gray(frame).pixels)


def draw(trades: Sequence[Trade], chosen: float, path: Path) -> None:
    """Draw PSNR over gray against the share of the truth's colourfulness."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained", facecolor=PAPER)
    axes = figure.subplots()
    axes.plot([t.share for t in trades], [t.gain for t in trades], color=CURVE, marker="o")
    for trade in trades:
        label = f"{trade.temperature:g}" + " (default)" * (trade.temperature == chosen)
        place = (trade.share, trade.gain)
        axes.annotate(label, place, (6, 6), textcoords="offset points", color=INK)
    axes.set_xlabel("colourfulness, % of the truth's")
    axes.set_ylabel("PSNR over gray, dB")
    axes.grid(color=QUIET)
    axes.spines[["top", "right"]].set_visible(False)
    data = io.BytesIO()
    figure.savefig(data, format="svg", metadata={"Date": None})
    atomic_write(path, data.getvalue(), force=True)


def sheets(
    name: str, path: Path, engines: Sequence[Engine], output: Path, every: int = 1
) -> list[str]:
    """Write sheets of every so many pictures: gray, each model, the truth; return their names."""
    rows = [
        _row(frame, engines) for number, frame in enumerate(photographs(path)) if not number % every
    ]
    names = []
    for start in range(0, len(rows), ROWS_A_SHEET):
        sheet = contact_sheet(rows[start : start + ROWS_A_SHEET], cell=CELL)
        names.append(f"{name}-{start // ROWS_A_SHEET + 1}.jpg")
        atomic_write(output / names[-1], _jpeg(sheet), force=True)
    return names


def _row(frame: Frame, engines: Sequence[Engine]) -> Row:
    predicted = [(name, engine(frame).pixels) for name, engine in methods_of(engines).items()]
    return Row(Path(frame.name).name, [(GRAY, _gray(frame)), *predicted, (TRUTH, frame.pixels)])


def _jpeg(sheet: Frame) -> bytes:
    from luvcolor.io.codec import encode

    return encode(sheet, "jpeg", quality=82)


def stability(path: Path, engine: Engine) -> dict[str, float]:
    """Return mean chroma distances between runs at half, the same and double size."""
    found = size_stability(photographs(path), engine, failed=stop)
    return {name.replace("_", " and "): mean for name, mean in found._asdict().items()}


def better_than_gray(result: Evaluation, method: str) -> int:
    """Return on how many pictures a method's CIEDE2000 is below gray's."""
    by = {(row["picture"], row["method"]): row["ciede2000"] for row in result.rows}
    pictures = {row["picture"] for row in result.rows}
    return sum(by[p, method] < by[p, GRAY] for p in pictures)


def page(parts: dict[str, Any]) -> str:
    """Return the page that shows it all."""
    photos, plates, receipt = parts["photographs"], parts["plates"], parts["receipt"]
    words = {
        "model": receipt["model"],
        "checkpoint": receipt["checkpoint"],
        "sha256": receipt["sha256"],
        "sizes": ", ".join(map(str, receipt["sizes"])),
        "temperature": parts["temperature"],
        "count": photos.protocol["pictures"],
        "photo_print": photos.protocol["fingerprint"],
        "photo_table": table(photos),
        "plate_count": plates.protocol["pictures"],
        "plate_print": plates.protocol["fingerprint"],
        "plate_table": table(plates),
        "better": parts["better"],
        "trades": "\n".join(map(_line, parts["trades"])),
        "distances": "\n".join(f"| {k} | {v:.2f} |" for k, v in parts["stability"].items()),
        "sheets": "\n\n".join(f"![{Path(name).stem}]({name})" for name in parts["sheets"]),
    }
    return Template(PAGE.read_text()).substitute(words)


def _line(t: Trade) -> str:
    return (
        f"| {t.temperature:g} | {t.psnr:.2f} | {t.gain:+.2f} | {t.colourfulness:.1f} "
        f"| {t.share:.0f} % |"
    )


@click.command()
@click.option("--photographs", "photos", required=True, type=click.Path(path_type=Path))
@click.option("--plates", required=True, type=click.Path(path_type=Path))
@click.option("-m", "--model", "models", multiple=True, required=True)
@click.option("-o", "--output", default=Path("docs/quality"), type=click.Path(path_type=Path))
def main(photos: Path, plates: Path, models: Sequence[str], output: Path) -> None:
    """Measure MODELS, the last of them closely, and write the page."""
    engines = [Engine.open(find_checkpoint(name), ColorizeOptions(device="cpu")) for name in models]
    closely = engines[-1]
    on_photos, on_plates = measured(photos, engines), measured(plates, engines)
    trades = trade_offs(photos, closely)
    count = on_photos.protocol["pictures"]
    parts = {
        "photographs": on_photos,
        "plates": on_plates,
        "better": better_than_gray(on_plates, list(methods_of(engines))[-1]),
        "trades": trades,
        "stability": stability(photos, closely),
        "receipt": closely.receipt,
        "temperature": closely.predictor.card.config["temperature"],
        "sheets": [
            *sheets("plates", plates, engines, output),
            *sheets("photographs", photos, engines, output, every=max(1, count // SHOWN)),
        ],
    }
    draw(trades, parts["temperature"], output / "trade-off.svg")
    results = {name: parts[name].to_json() for name in ("photographs", "plates")}
    atomic_write(output / "results.json", json.dumps(results, indent=1).encode(), force=True)
    atomic_write(output / "README.md", page(parts).encode(), force=True)


if __name__ == "__main__":
    main()
