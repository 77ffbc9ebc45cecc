"""What comes before a model: lightness, and lightness at the size that the model sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from benchmarks.bench_luv import scaled, tall, to_planes
from benchmarks.common import SIZES, Array, lattice, need, photograph, seen_size
from benchmarks.measuring import guard, largest_error, measure, prepared
from luvcolor_kernels import reference

HEAVY = {"scikit-image": 105, "torch, table": 60}


def light_ours_out(rgb: Array) -> Any:
    out = np.empty(rgb.shape[:-1], np.float32)
    return lambda rgb: kernels.luminance(rgb, out=out)


def light_opencv(_: Array) -> Any:
    cv2 = need("cv2")
    return lambda rgb: cv2.extractChannel(cv2.cvtColor(scaled(tall(rgb)), cv2.COLOR_RGB2Lab), 0)


def light_opencv_uint8(_: Array) -> Any:
    cv2 = need("cv2")
    return lambda rgb: cv2.extractChannel(cv2.cvtColor(tall(rgb), cv2.COLOR_RGB2Lab), 0)


def light_skimage(_: Array) -> Any:
    color = need("skimage.color")
    return lambda rgb: color.rgb2lab(rgb)[..., 0]


def light_torch(_: Array) -> Any:
    need("torch")
    from benchmarks.torch_formulas import luminance

    return lambda rgb: luminance(to_planes(rgb))


LIGHT: dict[str, Callable[[Array], Any]] = {
    "luvcolor": lambda _: kernels.luminance,
    "luvcolor, out=": light_ours_out,
    "OpenCV, L of Lab, float32": light_opencv,
    "OpenCV, L of Lab, uint8": light_opencv_uint8,
    "scikit-image": light_skimage,
    "torch, table": light_torch,
}


def as_lightness(result: Any, shape: tuple[int, ...]) -> Array:
    """Bring a peer's L to a shape, in 0..100."""
    array = np.asarray(result).reshape(shape)
    return array * (100 / 255) if array.dtype == np.uint8 else array


@pytest.mark.parametrize("peer", LIGHT)
@pytest.mark.parametrize("size", SIZES)
def bench_luminance(benchmark: Any, size: str, peer: str) -> None:
    case, grid = f"uint8 to L, {size}", lattice()
    rgb = photograph(*SIZES[size])
    guard(case, peer, rgb.size // 3, HEAVY)
    small, convert = prepared(case, peer, lambda: [LIGHT[peer](a) for a in (grid, rgb)])
    exact = reference.luminance(grid)
    error = largest_error(as_lightness(small(grid), exact.shape), exact)
    call, fresh = lambda: convert(rgb), lambda: kernels.luminance(rgb)
    beside = None if peer == "luvcolor" else fresh
    measure(benchmark, call, case, peer, rgb.size // 3, beside, max_error=error)


def pictures_of(rgb: Array) -> Array:
    return rgb.reshape(-1, *rgb.shape[-3:])


def input_opencv(rgb: Array, size: tuple[int, int]) -> Array:
    """Each picture to float32, to L, to its size by areas, and all to one normalized batch."""
    cv2, result = need("cv2"), []
    for picture in pictures_of(rgb):
        light = cv2.extractChannel(cv2.cvtColor(scaled(picture), cv2.COLOR_RGB2Lab), 0)
        result.append(cv2.resize(light, size[::-1], interpolation=cv2.INTER_AREA))
    return np.stack(result)[:, None] * np.float32(0.01)


def input_opencv_uint8(rgb: Array, size: tuple[int, int]) -> Array:
    cv2, result = need("cv2"), []
    for picture in pictures_of(rgb):
        light = cv2.extractChannel(cv2.cvtColor(picture, cv2.COLOR_RGB2Lab), 0)
        result.append(cv2.resize(light, size[::-1], interpolation=cv2.INTER_AREA))
    return np.stack(result)[:, None] * np.float32(1 / 255)


def input_skimage(rgb: Array, size: tuple[int, int]) -> Array:
    color, transform = need("skimage.color"), need("skimage.transform")
    light = [color.rgb2lab(scaled(picture))[..., 0] for picture in pictures_of(rgb)]
    small = [transform.resize_local_mean(plane, size, preserve_range=True) for plane in light]
    return np.stack(small)[:, None] * np.float32(0.01)


def input_torch(rgb: Array, size: tuple[int, int]) -> Any:
    need("torch")
    from benchmarks.torch_formulas import luma_to_input

    return luma_to_input(to_planes(rgb), size)


INPUT: dict[str, Callable[[Array, tuple[int, int]], Any]] = {
    "luvcolor": kernels.luma_to_input,
    "OpenCV, float32": input_opencv,
    "OpenCV, uint8": input_opencv_uint8,
    "scikit-image": input_skimage,
    "torch, table": input_torch,
}


@pytest.mark.parametrize("peer", INPUT)
@pytest.mark.parametrize("size", SIZES)
def bench_luma_to_input(benchmark: Any, size: str, peer: str) -> None:
    rgb, grid = photograph(*SIZES[size]), lattice()
    seen = seen_size(SIZES[size])
    case = f"uint8 to what a model sees ({seen[0]} x {seen[1]}), {size}"
    guard(case, peer, rgb.size // 3, HEAVY)
    found = prepared(case, peer, lambda: np.asarray(INPUT[peer](grid, (224, 224))))
    error = 100 * largest_error(found, reference.luma_to_input(grid, (224, 224)))
    call, fresh = lambda: INPUT[peer](rgb, seen), lambda: kernels.luma_to_input(rgb, seen)
    beside = None if peer == "luvcolor" else fresh
    measure(benchmark, call, case, peer, rgb.size // 3, beside, max_error=error)
