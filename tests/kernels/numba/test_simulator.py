"""numba's kernels in numba-cuda's simulator: what they compute, and what memory they touch."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.kernels.numba.processes import SIMULATED, simulate

pytestmark = pytest.mark.proof


def test_kernels_in_the_simulator() -> None:
    """Two files at a time, because a process simulates on one CPU."""
    assert len(SIMULATED) == 6
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(lambda file: simulate(files=[file]), SIMULATED):
            assert done.returncode == 0, done.stdout + done.stderr
            assert "skipped" not in done.stdout
