"""What pytest-benchmark records about the machine."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from luvcolor_kernels.threads import thread_count

PEERS = (
    "numpy",
    "numba",
    "scikit-image",
    "opencv-python-headless",
    "torch",
    "kornia",
    "scikit-learn",
)


def pytest_benchmark_update_machine_info(config: Any, machine_info: dict[str, Any]) -> None:
    """Record the versions of all peers, and the threads used, beside the hardware."""
    machine_info["threads"] = thread_count()
    machine_info["versions"] = {name: _version(name) for name in PEERS}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
