"""More than 2**31 elements: where an index of 32 bits would wrap around."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from tests.gpu.libraries import give

pytestmark = pytest.mark.gpu

HEIGHT, WIDTH = 30_000, 24_000
"""2.16e9 elements of three channels; one row is repeated."""
GIBIBYTES = 20
STRIP = 1000


@pytest.fixture(autouse=True)
def room() -> None:
    """Skip where the GPU's memory is too small."""
    torch: Any = import_module("torch")
    torch.cuda.empty_cache()
    free = torch.cuda.mem_get_info()[0] / 2**30
    if free < GIBIBYTES:
        pytest.skip(f"needs {GIBIBYTES} GiB of GPU memory, {free:.0f} are free")


def row(*shape: int) -> Any:
    """One row of pixels, on the GPU."""
    return give("torch", np.random.default_rng(3).integers(0, 256, (1, *shape), np.uint8))


def assert_all_rows_are(array: Any, expected: Any) -> None:
    """Compare strip by strip, to stay within memory."""
    for top in range(0, array.shape[0], STRIP):
        strip = array[top : top + STRIP]
        assert bool((strip == expected).all()), f"rows {top} to {top + STRIP} differ"


def test_conversion(backend: str) -> None:
    one = row(WIDTH, 3)
    rgb = one.repeat(HEIGHT, 1, 1)
    assert rgb.numel() > 2**31
    luv = kernels.rgb_to_luv(rgb, backend=backend)
    assert_all_rows_are(luv, kernels.rgb_to_luv(one, backend=backend))
    del rgb
    assert_all_rows_are(kernels.luv_to_rgb(luv, backend=backend), one)


def test_planes(backend: str) -> None:
    one = row(WIDTH, 3)
    rgb = one.permute(2, 0, 1).repeat(1, HEIGHT, 1)
    options: Any = {"channel_axis": -3, "dtype": "float16", "backend": backend}
    luv = kernels.rgb_to_luv(rgb, **options)
    del rgb
    expected = kernels.rgb_to_luv(one.permute(2, 0, 1).contiguous(), **options)
    for channel in range(3):
        assert_all_rows_are(luv[channel], expected[channel])


def test_lightness_and_back(backend: str) -> None:
    one = row(WIDTH)
    gray = one.repeat(HEIGHT, 1)
    chroma = give("torch", np.zeros((2, 4, 4), np.float32))
    merged: Any = kernels.merge_chroma(gray, chroma, backend=backend)
    assert merged.numel() > 2**31
    assert_all_rows_are(merged, one[..., None])
    light = kernels.luminance(merged, backend=backend)
    assert_all_rows_are(light, kernels.luminance(one[..., None].repeat(1, 1, 3), backend=backend))
    small = kernels.luma_to_input(merged, (3, 1), backend=backend)
    assert float(small.max() - small.min()) < 1e-5
