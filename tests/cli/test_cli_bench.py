"""``luvcolor bench``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Run

ROW = {"task": "uint8 to LUV, tiny", "iqr": 0.25, "rounds": 9}
FOUND: dict[str, Any] = {
    "machine": {
        "luvcolor": "1.2.3", "cpu": "Abacus", "threads": 2, "gpu": None, "system": "Linux",
        "python": "3.14", "versions": {"numpy": "2.0"},
    },
    "rows": [
        {**ROW, "who": "luvcolor", "milliseconds": 10.0, "megapixels": 1200.0, "ratio": 1.0},
        {**ROW, "who": "others", "milliseconds": 25.0, "megapixels": 480.0, "ratio": 2.5},
        {**ROW, "who": "winners", "milliseconds": 5.0, "megapixels": 2400.0, "ratio": 0.5},
        {
            **ROW, "task": "copy, tiny", "who": "NumPy", "milliseconds": 4.0, "rounds": 1,
            "megapixels": 3000.0, "ratio": 1.0,
        },
    ],
    "left_out": {"OpenCV": "pip install it"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Answer at once, and keep for how many seconds was asked."""
    seconds: list[float] = []

    def answer(number: float) -> dict[str, Any]:
        seconds.append(number)
        return FOUND

    monkeypatch.setattr("luvcolor.benchmark.benchmark", answer)
    return seconds


def test_the_table_has_all_rows_and_the_losses_first(run: Run) -> None:
    ran = run("bench")
    assert (ran.status, ran.said) == (0, [])
    lines = ran.out.decode().splitlines()
    assert lines[0] == "luvcolor 1.2.3, Abacus, 2 threads"
    assert "left out: OpenCV (pip install it)" in lines
    rows = [line.split() for line in lines if line.startswith("  ")]
    assert rows == [
        ["winners", "5", "0.25", "2.4e+03", "0.50"],
        ["luvcolor", "10", "0.25", "1.2e+03", "1.00"],
        ["others", "25", "0.25", "480", "2.50"],
        ["NumPy", "4", "3e+03"],
    ]


def test_columns_stand_below_their_titles(run: Run) -> None:
    title, first, *_ = run("bench").out.decode().splitlines()[4:]
    assert title.startswith("uint8 to LUV, tiny:")
    assert len(title) == len(first)


def test_a_terminal_gets_a_table_of_the_same(run: Run) -> None:
    text = run("bench", terminal="stdout").out.decode()
    for word in ("Abacus", "uint8 to LUV, tiny", "winners", "0.50", "left out: OpenCV"):
        assert word in text


def test_json_is_all_that_was_found(run: Run, asked: list[float]) -> None:
    ran = run("bench", "--json", "--seconds", "30")
    assert json.loads(ran.out) == FOUND
    assert asked == [30.0]


def test_no_time_is_wrong_usage(run: Run) -> None:
    ran = run("bench", "--seconds", "0")
    assert ran.status == 2
    assert "--seconds" in ran.error


def test_it_stands_in_no_chain(run: Run) -> None:
    assert run("bench", "!", "colorize").status == 2
