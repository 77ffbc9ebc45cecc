"""What the proofs need: g++ for all of them, and the wheels of the extra `proof` for some."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kernels.cuda.toolchain import EXACT, PESSIMISTIC, Build

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the proofs where there is no compiler."""
    if shutil.which("g++"):
        return
    for item in items:
        if FOLDER in item.path.parents and item.get_closest_marker("proof"):
            item.add_marker(pytest.mark.skip(reason="g++ runs the CUDA kernels on the CPU"))


@pytest.fixture(params=[EXACT, PESSIMISTIC], ids=lambda build: build.name)
def build(request: pytest.FixtureRequest) -> Build:
    """How the approximate functions of a GPU are stood in for.

    `exact` proves the code: what it computes, where it reads and writes. `pessimistic` proves its
    accuracy: that no error the PTX ISA allows leads out of a tolerance.
    """
    found: Build = request.param
    return found
