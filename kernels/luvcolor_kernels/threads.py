"""A few threads that share the blocks of one array between them.

The kernels release the interpreter lock, so plain threads are enough. numba's own parallel loops
are not used: their threading layers spin (OpenMP), abort when two Python threads call at once
(workqueue), and are configured for the whole process.

Work never waits for a free thread. The caller takes blocks itself, like any helper, and calls off
the helpers that have not begun when none are left; so any number of threads may call at once, and
an exhausted or closed pool only means fewer hands.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count

Work = Callable[[int, int], object]

CHUNKS_PER_THREAD = 4
"""More chunks than threads: a thread on a slow core then takes fewer of them."""

_lock = threading.Lock()
_pool: ThreadPoolExecutor | None = None


def thread_count() -> int:
    """Return how many threads may work: LUVCOLOR_THREADS, else the CPUs this process may use."""
    text = os.environ.get("LUVCOLOR_THREADS")
    if text is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else _cpus()
    if not text.strip().isdigit() or int(text) < 1:
        raise ValueError(
            f"LUVCOLOR_THREADS must be a whole number of at least 1, not {text!r}; "
            "correct it or unset it to use all CPUs"
        )
    return int(text)


def run_blocks(work: Work, items: int, minimum: int, multiple: int = 1) -> None:
    """Call ``work(start, stop)`` until 0..items is covered, on several threads if that pays.

    Parameters
    ----------
    work
        Handles one range. Called at the same time from several threads, on ranges that do not
        overlap. It must not call run_blocks.
    items
        How many items there are. Zero calls nothing.
    minimum
        Fewer items than this are not worth handing to another thread.
    multiple
        Ranges start at multiples of this.
    """
    threads = items // max(minimum, 1)
    if threads > 1:  # asking how many there are takes as long as a few hundred pixels
        threads = min(threads, thread_count())
    if threads <= 1:
        if items > 0:
            work(0, items)
        return
    pieces = min(threads * CHUNKS_PER_THREAD, items // minimum)
    edges = [items * i // pieces // multiple * multiple for i in range(pieces)] + [items]
    _share(work, edges, threads)


def _share(work: Work, edges: list[int], threads: int) -> None:
    ticket = count()  # next() on it is atomic
    pieces = len(edges) - 1

    def take_pieces() -> None:
        while (i := next(ticket)) < pieces:
            work(edges[i], edges[i + 1])

    helpers = [h for h in (_submit(take_pieces) for _ in range(threads - 1)) if h is not None]
    try:
        take_pieces()
    finally:
        begun = [helper for helper in helpers if not helper.cancel()]
        errors = [helper.exception() for helper in begun]  # waits
    for error in errors:
        if error is not None:
            raise error


def _submit(task: Callable[[], None]) -> Future[None] | None:
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(max(_cpus(), 2), thread_name_prefix="luvcolor")
        try:
            return _pool.submit(task)
        except RuntimeError:  # the interpreter is shutting down: the caller does it alone
            return None


def _cpus() -> int:
    return os.cpu_count() or 1


def _forget_pool() -> None:
    """Threads do not survive a fork: the child starts its own."""
    global _lock, _pool
    _lock = threading.Lock()
    _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
