"""The array libraries of a GPU under one roof: NumPy arrays to theirs and back."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Array = npt.NDArray[Any]

LIBRARIES = ("torch", "cupy", "numba")


def give(library: str, array: Array) -> Any:
    """Copy an array to the GPU, as an array of a library."""
    if library == "torch":
        torch: Any = import_module("torch")
        # torch has few operations on uint16, but holds it.
        return torch.from_numpy(np.ascontiguousarray(array)).cuda()
    if library == "cupy":
        return import_module("cupy").asarray(array)
    return import_module("numba.cuda").to_device(np.ascontiguousarray(array))


def take(array: Any) -> Array:
    """Copy an array of any library to the host; bfloat16 as float32."""
    if hasattr(array, "copy_to_host"):
        return np.asarray(array.copy_to_host())
    if hasattr(array, "get") and not hasattr(array, "cpu"):
        return np.asarray(array.get())
    if str(array.dtype) == "torch.bfloat16":
        array = array.float()
    return np.asarray(array.cpu().numpy())


def library_of(array: Any) -> str:
    """Name the library that an array belongs to."""
    return type(array).__module__.partition(".")[0].removesuffix("_cuda")


def address(array: Any) -> int:
    """Where the memory of an array begins."""
    if hasattr(array, "data_ptr"):
        return int(array.data_ptr())
    return int(array.__cuda_array_interface__["data"][0])


def need(library: str, backend: str) -> None:
    """Skip arrays that a backend does not take, or whose library is not here."""
    module = {"torch": "torch", "cupy": "cupy", "numba": "numba_cuda"}[library]
    if find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    if library == "numba" and backend == "cupy":
        pytest.skip("numba's arrays go to numba's backend")
