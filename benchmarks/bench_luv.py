"""Conversion between uint8 sRGB and LUV, beside the libraries that people use for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from benchmarks.common import SIZES, Array, Call, lattice, need, photograph
from benchmarks.measuring import copy_of, guard, largest_error, measure, prepared
from luvcolor_kernels import reference
from luvcolor_kernels.threads import thread_count

Convert = Callable[[Array], Any]
Prepare = Callable[[Array], Convert]

ONE_THREAD = "luvcolor, out=, one thread"


def tall(pictures: Array) -> Array:
    """Put the pictures of a batch one below the other, for peers that take one at a time."""
    return pictures.reshape(-1, *pictures.shape[-2:])


def to_planes(pictures: Array) -> Any:
    """Return a view in torch's order (N, 3, H, W)."""
    batch = pictures.reshape(-1, *pictures.shape[-3:])
    return need("torch").from_numpy(batch).permute(0, 3, 1, 2)


def scaled(rgb: Array) -> Array:
    result: Array = np.multiply(rgb, np.float32(1 / 255), dtype=np.float32)
    return result


def ours(_: Array) -> Convert:
    return kernels.rgb_to_luv


def ours_out(rgb: Array) -> Convert:
    out = np.empty(rgb.shape, np.float32)
    return lambda rgb: kernels.rgb_to_luv(rgb, out=out)


def skimage_float64(_: Array) -> Convert:
    color = need("skimage.color")
    return lambda rgb: color.rgb2luv(rgb)


def skimage_float32(_: Array) -> Convert:
    color = need("skimage.color")
    return lambda rgb: color.rgb2luv(scaled(rgb))


def opencv_float32(_: Array) -> Convert:
    cv2 = need("cv2")
    return lambda rgb: cv2.cvtColor(scaled(tall(rgb)), cv2.COLOR_RGB2Luv)


def opencv_uint8(_: Array) -> Convert:
    cv2 = need("cv2")
    return lambda rgb: cv2.cvtColor(tall(rgb), cv2.COLOR_RGB2Luv)


def kornia(_: Array) -> Convert:
    color = need("kornia.color")
    return lambda rgb: color.rgb_to_luv(to_planes(rgb).float() / 255)


def colour_science(_: Array) -> Convert:
    colour = need("colour")
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
    return lambda rgb: colour.XYZ_to_Luv(colour.sRGB_to_XYZ(rgb / 255), white)


FORWARD: dict[str, Prepare] = {
    "luvcolor": ours,
    "luvcolor, out=": ours_out,
    ONE_THREAD: ours_out,
    "OpenCV, float32": opencv_float32,
    "OpenCV, LUV in uint8": opencv_uint8,
    "scikit-image, float32": skimage_float32,
    "scikit-image, float64": skimage_float64,
    "kornia, float32": kornia,
    "colour-science, float64": colour_science,
}
HEAVY = {
    "scikit-image, float32": 65,
    "scikit-image, float64": 90,
    "kornia, float32": 95,
    "colour-science, float64": 210,
}
"""The slow peers, with about how many bytes of memory they need for a pixel."""


def as_luv(result: Any) -> Array:
    """Bring a peer's LUV to (H, W, 3) in units of L, u*, v*."""
    if hasattr(result, "permute"):
        return np.asarray(result[0].permute(1, 2, 0))
    if result.dtype == np.uint8:  # OpenCV's scale
        luv: Array = result * np.array([100, 354, 262]) / 255 - np.array([0, 134, 140])
        return luv
    return np.asarray(result)


def beside(peer: str, size: str, ours: Call, monkeypatch: pytest.MonkeyPatch) -> Call | None:
    """Return what a peer is compared with: luvcolor, on the usual threads.

    In the rows that are named so, which are of one size, luvcolor and the copy use one thread.
    """
    if peer != ONE_THREAD:
        return None if peer == "luvcolor" else ours
    if size != "12 Mpixel":
        pytest.skip("measured at 12 Mpixel only")
    usual = str(thread_count())
    monkeypatch.setenv("LUVCOLOR_THREADS", "1")

    def on_usual_threads() -> None:
        os.environ["LUVCOLOR_THREADS"] = usual
        ours()
        os.environ["LUVCOLOR_THREADS"] = "1"

    return on_usual_threads


