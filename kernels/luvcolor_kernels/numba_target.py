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
EXACT: dict[str, bool] = _target.EXACT
"""How kernels are compiled whose results are to be the CPU's, bit for bit."""
UNSUPPORTED: tuple[type[Exception], ...] = _target.UNSUPPORTED
"""What numba raises where its compiler and the driver do not fit together."""
launcher: Callable[[Any, tuple[int, int], tuple[int, int], int], Any] = _target.launcher
"""Of a kernel, a grid, a block and the address of a stream: what launches it there."""
device: Callable[[Callable[..., Any]], Any] = _target.device
"""Compiles what kernels call."""
exact: Callable[[Callable[..., Any]], Any] = _target.exact
"""Compiles what exact kernels call. Sums of products are fused: see ``product``."""
loader: Callable[[str, int], Any] = _target.loader
"""Of a type and 1 or 4: what reads that many neighbours at an address."""
storer: Callable[[str, int], Any] = _target.storer
"""Of a type and 1 or 4: what writes a tuple of that many neighbours to an address."""
adder: Callable[[str], Any] = _target.adder
"""Of int32 or int64: what adds to a number at an address, all threads at once."""
ALIGNMENT: int | None = _target.ALIGNMENT
"""Of an array of floats in shared memory of which four are read at once, in bytes."""
neighbors: Callable[[int], Any] = _target.neighbors
"""Of a number: what reads that many floats of such an array, from a multiple of it on: a tuple."""
add_shared: Any = _target.add_shared
"""Adds to a number of an array in shared memory, all threads at once; returns what it was."""
barrier: Any = _target.barrier
"""Where threads of a block wait for one another, for what cannot say ``cuda.syncthreads``."""
mapped: Callable[[Any], Any] = _target.mapped
"""Of a function: what makes a tuple of f(item, ..., common), of the items of tuples."""
folded: Callable[[Any], Any] = _target.folded
"""Of a function: what goes from a state to the next by f(state, item, ..., common)."""
constants: Callable[[str, Any], Any] = _target.constants
"""Of a name and float32 values: what returns the value of an index."""
quotient: Any = _target.quotient
"""Whole quotient of numbers that are not negative, the second not 0."""
level: Any = _target.level
"""A float32 without its fraction, as int32."""
whole: Any = _target.whole
"""A float32 without its fraction, as int64."""
product: Any = _target.product
"""Of two float32, or two float64: rounded once, whatever it is added to."""
rounded: Any = _target.rounded
"""A float32 to the nearest whole number, of two the even one."""
bits_of: Any = _target.bits_of
"""The bits of a float32, as int32."""
float_of: Any = _target.float_of
"""The float32 of some bits."""
log2: Any = _target.log2
exp2: Any = _target.exp2
