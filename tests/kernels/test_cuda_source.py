"""The text that a CUDA kernel is compiled from."""

from __future__ import annotations

import re

import pytest

from luvcolor_kernels import cuda_source
from luvcolor_kernels.gpu import Kernels

KERNELS = (
    "assign",
    "bound_points",
    "clear",
    "count_colors",
    "count_present",
    "find_drawn",
    "gather",
    "list_present",
    "local_slope",
    "luma_to_input",
    "luminance",
    "luv_to_rgb",
    "measure_gaps",
    "merge_chroma",
    "nearest",
    "place_colors",
    "place_pixels",
    "place_points",
    "rgb_to_luv",
    "smooth_slope",
    "soft_assign",
    "square_sum",
    "sum_weights",
)


def test_the_sources_come_with_the_package() -> None:
    assert cuda_source.KERNELS == KERNELS


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_source_is_whole(kernel: str) -> None:
    text = cuda_source.source(kernel, {"IN": "uint8", "CHANNELS": 3})
    assert text.startswith("#define CHANNELS 3\n#define IN uint8\n")
    assert "#include" not in text
    assert text.count("constexpr float EPSILON = ") == text.count("DEVICE float decode(") <= 1
    assert re.search(rf"KERNEL void __launch_bounds__\(256\)\n{kernel}\(", text)


def test_no_constant_of_the_formulae_is_typed_in_the_sources() -> None:
    """They come from pixel.py: what is left are counts, zeros, ones and the levels of a type."""
    plain = {"0.0f", "1.0f", "2.0f", "255.0f", "65535.0f"}
    for path in sorted(cuda_source.FOLDER.glob("*.cu*")):
        numbers = set(re.findall(r"\b\d+\.\d*f?\b", re.sub(r"//.*", "", path.read_text())))
        assert numbers <= plain, path.name


def test_every_kernel_of_the_gpu_backends_is_public() -> None:
    import luvcolor_kernels

    public = [name for name in vars(Kernels) if not name.startswith("_")]
    assert public
    assert set(public) <= set(luvcolor_kernels.__all__)
