"""How much more memory a call needs while it runs: the same measure for every library.

Linux keeps the most memory that a process ever had resident (VmHWM), and forgets it when told to.
That counts NumPy's arrays, OpenCV's and torch's alike, on all their threads, and pages rather than
wishes: what is allocated and never touched costs nothing.
"""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path

from benchmarks.common import Call

PROCESS = Path("/proc/self")
FORGET_PEAK = "5"


def peak_rise(call: Call) -> int | None:
    """Return by how many bytes resident memory rises in a call; None where it cannot be told.

    The result counts. Call once before, so that tables, pools and compiled code do not.
    """
    gc.collect()
    _return_free_memory()
    try:
        (PROCESS / "clear_refs").write_text(FORGET_PEAK)
        before = _resident("VmRSS")
        result = call()
        highest = _resident("VmHWM")
    except OSError:
        return None
    del result
    return max(highest - before, 0)


def available() -> int | None:
    """Return how many bytes can be had without swapping; None where it cannot be told."""
    try:
        return _kibibytes(Path("/proc/meminfo").read_text(), "MemAvailable")
    except OSError:
        return None


def _resident(name: str) -> int:
    return _kibibytes((PROCESS / "status").read_text(), name)


def _kibibytes(text: str, name: str) -> int:
    line = next(line for line in text.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


def _return_free_memory() -> None:
    """Give back what earlier calls freed: a call that gets it again would seem to need none."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
