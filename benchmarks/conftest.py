"""What pytest-benchmark records about the machine, and how long all may take."""

from __future__ import annotations

import os
import time
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pytest

from benchmarks.measuring import LEFT_OUT, leave_out
from luvcolor_kernels.threads import thread_count

PEERS = (
    "numpy",
    "numba",
    "scipy",
    "pyamg",
    "scikit-image",
    "opencv-python-headless",
    "torch",
    "kornia",
    "colour-science",
    "scikit-learn",
    "faiss-cpu",
    "fast-pytorch-kmeans",
    "libimagequant",
    "pillow",
)
GPU_PEERS = ("numba-cuda", "cupy-cuda13x", "cupy-cuda12x", "triton")
BEGIN = time.monotonic()


def pytest_benchmark_update_machine_info(config: Any, machine_info: dict[str, Any]) -> None:
    """Record the versions of all peers, and the threads used, beside the hardware."""
    machine_info["threads"] = thread_count()
    machine_info["versions"] = {name: _version(name) or "not installed" for name in PEERS}
    extra = {name: _version(name) for name in GPU_PEERS}
    machine_info["versions"].update({name: found for name, found in extra.items() if found})
    machine_info["gpu"] = _gpu()


def pytest_benchmark_update_json(config: Any, benchmarks: Any, output_json: dict[str, Any]) -> None:
    """Record what was left out, and why."""
    output_json["left_out"] = LEFT_OUT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what torch compiles last: it takes the most time to prepare."""
    items.sort(key=lambda item: "compiled" in item.name)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is left when the time is used up, so that what was measured is kept."""
    limit = float(os.environ.get("LUVCOLOR_BENCH_SECONDS", "inf"))
    if time.monotonic() - BEGIN > limit:
        leave_out("not run", item.name, f"the {limit:.0f} seconds for all benchmarks are used up")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _gpu() -> str | None:
    """Return the name of the GPU, where the benchmarks ran on one."""
    try:
        import torch
    except ImportError:
        return None
    if not torch.cuda.is_available():
        return None
    return f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}"
