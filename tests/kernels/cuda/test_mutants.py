"""Bugs that are planted in the kernels are noticed: what the other tests here are worth."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.kernels.cuda.mutants import MUTANTS, SOUND, SURVIVED

pytestmark = [pytest.mark.proof, pytest.mark.slow]

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def processes() -> dict[str, Future[Done]]:
    """Every mutant in a process of its own, two at a time."""
    pool = ThreadPoolExecutor(2)
    return {name: pool.submit(run, name) for name in MUTANTS}


def run(name: str) -> Done:
    root = Path(__file__).parents[3]
    path = os.pathsep.join([str(root), *filter(None, sys.path)])
    command = [sys.executable, "-m", "tests.kernels.cuda.mutants", name]
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug_is_noticed(name: str, processes: dict[str, Future[Done]]) -> None:
    done = processes[name].result()
    assert SOUND in done.stdout, done.stderr
    assert SURVIVED not in done.stdout
    noticed = done.returncode < 0 or "AssertionError" in done.stderr or "Emulation" in done.stderr
    assert noticed, done.stderr
