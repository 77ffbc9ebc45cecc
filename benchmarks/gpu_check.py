"""All that only a GPU can tell, in one command of at most ten minutes: ``make gpu-check``.

    PYTHONPATH=.:kernels:plugins python benchmarks/gpu_check.py [PART ...]

Three parts: the tests marked ``gpu``; compute-sanitizer over every kernel; the benchmarks. Each has
its share of the time, and a part that fails or runs over does not stop the next; the exit status
tells of it. ``gpu-check.txt`` (the log), ``gpu.json``, ``gpu.md`` and ``gpu.svg`` go to the folder
named by $OUT, else to benchmarks/results. Nothing needs to be installed but NumPy, torch, CuPy,
numba-cuda, scikit-image, pytest and pytest-benchmark.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
TOOLKITS = ("CUDA_HOME", "CUDA_PATH")
SYSTEM_TOOLKIT = Path("/usr/local/cuda")
TESTS_OF_MODELS = "tests/test_gpu.py"
MODELS_NEED = ("lightning", "zarr", "imagecodecs", "safetensors")
ALL = 575.0
"""Seconds for everything; what one step leaves, the next ones have."""
ENDING = 40.0
"""Seconds in which the benchmarks end what they have begun, and write it down."""
TOOLS = ("memcheck", "racecheck", "synccheck", "initcheck")
FOUND_ERRORS = 99
# No file of a project above these folders is looked for: they are to run where little is installed.
PYTEST = ("-m", "pytest", "-p", "no:cacheprovider", "-W", "default")


@dataclass(frozen=True)
class Step:
    """A command with its limit in seconds; ``skip`` says why it cannot run here."""

    part: str
    name: str
    command: tuple[str, ...]
    seconds: float
    skip: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How a step ended."""

    step: Step
    state: str
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether it ran and did not end well."""
        return self.state not in ("ok", "left out")


def have(module: str) -> bool:
    """Whether a module can be imported, by the looks of it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def toolkit() -> Path | None:
    """Return the folder of the CUDA toolkit; some libraries look for it nowhere else."""
    named = next(filter(None, map(os.environ.get, TOOLKITS)), None)
    if named:
        return Path(named)
    compiler = shutil.which("nvcc")
    found = [Path(compiler).resolve().parents[1]] if compiler else []
    return next((path for path in (*found, SYSTEM_TOOLKIT) if (path / "nvvm").is_dir()), None)


def sanitizer() -> str | None:
    """Return the path of compute-sanitizer, which is not always on the PATH."""
    folder = toolkit()
    inside = [str(folder / "bin"), str(folder / "compute-sanitizer")] if folder else []
    return shutil.which("compute-sanitizer") or shutil.which(
        "compute-sanitizer", path=os.pathsep.join(inside)
    )


def tests(python: str) -> list[Step]:
    """The kernels' tests; the models' where what they import is there."""
    missing = [name for name in MODELS_NEED if not have(name)]
    skip = f"{', '.join(missing)} not installed" if missing else None
    alone = ("--confcutdir", "tests/gpu", "tests/gpu", "-m", "gpu", "--durations", "5")
    return [
        Step("tests", "kernels", (python, *PYTEST, *alone), 190),
        Step("tests", "models", (python, *PYTEST, TESTS_OF_MODELS, "-m", "gpu"), 25, skip),
    ]


def sanitizers(python: str) -> list[Step]:
    """Every tool of compute-sanitizer over every kernel; all variants for memcheck."""
    tool = sanitizer()
    skip = None if tool else "compute-sanitizer is neither on the PATH nor in the CUDA toolkit"
    skip = skip if have("cupy") else "cupy not installed"
    script = (python, "benchmarks/gpu_sanitize.py")
    steps = []
    for name in TOOLS:
        check = (tool or "", "--tool", name, "--error-exitcode", str(FOUND_ERRORS))
        # What libraries ask CUDA in vain, such as for functions of newer drivers, is not our error.
        thorough = name == "memcheck"
        more = ("--report-api-errors", "no") if thorough else ()
        few = () if thorough else ("--few",)
        command = (*check, *more, *script, *few)
        steps.append(Step("sanitizers", name, command, 75 if thorough else 25, skip))
    return steps


