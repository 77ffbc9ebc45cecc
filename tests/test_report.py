"""The report of the benchmarks: from pytest-benchmark's JSON to tables and a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("benchmarks.report", reason="the benchmarks do not come with the package")

from benchmarks import chart, report

CASE = chart.MAIN_CPU[0]
STATS = {"iqr": 0.001, "min": 0.009, "rounds": 5, "max": 1.0}


def entry(peer: str, median: float, case: str = CASE, **facts: Any) -> dict[str, Any]:
    return {
        "extra_info": {"case": case, "peer": peer, **facts},
        "stats": {**STATS, "median": median},
    }


def raw(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "datetime": "2026-01-02T03:04:05",
        "commit_info": {"id": "abc"},
        "machine_info": {
            "cpu": {"brand_raw": "Abacus", "count": 2}, "threads": 2, "python_version": "3.14",
            "system": "Linux", "machine": "x86_64", "versions": {"numpy": "2.0"}, **more,
        },
        "benchmarks": list(entries),
        "left_out": [{"case": CASE, "peer": "slow one", "reason": "slow"}],
    }  # fmt: skip


OURS = entry("luvcolor", 0.010, pixels=12_000_000, copy=0.006, peak=2**20, max_error=6.3e-5)
OUT = entry("luvcolor, out=", 0.008, pixels=12_000_000, copy=0.006, beside=0.016)
PEER = entry("peer", 0.120, pixels=12_000_000, copy=0.006, beside=0.02, note="clips")


def tables(*entries: dict[str, Any], **more: Any) -> list[str]:
    return report.markdown(report.trim(raw(*entries, **more))).splitlines()


def test_rows_are_sorted_by_time_with_all_their_numbers() -> None:
    lines = tables(PEER, OURS, OUT)
    title = next(line for line in lines if line.startswith("| who"))
    assert [cell.strip() for cell in title.strip("|").split("|")] == [
        "who", "median, ms", "IQR, ms", "Mpx/s", "of a copy's speed", "time / luvcolor's",
        "peak memory, MiB", "error, or note",
    ]  # fmt: skip
    start = lines.index(title)
    assert lines[start + 2 : start + 5] == [
        "| luvcolor, out= | 8 | 1 | 1500 | 75 % | 0.50 |  |  |",
        "| luvcolor | 10 | 1 | 1200 | 60 % | 1.00 | 1 | 6.3e-05 |",
        "| peer | 120 | 1 | 100 | 5 % | 6.00 |  | clips |",
    ]


def test_the_ratio_is_to_what_ran_between_the_rounds() -> None:
    assert report.ratio({"median": 3.0, "beside": 2.0}, 1.0) == 1.5
    assert report.ratio({"median": 3.0}, 1.0) == 3.0
    assert report.ratio({"median": 3.0}, None) is None


def test_what_was_left_out_is_told_with_its_reason() -> None:
    assert "slow one: left out (slow)." in tables(OURS)
    elsewhere = tables(entry("luvcolor", 0.01, "another"))
    assert f"- {CASE}: slow one (slow)" in elsewhere


def test_a_gpu_has_its_own_title_and_columns() -> None:
    row = entry("luvcolor", 1e-4, pixels=12_000_000, moved=180_000_000, host=2e-5, copy=5e-5)
    lines = tables(row, gpu="Loom 9000")
    assert lines[0] == "# Benchmarks: GPU"
    assert "Loom 9000" in lines[2]
    assert "| luvcolor | 0.1 | 1 | 120000 | 1800 | 50 % | 1.00 | 0.020 |" in lines


def test_several_files_become_one_and_the_last_row_counts() -> None:
    first, second = raw(OURS, PEER), raw(entry("luvcolor", 0.5), entry("slow one", 9.0))
    joined = report.join([report.trim(first), report.trim(second)])
    medians = {row["peer"]: row["median"] for row in joined["rows"]}
    assert medians == {"luvcolor": 0.5, "peer": 0.12, "slow one": 9.0}
    assert joined["left_out"] == []


def test_all_three_files_are_written(tmp_path: Path) -> None:
    source = tmp_path / "raw.json"
    source.write_text(json.dumps(raw(OURS, OUT, PEER)))
    report.main([str(source)], tmp_path / "cpu.json")
    assert {path.name for path in tmp_path.iterdir()} == {
        "raw.json",
        "cpu.json",
        "cpu.md",
        "cpu.svg",
    }
    assert len(json.loads((tmp_path / "cpu.json").read_text())["rows"]) == 3
    assert "](cpu.svg)" in (tmp_path / "cpu.md").read_text()


def test_the_picture_shows_every_peer_the_faster_too(tmp_path: Path) -> None:
    faster = entry("winner", 0.005, pixels=12_000_000)
    assert chart.draw(report.trim(raw(OURS, PEER, faster)), tmp_path / "picture.svg")
    text = (tmp_path / "picture.svg").read_text()
    for words in (CASE, "luvcolor", "peer", "winner", "0.50", "6.00", chart.FASTER, chart.SLOWER):
        assert words in text
    assert len(text) < 100_000


def test_the_same_result_gives_the_same_picture(tmp_path: Path) -> None:
    result = report.trim(raw(OURS, PEER))
    for name in ("one.svg", "two.svg"):
        chart.draw(result, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_without_main_cases_there_is_no_picture(tmp_path: Path) -> None:
    assert not chart.draw(report.trim(raw(entry("luvcolor", 1.0, "another"))), tmp_path / "no.svg")
    assert not (tmp_path / "no.svg").exists()


def test_no_raw_file_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="nothing was measured"):
        report.main([str(tmp_path / "none.json")], tmp_path / "cpu.json")
