"""The source of numba's kernels, read for what the simulator lets pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernels.numba.lint import faults
from tests.kernels.numba.processes import KERNELS

SOURCES = sorted((KERNELS / "luvcolor_kernels").glob("numba_*.py"))

pytestmark = pytest.mark.proof


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_nothing_that_the_simulator_lets_pass(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


def test_the_kernels_are_among_the_sources() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES]
    assert sum(text.count("cuda.syncthreads()") for text in texts) == 18
    assert sum(text.count("  barrier()") for text in texts) == 2


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("sums[i] += x", "line 1: not atomic"),
        ("sums[i] = x + sums[i]", "line 1: not atomic"),
        (
            "a, b = cuda.shared.array(1, f), cuda.shared.array(2, f)",
            "line 1: two shared arrays",
        ),
        ("if a:\n    cuda.syncthreads()", "line 2: barrier under a condition"),
        ("if a:\n    barrier()", "line 2: barrier under a condition"),
        (
            "def f():\n    if a:\n        return\n    cuda.syncthreads()",
            "line 4: barrier after a return",
        ),
    ],
)
def test_faults_are_found(source: str, fault: str) -> None:
    assert faults(source) == [fault]