def benchmarks(python: str, out: Path) -> list[Step]:
    """The benchmarks, which stop by themselves, and the report of what they measured."""
    raw = out / "gpu-raw.json"
    files = tuple(f"benchmarks/bench_gpu_{name}.py" for name in ("luv", "kmeans", "model"))
    options = ("-o", "python_files=bench_*.py", "-o", "python_functions=bench_*")
    save = (f"--benchmark-json={raw}", "--benchmark-columns=median,iqr,rounds", "--no-header")
    skip = None if have("pytest_benchmark") else "pytest-benchmark is not installed"
    report = (python, "benchmarks/report.py", str(raw), str(out / "gpu.json"))
    return [
        Step("benchmarks", "measure", (python, *PYTEST, *files, *options, *save), 190, skip),
        Step("benchmarks", "report", report, 15, skip),
    ]


def plan(python: str, out: Path, parts: Sequence[str]) -> list[Step]:
    """Return the steps of some parts, or of all."""
    steps = [*tests(python), *sanitizers(python), *benchmarks(python, out)]
    return [step for step in steps if not parts or step.part in parts]


def environment(seconds: float) -> dict[str, str]:
    """Return what the steps find: luvcolor, the CUDA toolkit, and the time for benchmarks."""
    roots = [str(ROOT), str(ROOT / "kernels"), str(ROOT / "plugins")]
    path = os.pathsep.join([*roots, *filter(None, [os.environ.get("PYTHONPATH")])])
    found, folder = dict(os.environ), toolkit()
    if folder and not any(map(found.get, TOOLKITS)):
        found[TOOLKITS[0]] = str(folder)
    limit = f"{seconds:.0f}"
    return {
        **found, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "LUVCOLOR_BENCH_SECONDS": limit
    }  # fmt: skip


Start = Callable[[Step, float, IO[str]], int | None]
"""Runs a step for so many seconds, with a log; returns its exit status, None if it ran over."""


def start(step: Step, seconds: float, log: IO[str]) -> int | None:
    """Run a command in a process of its own and stop it, with its children, at its limit."""
    with subprocess.Popen(
        step.command, cwd=ROOT, env=environment(seconds - ENDING), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
    ) as process:  # fmt: skip
        late = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
        late.start()
        for line in process.stdout or ():
            log.write(line)
            print(line, end="", flush=True)
        late.cancel()
    late.join()
    return None if process.returncode == -signal.SIGKILL else process.returncode


def run(
    steps: Sequence[Step],
    log: IO[str],
    start: Start = start,
    clock: Callable[[], float] = time.monotonic,
) -> list[Outcome]:
    """Run all steps, whatever becomes of them."""
    outcomes: list[Outcome] = []
    end = clock() + ALL
    for index, step in enumerate(steps):
        say(f"\n== {step.part}, {step.name}: {' '.join(step.command)}", log)
        begin = clock()
        limit = max(end - begin - sum(s.seconds for s in steps[index + 1 :]), step.seconds)
        state = "left out" if step.skip else _state(start(step, limit, log), limit)
        outcomes.append(Outcome(step, state, clock() - begin))
        say(_line(outcomes[-1]), log)
    return outcomes


def _state(status: int | None, limit: float) -> str:
    if status is None:
        return f"ran over its {limit:.0f} s"
    return "ok" if status == 0 else f"failed ({status})"


def _line(outcome: Outcome) -> str:
    step = outcome.step
    reason = f": {step.skip}" if step.skip else ""
    return f"{step.part:<11} {step.name:<10} {outcome.seconds:6.1f} s  {outcome.state}{reason}"


def say(text: str, log: IO[str]) -> None:
    """Write a line to the log and to standard output."""
    print(text, flush=True)
    log.write(text + "\n")
    log.flush()


def main(parts: Sequence[str]) -> int:
    """Run the parts named, or all; return 1 if any failed."""
    out = Path(os.environ.get("OUT") or RESULTS)
    out.mkdir(parents=True, exist_ok=True)
    steps = plan(sys.executable, out, parts)
    if not steps:
        print(f"expected some of tests, sanitizers and benchmarks, found {' '.join(parts)}")
        return 2
    with (out / "gpu-check.txt").open("w", buffering=1, encoding="utf-8") as log:
        outcomes = run(steps, log)
        say("\n== summary", log)
        for outcome in outcomes:
            say(_line(outcome), log)
    (out / "gpu-raw.json").unlink(missing_ok=True)
    return int(any(outcome.failed for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
