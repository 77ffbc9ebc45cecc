"""The timers of the benchmarks, with clocks and events of our own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("benchmarks.common", reason="the benchmarks do not come with the package")

from benchmarks import gpu_timing, measuring, memory

ROOT = Path(__file__).parents[1]


class Stream:
    """A GPU's queue: work takes time on it, not on the host."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits = 0

    def work(self, seconds: float) -> None:
        self.now += seconds

    def event(self) -> Event:
        return Event(self)


class Event:
    """An event as CUDA has them: it remembers when the queue came to it."""

    def __init__(self, stream: Stream) -> None:
        self.stream, self.at = stream, -1.0

    def record(self) -> None:
        self.at = self.stream.now

    def synchronize(self) -> None:
        self.stream.waits += 1

    def elapsed_time(self, end: Event) -> float:
        return 1e3 * (end.at - self.at)


def timer_on(stream: Stream) -> gpu_timing.EventTimer:
    return gpu_timing.EventTimer(stream.event, stream.work)


def test_the_event_timer_sums_what_lies_between_pairs_of_calls() -> None:
    stream = Stream()
    timer = timer_on(stream)
    begin = timer()
    stream.work(0.25)
    assert timer() - begin == pytest.approx(0.25)
    stream.work(5.0)  # between rounds: nobody's
    begin = timer()
    stream.work(0.5)
    assert timer() - begin == pytest.approx(0.5)
    assert stream.waits == 2


def test_the_head_start_is_not_counted() -> None:
    stream = Stream()
    timer = timer_on(stream)
    timer.head_start = 3.0
    begin = timer()
    stream.work(0.25)
    assert timer() - begin == pytest.approx(0.25)
    assert stream.now == pytest.approx(3.25)


UNDER_BENCHMARK = """
import pytest
from benchmarks.gpu_timing import EventTimer
from tests.test_bench_timing import Stream

STREAM = Stream()

@pytest.mark.benchmark(timer=EventTimer(STREAM.event, STREAM.work))
def test_work(benchmark):
    benchmark.pedantic(STREAM.work, args=(1e-3,), rounds=7, iterations=20, warmup_rounds=1)
"""


def test_the_event_timer_works_under_pytest_benchmark(tmp_path: Path) -> None:
    pytest.importorskip("pytest_benchmark")
    (tmp_path / "test_it.py").write_text(UNDER_BENCHMARK)
    result = tmp_path / "result.json"
    paths = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    done = subprocess.run(
        [*command, f"--benchmark-json={result}"], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": paths}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    stats = json.loads(result.read_text())["benchmarks"][0]["stats"]
    assert stats["rounds"] == 7
    assert stats["median"] == pytest.approx(1e-3)


def test_the_median_of_a_call_on_the_gpu() -> None:
    stream = Stream()
    seconds = gpu_timing.event_seconds(lambda: stream.work(2e-3), 1e-5, timer_on(stream))
    assert seconds == pytest.approx(2e-3)


def test_the_host_is_timed_without_waiting_for_the_gpu() -> None:
    now, waits = [0.0], [0]

    def call() -> None:
        now[0] += 1e-5

    def wait() -> None:
        waits[0] += 1
        now[0] += 1.0

    assert gpu_timing.host_seconds(call, wait, 50, lambda: now[0]) == pytest.approx(1e-5)
    assert waits[0] == 4


@pytest.mark.parametrize(
    ("seconds", "launches", "rounds"), [(1e-5, 20, 30), (1e-3, 5, 30), (1.0, 1, 5)]
)
def test_quick_calls_have_many_rounds_and_slow_ones_few(
    seconds: float, launches: int, rounds: int
) -> None:
    assert gpu_timing.plan(seconds, 1e-5)[:2] == (launches, rounds)


def test_the_head_start_covers_a_round_of_launches_but_has_an_end() -> None:
    launches, _, head_start = gpu_timing.plan(1e-5, 2e-5)
    assert head_start > launches * 2e-5
    assert gpu_timing.plan(1e-5, 1.0)[2] == gpu_timing.LONGEST_HEAD_START


def test_pace_leaves_the_first_call_out_unless_it_is_slow() -> None:
    now, took = [0.0], [3.0, *[0.05] * 100]

    def call() -> None:
        now[0] += took.pop(0)

    def clock() -> float:
        return now[0]

    assert measuring.pace(call, clock, clock) == pytest.approx((0.05, 1.0))
    took[:] = [9.0]
    assert measuring.pace(call, clock, lambda: now[0] / 2) == pytest.approx((9.0, 0.5))


def test_companions_are_timed_apart_and_their_first_round_is_left_out() -> None:
    now, took = [0.0], [100.0, 1.0, 3.0]

    def call() -> None:
        now[0] += took.pop(0)

    companions = measuring.Companions({"beside": call}, lambda: now[0])
    for _ in range(3):
        companions()
    assert companions.medians() == {"beside": 2.0}


def test_a_copy_is_of_three_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    measuring.copy_of.cache_clear()
    asked: list[int] = []
    monkeypatch.setattr(measuring, "run_blocks", lambda copy, items, least: asked.append(items))
    measuring.copy_of(1000)()
    assert asked == [3000]
    measuring.copy_of.cache_clear()


def test_a_slow_peer_of_a_huge_picture_is_left_out_unless_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LUVCOLOR_BENCH_SLOW", raising=False)
    monkeypatch.setattr(measuring, "LEFT_OUT", [])
    monkeypatch.setattr(measuring, "available", lambda: 10 * 2**30)
    huge, heavy = measuring.HUGE + 1, {"slow": 100, "fat": 1000}
    measuring.guard("case", "slow", 1000, heavy)
    measuring.guard("case", "quick", huge, heavy)
    with pytest.raises(pytest.skip.Exception, match="LUVCOLOR_BENCH_SLOW"):
        measuring.guard("case", "slow", huge, heavy)
    monkeypatch.setenv("LUVCOLOR_BENCH_SLOW", "1")
    measuring.guard("case", "slow", huge, heavy)
    with pytest.raises(pytest.skip.Exception, match="needs 47 GiB"):
        measuring.guard("case", "fat", huge, heavy)
    assert [row["peer"] for row in measuring.LEFT_OUT] == ["slow", "fat"]


def test_a_missing_peer_is_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "LEFT_OUT", [])
    from benchmarks.common import need

    with pytest.raises(pytest.skip.Exception):
        measuring.prepared("case", "moon", lambda: need("no_such_module"))
    assert measuring.LEFT_OUT == [
        {"case": "case", "peer": "moon", "reason": "no_such_module is not installed"}
    ]


def test_peak_memory_is_that_of_the_call() -> None:
    if memory.peak_rise(lambda: None) is None:
        pytest.skip("this system does not tell")
    size = 64 * 2**20
    one = memory.peak_rise(lambda: np.ones(size, np.uint8))
    two = memory.peak_rise(lambda: np.ones(size, np.uint8) + np.ones(size, np.uint8))
    touched = memory.peak_rise(lambda: np.empty(size, np.uint8))
    assert one is not None
    assert two is not None
    assert touched is not None
    assert size * 0.9 < one < size * 1.3
    assert two > size * 1.8
    assert touched < size * 0.3


def test_what_is_available_is_less_than_everything() -> None:
    free = memory.available()
    assert free is None or 0 < free < 2**50
