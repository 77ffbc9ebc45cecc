"""Kernels on a GPU: what the tests need there, and nothing that a bare machine lacks.

This folder stands alone: no file of it, nor what it imports, needs more than torch, NumPy and
luvcolor_kernels, with CuPy or numba-cuda for the backends.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

import pytest

BACKENDS = {"cupy": "cupy", "numba": "numba_cuda"}
"""The module that each needs."""
NAMES = ("numpy", "torch", "cupy-cuda13x", "cupy-cuda12x", "numba", "numba-cuda", "pytest")


def no_gpu() -> str | None:
    """Say why nothing can run here; None where it can."""
    if find_spec("torch") is None:
        return "torch is not installed"
    torch: Any = import_module("torch")
    return None if torch.cuda.is_available() else "no CUDA device here"


def pytest_configure(config: pytest.Config) -> None:
    """Know the mark, without the project's configuration too."""
    config.addinivalue_line("markers", "gpu: needs a CUDA device")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a GPU where there is none."""
    waiting = [item for item in items if item.get_closest_marker("gpu")]
    reason = no_gpu() if waiting else None
    for item in waiting if reason else []:
        item.add_marker(pytest.mark.skip(reason=reason or ""))


def pytest_report_header() -> list[str]:
    """Write down the machine."""
    return [f"{name}: {value}" for name, value in facts().items()]


def facts() -> dict[str, str]:
    """What a result depends on."""
    found = {"python": platform.python_version()}
    for name in NAMES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return {**found, **_devices()}


def _devices() -> dict[str, str]:
    reason = no_gpu()
    if reason:
        return {"gpu": reason}
    torch: Any = import_module("torch")
    found = {"CUDA of torch": str(torch.version.cuda)}
    for index in range(torch.cuda.device_count()):
        device = torch.cuda.get_device_properties(index)
        found[f"cuda:{index}"] = (
            f"{device.name}, sm_{device.major}{device.minor}, {device.multi_processor_count} "
            f"multiprocessors, {device.total_memory / 2**30:.0f} GiB"
        )
    if find_spec("cupy"):
        runtime: Any = import_module("cupy").cuda.runtime
        found["driver"], found["runtime"] = (
            str(runtime.driverGetVersion()), str(runtime.runtimeGetVersion())
        )  # fmt: skip
    return found


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Each backend that is installed."""
    name = str(request.param)
    if find_spec(BACKENDS[name]) is None:
        pytest.skip(f"{BACKENDS[name]} is not installed")
    return name


@pytest.fixture(autouse=True)
def tidy() -> Iterator[None]:
    """Give memory back after a test, so that large ones find enough."""
    yield
    if no_gpu() is None:
        import_module("torch").cuda.empty_cache()
        if find_spec("cupy"):
            import_module("cupy").get_default_memory_pool().free_all_blocks()
