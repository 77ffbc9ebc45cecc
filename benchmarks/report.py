"""Turn pytest-benchmark's JSON into a small JSON, a Markdown table and a picture.

    python benchmarks/report.py raw.json [more.json ...] benchmarks/results/cpu.json

writes ``cpu.json`` (what the tables need), ``cpu.md`` (the tables) and ``cpu.svg`` (the picture).
Several raw files are put together; of rows that are in several, the last one counts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]

OURS = "luvcolor"
"""The row that the others of a case are compared with."""


def trim(raw: dict[str, Any]) -> dict[str, Any]:
    """Keep what the tables need of pytest-benchmark's output."""
    machine = raw["machine_info"]
    cpu = machine.get("cpu", {})
    return {
        "date": raw["datetime"][:10],
        "commit": (raw.get("commit_info") or {}).get("id"),
        "gpu": machine.get("gpu"),
        "cpu": cpu.get("brand_raw"),
        "cpus": cpu.get("count"),
        "threads": machine.get("threads"),
        "python": machine.get("python_version"),
        "system": f"{machine.get('system')} {machine.get('machine')}",
        "versions": machine.get("versions"),
        "rows": [_row(entry) for entry in raw["benchmarks"]],
        "left_out": raw.get("left_out", []),
    }


def _row(entry: Row) -> Row:
    stats = entry["stats"]
    kept = {name: stats[name] for name in ("median", "iqr", "min", "rounds")}
    return {**entry["extra_info"], **kept}


def join(results: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Put results together: facts of the last, rows of all, each case and peer once."""
    whole: dict[str, Any] = {}
    rows: dict[tuple[str, str], Row] = {}
    missing: dict[tuple[str, str], Row] = {}
    for result in results:
        whole = {**result}
        rows.update({_key(row): row for row in result["rows"]})
        missing.update({_key(row): row for row in result["left_out"]})
    left = [row for key, row in missing.items() if key not in rows]
    return {**whole, "rows": list(rows.values()), "left_out": left}


def _key(row: Row) -> tuple[str, str]:
    return row["case"], row["peer"]


def ratio(row: Row, ours: float | None) -> float | None:
    """Return the time of a row over luvcolor's: over what luvcolor took between its rounds.

    Without such, over luvcolor's own row.
    """
    beside = row.get("beside", ours)
    return row["median"] / beside if beside else None


def own(rows: list[Row]) -> float | None:
    """Return luvcolor's median among the rows of a case."""
    return next((row["median"] for row in rows if row["peer"] == OURS), None)


def share_of_copy(row: Row) -> float | None:
    """Return the speed of a row as a share of a copy's: of float32 pixels, or of its bytes."""
    return row["copy"] / row["median"] if "copy" in row else None


def _rate(row: Row) -> str:
    return f"{row['pixels'] / row['median'] / 1e6:.0f}" if "pixels" in row else ""


def _bandwidth(row: Row) -> str:
    return f"{row['moved'] / row['median'] / 1e9:.0f}" if "moved" in row else ""


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _mebibytes(row: Row) -> str:
    return f"{row['peak'] / 2**20:.0f}" if "peak" in row else ""


def _error(row: Row) -> str:
    return f"{row['max_error']:.1e}" if "max_error" in row else str(row.get("note", ""))


Cell = Callable[[Row, float | None], str]
COLUMNS: dict[str, Cell] = {
    "median, ms": lambda row, _: f"{row['median'] * 1e3:.3g}",
    "IQR, ms": lambda row, _: f"{row['iqr'] * 1e3:.2g}",
    "Mpx/s": lambda row, _: _rate(row),
    "GB/s": lambda row, _: _bandwidth(row),
    "of a copy's speed": lambda row, _: _percent(share_of_copy(row)),
    "time / luvcolor's": lambda row, ours: "" if (r := ratio(row, ours)) is None else f"{r:.2f}",
    "peak memory, MiB": lambda row, _: _mebibytes(row),
    "until the call returns, ms": lambda row, _: (
        f"{row['host'] * 1e3:.3f}" if "host" in row else ""
    ),
    "CPU / wall": lambda row, _: str(row.get("cpu_over_wall", "")),
    "error, or note": lambda row, _: _error(row),
}
"""Title of each column, and what stands in it; columns with nothing in a case are left out."""


def markdown(result: dict[str, Any], picture: str | None = None) -> str:
    """Write one table for each case, fastest first, with the losses and what was left out."""
    kind = "GPU" if result.get("gpu") else "CPU"
    lines = [f"# Benchmarks: {kind}", "", *_facts(result), ""]
    if picture:
        lines += [f"![Times of the main cases over luvcolor's]({picture})", ""]
    cases = list(dict.fromkeys(row["case"] for row in result["rows"]))
    for case in cases:
        rows = [row for row in result["rows"] if row["case"] == case]
        lines += [f"## {case}", "", *_table(rows), ""]
        gaps = [row for row in result["left_out"] if row["case"] == case]
        lines += [
            "; ".join(f"{row['peer']}: left out ({row['reason']})" for row in gaps) + ".",
            "",
        ] * bool(gaps)
    lost = [row for row in result["left_out"] if row["case"] not in cases]
    if lost:
        lines += ["## Left out", ""]
        lines += [f"- {row['case']}: {row['peer']} ({row['reason']})" for row in lost] + [""]
    return "\n".join(lines)


def _table(rows: list[Row]) -> list[str]:
    ours = own(rows)
    ordered = sorted(rows, key=lambda row: row["median"])
    cells = {title: [cell(row, ours) for row in ordered] for title, cell in COLUMNS.items()}
    used = {title: column for title, column in cells.items() if any(column)}
    rule = "|".join("---" if title.startswith("error") else "---:" for title in used)
    lines = [f"| who | {' | '.join(used)} |", f"|---|{rule}|"]
    for index, row in enumerate(ordered):
        values = [column[index] for column in used.values()]
        lines.append(f"| {row['peer']} | {' | '.join(values)} |")
    return lines


def _facts(result: dict[str, Any]) -> list[str]:
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    where = [f"{result['gpu']}"] if result.get("gpu") else []
    where += [f"{result['cpu']}", f"{result['cpus']} CPUs", f"{result['threads']} threads"]
    return [
        f"{result['date']}, commit {result['commit'] or 'unknown'}, {', '.join(where)}, "
        f"{result['system']}, Python {result['python']}, {versions}.",
        "",
        "How to read and repeat this: `benchmarks/README.md`. Made by `benchmarks/report.py`.",
    ]


def main(sources: list[str], target: Path) -> None:
    """Read ``sources``; write ``target`` (JSON), and the tables and the picture beside it."""
    missing = [source for source in sources if not Path(source).exists()]
    if missing:
        sys.exit(
            f"expected what pytest-benchmark wrote, found no {missing[0]}: nothing was measured"
        )
    result = join(trim(json.loads(Path(source).read_text())) for source in sources)
    target.write_text(json.dumps(result, indent=1) + "\n")
    picture = _draw(result, target.with_suffix(".svg"))
    target.with_suffix(".md").write_text(markdown(result, picture))


def _draw(result: dict[str, Any], path: Path) -> str | None:
    """Draw the picture, where there is something to draw and matplotlib to draw it."""
    from benchmarks.chart import draw

    try:
        return path.name if draw(result, path) else None
    except ImportError as error:
        print(f"no picture: {error}")
        return None


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: python benchmarks/report.py RAW.json [RAW.json ...] RESULT.json")
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main(sys.argv[1:-1], Path(sys.argv[-1]))
