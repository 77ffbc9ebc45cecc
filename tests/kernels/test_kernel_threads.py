"""run_blocks: every item once, from any number of callers, through errors and forks."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from luvcolor_kernels import (
    kmeans,
    luma_to_input,
    luv_to_rgb,
    merge_chroma,
    rgb_to_luv,
    threads,
)


@pytest.fixture(autouse=True)
def four_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUVCOLOR_THREADS", "4")


@pytest.mark.parametrize("items", [0, 1, 2, 5, 63, 64, 65, 1000, 9973])
@pytest.mark.parametrize("multiple", [1, 8])
def test_every_item_is_done_once(items: int, multiple: int) -> None:
    done = np.zeros(items, int)

    def work(start: int, stop: int) -> None:
        assert start % multiple == 0
        done[start:stop] += 1

    threads.run_blocks(work, items, 16, multiple)
    assert (done == 1).all()


def test_little_work_stays_on_the_calling_thread() -> None:
    seen = set()
    threads.run_blocks(lambda *_: seen.add(threading.get_ident()), 31, 16)
    assert seen == {threading.get_ident()}


def test_little_work_does_not_ask_how_many_threads_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "thread_count", lambda: pytest.fail("asked"))
    threads.run_blocks(lambda *_: None, 31, 16)


def test_errors_reach_the_caller_and_the_pool_lives_on() -> None:
    def fail(start: int, stop: int) -> None:
        raise LookupError(start)

    for _ in range(3):
        with pytest.raises(LookupError):
            threads.run_blocks(fail, 100, 1)
    test_every_item_is_done_once(1000, 1)


def test_many_callers_at_once_get_right_results() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (400, 500, 3), np.uint8)
    luv = rgb_to_luv(rgb)
    uv = np.ascontiguousarray(luv[..., 1:].transpose(2, 0, 1))
    centers, small = kmeans(rgb[:50], 8).centers, luma_to_input(rgb, (40, 50))

    def call(number: int) -> bool:
        if number % 4 == 0:
            return np.array_equal(rgb_to_luv(rgb), luv)
        if number % 4 == 1:
            return np.array_equal(luv_to_rgb(luv), rgb)
        if number % 4 == 2:
            return np.array_equal(luma_to_input(rgb, (40, 50)), small)
        merged = merge_chroma(luv[..., 0], uv)
        return np.array_equal(merged, rgb) and np.array_equal(kmeans(rgb[:50], 8).centers, centers)

    with ThreadPoolExecutor(12) as callers:
        assert all(callers.map(call, range(60)))


@pytest.mark.parametrize("value", ["0", "-1", "many", ""])
def test_a_wrong_number_of_threads_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LUVCOLOR_THREADS", value)
    with pytest.raises(ValueError, match="LUVCOLOR_THREADS must be a whole number"):
        threads.thread_count()


def test_all_usable_cpus_work_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUVCOLOR_THREADS")
    assert 1 <= threads.thread_count() <= (os.cpu_count() or 1)