@pytest.mark.parametrize("peer", FORWARD)
@pytest.mark.parametrize("size", SIZES)
def bench_uint8_to_luv(
    benchmark: Any, size: str, peer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, grid = f"uint8 to LUV float32, {size}", lattice()
    rgb = photograph(*SIZES[size])
    ours = beside(peer, size, lambda: kernels.rgb_to_luv(rgb), monkeypatch)
    guard(case, peer, rgb.size // 3, HEAVY)
    small, convert = prepared(case, peer, lambda: [FORWARD[peer](a) for a in (grid, rgb)])
    error = largest_error(as_luv(small(grid)), reference.rgb_to_luv(grid))
    measure(benchmark, lambda: convert(rgb), case, peer, rgb.size // 3, ours, max_error=error)


def inverse_ours(_: Array) -> Convert:
    return kernels.luv_to_rgb


def inverse_ours_out(luv: Array) -> Convert:
    out = np.empty(luv.shape, np.uint8)
    return lambda luv: kernels.luv_to_rgb(luv, out=out)


def inverse_skimage(_: Array) -> Convert:
    color = need("skimage.color")
    return lambda luv: np.rint(color.luv2rgb(luv) * 255).astype(np.uint8)


def inverse_opencv(_: Array) -> Convert:
    cv2 = need("cv2")
    return lambda luv: cv2.convertScaleAbs(cv2.cvtColor(tall(luv), cv2.COLOR_Luv2RGB), alpha=255)


def inverse_opencv_uint8(luv: Array) -> Convert:
    cv2 = need("cv2")
    stored = np.rint(
        (tall(luv) + np.array([0, 134, 140])) * 255 / np.array([100, 354, 262])
    ).astype(np.uint8)
    return lambda _: cv2.cvtColor(stored, cv2.COLOR_Luv2RGB)


def inverse_kornia(_: Array) -> Convert:
    torch, color = need("torch"), need("kornia.color")

    def convert(luv: Array) -> Any:
        rgb = color.luv_to_rgb(to_planes(luv))
        return (rgb * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)

    return convert


def inverse_colour(_: Array) -> Convert:
    colour = need("colour")
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]

    def convert(luv: Array) -> Array:
        rgb = colour.XYZ_to_sRGB(colour.Luv_to_XYZ(luv, white))
        result: Array = np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
        return result

    return convert


INVERSE: dict[str, Prepare] = {
    "luvcolor": inverse_ours,
    "luvcolor, out=": inverse_ours_out,
    ONE_THREAD: inverse_ours_out,
    "OpenCV, float32": inverse_opencv,
    "OpenCV, LUV in uint8": inverse_opencv_uint8,
    "scikit-image, float32": inverse_skimage,
    "kornia, float32": inverse_kornia,
    "colour-science, float64": inverse_colour,
}


@pytest.mark.parametrize("peer", INVERSE)
@pytest.mark.parametrize("size", SIZES)
def bench_luv_to_uint8(
    benchmark: Any, size: str, peer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, grid = f"LUV float32 to uint8, {size}", lattice()
    luv, exact = kernels.rgb_to_luv(photograph(*SIZES[size])), reference.rgb_to_luv(grid)
    ours = beside(peer, size, lambda: kernels.luv_to_rgb(luv), monkeypatch)
    guard(case, peer, luv.size // 3, HEAVY)
    exact = exact.astype(np.float32)
    small, convert = prepared(case, peer, lambda: [INVERSE[peer](a) for a in (exact, luv)])
    wrong = int((np.asarray(small(exact)).reshape(grid.shape) != grid).any(axis=-1).sum())
    note = f"{wrong} of {grid.size // 3} colours wrong"
    measure(benchmark, lambda: convert(luv), case, peer, luv.size // 3, ours, note=note)


COPIES = {"as many threads as luvcolor": None, "one thread": "1"}


@pytest.mark.parametrize("peer", COPIES)
@pytest.mark.parametrize("size", SIZES)
def bench_copy(benchmark: Any, size: str, peer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if COPIES[peer]:
        monkeypatch.setenv("LUVCOLOR_THREADS", "1")
    pixels = int(np.prod(SIZES[size]))
    case = f"copy of float32 pixels into memory in use, {size}"
    measure(benchmark, copy_of(pixels), case, peer, pixels)
