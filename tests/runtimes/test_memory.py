"""Want of memory, in the words of those who say it."""

from __future__ import annotations

import numpy as np
import pytest

from luvcolor.runtimes.memory import is_out_of_memory, release


@pytest.mark.parametrize(
    "words",
    [
        "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79 GiB",
        "MPS backend out of memory (MPS allocated: 9.02 GiB)",
        "[enforce fail at alloc_cpu.cpp:114] err == 0. DefaultCPUAllocator: can't allocate memory",
        "DefaultCPUAllocator: not enough memory: you tried to allocate 400 bytes",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED",
        "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : bad allocation",
        "Failed to allocate memory for requested buffer of size 4294967296",
        "Available memory of 0 is smaller than requested bytes of 268435456",
        "std::bad_alloc",
        "[CUDA_ERROR_OUT_OF_MEMORY] Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY",
    ],
)
def test_every_runtime_is_understood(words: str) -> None:
    assert is_out_of_memory(RuntimeError(words))


def test_numpy_and_python_are_understood() -> None:
    with pytest.raises(MemoryError) as found:
        np.empty(1 << 60, np.uint8)
    assert is_out_of_memory(found.value)
    assert is_out_of_memory(MemoryError())


def test_other_failures_are_not_taken_for_it() -> None:
    for words in ("mat1 and mat2 shapes cannot be multiplied", "device-side assert", ""):
        assert not is_out_of_memory(RuntimeError(words))


def test_giving_back_memory_does_nothing_without_a_gpu() -> None:
    release()
