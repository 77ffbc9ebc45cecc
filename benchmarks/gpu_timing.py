"""Time on the GPU's own clock, and what is noted beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from statistics import median
from typing import Any

from benchmarks.common import Call

SECONDS = 0.15
"""About how long the rounds of one row take."""
LAUNCHES = (1, 20)
ROUNDS = (5, 30)
HOST_CALLS = 50
UNHURRIED = 2e-3
"""Seconds from which on a call is not repeated only to see how long it takes."""
CYCLES_PER_SECOND = 2e9
LONGEST_HEAD_START = 0.02


class EventTimer:
    """A timer for pytest-benchmark: seconds of the GPU between its first call and its second.

    Before the first event, the GPU is kept busy for ``head_start`` seconds. The calls to be timed
    queue up behind that, so that the time is theirs, not that of Python launching them. Every pair
    of calls is a measurement of its own: CUDA tells times apart by float32 milliseconds.

    Parameters
    ----------
    make_event
        Returns what has ``record()``, ``synchronize()`` and ``elapsed_time(end)`` in milliseconds.
    occupy
        Keeps the GPU busy for a number of seconds, without waiting for it.
    """

    __name__ = "cuda_event_timer"

    def __init__(self, make_event: Callable[[], Any], occupy: Callable[[float], None]) -> None:
        self.make_event, self.occupy = make_event, occupy
        self.head_start = 0.0
        self.total = 0.0
        self.begin: Any = None

    def __call__(self) -> float:
        event = self.make_event()
        if self.begin is None:
            if self.head_start:
                self.occupy(self.head_start)
            event.record()
            self.begin = event
            return self.total
        event.record()
        event.synchronize()
        self.total += self.begin.elapsed_time(event) * 1e-3
        self.begin = None
        return self.total


def _make_event() -> Any:
    return _cuda().Event(enable_timing=True)


def _occupy(seconds: float) -> None:
    _cuda()._sleep(int(seconds * CYCLES_PER_SECOND))


def _cuda() -> Any:
    """torch.cuda, part of which has no types."""
    import torch

    return torch.cuda


TIMER = EventTimer(_make_event, _occupy)
"""The timer of all GPU benchmarks; it touches no GPU before it is called."""


def host_seconds(
    call: Call, wait: Call, calls: int = HOST_CALLS, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return how long a call takes to return, while the GPU follows at its own pace."""
    spent = []
    for _ in range(3):
        wait()
        begin = clock()
        for _ in range(calls):
            call()
        spent.append((clock() - begin) / calls)
    wait()
    return median(spent)


def plan(seconds: float, host: float) -> tuple[int, int, float]:
    """Return launches a round, rounds and head start for a call of so many seconds.

    The head start lets the host queue a whole round before the GPU begins with it.
    """
    launches = _within(SECONDS / ROUNDS[1] / seconds, LAUNCHES)
    rounds = _within(SECONDS / (launches * seconds), ROUNDS)
    return launches, rounds, min(1.5 * launches * host + 5e-5, LONGEST_HEAD_START)


def _within(value: float, limits: tuple[int, int]) -> int:
    low, high = limits
    return int(min(max(value, low), high))


def event_seconds(call: Call, host: float, timer: EventTimer = TIMER) -> float:
    """Return the median time of a call on the GPU."""
    times = []
    launches, rounds = LAUNCHES[1] // 2, 9
    timer.head_start = min(1.5 * launches * host + 5e-5, LONGEST_HEAD_START)
    for _ in range(rounds):
        begin = timer()
        for _ in range(launches):
            call()
        times.append((timer() - begin) / launches)
    return median(times)


@cache
def _copy_buffers(size: int) -> tuple[Any, Any]:
    import torch

    _copy_buffers.cache_clear()
    source = torch.full((size,), 1, dtype=torch.uint8, device="cuda")
    return source, torch.empty_like(source)


def copy_seconds(moved: int) -> float:
    """Return how long a copy on the device takes that reads and writes ``moved`` bytes in all."""
    source, target = _copy_buffers(max(moved // 2, 1))

    def call() -> Any:
        return target.copy_(source)

    call()
    return event_seconds(call, host=1e-5)


def peak_rise(call: Call) -> int:
    """Return how many bytes a call takes from torch's and CuPy's pools; its result counts."""
    cuda = _cuda()
    cuda.synchronize()
    cuda.reset_peak_memory_stats()
    before, pool_before = cuda.memory_allocated(), _pool_bytes()
    result = call()
    cuda.synchronize()
    rise = cuda.max_memory_allocated() - before + _pool_bytes(free=False) - pool_before
    del result
    return int(rise)


def _pool_bytes(free: bool = True) -> int:
    """Size of CuPy's pool, first shrunk to what is in use; it grows to the peak."""
    try:
        import cupy
    except ImportError:
        return 0
    pool = cupy.get_default_memory_pool()
    if free:
        pool.free_all_blocks()
    return int(pool.total_bytes())


def measure(
    benchmark: Any, call: Call, case: str, peer: str, pixels: int, moved: int, **facts: Any
) -> None:
    """Time ``call`` on the GPU and note what the report needs.

    ``moved`` is how many bytes a call must at least read and write.
    """
    wait = _cuda().synchronize
    for _ in range(3):  # compiles, and fills the pools
        call()
    peak = peak_rise(call)
    begin = time.perf_counter()
    call()
    wait()
    once = time.perf_counter() - begin
    host = host_seconds(call, wait, 3 if once > UNHURRIED else HOST_CALLS)
    seconds = once if once > UNHURRIED else event_seconds(call, host)
    launches, rounds, TIMER.head_start = plan(max(seconds, 1e-6), host)
    benchmark.pedantic(call, rounds=rounds, iterations=launches, warmup_rounds=1)
    benchmark.extra_info.update(
        case=case, peer=peer, pixels=pixels, moved=moved, peak=peak, host=host,
        copy=copy_seconds(moved), launches=launches, **facts,
    )  # fmt: skip
