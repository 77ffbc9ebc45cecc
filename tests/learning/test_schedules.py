"""How the learning rate goes."""

from __future__ import annotations

import pytest

from luvcolor.learning.schedules import SCHEDULES

RUN = [step / 200 for step in range(201)]


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_factor_is_never_above_one_and_always_above_zero_before_the_end(name: str) -> None:
    factors = [SCHEDULES[name](progress) for progress in RUN]
    assert all(0 < factor <= 1 for factor in factors[:-1])
    assert max(factors) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("name", "peak"), [("cosine", 0.05), ("one-cycle", 0.3)])
def test_a_rate_rises_to_one_peak_and_falls(name: str, peak: float) -> None:
    factors = [SCHEDULES[name](progress) for progress in RUN]
    top = factors.index(max(factors))
    assert RUN[top] == pytest.approx(peak, abs=0.01)
    assert factors[: top + 1] == sorted(factors[: top + 1])
    assert factors[top:] == sorted(factors[top:], reverse=True)
    assert factors[-1] < 1e-4


def test_a_constant_rate_stays() -> None:
    assert {SCHEDULES["constant"](progress) for progress in RUN} == {1.0}
