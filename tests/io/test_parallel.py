"""The ordered map: in order, lazily, item by item."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from luvcolor.io import ordered_map


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    def slow_first(n: int) -> int:
        time.sleep(0.02 if n == 0 else 0)
        return n * n

    assert list(ordered_map(slow_first, range(8), workers)) == [n * n for n in range(8)]


@pytest.mark.parametrize("workers", [0, 2])
def test_an_exception_takes_the_place_of_its_result(workers: int) -> None:
    results = list(ordered_map(lambda n: 1 // n, [1, 0, -1], workers))
    assert results[0::2] == [1, -1]
    assert isinstance(results[1], ZeroDivisionError)


@pytest.mark.parametrize(("workers", "ahead"), [(0, None), (2, 0), (2, 3), (4, 1)])
def test_items_are_consumed_lazily(workers: int, ahead: int | None) -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    results = ordered_map(lambda n: n, items(), workers, ahead)
    assert taken == 0
    for asked in range(5):
        assert next(results) == asked
        assert taken <= asked + 1 + (ahead or 0)
    results.close()


def test_stopping_early_ends_the_threads() -> None:
    results = ordered_map(lambda n: n, range(1000), 3)
    assert next(results) == 0
    results.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("luvcolor-io")]


def test_work_is_done_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=5)
    assert len(list(ordered_map(lambda _: meeting.wait(), range(2), 2))) == 2
    assert not meeting.broken


def test_broken_items_are_reported_after_the_results_before() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise RuntimeError("boom")

    results = ordered_map(lambda n: n, items(), 2)
    assert next(results) == 1
    with pytest.raises(RuntimeError, match="boom"):
        next(results)


def test_no_items_no_results() -> None:
    assert list(ordered_map(lambda n: n, [], 2)) == []
