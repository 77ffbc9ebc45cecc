"""Conversion between uint8 sRGB and LUV, beside scikit-image, OpenCV and kornia."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from benchmarks.common import Array, lattice, measure, need, photograph
from luvcolor_kernels import reference

SIZES = {"12 Mpixel": (3000, 4000), "224 x 224": (224, 224)}
Convert = Callable[[Array], Any]
Prepare = Callable[[Array], Convert]


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
    return lambda rgb: color.rgb2luv(np.multiply(rgb, np.float32(1 / 255), dtype=np.float32))


def opencv_float32(_: Array) -> Convert:
    cv2 = need("cv2")
    return lambda rgb: cv2.cvtColor(
        np.multiply(rgb, np.float32(1 / 255), dtype=np.float32), cv2.COLOR_RGB2Luv
    )


def opencv_uint8(_: Array) -> Convert:
    cv2 = need("cv2")
    return lambda rgb: cv2.cvtColor(rgb, cv2.COLOR_RGB2Luv)


def kornia(_: Array) -> Convert:
    torch, color = need("torch"), need("kornia.color")

    def convert(rgb: Array) -> Any:
        return color.rgb_to_luv(torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 255)

    return convert


FORWARD: dict[str, Prepare] = {
    "luvcolor": ours,
    "luvcolor, out=": ours_out,
    "scikit-image, float64": skimage_float64,
    "scikit-image, float32": skimage_float32,
    "OpenCV, float32": opencv_float32,
    "OpenCV, LUV in uint8": opencv_uint8,
    "kornia, float32": kornia,
}


def as_luv(result: Any) -> Array:
    """Bring a peer's LUV to (H, W, 3) in units of L, u*, v*."""
    if hasattr(result, "permute"):
        return np.asarray(result[0].permute(1, 2, 0))
    if result.dtype == np.uint8:  # OpenCV's scale
        luv: Array = result * np.array([100, 354, 262]) / 255 - np.array([0, 134, 140])
        return luv
    return np.asarray(result)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("peer", FORWARD)
def bench_uint8_to_luv(benchmark: Any, size: str, peer: str) -> None:
    grid = lattice()
    error = np.abs(as_luv(FORWARD[peer](grid)(grid)) - reference.rgb_to_luv(grid)).max()
    rgb = photograph(*SIZES[size])
    convert = FORWARD[peer](rgb)
    case = f"uint8 to LUV float32, {size}"
    measure(benchmark, lambda: convert(rgb), case, peer, rgb.size // 3, max_error=float(error))


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
    return lambda luv: cv2.convertScaleAbs(cv2.cvtColor(luv, cv2.COLOR_Luv2RGB), alpha=255)


def inverse_kornia(_: Array) -> Convert:
    torch, color = need("torch"), need("kornia.color")

    def convert(luv: Array) -> Any:
        rgb = color.luv_to_rgb(torch.from_numpy(luv).permute(2, 0, 1)[None])
        return (rgb * 255).round().clamp(0, 255).to(torch.uint8)[0].permute(1, 2, 0)

    return convert


INVERSE: dict[str, Prepare] = {
    "luvcolor": inverse_ours,
    "luvcolor, out=": inverse_ours_out,
    "scikit-image, float32": inverse_skimage,
    "OpenCV, float32": inverse_opencv,
    "kornia, float32": inverse_kornia,
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("peer", INVERSE)
def bench_luv_to_uint8(benchmark: Any, size: str, peer: str) -> None:
    grid = lattice()
    back = np.asarray(INVERSE[peer](grid)(reference.rgb_to_luv(grid).astype(np.float32)))
    wrong = int((back != grid).any(axis=-1).sum())
    luv = kernels.rgb_to_luv(photograph(*SIZES[size]))
    convert = INVERSE[peer](luv)
    case = f"LUV float32 to uint8, {size}"
    facts = {"note": f"{wrong} of {grid.size // 3} colours wrong"}
    measure(benchmark, lambda: convert(luv), case, peer, luv.size // 3, **facts)


def light_skimage(rgb: Array) -> Any:
    return need("skimage.color").rgb2lab(rgb)[..., 0]


def light_opencv(rgb: Array) -> Any:
    cv2 = need("cv2")
    scaled = np.multiply(rgb, np.float32(1 / 255), dtype=np.float32)
    return cv2.extractChannel(cv2.cvtColor(scaled, cv2.COLOR_RGB2Lab), 0)


LIGHT: dict[str, Convert] = {
    "luvcolor": kernels.luminance,
    "scikit-image, L of Lab": light_skimage,
    "OpenCV, L of Lab, float32": light_opencv,
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("peer", LIGHT)
def bench_luminance(benchmark: Any, size: str, peer: str) -> None:
    grid = lattice()
    error = np.abs(np.asarray(LIGHT[peer](grid)) - reference.luminance(grid)).max()
    rgb = photograph(*SIZES[size])
    case = f"uint8 to L float32, {size}"
    facts = {"max_error": float(error)}
    measure(benchmark, lambda: LIGHT[peer](rgb), case, peer, rgb.size // 3, **facts)


def merge_opencv(light: Array, uv: Array) -> Any:
    cv2 = need("cv2")
    size = light.shape[::-1]
    wide = [cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in uv]
    luv = cv2.merge([light, *wide])
    return cv2.convertScaleAbs(cv2.cvtColor(luv, cv2.COLOR_Luv2RGB), alpha=255)


def merge_kornia(light: Array, uv: Array) -> Any:
    torch, color = need("torch"), need("kornia.color")
    wide = torch.nn.functional.interpolate(
        torch.from_numpy(uv)[None], size=light.shape, mode="bilinear", align_corners=False
    )
    rgb = color.luv_to_rgb(torch.cat([torch.from_numpy(light)[None, None], wide], dim=1))
    return (rgb * 255).round().clamp(0, 255).to(torch.uint8)[0].permute(1, 2, 0)


MERGE: dict[str, Callable[[Array, Array], Any]] = {
    "luvcolor": kernels.merge_chroma,
    "luvcolor, with slope": lambda light, uv: kernels.merge_chroma(light, uv, slope=uv * 0.01),
    "OpenCV, float32, clipped": merge_opencv,
    "torch and kornia, clipped": merge_kornia,
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("peer", MERGE)
def bench_merge_chroma(benchmark: Any, size: str, peer: str) -> None:
    luv = kernels.rgb_to_luv(photograph(*SIZES[size]))
    light = np.ascontiguousarray(luv[..., 0])
    step = max(1, min(light.shape) // 224)
    uv = np.ascontiguousarray(luv[::step, ::step, 1:].transpose(2, 0, 1)) * np.float32(1.5)
    rgb = np.asarray(MERGE[peer](light, uv))
    case = f"L and small chroma to uint8, {size}"
    facts = {"note": f"L off by up to {np.abs(kernels.luminance(rgb) - light).max():.2f}"}
    measure(benchmark, lambda: MERGE[peer](light, uv), case, peer, light.size, **facts)
