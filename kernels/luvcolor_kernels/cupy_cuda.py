"""The CuPy backend: CUDA C++ kernels, compiled for a device when first run there.

CuPy keeps what it compiled on disk (``CUPY_CACHE_DIR``), so that happens once on a machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import cupy
import numpy as np

from luvcolor_kernels.backends import BackendError
from luvcolor_kernels.cuda_source import source
from luvcolor_kernels.gpu import (
    BLOCKS_PER_MULTIPROCESSOR,
    Argument,
    Kernels,
    Variant,
    clustering,
)
from luvcolor_kernels.libraries import Place
from luvcolor_kernels.views import View

OPTIONS = ("--std=c++17",)


class CupyEngine:
    """Compiles with NVRTC, launches with the driver."""

    def blocks(self, place: Place) -> int:
        """See Engine."""
        return BLOCKS_PER_MULTIPROCESSOR * _multiprocessors(place.device)

    def run(
        self,
        kernel: str,
        variant: Variant,
        grid: tuple[int, int],
        block: tuple[int, int],
        arguments: Sequence[Argument],
        place: Place,
    ) -> None:
        """See Engine."""
        # The stream is handed over, not made current: CuPy would forget one that was by use().
        with cupy.cuda.Device(place.device):
            function = compiled(kernel, tuple(sorted(variant.items())), place.device)
            function(grid, block, tuple(map(_argument, arguments)), stream=_stream(place))


@cache
def compiled(kernel: str, variant: tuple[tuple[str, str | int], ...], device: int) -> Any:
    """Return a kernel for a device, which must be the current one; the first call compiles it.

    Raises
    ------
    BackendError
        If CuPy finds no compiler, or one that does not fit the driver.
    """
    raw = cupy.RawKernel(source(kernel, dict(variant)), kernel, options=OPTIONS)
    try:
        return raw.kernel
    except (RuntimeError, ImportError, OSError) as error:
        raise BackendError(
            f"CuPy could not compile {kernel}: {error}; install the CuPy that fits the driver "
            "(luvcolor[cuda12] or luvcolor[cuda13]), or pass NumPy arrays to run on the CPU"
        ) from error


def _argument(argument: Argument) -> Any:
    return np.uint64(argument.address) if isinstance(argument, View) else argument


def problem() -> str | None:
    """Return why no kernel can run here, or None."""
    try:
        cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"no CUDA device: {error}"
    return None


@lru_cache(maxsize=64)
def _stream(place: Place) -> Any:
    return cupy.cuda.Stream.from_external(place)


@cache
def _multiprocessors(device: int) -> int:
    count: int = cupy.cuda.Device(device).attributes["MultiProcessorCount"]
    return count


_kernels = Kernels(CupyEngine())
rgb_to_luv = _kernels.rgb_to_luv
luv_to_rgb = _kernels.luv_to_rgb
luminance = _kernels.luminance
luma_to_input = _kernels.luma_to_input
merge_chroma = _kernels.merge_chroma
chroma_to_rgb = _kernels.chroma_to_rgb
histogram = clustering("histogram", _kernels.engine)
kmeans = clustering("kmeans", _kernels.engine)
nearest = clustering("nearest", _kernels.engine)
soft_assign = clustering("soft_assign", _kernels.engine)
