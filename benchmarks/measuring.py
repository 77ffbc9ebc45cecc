"""The timer of the CPU benchmarks, and what is noted beside a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NoReturn

import numpy as np
import pytest

from benchmarks.common import Array, Call, slow_ones_too
from benchmarks.memory import available, peak_rise
from luvcolor_kernels.threads import run_blocks

SECONDS = 2.0
ROUNDS = (3, 200)
SLOW = 4.0
"""A call that takes longer than this is timed once."""
WORTH_WEIGHING = 4_000_000
"""Below this many pixels, peak memory is mostly that of pages and pools, and is not noted."""
HUGE = 50_000_000
"""Above this many pixels, slow peers are asked for by name."""
COPY_BLOCK = 1 << 18

LEFT_OUT: list[dict[str, str]] = []
"""What was skipped: case, peer and reason. The report has them in its tables."""


def leave_out(case: str, peer: str, reason: str) -> NoReturn:
    """Skip a benchmark, and let the report say why."""
    LEFT_OUT.append({"case": case, "peer": peer, "reason": reason})
    pytest.skip(reason)


def prepared(case: str, peer: str, prepare: Callable[[], Any]) -> Any:
    """Return what ``prepare`` does; where it skips, as ``need`` does, the report says why."""
    try:
        return prepare()
    except pytest.skip.Exception as skipped:
        leave_out(case, peer, str(skipped.msg))


def guard(case: str, peer: str, pixels: int, heavy: Mapping[str, int]) -> None:
    """Leave out a slow peer of a huge picture, unless it was asked for and has the memory.

    ``heavy`` names the slow peers, with the bytes that each needs for a pixel.
    """
    if pixels <= HUGE or peer not in heavy:
        return
    if not slow_ones_too():
        leave_out(case, peer, "slow; LUVCOLOR_BENCH_SLOW=1 runs it")
    needed, free = heavy[peer] * pixels, available()
    if free is not None and needed > 0.9 * free:
        leave_out(case, peer, f"needs {needed / 2**30:.0f} GiB of memory")


@lru_cache(1)
def copy_of(pixels: int) -> Call:
    """Return a call that copies float32 pixels of 3 channels, on as many threads as luvcolor's."""
    # Written, not np.zeros: reading pages that were never written is too fast.
    source, target = np.full(3 * pixels, 0.5, np.float32), np.empty(3 * pixels, np.float32)

    def copy(start: int, stop: int) -> None:
        np.copyto(target[start:stop], source[start:stop])

    return lambda: run_blocks(copy, source.size, COPY_BLOCK)


def pace(
    call: Call,
    clock: Callable[[], float] = time.perf_counter,
    cpu: Callable[[], float] = time.process_time,
) -> tuple[float, float]:
    """Return about how many seconds a call takes, and its CPU time over its time.

    The first call does not count, unless it is slow: it may compile, or start threads.
    """
    for most in (SLOW, 0.0):
        calls, wall, busy, spent = 0, clock(), cpu(), 0.0
        while not calls or (not most and spent < SECONDS / 10):
            call()
            calls, spent = calls + 1, clock() - wall
        if spent > most:
            break
    return spent / calls, (cpu() - busy) / spent


class Companions:
    """Calls that run before every round, each timed: the machine is then alike for all."""

    def __init__(self, calls: Mapping[str, Call], clock: Call = time.perf_counter) -> None:
        self.calls, self.clock = calls, clock
        self.times: dict[str, list[float]] = {name: [] for name in calls}

    def __call__(self) -> None:
        for name, call in self.calls.items():
            begin = self.clock()
            call()
            self.times[name].append(self.clock() - begin)

    def medians(self) -> dict[str, float]:
        """Return the median time of each, the first round left out."""
        return {
            name: float(np.median(times[1:] or times))
            for name, times in self.times.items()
            if times
        }


def measure(
    benchmark: Any,
    call: Call,
    case: str,
    peer: str,
    pixels: int,
    ours: Call | None = None,
    yardstick: bool = True,
    **facts: Any,
) -> None:
    """Time ``call`` and note what the report needs.

    Before each round ``ours``, what the peer is compared with, and a copy of as many pixels run.
    """
    once, busy = pace(call)
    rounds = 1 if once > SLOW else int(np.clip(SECONDS / once, *ROUNDS))
    calls = {"beside": ours} if ours is not None else {}
    if yardstick:
        calls["copy"] = copy_of(pixels)
    companions = Companions(calls)
    companions()
    peak = peak_rise(call) if pixels >= WORTH_WEIGHING else None
    benchmark.pedantic(call, setup=companions, rounds=rounds, iterations=1)
    facts.update(companions.medians())
    if peak is not None:
        facts["peak"] = peak
    benchmark.extra_info.update(
        case=case, peer=peer, pixels=pixels, cpu_over_wall=round(busy, 2), **facts
    )


def largest_error(found: Array, expected: Array) -> float:
    """Return the largest absolute difference."""
    return float(np.abs(np.asarray(found, np.float64) - expected).max())
