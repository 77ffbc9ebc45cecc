"""An ordered map over threads, with as much look-ahead as asked for and no more."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

__all__ = ["cores", "ordered_map"]

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ordered_map(
    fn: Callable[[T], R], items: Iterable[T], workers: int = 2, ahead: int | None = None
) -> Generator[R | Exception]:
    """Apply `fn` to items on threads and yield the results in the order of the items.

    Parameters
    ----------
    fn
        Called on `workers` threads at once.
    items
        Consumed lazily: at most ``1 + ahead`` items are in work or wait to be asked for.
    workers
        How many threads; 0 calls `fn` in this one.
    ahead
        How many items to begin beyond the one asked for; as many as workers where None.

    Yields
    ------
    result
        What `fn` returned, or the exception that it raised: one bad picture does not end a batch.
        An exception of `items` itself is raised, after the results before it.

    Examples
    --------
    >>> [r if isinstance(r, int) else type(r).__name__ for r in ordered_map(int, ["1", "x", "3"])]
    [1, 'ValueError', 3]
    """
    if workers < 1:
        yield from (_outcome(fn, item) for item in items)
        return
    depth = 1 + (workers if ahead is None else max(0, ahead))
    pool = ThreadPoolExecutor(workers, thread_name_prefix="luvcolor-io")
    try:
        yield from _results(pool, fn, iter(items), depth)
    finally:
        # Also where the consumer stops early: what has not begun is dropped, the rest waited for.
        pool.shutdown(wait=True, cancel_futures=True)


def _results(
    pool: ThreadPoolExecutor, fn: Callable[[T], R], items: Iterator[T], depth: int
) -> Iterator[R | Exception]:
    waiting: deque[Future[R | Exception]] = deque()
    broken: Exception | None = None
    while True:
        try:
            for item in islice(items, depth - len(waiting)):
                waiting.append(pool.submit(_outcome, fn, item))
        except Exception as error:
            items, broken = iter(()), error
        if not waiting:
            break
        yield waiting.popleft().result()
    if broken is not None:
        raise broken


def _outcome(fn: Callable[[T], R], item: T) -> R | Exception:
    try:
        return fn(item)
    except Exception as error:
        return error
