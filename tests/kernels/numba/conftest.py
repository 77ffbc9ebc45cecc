"""What the proofs need: numba-cuda, of the extra `proof`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the proofs where it is not installed."""
    if find_spec("numba_cuda"):
        return
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="numba-cuda is of the extra proof"))
