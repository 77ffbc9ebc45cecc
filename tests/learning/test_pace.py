"""Where the time goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from luvcolor.batches import Batches, Spent
from luvcolor.learning.pace import TIMES, Pace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """A clock that shows what stands in a list."""
    now = [0.0]
    monkeypatch.setattr("luvcolor.learning.pace.time.perf_counter", lambda: now[0])
    yield now
    monkeypatch.undo()


def spending(*, world: int = 1, **spent: float) -> Batches:
    batches = Batches(None, "train", 8, world=world)  # type: ignore[arg-type]
    batches.spent = Spent(**spent)  # type: ignore[arg-type]
    return batches


def test_times_of_an_epoch_are_shares_of_its_training(clock: list[float]) -> None:
    batches = spending(reading=1, making=4, waiting=2, pictures=1000)
    pace = Pace(batches)
    clock[0] = 100
    pace.begin()
    clock[0] = 110
    pace.step()
    clock[0] = 115  # validation
    times = pace.times()
    assert tuple(times) == TIMES
    assert times == {
        "seconds": 15,
        "pictures_per_second": 100,
        "waited": 0.2,
        "read_ms": 1,
        "make_ms": 4,
        "learn_ms": 8,
    }


def test_pictures_of_all_processes_count(clock: list[float]) -> None:
    pace = Pace(spending(world=2, pictures=100))
    pace.begin()
    clock[0] = 10
    pace.step()
    assert pace.times()["pictures_per_second"] == 20


def test_an_epoch_without_a_step_has_times(clock: list[float]) -> None:
    pace = Pace(spending())
    pace.begin()
    assert pace.times()["pictures_per_second"] == 0
