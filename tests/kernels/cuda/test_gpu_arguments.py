"""What the GPU kernels refuse, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from luvcolor_kernels import gpu
from luvcolor_kernels.gpu import Kernels
from tests.kernels.cuda.emulation import NUMPY, EmulatedEngine, emulated
from tests.kernels.cuda.memory import NumpyLibrary

pytestmark = pytest.mark.proof

Array = npt.NDArray[Any]

RGB = np.zeros((4, 5, 3), np.uint8)
LUV = np.zeros((4, 5, 3), np.float32)
L, UV = np.zeros((4, 5), np.float32), np.zeros((2, 2, 3), np.float32)


def kernels() -> Kernels:
    return emulated()[0]


def forward(rgb: Array = RGB, dtype: Any = "float32", axis: Any = -1, out: Any = None) -> Any:
    return kernels().rgb_to_luv(rgb, dtype=dtype, channel_axis=axis, out=out)


def backward(luv: Array = LUV, dtype: Any = "uint8", axis: Any = -1, out: Any = None) -> Any:
    return kernels().luv_to_rgb(luv, dtype=dtype, channel_axis=axis, out=out)


def light(pixels: Array = RGB, axis: Any = -1, out: Any = None) -> Any:
    return kernels().luminance(pixels, channel_axis=axis, out=out)


def shrink(pixels: Array = RGB, size: Any = (2, 2), **named: Any) -> Any:
    options: dict[str, Any] = {"channel_axis": -1, "mean": 0.0, "std": 100.0, "dtype": "float32"}
    return kernels().luma_to_input(pixels, size, **{**options, "out": None, **named})


def merge(L: Array = L, uv: Array = UV, **named: Any) -> Any:
    options: dict[str, Any] = {"slope": None, "dtype": "uint8", "channel_axis": -1, "out": None}
    return kernels().merge_chroma(L, uv, **{**options, **named})


def color(L: Array = L, uv: Array = UV, **named: Any) -> Any:
    options: dict[str, Any] = {"guide": None, "radius": 2, "noise": 4.0, "steepest": 1.0}
    options |= {"dtype": "uint8", "channel_axis": -1, "out": None}
    return kernels().chroma_to_rgb(L, uv, **{**options, **named})


def shifted() -> tuple[Array, Array]:
    """Two arrays of which one starts a pixel later in the same memory."""
    memory = np.zeros(63, np.float32)
    return memory[:60].reshape(4, 5, 3), memory[3:].reshape(4, 5, 3)


TYPES: dict[str, tuple[Callable[[], Any], str]] = {
    "colors": (lambda: forward(RGB.astype(np.int32)), "rgb must be one of uint8, .* not int32"),
    "LUV": (lambda: backward(RGB), "luv must be one of float16, float32, not uint8"),
    "float64": (lambda: backward(LUV.astype(float)), "not float64; convert it first"),
    "gray": (lambda: light(RGB.astype(np.int8)), "rgb_or_gray must be one of"),
    "a result of LUV": (lambda: forward(dtype="uint8"), "dtype must be one of float16, float32"),
    "a result of RGB": (lambda: backward(dtype="int16"), "dtype must be one of uint8, uint16"),
    "no type": (lambda: backward(dtype="colour"), "dtype must be one of .* not colour"),
    "input": (lambda: shrink(dtype="uint8"), "dtype must be one of float16, bfloat16, float32"),
    "out": (lambda: forward(out=RGB.copy()), "out must be one of float32, not uint8"),
    "axis": (lambda: forward(axis=1.5), "channel_axis must be an integer, not 1.5"),
    "lightness": (lambda: merge(L.astype(np.int64)), "L must be one of"),
    "chroma": (lambda: merge(uv=UV.astype(np.uint8)), "uv must be one of"),
    "slope": (lambda: merge(slope=UV.astype(float)), "slope must be one of"),
    "guide": (lambda: color(guide=np.zeros((2, 3), np.uint8)), "guide must be one of"),
}

VALUES: dict[str, tuple[Callable[[], Any], str]] = {
    "axis": (lambda: forward(axis=3), "channel_axis=3 is out of range"),
    "channels": (lambda: forward(RGB[..., :2]), "rgb must have 3 channels along axis -1"),
    "gray channels": (lambda: light(np.zeros((2, 4, 5), np.uint8)), "or channel_axis=None"),
    "out": (lambda: forward(out=LUV[:2].copy()), r"out must be of shape \(4, 5, 3\)"),
    "strides": (
        lambda: forward(np.zeros((4, 6, 6, 3), np.uint8)[::2, ::2, ::2]),
        "contiguous copy",
    ),
    "strides of out": (
        lambda: forward(
            np.zeros((2, 3, 3, 3), np.uint8), out=np.zeros((4, 6, 6, 3), np.float32)[::2, ::2, ::2]
        ),
        "out of shape .* has strides .* that no kernel reads",
    ),
    "mean": (lambda: shrink(mean=float("nan")), "mean and std must be finite"),
    "std": (lambda: shrink(std=0.0), "std not 0"),
    "size": (lambda: shrink(size=(0, 3)), "size must be"),
    "size of three": (lambda: shrink(size=(1, 2, 3)), "size must be"),
    "size of a float": (lambda: shrink(size=(1.5, 2)), "size must be"),
    "no pixels": (lambda: shrink(RGB[:0]), "expected pictures with pixels"),
    "too many axes": (lambda: shrink(np.zeros((1, 2, 4, 5, 3), np.uint8)), "a batch of pictures"),
    "out in pieces": (
        lambda: shrink(out=np.zeros((1, 1, 2, 4), np.float32)[..., ::2]),
        "out must be contiguous",
    ),
    "lightness": (lambda: merge(np.zeros(5, np.float32)), r"L must be of shape \(H, W\)"),
    "chroma": (lambda: merge(uv=UV[:1]), r"uv must be of shape \(2, h, w\)"),
    "no chroma": (lambda: merge(uv=UV[:, :0]), "h and w at least 1"),
    "chroma of a batch": (lambda: merge(L[None]), r"uv must be of shape \(1, 2, h, w\)"),
    "chroma in pieces": (lambda: merge(uv=UV[..., ::2]), "uv must be contiguous"),
    "slope": (lambda: merge(slope=UV[:, :1].copy()), "slope must be of uv's shape"),
    "slope of another type": (lambda: merge(slope=UV.astype(np.float16)), "float16"),
    "merged axis": (lambda: merge(channel_axis=0), "channel_axis must be -1 .* or -3"),
    "merged out": (lambda: merge(out=RGB[:2].copy()), "out must be of shape"),
    "radius": (lambda: color(radius=17), "radius must be a whole number of 0 to 16"),
    "radius of a float": (lambda: color(radius=1.5), "radius must be a whole number"),
    "noise": (lambda: color(noise=0.0), "noise must be a number above 0"),
    "steepest": (lambda: color(steepest=-1.0), "steepest must be a number of at least 0"),
    "guide": (lambda: color(guide=L), "guide must be of shape .*, the size of uv"),
    "guide in pieces": (lambda: color(guide=np.zeros((2, 6), np.float32)[:, ::2]), "contiguous"),
}


@pytest.mark.parametrize("name", TYPES)
def test_wrong_types_are_refused(name: str) -> None:
    call, message = TYPES[name]
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize("name", VALUES)
def test_wrong_values_are_refused(name: str) -> None:
    call, message = VALUES[name]
    with pytest.raises(ValueError, match=message):
        call()


def test_a_result_must_not_overlap_the_input_in_part() -> None:
    source, out = shifted()
    with pytest.raises(ValueError, match="this one overlaps"):
        forward(source, out=out)


def test_nothing_overlaps_nothing() -> None:
    memory = np.zeros((2, 3), np.float32)
    assert forward(memory[1:1], out=memory[:0]).shape == (0, 3)


def test_arrays_of_two_libraries_are_refused() -> None:
    class Other(NumpyLibrary):
        name = "other"

    other = Other()
    mixed = Kernels(EmulatedEngine(), lambda array: other if array.ndim == 3 else NUMPY)
    with pytest.raises(TypeError, match="uv must be of the library of the first argument, numpy"):
        mixed.merge_chroma(L, UV, slope=None, dtype="uint8", channel_axis=-1, out=None)


def test_results_go_where_they_are_told() -> None:
    outs = [np.zeros((4, 5, 3), np.float32), np.zeros((4, 5), np.float32)]
    assert forward(out=outs[0]) is outs[0]
    assert light(out=outs[1]) is outs[1]
    colors, small = np.ones((4, 5, 3), np.uint8), np.ones((1, 1, 2, 2), np.float32)
    assert merge(out=colors) is colors
    assert color(out=colors) is colors
    assert shrink(out=small) is small


def test_more_rows_than_a_grid_has_are_walked() -> None:
    assert gpu.MOST_ROWS == 65535
    rgb = np.random.default_rng(0).integers(0, 256, (70000, 2, 3, 1), dtype=np.uint8)[:, :1]
    kernels_, engine = emulated(most_blocks=1 << 20, checked=False)
    luv = kernels_.rgb_to_luv(rgb, dtype="float32", channel_axis=-2, out=None)
    assert engine.launches[0][2][1] <= 65535
    assert np.isfinite(luv).all()
