"""The picture of a result: how much longer the others take, for the main cases."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from benchmarks.report import OURS, Row, own, ratio

MAIN_CPU = (
    "uint8 to LUV float32, 12 Mpixel",
    "LUV float32 to uint8, 12 Mpixel",
    "uint8 to L, 12 Mpixel",
    "uint8 to what a model sees (224 x 224), 12 Mpixel",
    "L and small chroma to uint8, edges followed, 12 Mpixel",
    "uint8 to LUV float32, 224 x 224",
    "k-means in RGB, 12 Mpixel, k = 24, 20 iterations",
    "k-means in RGB, 12 Mpixel, k = 256, 20 iterations",
)
MAIN_GPU = (
    "uint8 to LUV float32, planar, 12 Mpixel",
    "LUV float32 to uint8, planar, 12 Mpixel",
    "uint8 to LUV float32, interleaved, 12 Mpixel",
    "uint8 to LUV float32, planar, 224 x 224",
    "uint8 to L, 12 Mpixel",
    "uint8 to what a model sees (224 x 224, float32), 12 Mpixel",
    "L and small chroma to uint8, edges followed, 12 Mpixel",
)
SLOWER, FASTER, SELF = "#3b6ea5", "#c8553d", "#8a8a8a"
INK, GRID = "#222222", "#dddddd"
BAR, GAP, TITLE = 0.23, 0.34, 0.36
"""Heights in inches: of a bar's row, between cases, of a case's title."""
WIDTH, LEFT, RIGHT, TOP, BOTTOM = 9.0, 2.9, 1.3, 0.75, 0.55


def chosen(result: dict[str, Any]) -> dict[str, list[tuple[str, float]]]:
    """Return the bars of every main case that was measured, shortest first."""
    main = MAIN_GPU if result.get("gpu") else MAIN_CPU
    cases: dict[str, list[tuple[str, float]]] = {}
    for case in main:
        rows = [row for row in result["rows"] if row["case"] == case]
        bars = _bars(rows)
        if len(bars) > 1:
            cases[case] = bars
    return cases


def _bars(rows: list[Row]) -> list[tuple[str, float]]:
    ours = own(rows)
    ratios = [(row["peer"], ratio(row, ours)) for row in rows]
    return sorted(((who, r) for who, r in ratios if r is not None), key=lambda bar: bar[1])


def draw(result: dict[str, Any], path: Path) -> bool:
    """Draw horizontal bars on a logarithmic axis; return whether there was anything to draw."""
    cases = chosen(result)
    if not cases:
        return False
    matplotlib: Any = importlib.import_module("matplotlib")
    figure_class: Any = importlib.import_module("matplotlib.figure").Figure
    height = TOP + BOTTOM + sum(TITLE + BAR * len(bars) + GAP for bars in cases.values())
    # Words stay words: the file is small, and the fonts are the reader's.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": OURS, "font.size": 9}):
        figure = figure_class(figsize=(WIDTH, height), facecolor="white")
        _heading(figure, result, height)
        longest = max(r for bars in cases.values() for _, r in bars)
        shortest = min(r for bars in cases.values() for _, r in bars)
        top = height - TOP
        for case, bars in cases.items():
            size = BAR * len(bars)
            top -= TITLE + size
            box = (LEFT / WIDTH, top / height, (WIDTH - LEFT - RIGHT) / WIDTH, size / height)
            _panel(figure.add_axes(box), case, bars, (min(shortest, 0.5) * 0.8, longest * 1.2))
            top -= GAP
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=110)
    return True


def _heading(figure: Any, result: dict[str, Any], height: float) -> None:
    where = result.get("gpu") or f"{result['cpu']}, {result['threads']} threads"
    x = LEFT / WIDTH
    figure.text(
        x, 1 - 0.28 / height, "Time over luvcolor's, for the same work", size=13, weight="bold",
        color=INK, va="center",
    )  # fmt: skip
    words = "logarithmic; shorter is faster; 1 is luvcolor with a fresh result"
    words += f". {where}, {result['date']}"
    figure.text(x, 1 - 0.52 / height, words, size=8.5, color=INK, va="center")


def _panel(
    axes: Any, case: str, bars: list[tuple[str, float]], limits: tuple[float, float]
) -> None:
    axes.set_xscale("log")
    axes.set_xlim(*limits)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_title(case, loc="left", size=9.5, weight="bold", color=INK, pad=5)
    axes.axvline(1, color=INK, lw=1, zorder=3)
    for place, (who, value) in enumerate(bars):
        axes.barh(place, value - 1, left=1, height=0.72, color=_color(who, value), zorder=2)
        axes.annotate(
            f"{value:.2f}" if value < 10 else f"{value:.0f}", (max(value, 1), place), xytext=(4, 0),
            textcoords="offset points", va="center", size=8.5, color=INK,
        )  # fmt: skip
    axes.set_yticks(range(len(bars)), [who for who, _ in bars])
    axes.tick_params(axis="both", length=0, labelcolor=INK)
    ticks = [t for t in (0.1, 0.5, 1, 2, 5, 10, 100, 1000) if limits[0] <= t <= limits[1]]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks], size=7.5)
    axes.xaxis.set_minor_locator(_none())
    axes.grid(axis="x", color=GRID, lw=0.6, zorder=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _none() -> Any:
    return importlib.import_module("matplotlib.ticker").NullLocator()


def _color(who: str, value: float) -> str:
    if who.startswith(OURS):
        return SELF
    return SLOWER if value >= 1 else FASTER
