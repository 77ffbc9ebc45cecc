"""A short benchmark for this machine: luvcolor beside what is installed, in about ten seconds.

All of a case take turns, round by round, so that a machine that slows down slows all of them. The
full benchmarks, with more peers and with errors beside times, are in ``benchmarks/``.
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from luvcolor import __version__

__all__ = ["SIZES", "Case", "Row", "benchmark", "measure"]

SIZES = {"12 Mpixel": (3000, 4000), "224 x 224": (224, 224)}
SECONDS = 10.0
FEWEST, MOST = 3, 200
"""Rounds of a case; what is slow is timed once."""
PARTS = ("numpy", "numba", "torch", "scikit-image", "opencv-python-headless", "opencv-python")

Call = Callable[[], Any]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Case:
    """What is compared with what.

    Attributes
    ----------
    task
        What is done.
    pixels
        On how many pixels.
    calls
        Who does it, and how; the first is what the others are compared with.
    launches
        How many times a call does it, where that is not once.
    """

    task: str
    pixels: int
    calls: Mapping[str, Call]
    launches: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """What one of a case took.

    Attributes
    ----------
    task, who
        Of the case.
    milliseconds, iqr
        Median, and the range that the middle half of the rounds spans.
    rounds
        How many there were.
    megapixels
        Millions of pixels in a second.
    ratio
        Time over that of the first of the case.
    """

    task: str
    who: str
    milliseconds: float
    iqr: float
    rounds: int
    megapixels: float
    ratio: float


def measure(case: Case, seconds: float, clock: Clock = time.perf_counter) -> list[Row]:
    """Time all of a case in turns, for about so many seconds."""
    for call in case.calls.values():  # compiles, loads, starts threads
        call()
    times = {who: [_once(call, clock)] for who, call in case.calls.items()}
    quick = [who for who, (first,) in times.items() if first < seconds / (2 * FEWEST)]
    turn = sum(times[who][0] for who in quick)
    rounds = min(max(int(seconds / turn) if turn else 0, FEWEST), MOST)
    for _ in range(rounds if quick else 0):
        for who in quick:
            times[who].append(_once(case.calls[who], clock))
    return _rows(case, times)


def _once(call: Call, clock: Clock) -> float:
    begin = clock()
    call()
    return clock() - begin


def _rows(case: Case, times: dict[str, list[float]]) -> list[Row]:
    medians = {who: statistics.median(t) / case.launches.get(who, 1) for who, t in times.items()}
    first = next(iter(medians.values()))
    rows = []
    for who, median in medians.items():
        low, _, high = statistics.quantiles(times[who] * 2, n=4)
        spread = (high - low) / case.launches.get(who, 1)
        rows.append(
            Row(
                case.task,
                who,
                1e3 * median,
                1e3 * spread,
                len(times[who]),
                case.pixels / median / 1e6 if median else 0.0,
                median / first if first else 0.0,
            )
        )
    return rows


def benchmark(
    seconds: float = SECONDS,
    sizes: Mapping[str, tuple[int, int]] = SIZES,
    clock: Clock = time.perf_counter,
    began: Callable[[str], None] = lambda task: None,
) -> dict[str, Any]:
    """Measure this machine, and return what was found as JSON holds it.

    Parameters
    ----------
    seconds
        About how long it takes, loading apart.
    sizes
        Height and width of the pictures, by name; the first is also the one that is coloured.
    clock
        Returns seconds.
    began
        Told what is measured next.
    """
    from luvcolor.benchmark_cases import cases

    makers, left_out = cases(sizes)
    rows: list[Row] = []
    for task, make in makers.items():
        began(task)
        case = make()
        if isinstance(case, str):
            left_out[task] = case
        else:
            rows += measure(case, seconds / len(makers), clock)
    return {"machine": _machine(), "rows": [asdict(row) for row in rows], "left_out": left_out}


def _machine() -> dict[str, Any]:
    from luvcolor_kernels.threads import thread_count

    return {
        "luvcolor": __version__,
        "cpu": _cpu(),
        "threads": thread_count(),
        "gpu": _gpu(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: found for name in PARTS if (found := _version(name))},
    }


def _cpu() -> str:
    """Return the name of the processor, where the system tells it."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2] for line in text.splitlines() if line.startswith("model name")]
    return names[0].strip() if names else platform.machine()


def _gpu() -> str | None:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
