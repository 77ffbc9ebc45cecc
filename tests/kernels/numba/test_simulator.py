"""numba's kernels in numba-cuda's simulator: what they compute, and what memory they touch."""

from __future__ import annotations

import pytest

from tests.kernels.numba.processes import SIMULATED, simulate

pytestmark = pytest.mark.proof


def test_kernels_in_the_simulator() -> None:
    assert len(SIMULATED) == 4
    done = simulate()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
