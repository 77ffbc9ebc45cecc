"""How long a fresh process takes: what every command on a pipe pays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
ROUNDS = 10
CALL = "import numpy, luvcolor_kernels as k; k.rgb_to_luv(numpy.zeros((9, 9, 3), 'uint8'))"

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import numpy": ["-c", "import numpy"],
    "import luvcolor_kernels": ["-c", "import luvcolor_kernels"],
    "first rgb_to_luv, from numba's cache": ["-c", CALL],
    "import luvcolor": ["-c", "import luvcolor"],
    "luvcolor --help": ["-m", "luvcolor", "--help"],
}


@pytest.mark.parametrize("name", COMMANDS)
def bench_startup(benchmark: Any, name: str) -> None:
    roots = [str(ROOT), str(ROOT / "kernels"), str(ROOT / "plugins")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}

    def start() -> int:
        command = [sys.executable, *COMMANDS[name]]
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        return done.returncode

    assert start() == 0, f"{name} does not run"
    benchmark.extra_info.update(case="start of a process", peer=name)
    benchmark.pedantic(start, rounds=ROUNDS, iterations=1, warmup_rounds=1)
