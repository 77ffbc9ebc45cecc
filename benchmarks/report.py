"""Turn pytest-benchmark's JSON into a small JSON and a Markdown table.

    python benchmarks/report.py raw.json benchmarks/results/cpu.json

writes ``cpu.json`` (what the table needs) and ``cpu.md`` (the table).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Row = dict[str, Any]

HEADER = (
    "| who | median, ms | IQR, ms | Mpx/s | time / luvcolor's | error against float64, or note "
    "| CPU / wall |\n|---|---:|---:|---:|---:|---|---:|"
)


def trim(raw: dict[str, Any]) -> dict[str, Any]:
    """Keep what the table needs of pytest-benchmark's output."""
    machine = raw["machine_info"]
    cpu = machine.get("cpu", {})
    return {
        "date": raw["datetime"][:10],
        "commit": (raw.get("commit_info") or {}).get("id"),
        "cpu": cpu.get("brand_raw"),
        "cpus": cpu.get("count"),
        "threads": machine.get("threads"),
        "python": machine.get("python_version"),
        "system": f"{machine.get('system')} {machine.get('machine')}",
        "versions": machine.get("versions"),
        "rows": [_row(entry) for entry in raw["benchmarks"]],
    }


def _row(entry: Row) -> Row:
    stats = entry["stats"]
    kept = {name: stats[name] for name in ("median", "iqr", "min", "rounds")}
    return {**entry["extra_info"], **kept}


def markdown(result: dict[str, Any]) -> str:
    """Write one table for each case, fastest first, with the losses."""
    lines = ["# Benchmarks: CPU", "", *_facts(result), ""]
    for case in dict.fromkeys(row["case"] for row in result["rows"]):
        rows = [row for row in result["rows"] if row["case"] == case]
        ours = next((row["median"] for row in rows if row["peer"] == "luvcolor"), None)
        lines += [f"## {case}", "", HEADER]
        lines += [_line(row, ours) for row in sorted(rows, key=lambda row: row["median"])]
        lines.append("")
    return "\n".join(lines)


def _facts(result: dict[str, Any]) -> list[str]:
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    return [
        f"{result['date']}, commit {result['commit'] or 'unknown'}, {result['cpu']}, "
        f"{result['cpus']} CPUs, {result['threads']} threads, {result['system']}, "
        f"Python {result['python']}, {versions}.",
        "",
        "How to read and repeat this: `benchmarks/README.md`. Made by `benchmarks/report.py`.",
    ]


def _line(row: Row, ours: float | None) -> str:
    rate = f"{row['pixels'] / row['median'] / 1e6:.0f}" if "pixels" in row else ""
    ratio = f"{row['median'] / ours:.2f}" if ours else ""
    error = f"{row['max_error']:.1e}" if "max_error" in row else row.get("note", "")
    return (
        f"| {row['peer']} | {row['median'] * 1e3:.3g} | {row['iqr'] * 1e3:.2g} | {rate} | {ratio} "
        f"| {error} | {row.get('cpu_over_wall', '')} |"
    )


def main(source: str, target: str) -> None:
    """Read ``source``; write ``target`` (JSON) and the table beside it."""
    result = trim(json.loads(Path(source).read_text()))
    Path(target).write_text(json.dumps(result, indent=1) + "\n")
    Path(target).with_suffix(".md").write_text(markdown(result))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python benchmarks/report.py RAW.json RESULT.json")
    main(*sys.argv[1:])
