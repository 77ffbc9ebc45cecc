"""Who converts on the GPU: luvcolor by both backends, and the others, on torch's tensors.

A peer is prepared for one input and returns the call to be timed. Peers that write into an array
of CuPy's get the tensor's memory itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import luvcolor_kernels as kernels
from benchmarks.common import Call, need
from benchmarks.gpu_inputs import AXES
from benchmarks.measuring import leave_out

Prepare = Callable[[Any, str, str], Call]
"""What to convert, the type of LUV, the layout."""

COMPILED_SIZE = "12 Mpixel"
"""torch.compile takes many seconds for each shape, so it is asked for one."""


def fused(function: Any) -> Any:
    """Return a function compiled by torch, which forgets all it compiled before.

    Left alone, torch gives up on functions that it compiled for eight shapes, and says little.
    """
    import torch

    need("triton")
    torch.compiler.reset()
    return torch.compile(function, dynamic=False)


def first_result(case: str, peer: str, call: Call) -> Any:
    """Return what a call returns; what torch cannot compile here is left out, with the reason."""
    try:
        return call()
    except Exception as error:
        if not peer.endswith("compiled"):
            raise
        words = str(error).strip().partition("\n")[0][:100]
        leave_out(case, peer, f"torch does not compile it here: {type(error).__name__}: {words}")


def luvcolor(function: str, backend: str, into: bool) -> Prepare:
    """luvcolor's own: a fresh result, or ``out=``."""

    def prepare(array: Any, dtype: str, layout: str) -> Call:
        run = getattr(kernels, function)
        options: dict[str, Any] = {"channel_axis": AXES[layout], "backend": backend}
        if function == "rgb_to_luv":
            options["dtype"] = dtype
        need("cupy" if backend == "cupy" else "numba_cuda")
        if into:
            options["out"] = run(array, **options)
        return lambda: run(array, **options)

    return prepare


def plain_torch(function: str, compiled: bool) -> Prepare:
    """The formulae in torch; compiled, torch fuses them."""

    def prepare(array: Any, dtype: str, layout: str) -> Call:
        import torch

        from benchmarks import torch_formulas

        run: Any = getattr(torch_formulas, function)
        run = fused(run) if compiled else run
        options = {"dtype": getattr(torch, dtype)} if function == "rgb_to_luv" else {}
        return lambda: run(array, axis=AXES[layout], **options)

    return prepare


def kornia(function: str, compiled: bool) -> Prepare:
    """kornia's, with the change of type and layout that its users need."""

    def prepare(array: Any, dtype: str, layout: str) -> Call:
        import torch

        color = need("kornia.color")

        def convert(array: Any) -> Any:
            planar = array if layout == "planar" else array.movedim(-1, -3)
            if function == "rgb_to_luv":
                result = color.rgb_to_luv(planar.float() / 255).to(getattr(torch, dtype))
            else:
                rgb = color.luv_to_rgb(planar.float())
                result = (rgb * 255).round().clamp(0, 255).to(torch.uint8)
            return result if layout == "planar" else result.movedim(-3, -1).contiguous()

        run: Any = fused(convert) if compiled else convert
        return lambda: run(array)

    return prepare


def elementwise(direction: tuple[str, str], launches: int) -> Prepare:
    """CuPy's elementwise kernels; LUV is float32."""

    def prepare(array: Any, dtype: str, layout: str) -> Call:
        import torch

        cupy = need("cupy")
        from benchmarks.gpu_elementwise import in_one, in_two

        out = torch.empty_like(array, dtype=torch.float32 if direction[0] == "rgb" else torch.uint8)
        given, made = (cupy.from_dlpack(tensor) for tensor in (array, out))
        run = in_one if launches == 1 else in_two

        def call() -> Any:
            run(direction, layout, given, made)
            return out

        return call

    return prepare


def _peers(function: str, direction: tuple[str, str]) -> dict[str, Prepare]:
    return {
        "luvcolor": luvcolor(function, "cupy", into=False),
        "luvcolor, out=": luvcolor(function, "cupy", into=True),
        "luvcolor, numba": luvcolor(function, "numba", into=False),
        "luvcolor, numba, out=": luvcolor(function, "numba", into=True),
        "CuPy elementwise, one kernel": elementwise(direction, 1),
        "CuPy elementwise, two kernels": elementwise(direction, 2),
        "torch": plain_torch(function, compiled=False),
        "torch, compiled": plain_torch(function, compiled=True),
        "kornia": kornia(function, compiled=False),
        "kornia, compiled": kornia(function, compiled=True),
    }


TO_LUV = _peers("rgb_to_luv", ("rgb", "luv"))
TO_RGB = _peers("luv_to_rgb", ("luv", "rgb"))


def why_not(peer: str, size: str, dtype: str, layout: str) -> str | None:
    """Return why a peer is not asked for a case; None where it is."""
    if peer.endswith("compiled") and (size, dtype) != (COMPILED_SIZE, "float32"):
        return "compiled for one size and float32 only"
    if peer == "kornia, compiled" and layout != "planar":
        return "compiled for planar pictures only"
    if peer.startswith("CuPy") and dtype != "float32":
        return "written for float32 only"
    if dtype != "float32" and not peer.endswith("out=") and size != "12 Mpixel":
        return "float16 is measured with out= only, but for 12 Mpixel"
    return None
