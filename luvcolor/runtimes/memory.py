"""Whether something failed for want of memory, whoever says so and in whatever words."""

from __future__ import annotations

import re
import sys

__all__ = ["is_out_of_memory", "release"]

WORDS = re.compile(
    r"out.?of.?memory|not enough memory|bad.?alloc|alloc_failed"
    r"|(can.?t|cannot|could not|couldn.t|failed to|unable to) (be )?allocate"
    r"|smaller than requested bytes",
    re.IGNORECASE,
)
"""What torch (CPU, CUDA, MPS), cuDNN, cuBLAS, ONNX Runtime, OpenVINO, CuPy and numba-cuda say."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out, on the CPU or on a GPU.

    Examples
    --------
    >>> is_out_of_memory(RuntimeError("CUDA error: out of memory")), is_out_of_memory(MemoryError())
    (True, True)
    >>> is_out_of_memory(RuntimeError("shapes do not match"))
    False
    """
    return isinstance(error, MemoryError) or WORDS.search(str(error)) is not None


def release() -> None:
    """Give back what torch keeps of a GPU's memory for later, where torch has been used."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
