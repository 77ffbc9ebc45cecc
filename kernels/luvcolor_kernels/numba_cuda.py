"""The numba backend: kernels in Python, compiled for a device when first run there.

numba keeps no such machine code on disk: every process compiles anew what it uses, which takes
about half a second for each variant of a kernel, and longer for points of many dimensions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from numba import cuda
from numba.cuda import types

from luvcolor_kernels import (
    numba_assign,
    numba_clouds,
    numba_guide,
    numba_histogram,
    numba_input,
    numba_labels,
    numba_luv,
    numba_merge,
    numba_soft,
)
from luvcolor_kernels.backends import BackendError
from luvcolor_kernels.gpu import (
    BLOCKS_PER_MULTIPROCESSOR,
    Argument,
    Kernels,
    Variant,
    clustering,
)
from luvcolor_kernels.libraries import Place
from luvcolor_kernels.numba_target import EXACT, OPTIONS, UNSUPPORTED, launcher
from luvcolor_kernels.views import View

Makers = dict[str, Callable[..., Callable[..., None]]]
CLUSTERING: Final[Makers] = {
    "assign": numba_assign.assign,
    "bound_points": numba_clouds.bound_points,
    "clear": numba_histogram.clear,
    "count_colors": numba_histogram.count_colors,
    "count_present": numba_histogram.count_present,
    "find_drawn": numba_clouds.find_drawn,
    "gather": numba_clouds.gather,
    "list_present": numba_histogram.list_present,
    "measure_gaps": numba_labels.measure_gaps,
    "nearest": numba_labels.nearest,
    "place_colors": numba_clouds.place_colors,
    "place_pixels": numba_clouds.place_pixels,
    "place_points": numba_clouds.place_points,
    "soft_assign": numba_soft.soft_assign,
    "square_sum": numba_clouds.square_sum,
    "sum_weights": numba_clouds.sum_weights,
}
"""What makes a kernel of clustering, of exact arithmetic: see gpu_launches.py."""
MAKERS: Final[Makers] = {
    **CLUSTERING,
    "local_slope": numba_guide.local_slope,
    "luma_to_input": numba_input.luma_to_input,
    "luminance": numba_luv.luminance,
    "luv_to_rgb": numba_luv.luv_to_rgb,
    "merge_chroma": numba_merge.merge_chroma,
    "rgb_to_luv": numba_luv.rgb_to_luv,
    "smooth_slope": numba_guide.smooth_slope,
}
"""What makes a kernel for a variant, by name."""


class NumbaEngine:
    """Compiles and launches with numba-cuda.

    Arrays are passed by address: making numba's own arrays of them would take longer than most
    kernels.
    """

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
        _check_driver()
        values = [a.address if isinstance(a, View) else a for a in arguments]
        with cuda.gpus[place.device]:
            function = compiled(kernel, tuple(sorted(variant.items())), place.device)
            launcher(function, grid, block, place.stream)(*values)


@cache
def compiled(kernel: str, variant: tuple[tuple[str, str | int], ...], device: int) -> Any:
    """Return a kernel for a device, which must be the current one; the first call compiles it."""
    function = MAKERS[kernel](**dict(variant))
    try:
        return cuda.jit(signature(function), **options(kernel))(function)
    except UNSUPPORTED as error:
        raise BackendError(
            f"backend 'numba' cannot compile for this GPU: {error}; install luvcolor[cuda12] or "
            "luvcolor[cuda13], whichever its driver takes, or use backend='cupy'"
        ) from error


def options(kernel: str) -> dict[str, bool]:
    """Return how a kernel is compiled."""
    return EXACT if kernel in CLUSTERING else OPTIONS


def signature(function: Callable[..., None]) -> Any:
    """Return the types of a kernel's arguments: addresses and numbers."""
    kinds = [kind for name, kind in function.__annotations__.items() if name != "return"]
    return types.void(*(types.float32 if kind == "float" else types.int64 for kind in kinds))


@cache
def _multiprocessors(device: int) -> int:
    _check_driver()
    count: int = cuda.gpus[device].MULTIPROCESSOR_COUNT
    return count


@cache
def _check_driver() -> None:
    """Raise BackendError if numba cannot use the GPU; ask once only if it can."""
    try:
        if cuda.is_available():
            return
        reason = cuda.cuda_error() or "libNVVM cannot be found."
    except RuntimeError as error:  # of cuda.pathfinder, which looks for libNVVM
        reason = f"libNVVM cannot be found. {error}."
    raise BackendError(
        f"backend 'numba' cannot run here: {' '.join(reason.split())} It needs an NVIDIA GPU with "
        "its driver, and luvcolor[cuda12] or luvcolor[cuda13]; or pass NumPy arrays to run on the "
        "CPU"
    )


def problem() -> str | None:
    """Return why no kernel can run here, or None."""
    try:
        _check_driver()
    except BackendError as error:
        return str(error)
    return None


_kernels = Kernels(NumbaEngine())
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
