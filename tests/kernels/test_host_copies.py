"""Copies of arrays to and from a GPU, as far as they can be told where there is none."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from luvcolor_kernels.libraries import Cupy, Numba, Torch


def test_tensors_are_copied() -> None:
    read_only = np.broadcast_to(np.arange(4.0), (3, 4))
    tensor = Torch().from_host(read_only, torch.zeros(1))
    assert (tensor.dtype, tuple(tensor.stride())) == (torch.float64, (4, 1))
    np.testing.assert_array_equal(Torch().to_host(tensor.requires_grad_()), read_only)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32", "float64"])
def test_tensors_have_the_types_of_clustering(dtype: str) -> None:
    made = Torch().empty((2, 3), dtype, torch.zeros(1))
    view = Torch().view(made)
    assert (view.dtype, view.item_size) == (dtype, made.element_size())


def test_cupy_copies_on_the_device_of_the_array(monkeypatch: pytest.MonkeyPatch) -> None:
    devices: list[int] = []

    def device(index: int) -> Any:
        devices.append(index)
        return nullcontext()

    cupy: Any = ModuleType("cupy")
    cupy.cuda, cupy.asarray = SimpleNamespace(Device=device), lambda array: array
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    like = SimpleNamespace(device=SimpleNamespace(id=3), get=lambda: np.arange(2))
    assert Cupy().to_host(like).tolist() == [0, 1]
    assert Cupy().from_host(np.zeros((2, 2)).T, like).flags.c_contiguous
    assert devices == [3, 3]


def test_numba_copies_to_the_device_of_the_array(monkeypatch: pytest.MonkeyPatch) -> None:
    numba: Any = ModuleType("numba")
    numba.cuda = SimpleNamespace(gpus={1: nullcontext()}, to_device=lambda array: array)
    monkeypatch.setitem(sys.modules, "numba", numba)
    context = SimpleNamespace(device=SimpleNamespace(id=1))
    like = SimpleNamespace(
        gpu_data=SimpleNamespace(context=context), copy_to_host=lambda: np.arange(2)
    )
    assert Numba().to_host(like).tolist() == [0, 1]
    assert Numba().from_host(np.zeros((2, 2)).T, like).flags.c_contiguous
