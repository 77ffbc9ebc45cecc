"""What numba's kernels are written in: the GPU's instructions, or Python's where it is simulated.

numba-cuda runs kernels in plain Python if ``NUMBA_ENABLE_CUDASIM=1`` is set before it is imported.
This is the one place where that makes a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numba_cuda  # noqa: F401  # says what to install: numba.cuda by itself is not enough
from numba.cuda.core import config

SIMULATED = bool(config.ENABLE_CUDASIM)
_target: Any = import_module(
    f"luvcolor_kernels.numba_{'simulated' if SIMULATED else 'instructions'}"
)

OPTIONS: dict[str, bool] = _target.OPTIONS
"""How kernels are compiled."""
UNSUPPORTED: tuple[type[Exception], ...] = _target.UNSUPPORTED
"""What numba raises where its compiler and the driver do not fit together."""
launcher: Callable[[Any, tuple[int, int], tuple[int, int], int], Any] = _target.launcher
"""Of a kernel, a grid, a block and the address of a stream: what launches it there."""
device: Callable[[Callable[..., Any]], Any] = _target.device
"""Compiles what kernels call."""
loader: Callable[[str, int], Any] = _target.loader
"""Of a type and 1 or 4: what reads that many neighbours at an address."""
storer: Callable[[str, int], Any] = _target.storer
"""Of a type and 1 or 4: what writes a tuple of that many neighbours to an address."""
constants: Callable[[str, Any], Any] = _target.constants
"""Of a name and float32 values: what returns the value of an index."""
quotient: Any = _target.quotient
"""Whole quotient of numbers that are not negative, the second not 0."""
level: Any = _target.level
"""A float32 without its fraction, as int32."""
whole: Any = _target.whole
"""A float32 without its fraction, as int64."""
log2: Any = _target.log2
exp2: Any = _target.exp2
