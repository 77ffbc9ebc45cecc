"""How metrics are shown, and which are best."""

from __future__ import annotations

import pytest

from luvcolor.evaluation.columns import COLUMNS, best_methods, used_columns
from luvcolor.evaluation.own import OWN
from luvcolor.metrics import METRICS


def test_every_metric_has_a_column_of_its_own() -> None:
    assert set(COLUMNS) == {*METRICS, *OWN, "auc_rebalanced"}
    titles = [column.title for column in COLUMNS.values()]
    assert len(set(titles)) == len(titles)
    assert all(column.words.endswith(".") for column in COLUMNS.values())


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("psnr", 100.0, "inf"),
        ("psnr", 21.456, "21.46"),
        ("accuracy", 0.5481, "54.8"),
        ("chroma_mse", 0.00351, "0.0035"),
        ("loss", None, ""),
        ("loss", 0.0, "0.000"),
    ],
)
def test_cells(name: str, value: float | None, text: str) -> None:
    assert COLUMNS[name].text(value) == text


def test_differences_have_a_sign() -> None:
    assert COLUMNS["psnr"].text(0.5, signed=True) == "+0.50"
    assert COLUMNS["ciede2000"].text(-0.5, signed=True) == "-0.50"


def test_columns_that_nobody_has_are_left_out() -> None:
    summary = {"gray": {"psnr": 20.0, "loss": None}, "unet": {"psnr": 21.0, "loss": None}}
    assert list(used_columns(summary)) == ["psnr"]
    assert list(used_columns(summary, {"unet": {"loss": 0.0}})) == ["psnr", "loss"]


@pytest.mark.parametrize(
    ("name", "gray", "a", "b", "truth", "best"),
    [
        ("psnr", 20.0, 22.0, 21.0, 100.0, {"a"}),
        ("ciede2000", 14.0, 12.0, 11.0, 0.0, {"b"}),
        ("ciede2000", 14.0, 11.001, 11.0, 0.0, {"a", "b"}),
        ("colourfulness", 0.0, 30.0, 49.0, 40.0, {"b"}),
        ("colourfulness", 0.0, 30.0, 49.0, None, set()),
        ("accuracy", None, 0.5004, 0.5, None, {"a", "b"}),
        ("accuracy", None, 0.5, None, None, set()),
        ("loss", None, 0.5, 0.6, None, set()),
    ],
)
def test_the_best_is_told_as_it_is_shown(
    name: str, gray: float, a: float, b: float, truth: float, best: set[str]
) -> None:
    values = {"gray": gray, "a": a, "b": b, "truth": truth}
    assert best_methods({method: {name: v} for method, v in values.items()}, name) == best
