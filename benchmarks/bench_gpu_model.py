"""What surrounds a model, on a GPU: lightness, what the model sees, and the chroma it answers with.

Skipped without a GPU. The chroma is that of the picture at a model's size, times 1.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest

import luvcolor_kernels as kernels
from benchmarks.common import SIZES, Call, lattice, need, seen_size, small_chroma
from benchmarks.gpu_inputs import (
    GPU_SIZES,
    moved_by_input,
    moved_by_luminance,
    moved_by_merging,
    need_gpu,
    picture_on_gpu,
    pixels_of,
    to_gpu,
)
from benchmarks.gpu_peers import COMPILED_SIZE, first_result, fused
from benchmarks.gpu_timing import TIMER, measure
from benchmarks.measuring import largest_error, prepared
from luvcolor_kernels import reference

pytestmark = pytest.mark.benchmark(timer=TIMER)

BACKENDS = {"luvcolor": "cupy", "luvcolor, numba": "numba"}
PEERS = [*BACKENDS, "luvcolor, out=", "luvcolor, numba, out=", "torch", "torch, compiled"]


@pytest.fixture(autouse=True)
def gpu() -> Iterator[None]:
    """Need a GPU, and leave no memory behind."""
    need_gpu()
    import torch

    yield
    torch.cuda.empty_cache()


@lru_cache(1)
def light_and_chroma(size: str) -> tuple[Any, Any, Any]:
    """Return L of the photograph on the GPU, small chroma, and L of that size."""
    rgb: Any = picture_on_gpu(size, "interleaved")
    luv: Any = kernels.rgb_to_luv(rgb)
    uv = to_gpu(small_chroma(luv.cpu().numpy()))
    guides: Any = kernels.luma_to_input(rgb, tuple(uv.shape[-2:]), std=1.0)
    return luv[..., 0].contiguous(), uv, guides


def choose(peer: str, size: str, case: str, ours: Callable[..., Any], torchs: Any) -> Call:
    """Return the call of a peer: luvcolor's by one of its backends, or torch's."""
    if not peer.startswith("luvcolor"):
        if not peer.endswith("compiled"):
            return lambda: torchs()
        if size != COMPILED_SIZE or "bfloat16" in case:
            pytest.skip("compiled for one size and float32 only")
        prepared(case, peer, lambda: need("triton"))
        compiled = fused(torchs)
        first_result(case, peer, compiled)
        return lambda: compiled()
    options: dict[str, Any] = {"backend": BACKENDS[peer.removesuffix(", out=")]}
    prepared(case, peer, lambda: need("cupy" if options["backend"] == "cupy" else "numba_cuda"))
    if peer.endswith("out="):
        options["out"] = ours(**options)
    return lambda: ours(**options)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("size", GPU_SIZES)
def bench_luminance(benchmark: Any, size: str, peer: str) -> None:
    from benchmarks import torch_formulas

    case, grid = f"uint8 to L, {size}", lattice()[None]

    def call_for(rgb: Any) -> Call:
        return choose(
            peer, size, case,
            lambda **options: kernels.luminance(rgb, **options),
            lambda: torch_formulas.luminance(rgb, axis=-1),
        )  # fmt: skip

    error = largest_error(call_for(to_gpu(grid))().cpu().numpy(), reference.luminance(grid))
    call, pixels = call_for(picture_on_gpu(size, "interleaved")), pixels_of(size)
    measure(benchmark, call, case, peer, pixels, moved_by_luminance(pixels), max_error=error)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("size", GPU_SIZES)
def bench_luma_to_input(benchmark: Any, size: str, dtype: str, peer: str) -> None:
    import torch

    from benchmarks import torch_formulas

    seen, grid = seen_size(SIZES[size]), lattice()[None]
    case = f"uint8 to what a model sees ({seen[0]} x {seen[1]}, {dtype}), {size}"
    kind = getattr(torch, dtype)

    def call_for(rgb: Any, seen: tuple[int, int]) -> Call:
        return choose(
            peer, size, case,
            lambda **options: kernels.luma_to_input(rgb, seen, dtype=dtype, **options),
            lambda: torch_formulas.luma_to_input(rgb, seen, axis=-1).to(kind),
        )  # fmt: skip

    found = call_for(to_gpu(grid), (224, 224))().float().cpu().numpy()
    error = 100 * largest_error(found, reference.luma_to_input(grid, (224, 224)))
    call, pixels = call_for(picture_on_gpu(size, "interleaved"), seen), pixels_of(size)
    measure(benchmark, call, case, peer, pixels, moved_by_input(size, dtype), max_error=error)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("follow", ["", ", edges followed"])
@pytest.mark.parametrize("size", GPU_SIZES)
def bench_merging(benchmark: Any, size: str, follow: str, peer: str) -> None:
    from benchmarks import torch_formulas

    case = f"L and small chroma to uint8{follow}, {size}"
    light, uv, guides = light_and_chroma(size)

    def ours(**options: Any) -> Any:
        if follow:
            return kernels.chroma_to_rgb(light, uv, guide=guides, **options)
        return kernels.merge_chroma(light, uv, **options)

    def torchs() -> Any:
        if follow:
            return torch_formulas.chroma_to_rgb(light, uv, guides)
        return torch_formulas.merge_chroma(light, uv)

    call = choose(peer, size, case, ours, torchs)
    made = call()
    lights: Any = kernels.luminance(made, channel_axis=-1 if made.shape[-1] == 3 else -3)
    note = f"L off by up to {float((lights - light).abs().max()):.2f}"
    moved = moved_by_merging(light.numel(), uv.numel() * (2 if follow else 1))
    measure(benchmark, call, case, peer, light.numel(), moved, note=note)
