"""An evaluation as one HTML page that needs nothing beside itself, no script either."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Any

from luvcolor.evaluation.columns import (
    BASELINES,
    COLUMNS,
    GRAY,
    TRUTH,
    Column,
    Summary,
    best_methods,
    used_columns,
)
from luvcolor.evaluation.curves import Curves
from luvcolor.evaluation.gallery import ENDS, SIDE, Entry, Gallery, Thumbnail
from luvcolor.evaluation.plots import curve_plots, distribution_plot
from luvcolor.evaluation.words import protocol_words, receipt_words

if TYPE_CHECKING:
    from luvcolor.evaluation.measurement import Evaluation

__all__ = ["evaluation_page"]

SHOWN_AT_LEAST = 128
"""Pictures smaller than this are shown enlarged by a whole number."""
GOALS = {
    "higher": "↑ higher",
    "lower": "↓ lower",
    "near the truth": "≈ truth",
    "": "not compared",
}
"""What is better, under the title of a column."""


def evaluation_page(
    result: Evaluation, gallery: Gallery, curves: Mapping[str, Curves] | None = None
) -> str:
    """Return the page.

    Parameters
    ----------
    result
        What was measured.
    gallery
        The pictures to show, which `evaluate` handed to ``gallery.add`` one by one.
    curves
        Those of the training of each model, where they are known.

    Examples
    --------
    >>> from luvcolor.evaluation import Evaluation, Measured
    >>> import numpy as np
    >>> red = np.full((4, 4, 3), (200, 30, 30), np.uint8)
    >>> row = {"picture": "<b>.png", "method": "unet", "ciede2000": 3.0}
    >>> gallery = Gallery(["unet"])
    >>> pictures = dict.fromkeys(["gray", "unet", "truth"], red)
    >>> gallery.add(Measured("<b>.png", pictures, {"unet": row}))
    >>> protocol = {"pictures": 1, "luvcolor": "0.1.0", "receipts": {"unet": {}}}
    >>> page = evaluation_page(Evaluation(protocol, [row]), gallery)
    >>> page.startswith("<!DOCTYPE html>"), "&lt;b&gt;.png" in page, "<b>.png" in page
    (True, True, False)
    """
    template = resources.files("luvcolor.evaluation").joinpath("page.html").read_text("utf-8")
    summary, protocol = result.summary(), result.protocol
    models = ", ".join(gallery.models)
    drawn = _curves(curves or {})
    return Template(template).substitute(
        version=escape(str(protocol["luvcolor"])),
        title=escape(f"luvcolor: {models} measured"),
        lead=escape(_lead(protocol)),
        links=_links(bool(drawn)),
        table=_table(summary, protocol),
        legend=_legend(summary),
        distribution=_distribution(result),
        curves=drawn,
        order=escape(_order(gallery)),
        pictures="\n".join(_pictures(gallery)),
        protocol=_protocol(protocol),
    )


def _lead(protocol: Mapping[str, Any]) -> str:
    pictures = "1 picture" if protocol["pictures"] == 1 else f"{protocol['pictures']:,} pictures"
    return (
        f"{pictures} in colour were turned gray, coloured again and compared with what they were. "
        "The colours of the models are a guess."
    )


def _links(with_curves: bool) -> str:
    places = {"table": "Methods", "distribution": "Distribution"}
    places |= {"curves": "Training"} if with_curves else {}
    places |= {"worst": "Worst pictures", "best": "Best pictures", "protocol": "Protocol"}
    return " ".join(f'<a href="#{place}">{words}</a>' for place, words in places.items())


def _table(summary: Summary, protocol: Mapping[str, Any]) -> str:
    columns = used_columns(summary)
    best = {name: best_methods(summary, name) for name in columns}
    if len(set(protocol.get("palettes", {}).values())) > 1:
        best["accuracy"] = set()  # over different palettes it cannot be compared
    head = "".join(f'<th scope="col">{_heading(column)}</th>' for column in columns.values())
    rows = []
    for method, values in summary.items():
        cells = "".join(
            _cell(column.text(values[name]), method in best[name])
            for name, column in columns.items()
        )
        kind = "" if method in BASELINES or method == TRUTH else ' class="model"'
        rows.append(f'<tr{kind}><th scope="row">{escape(method)}</th>{cells}</tr>')
    caption = "Means over the pictures. The best of each column, the truth aside, is underlined."
    return (
        f'<table><caption>{caption}</caption><thead><tr><th scope="col">Method</th>{head}</tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _heading(column: Column) -> str:
    return f'{escape(column.title)}<span class="goal">{GOALS[column.better]}</span>'


def _cell(text: str, best: bool) -> str:
    if best:
        return f'<td class="best">{text}<span class="aloud"> (best)</span></td>'
    return f"<td>{text}</td>"


def _legend(summary: Summary) -> str:
    words = "".join(
        f"<dt>{escape(column.title)}</dt><dd>{escape(column.words)}</dd>"
        for column in used_columns(summary).values()
    )
    return (
        "<p>Under each title: what is better. An empty cell: the metric does not apply to the "
        "method. Models are in bold; the others are baselines and the truth.</p>"
        f'<dl class="legend">{words}</dl>'
    )


def _distribution(result: Evaluation) -> str:
    scores: dict[str, list[float]] = {}
    for row in result.rows:
        if row["method"] != TRUTH:
            scores.setdefault(row["method"], []).append(row["ciede2000"])
    plot = distribution_plot(
        scores,
        title="Histograms of the CIEDE2000 of all pictures",
        axis="CIEDE2000 of a picture (lower is better)",
        quiet=BASELINES,
    )
    return (
        "<p>How many pictures have which CIEDE2000; the line is the median. Baselines are gray.</p>"
        f'<div class="wide" role="region" aria-label="Distribution plot" tabindex="0">{plot}</div>'
    )


def _curves(curves: Mapping[str, Curves]) -> str:
    """Return the section of the curves; nothing where there are none."""
    plots = "".join(
        f'<h3>{escape(method)}</h3><div class="plots">{curve_plots(found, title=method)}</div>'
        for method, found in curves.items()
        if found
    )
    if not plots:
        return ""
    return (
        '<section id="curves" aria-labelledby="curves-title"><h2 id="curves-title">Training</h2>'
        f"<p>What each epoch of the models’ training reached.</p>{plots}</section>"
    )


def _order(gallery: Gallery) -> str:
    by = "" if len(gallery.models) == 1 else ", as the mean over the models"
    words = f"Ordered by CIEDE2000{by}."
    if gallery.left_out:
        words += (
            f" The worst {ENDS} and the best {ENDS} are all here; of the {gallery.count:,} in all, "
            f"{gallery.left_out:,} between them are left out."
        )
    return words


def _pictures(gallery: Gallery) -> Iterator[str]:
    """Yield one article a picture, and say where the middle was thinned."""
    last = len(gallery.entries) - 1
    ends = (ENDS, last + 1 - ENDS) if gallery.left_out else ()
    for place, entry in enumerate(gallery.entries):
        if ends and place == ends[0]:
            kept = ends[1] - ends[0]
            yield (
                f'<p class="note">The middle: {kept} of {kept + gallery.left_out:,} pictures, '
                "drawn evenly.</p>"
            )
        if ends and place == ends[1]:
            yield f'<p class="note">The best {ENDS}.</p>'
        # The one picture of a page is its worst and its best.
        marks = ["worst"] * (place == 0) + ["best"] * (place == last)
        yield _article(entry, gallery.models, place + 1, marks)


def _article(entry: Entry, models: Sequence[str], place: int, marks: Sequence[str]) -> str:
    anchors = "".join(f'<a id="{mark}"></a>' for mark in marks)
    name = escape(entry.name or f"picture {entry.number + 1}")
    ends = "".join(f", the {mark}" for mark in marks)
    figures = "".join(_figure(entry, method) for method in [GRAY, *models, TRUTH])
    return (
        f'<article id="p{place}">{anchors}<h3>{name} <span class="soft">CIEDE2000 '
        f'{entry.score:.2f}{ends}</span></h3><div class="strip">{figures}</div></article>'
    )


def _figure(entry: Entry, method: str) -> str:
    name = entry.name or f"picture {entry.number + 1}"
    said = {GRAY: f"{name} in gray", TRUTH: f"{name} in its true colours"}
    alt = said.get(method, f"{name} as coloured by {method}")
    values = entry.rows.get(method, {})
    shown = [f"{column.title} {column.text(values[key])}" for key, column in _captions(values)]
    return (
        f"<figure>{_image(entry.thumbnails[method], alt)}<figcaption><b>{escape(method)}</b>"
        f"{'<br>'.join(map(escape, shown))}</figcaption></figure>"
    )


def _captions(values: Mapping[str, Any]) -> Iterator[tuple[str, Column]]:
    names = ("colourfulness",) if values.get("method") == TRUTH else ("ciede2000", "psnr")
    return ((name, COLUMNS[name]) for name in names if name in values)


def _image(thumbnail: Thumbnail, alt: str) -> str:
    height, width = thumbnail.size
    factor = max(1, min(SHOWN_AT_LEAST, SIDE) // max(height, width))
    kind = ' class="enlarged"' if factor > 1 else ""
    data = base64.b64encode(thumbnail.jpeg).decode()
    return (
        f'<img{kind} alt="{escape(alt, quote=True)}" width="{width * factor}" '
        f'height="{height * factor}" decoding="async" src="data:image/jpeg;base64,{data}">'
    )


def _protocol(protocol: Mapping[str, Any]) -> str:
    words = {**protocol_words(protocol)}
    words |= {name: receipt_words(receipt) for name, receipt in protocol["receipts"].items()}
    return (
        "<dl>"
        + "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in words.items())
        + "</dl>"
    )
