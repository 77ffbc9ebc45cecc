"""Plots as SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvcolor.evaluation.plots import BINS, _ceiling, curve_plots, distribution_plot


def test_a_distribution_is_well_formed_and_read_out() -> None:
    plot = distribution_plot(
        {"gray": [4.0, 12.0], "<b> & co": [1.0, 2.0, 9.0]}, title="Scores", axis="x", quiet=["gray"]
    )
    svg = ElementTree.fromstring(plot)
    assert svg.attrib["role"] == "img"
    assert svg.attrib["aria-label"] == "Scores. gray: median 8.0, <b> & co: median 2.0"
    assert [path.attrib["class"] for path in svg.iter("path")] == ["quiet", "loud"]
    words = [text.text for text in svg.iter("text")]
    assert "<b> & co" in words
    assert words[:6] == ["0", "3", "6", "9", "12", "15"]


def test_every_picture_is_in_a_bar() -> None:
    plot = distribution_plot({"unet": [0.0, 0.0, 20.0]}, title="t", axis="a")
    heights = [float(found) for found in re.findall(r"v(-?[\d.]+)h", plot)]
    assert len(heights) == 2 <= BINS
    assert heights[0] == pytest.approx(2 * heights[1])


@given(st.floats(0, 1e5))
def test_an_axis_ends_at_a_round_number_not_far_off(value: float) -> None:
    top = _ceiling(value)
    assert value <= top <= max(1.5 * value, 0.5) * (1 + 1e-9)
    assert float(f"{top / 5:.4g}") == pytest.approx(top / 5)


def test_each_curve_has_a_plot() -> None:
    plots = curve_plots(
        {"val_loss": [(1, 3.0), (2, 2.0), (4, 2.5)], "a<b": [(1, 0.5)]}, title="unet & co"
    )
    svgs = [ElementTree.fromstring(plot) for plot in plots.split("\n")]
    assert len(svgs) == 2
    assert svgs[0].attrib["aria-label"] == (
        "unet & co, val_loss: 3 at epoch 1, 2.5 at the end; least 2, most 3"
    )
    (line,) = svgs[0].iter("polyline")
    places = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
    assert places[0][0] < places[1][0] < places[2][0]
    assert places[0][1] < places[2][1] < places[1][1]  # y grows downwards


def test_no_curves_no_plots() -> None:
    assert curve_plots({}, title="unet") == ""
