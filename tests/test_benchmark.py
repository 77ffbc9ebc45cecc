"""The short benchmark: its arithmetic with a clock of our own, and its cases on tiny pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from luvcolor import benchmark, benchmark_cases
from luvcolor.benchmark import Case, measure
from luvcolor.errors import CheckpointError


class Clock:
    """Time that passes only in calls that say how long they take."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[str] = []

    def __call__(self) -> float:
        return self.now

    def taking(self, who: str, *seconds: float) -> Callable[[], None]:
        """Return a call that takes these times in turn, and the last one ever after."""
        left = list(seconds)

        def call() -> None:
            self.calls.append(who)
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return call


def test_the_median_is_compared_with_the_first() -> None:
    clock = Clock()
    calls = {"us": clock.taking("us", 9.0, 0.01), "them": clock.taking("them", 9.0, 0.03)}
    us, them = measure(Case("task", 1_000_000, calls), 1.0, clock)
    assert us.milliseconds == pytest.approx(10)
    assert (us.megapixels, us.ratio) == pytest.approx((100, 1))
    assert (them.milliseconds, them.ratio) == pytest.approx((30, 3))
    assert us.iqr == them.iqr == pytest.approx(0)


def test_all_take_turns() -> None:
    clock = Clock()
    calls = {who: clock.taking(who, 0.1) for who in ("us", "them")}
    measure(Case("task", 1, calls), 1.0, clock)
    assert clock.calls == ["us", "them"] * (len(clock.calls) // 2)
    assert len(clock.calls) // 2 == 2 + 5  # to load, to see how long it takes, and one second


def test_what_is_slow_is_timed_once() -> None:
    clock = Clock()
    calls = {"us": clock.taking("us", 0.01), "slow": clock.taking("slow", 5.0)}
    us, slow = measure(Case("task", 1, calls), 1.0, clock)
    assert slow.rounds == 1
    assert slow.milliseconds == pytest.approx(5000)
    assert us.rounds > 50


def test_the_middle_half_is_the_iqr() -> None:
    clock = Clock()
    calls = {"us": clock.taking("us", 1.0, 0.01, *[0.02, 0.04] * 50)}
    (row,) = measure(Case("task", 1, calls), 0.5, clock)
    assert 10 < row.iqr <= 20 + 1e-6


def test_launches_are_counted_one_by_one() -> None:
    clock = Clock()
    case = Case("task", 1_000_000, {"gpu": clock.taking("gpu", 0.2)}, {"gpu": 20})
    assert measure(case, 1.0, clock)[0].milliseconds == pytest.approx(10)


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    begun: list[str] = []
    clock = Clock()  # stands still: no call of this test takes time
    result = benchmark.benchmark(0.0, {"tiny": (48, 64)}, clock, begun.append)
    return json.loads(json.dumps({**result, "begun": begun}))  # type: ignore[no-any-return]


def test_everything_is_measured_and_told(found: dict[str, Any]) -> None:
    tasks = list(dict.fromkeys(row["task"] for row in found["rows"]))
    assert tasks == found["begun"]
    assert tasks == [f"{kernel}, tiny" for kernel in benchmark_cases.KERNELS] + [
        "copy of float32 pixels, tiny",
        "colorize, tiny",
    ]


def test_luvcolor_is_what_others_are_compared_with(found: dict[str, Any]) -> None:
    for kernel in benchmark_cases.KERNELS:
        rows = [row for row in found["rows"] if row["task"] == f"{kernel}, tiny"]
        assert rows[0]["who"] == "luvcolor"


def test_the_machine_is_described(found: dict[str, Any]) -> None:
    machine = found["machine"]
    assert machine["threads"] >= 1
    assert machine["cpu"]
    assert {"numpy", "numba", "torch", "scikit-image"} <= set(machine["versions"])


def test_opencv_is_left_out_with_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark_cases, "find_spec", lambda name: None)
    makers, left_out = benchmark_cases.cases({"tiny": (48, 64)})
    assert left_out == {"OpenCV": "pip install opencv-python-headless"}
    case = makers["uint8 to LUV float32, tiny"]()
    assert isinstance(case, Case)
    assert not any("OpenCV" in who for who in case.calls)


def test_without_a_checkpoint_nothing_is_colored(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str | None) -> None:
        raise CheckpointError("no checkpoint ships")

    monkeypatch.setattr("luvcolor.checkpoint.find_checkpoint", find)
    found = benchmark.benchmark(0.0, {"tiny": (48, 64)}, Clock())
    assert found["left_out"]["colorize, tiny"] == "no checkpoint ships"


def test_backends_of_a_gpu_join_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.synchronize", lambda: asked.append("wait"))
    monkeypatch.setattr("torch.Tensor.cuda", lambda tensor: tensor)
    monkeypatch.setattr(benchmark_cases, "_gpu_backends", lambda: ["cupy"])
    monkeypatch.setattr(
        "luvcolor_kernels.rgb_to_luv", lambda rgb, backend: asked.append(f"{backend} {rgb.dtype}")
    )
    makers, _ = benchmark_cases.cases({"tiny": (48, 64)})
    case = makers["uint8 to LUV float32, tiny"]()
    assert isinstance(case, Case)
    case.calls["luvcolor, cupy"]()
    assert asked == ["cupy torch.uint8"] * benchmark_cases.LAUNCHES + ["wait"]
    assert case.launches == {"luvcolor, cupy": benchmark_cases.LAUNCHES}


def test_no_backend_of_a_gpu_is_the_cpu() -> None:
    assert "cpu" not in benchmark_cases._gpu_backends()


def test_all_of_a_case_compute_the_same() -> None:
    makers, _ = benchmark_cases.cases({"tiny": (48, 64)})
    for kernel in list(benchmark_cases.KERNELS)[:3]:
        case = makers[f"{kernel}, tiny"]()
        assert isinstance(case, Case)
        first, *others = (np.asarray(call(), np.float64) for call in case.calls.values())
        for other in others:
            # Both ways OpenCV is off by some hundredths, and its L is that of Lab.
            np.testing.assert_allclose(other, first, atol=1.0)


def test_the_picture_has_its_size_and_many_colors() -> None:
    rgb = benchmark_cases.picture(60, 80)
    assert rgb.shape == (60, 80, 3)
    assert len(np.unique(rgb.reshape(-1, 3), axis=0)) > 1000
