"""Devices, and whether there may be a GPU."""

from __future__ import annotations

import ctypes
import platform
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from luvcolor import devices


def driver(count: int, status: int = 0) -> Any:
    """A CUDA driver with some GPUs."""

    def tell(pointer: Any) -> int:
        ctypes.cast(pointer, ctypes.POINTER(ctypes.c_int))[0] = count
        return status

    return SimpleNamespace(cuInit=lambda flags: status, cuDeviceGetCount=tell)


@pytest.mark.parametrize(
    ("count", "status", "expected"), [(2, 0, True), (0, 0, False), (1, 100, False)]
)
def test_the_driver_is_asked(
    monkeypatch: pytest.MonkeyPatch, count: int, status: int, expected: bool
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: driver(count, status))
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert devices.may_have_gpu() is expected


def test_without_a_driver_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise OSError(name)

    monkeypatch.setattr(platform, "system", lambda: "Windows")
    monkeypatch.setattr(ctypes, "CDLL", missing)
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert not devices.may_have_gpu()


@pytest.mark.parametrize(("machine", "expected"), [("arm64", True), ("x86_64", False)])
def test_of_macs_those_of_apples_processors_have_one(
    monkeypatch: pytest.MonkeyPatch, machine: str, expected: bool
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert devices.may_have_gpu() is expected


def test_where_torch_finds_a_gpu_so_does_this() -> None:
    assert devices.may_have_gpu() or not torch.cuda.is_available()
