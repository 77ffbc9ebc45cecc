"""The one command for a machine with a GPU: what it runs, and what becomes of failures."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import IO

import pytest

pytest.importorskip("benchmarks.common", reason="the benchmarks do not come with the package")

from benchmarks import gpu_check
from benchmarks.gpu_check import Step

OUT = Path("out")


def step(name: str, seconds: float = 10.0, skip: str | None = None) -> Step:
    return Step("part", name, ("true",), seconds, skip)


def statuses(*values: int | None) -> gpu_check.Start:
    left = list(values)
    return lambda step, seconds, log: left.pop(0)


def test_all_parts_fit_into_ten_minutes() -> None:
    steps = gpu_check.plan("python", OUT, [])
    assert {step.part for step in steps} == {"tests", "sanitizers", "benchmarks"}
    assert sum(step.seconds for step in steps) <= gpu_check.ALL < 600


def test_a_part_runs_alone() -> None:
    steps = gpu_check.plan("python", OUT, ["sanitizers"])
    assert [step.name for step in steps] == list(gpu_check.TOOLS)


def test_a_failure_stops_nothing_and_is_told() -> None:
    log = io.StringIO()
    steps = [step("one"), step("two"), step("three", skip="no tool"), step("four")]
    outcomes = gpu_check.run(steps, log, statuses(1, None, 0))
    assert [o.failed for o in outcomes] == [True, True, False, False]
    assert [o.state.split()[0] for o in outcomes] == ["failed", "ran", "left", "ok"]
    assert "left out: no tool" in log.getvalue()


def test_what_a_step_leaves_the_next_ones_have() -> None:
    now, limits = [0.0], []

    def start(step: Step, seconds: float, log: IO[str]) -> int:
        limits.append(seconds)
        now[0] += 5.0
        return 0

    steps = [step("one", 100), step("two", 100)]
    gpu_check.run(steps, io.StringIO(), start, lambda: now[0])
    assert limits == [gpu_check.ALL - 100, gpu_check.ALL - 5]


def test_a_command_is_run_logged_and_judged(capsys: pytest.CaptureFixture[str]) -> None:
    log = io.StringIO()
    program = "import sys; print('hello'); sys.exit(3)"
    run = Step("part", "one", (sys.executable, "-c", program), 60)
    assert gpu_check.start(run, 60, log) == 3
    assert log.getvalue() == "hello\n"
    assert "hello" in capsys.readouterr().out


def test_a_command_that_runs_over_is_ended() -> None:
    program = "import threading; threading.Event().wait()"
    run = Step("part", "one", (sys.executable, "-c", program), 0.2)
    assert gpu_check.start(run, 0.2, io.StringIO()) is None


def test_the_exit_status_and_the_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OUT", str(tmp_path / "out"))
    commands = {"good": ("-c", "print('fine')"), "bad": ("-c", "raise SystemExit(1)")}

    def plan(python: str, out: Path, parts: list[str]) -> list[Step]:
        return [Step(name, name, (python, *commands[name]), 60) for name in parts]

    monkeypatch.setattr(gpu_check, "plan", plan)
    assert gpu_check.main(["good"]) == 0
    assert gpu_check.main(["bad", "good"]) == 1
    text = (tmp_path / "out" / "gpu-check.txt").read_text()
    assert "fine" in text
    assert "failed (1)" in text.partition("== summary")[2]


def test_an_unknown_part_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUT", str(tmp_path))
    assert gpu_check.main(["moon"]) == 2


def test_the_models_are_left_out_with_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_check, "have", lambda module: module != "zarr")
    kernels, models = gpu_check.tests("python")
    assert kernels.skip is None
    assert models.skip == "zarr not installed"


def test_the_toolkit_is_found_where_the_environment_does_not_name_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "nvvm").mkdir()
    tool = tmp_path / "compute-sanitizer" / "compute-sanitizer"
    tool.parent.mkdir()
    tool.touch(mode=0o755)
    for name in gpu_check.TOOLKITS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(gpu_check, "SYSTEM_TOOLKIT", tmp_path / "none")
    assert gpu_check.sanitizer() is None
    assert "CUDA_HOME" not in gpu_check.environment(1.0)
    monkeypatch.setattr(gpu_check, "SYSTEM_TOOLKIT", tmp_path)
    assert gpu_check.sanitizer() == str(tool)
    assert gpu_check.environment(1.0)["CUDA_HOME"] == str(tmp_path)
    monkeypatch.setenv("CUDA_PATH", "/other")
    assert gpu_check.toolkit() == Path("/other")
    assert "CUDA_HOME" not in gpu_check.environment(1.0)


def test_the_files_it_names_exist() -> None:
    steps = gpu_check.plan("python", OUT, [])
    named = {word for step in steps for word in step.command if word.endswith(".py")}
    named |= {"tests/gpu"}
    assert all((gpu_check.ROOT / word).exists() for word in named if "=" not in word)
