"""Plots of an evaluation as SVG that stands in a page and takes its colours from there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from luvcolor.evaluation.curves import Curves

__all__ = ["curve_plots", "distribution_plot"]

WIDTH, LANE, LABEL, FOOT = 720, 46, 150, 40
BINS = 60
SMALL, TALL, EDGE, HEAD = 230, 150, 30, 50
STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
"""Where an axis may end, times a power of ten: a fifth of each is a round number."""


def distribution_plot(
    scores: Mapping[str, Sequence[float]], *, title: str, axis: str, quiet: Sequence[str] = ()
) -> str:
    """Return histograms one under the other on one axis, each with its median.

    Parameters
    ----------
    scores
        One value a picture, none of them negative, by method.
    title
        What is read out in place of the plot; the medians follow it.
    axis
        What is written under the axis.
    quiet
        Methods to draw in gray.

    Examples
    --------
    >>> plot = distribution_plot({"unet": [3.0, 9.0, 4.0]}, title="Scores", axis="CIEDE2000")
    >>> plot.startswith("<svg"), "median 4.0" in plot
    (True, True)
    """
    top = _ceiling(max(max(values) for values in scores.values()))
    height = LANE * len(scores) + FOOT
    medians = {method: float(np.median(values)) for method, values in scores.items()}
    said = ", ".join(f"{method}: median {median:.1f}" for method, median in medians.items())
    most = max(_counts(values, top).max() / len(values) for values in scores.values())
    parts = [_ticks(top, height, axis)]
    for lane, (method, values) in enumerate(scores.items()):
        share = _counts(values, top) / (len(values) * most)
        kind = "quiet" if method in quiet else "loud"
        parts.append(_lane(lane, method, share, medians[method] / top, medians[method], kind))
    return _svg(WIDTH, height, f"{title}. {said}", parts)


def curve_plots(curves: Curves, *, title: str) -> str:
    """Return one small line plot for each metric of a run, each on a scale of its own.

    Examples
    --------
    >>> plots = curve_plots({"val_loss": [(1, 3.0), (2, 2.5)]}, title="unet")
    >>> plots.count("<svg"), "val_loss" in plots
    (1, True)
    """
    return "\n".join(_curve(name, points, title) for name, points in curves.items())


def _curve(name: str, points: Sequence[tuple[float, float]], title: str) -> str:
    epochs, values = zip(*points, strict=True)
    low, high = min(values), max(values)
    span, length = (high - low) or 1.0, (epochs[-1] - epochs[0]) or 1.0
    wide, tall, foot = SMALL - 2 * EDGE, TALL - EDGE - HEAD, TALL - EDGE
    places = [
        (EDGE + wide * (x - epochs[0]) / length, HEAD + tall * (1 - (y - low) / span))
        for x, y in points
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    parts = [
        _text(EDGE, HEAD - 34, name, "strong"),
        _text(EDGE, HEAD - 18, f"{low:.4g} to {high:.4g}", "quiet"),
        f'<polyline class="loud line" points="{line}"/>',
        f'<circle class="loud" cx="{x:.1f}" cy="{y:.1f}" r="3"/>',
        f'<line class="axis" x1="{EDGE}" y1="{foot}" x2="{EDGE + wide}" y2="{foot}"/>',
        _text(EDGE, TALL - 12, f"epoch {epochs[0]:g}", ""),
        _text(EDGE + wide, TALL - 12, f"{epochs[-1]:g}", "end"),
    ]
    said = f"{title}, {name}: {values[0]:.4g} at epoch {epochs[0]:g}, {values[-1]:.4g} at the end"
    return _svg(SMALL, TALL, f"{said}; least {low:.4g}, most {high:.4g}", parts)


def _lane(lane: int, method: str, share: np.ndarray, place: float, median: float, kind: str) -> str:
    """Draw one histogram, `share` of the lane's height for each bin."""
    foot, wide = LANE * (lane + 1) - 4, (WIDTH - LABEL - 20) / BINS
    bars = "".join(
        f"M{LABEL + wide * number:.1f} {foot}v{-(LANE - 12) * part:.1f}h{wide:.1f}V{foot}z"
        for number, part in enumerate(share)
        if part > 0
    )
    x = LABEL + (WIDTH - LABEL - 20) * place
    return (
        f'<path class="{kind}" d="{bars}"/>'
        f'<line class="axis" x1="{LABEL}" y1="{foot}" x2="{WIDTH - 20}" y2="{foot}"/>'
        f'<line class="median" x1="{x:.1f}" y1="{foot}" x2="{x:.1f}" y2="{foot - LANE + 10}"/>'
        + _text(0, foot - 16, _short(method), "strong")
        + _text(0, foot - 2, f"median {median:.1f}", "")
    )


def _ticks(top: float, height: int, axis: str) -> str:
    foot, parts = height - FOOT, []
    for step in range(6):
        x = LABEL + (WIDTH - LABEL - 20) * step / 5
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{foot}"/>')
        parts.append(_text(x, foot + 16, f"{top * step / 5:g}", "middle"))
    return "".join([*parts, _text((LABEL + WIDTH - 20) / 2, foot + 34, axis, "middle")])


def _counts(values: Sequence[float], top: float) -> np.ndarray:
    return np.histogram(values, bins=BINS, range=(0, top))[0]


def _ceiling(value: float) -> float:
    """Return where an axis is to end that has to show `value`; at least 0.5."""
    power = 10 ** math.floor(math.log10(max(value, 0.5)))
    return float(next(step * power for step in STEPS if step * power >= value))


def _short(text: str, most: int = 22) -> str:
    return text if len(text) <= most else f"{text[: most // 2 - 1]}…{text[-most // 2 :]}"


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(text)}</text>'


def _svg(width: int, height: int, said: str, parts: Sequence[str]) -> str:
    label = escape(said, quote=True)
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>'
    )
