"""Streams, memory and repetition: what a kernel does beside computing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from luvcolor_kernels import reference
from tests.gpu.calls import CALLS, MADE_BESIDE, inputs
from tests.gpu.libraries import give, need, take

pytestmark = pytest.mark.gpu

WHILE = 400_000_000
"""Cycles, some 0.2 s: longer than any launch from Python takes, the first ones apart."""
RGB = np.random.default_rng(2).integers(0, 256, (128, 192, 3), np.uint8)
GRANULE = 512
"""torch rounds what it allocates up to multiples of this."""


def torch_() -> Any:
    """Return torch, untyped: parts of it have no types."""
    return import_module("torch")


@pytest.mark.parametrize("name", CALLS)
def test_the_same_call_twice_gives_the_same_bits(backend: str, name: str) -> None:
    arrays = inputs()
    first = take(CALLS[name](arrays, backend=backend))
    for _ in range(3):
        np.testing.assert_array_equal(take(CALLS[name](arrays, backend=backend)), first)


@pytest.mark.parametrize("name", CALLS)
def test_nothing_but_the_result_is_allocated(backend: str, name: str) -> None:
    cuda, arrays = torch_().cuda, inputs()
    out = CALLS[name](arrays, backend=backend)
    size = out.numel() * out.element_size()
    del out
    cuda.synchronize()
    cuda.reset_peak_memory_stats()
    before = cuda.memory_allocated()
    out = CALLS[name](arrays, backend=backend)
    beside = MADE_BESIDE.get(name, 0)
    pieces = 5 if beside else 1
    assert cuda.max_memory_allocated() - before < size + beside + pieces * GRANULE
    before = cuda.memory_allocated()
    if not beside:
        cuda.reset_peak_memory_stats()
        assert CALLS[name](arrays, backend=backend, out=out) is out
        assert cuda.max_memory_allocated() == before


@pytest.mark.parametrize("name", CALLS)
def test_a_call_returns_while_the_gpu_is_busy(backend: str, name: str) -> None:
    torch, arrays = torch_(), inputs()
    stream, passed = torch.cuda.Stream(), torch.cuda.Event()
    torch.cuda.synchronize()
    with torch.cuda.stream(stream):
        expected = take(CALLS[name](arrays, backend=backend))  # compiles, and fills torch's pool
        torch.cuda._sleep(WHILE)
        passed.record()
        found = CALLS[name](arrays, backend=backend)
        busy = not passed.query()
    stream.synchronize()
    assert busy, "the call waited for the GPU"
    np.testing.assert_array_equal(take(found), expected)


@pytest.mark.filterwarnings("ignore:Synchronization debug mode:UserWarning")
@pytest.mark.parametrize("name", CALLS)
def test_torch_sees_no_synchronization(backend: str, name: str) -> None:
    cuda, arrays = torch_().cuda, inputs()
    CALLS[name](arrays, backend=backend)
    cuda.set_sync_debug_mode("error")
    try:
        CALLS[name](arrays, backend=backend)
    finally:
        cuda.set_sync_debug_mode("default")


def test_the_order_on_a_side_stream_of_torch(backend: str) -> None:
    torch = torch_()
    picture, late = give("torch", RGB), give("torch", np.zeros_like(RGB))
    expected = take(kernels.rgb_to_luv(picture, backend=backend) * 2) / 2  # loads both kernels
    stream = torch.cuda.Stream()
    torch.cuda.synchronize()
    with torch.cuda.stream(stream):
        torch.cuda._sleep(WHILE)
        late.copy_(picture)  # before: a kernel that did not wait for this would see black
        luv = kernels.rgb_to_luv(late, backend=backend)
        doubled = luv * 2  # behind: torch sees what the kernel wrote
        late.zero_()
    stream.synchronize()
    np.testing.assert_array_equal(take(luv), expected)
    np.testing.assert_array_equal(take(doubled), 2 * expected)


def test_temporaries_of_a_call_outlive_it(backend: str) -> None:
    """What chroma_to_rgb drops may be given out anew, but not before its kernels have run."""
    torch, arrays = torch_(), inputs()

    def spoil() -> None:
        for _ in range(20):  # of the size of the temporaries
            torch.full((2, 8, 16), 1e30, device="cuda")

    stream = torch.cuda.Stream()
    torch.cuda.synchronize()
    with torch.cuda.stream(stream):
        expected = take(CALLS["chroma_to_rgb"](arrays, backend=backend))
        spoil()  # loads torch's kernel, which may wait for others
        torch.cuda._sleep(WHILE)
        found = CALLS["chroma_to_rgb"](arrays, backend=backend)
        spoil()
    stream.synchronize()
    np.testing.assert_array_equal(take(found), expected)


def test_the_order_on_a_stream_of_cupy(backend: str) -> None:
    need("cupy", backend)
    torch, cupy = torch_(), import_module("cupy")
    picture, late = give("cupy", RGB), give("cupy", np.zeros_like(RGB))
    expected = reference.rgb_to_luv(RGB)
    kernels.rgb_to_luv(picture, backend=backend) * 2  # compiles both kernels
    late.fill(0)
    stream = cupy.cuda.Stream(non_blocking=True)
    cupy.cuda.Device().synchronize()
    with stream:
        with torch.cuda.stream(torch.cuda.ExternalStream(stream.ptr)):
            torch.cuda._sleep(WHILE)
        cupy.copyto(late, picture)
        luv = kernels.rgb_to_luv(late, backend=backend)
        doubled = luv * 2
        late.fill(0)
    stream.synchronize()
    assert np.abs(take(luv) - expected).max() <= 5e-4
    assert np.abs(take(doubled) - 2 * expected).max() <= 1e-3


def test_a_stream_in_use_stays_in_use(backend: str) -> None:
    need("cupy", backend)
    cupy: Any = import_module("cupy")
    picture = give("cupy", RGB)
    cupy.cuda.Device().synchronize()
    stream = cupy.cuda.Stream(non_blocking=True).use()
    try:
        luv = kernels.rgb_to_luv(picture, backend=backend)
        assert cupy.cuda.get_current_stream() is stream
    finally:
        cupy.cuda.Stream.null.use()
    stream.synchronize()
    assert np.abs(take(luv) - reference.rgb_to_luv(RGB)).max() <= 5e-4
