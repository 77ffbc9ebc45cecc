"""Runs what needs a Python of its own: the simulator is chosen before numba.cuda is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[2]
KERNELS = ROOT / "kernels"
SIMULATED = tuple(sorted(FOLDER.glob("simulated_*.py")))
"""Test files that are run in the simulator, and not collected elsewhere."""


def simulate(
    *arguments: str, files: Sequence[Path] = SIMULATED, kernels: Path = KERNELS
) -> subprocess.CompletedProcess[str]:
    """Run test files in the simulator, on the kernels of the given folder."""
    options = ["-q", "-p", "no:cacheprovider", "-W", "ignore::RuntimeWarning"]
    options += ["--rootdir", str(ROOT), "-o", f"pythonpath={kernels} {ROOT}"]
    return _python(["-m", "pytest", *options, *arguments, *map(str, files)], kernels, True)


def run_module(
    name: str, *arguments: str, kernels: Path = KERNELS
) -> subprocess.CompletedProcess[str]:
    """Run a module of the tests where there is no GPU, and none is simulated."""
    return _python(["-m", name, *arguments], kernels, False)


def _python(command: list[str], kernels: Path, simulated: bool) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(map(str, (kernels, ROOT)))
    given = {**os.environ, "PYTHONPATH": paths, "NUMBA_ENABLE_CUDASIM": str(int(simulated))}
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=given,
        timeout=300,
    )
