"""Compiles numba's kernels to PTX where there is no GPU.

As a program: ``python -m tests.kernels.numba.compilation 9 0`` prints a table of PTX by variant for
that compute capability. What kernels call is compiled for one capability a process.
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from unittest.mock import patch

from numba import cuda
from numba.cuda import dispatcher

from luvcolor_kernels.gpu import Variant
from luvcolor_kernels.numba_cuda import MAKERS, options, signature
from tests.kernels.numba.variants import VARIANTS, name_of


def ptx_of(kernel: str, variant: Variant, capability: tuple[int, int]) -> str:
    """Compile a kernel for a compute capability."""
    function = MAKERS[kernel](**variant)
    text: str
    text, _ = cuda.compile(
        function,
        signature(function),
        device=False,
        abi="numba",
        cc=capability,
        fastmath=options(kernel)["fastmath"],
    )
    return text


def main() -> None:
    """Print the table."""
    capability = int(sys.argv[1]), int(sys.argv[2])
    wanted = sys.argv[3:]
    device = SimpleNamespace(compute_capability=capability)
    with patch.object(dispatcher, "get_current_device", lambda: device):
        table = {
            name_of(kernel, variant): ptx_of(kernel, variant, capability)
            for kernel, variant in VARIANTS
            if not wanted or kernel in wanted
        }
    json.dump(table, sys.stdout)


if __name__ == "__main__":
    main()
