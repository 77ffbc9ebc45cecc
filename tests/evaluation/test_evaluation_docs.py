"""docs/evaluation.md says what the code does."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from luvcolor.evaluation.columns import BASELINES, COLUMNS, TRUTH
from luvcolor.evaluation.gallery import ENDS, MOST, SIDE
from luvcolor.evaluation.protocol import Origin, Seen
from luvcolor.metrics import METRICS_VERSION

PAGE = Path(__file__).parents[2] / "docs" / "evaluation.md"


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text()


def test_the_program_runs() -> None:
    outcome = doctest.testfile(str(PAGE), module_relative=False)
    assert outcome.attempted >= 8
    assert outcome.failed == 0


def test_every_metric_method_and_part_of_the_protocol_is_explained(text: str) -> None:
    for name in COLUMNS:
        assert f"\n| `{name}` |" in text, name
    for name in (*BASELINES, TRUTH):
        assert f"\n| `{name}` |" in text, name
    for key in (*Origin().protocol(), *Seen().protocol(), "palettes", "luvcolor", "receipts"):
        assert f"`{key}`" in text, key


def test_what_is_better_is_what_the_table_goes_by(text: str) -> None:
    told = dict(re.findall(r"\n\| `(\w+)` \| [^|]+ \| ([^|]+) \|", text))
    for name, column in COLUMNS.items():
        assert told[name].startswith(column.better), name


def test_its_figures_are_those_of_the_code(text: str) -> None:
    assert f"at most {SIDE} pixels; of more than {MOST} pictures, the worst {ENDS}" in text
    assert f"\n{MOST - 2 * ENDS} others are drawn from between" in text
    assert METRICS_VERSION == 1, "say in the page what changed, then change this"
