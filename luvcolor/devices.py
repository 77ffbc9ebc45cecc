"""Which device a model runs on."""

from __future__ import annotations

import platform
from pathlib import Path

from luvcolor.errors import UsageError

__all__ = ["may_have_gpu", "pick_device"]

CUDA_LIBRARIES = {"Linux": "libcuda.so.1", "Windows": "nvcuda.dll"}


def pick_device(asked: str) -> str:
    """Return the device for torch to run on; ``"auto"`` takes the fastest that is there.

    Raises
    ------
    UsageError
        When the device is not there.
    """
    import torch

    if asked == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        torch.empty(1, device=asked)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(
            f"expected a device that is here, found {asked!r}; `luvcolor doctor` lists those"
        ) from error
    return asked


def may_have_gpu() -> bool:
    """Whether there may be a GPU that torch can use, found out without importing torch."""
    if platform.system() == "Darwin":
        return platform.machine() == "arm64"
    return _cuda_devices() > 0 or Path("/dev/kfd").exists()


def _cuda_devices() -> int:
    """Ask the driver of NVIDIA GPUs how many there are; none where there is no driver."""
    import ctypes

    count = ctypes.c_int(0)
    try:
        driver = ctypes.CDLL(CUDA_LIBRARIES[platform.system()])
        failed = driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count))
    except (KeyError, OSError, AttributeError):
        return 0
    return 0 if failed else count.value
