"""What comes after a model: its small chroma and the lightness, joined in full size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from benchmarks.common import SIZES, Array, need, photograph, small_chroma
from benchmarks.measuring import guard, measure, prepared

RADIUS, NOISE = 2, 4.0
HEAVY = {"torch, clipped": 135, "torch and kornia, clipped": 120}
Merge = Callable[[Array, Array, Array], Any]


def on_each(merge: Merge) -> Merge:
    """Make a peer that takes one picture take a batch, one after the other."""

    def merge_all(light: Array, uv: Array, guide: Array) -> Any:
        if light.ndim == 2:
            return merge(light, uv, guide)
        return np.stack([merge(*one) for one in zip(light, uv, guide, strict=True)])

    return merge_all


def _opencv(light: Array, uv: Array, slope: Array | None) -> Array:
    cv2 = need("cv2")
    size = light.shape[::-1]
    u, v = (cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in uv)
    if slope is not None:
        wide = [cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in slope]
        u, v = (cv2.add(a, cv2.multiply(b, light)) for a, b in zip((u, v), wide, strict=True))
    luv = cv2.merge([light, u, v])
    result: Array = cv2.convertScaleAbs(cv2.cvtColor(luv, cv2.COLOR_Luv2RGB), alpha=255)
    return result


@on_each
def merge_opencv(light: Array, uv: Array, _: Array) -> Array:
    return _opencv(light, uv, None)


@on_each
def guided_opencv(light: Array, uv: Array, guide: Array) -> Array:
    cv2 = need("cv2")

    def mean(plane: Array) -> Array:
        side = (2 * RADIUS + 1,) * 2
        smooth: Array = cv2.boxFilter(plane, -1, side, borderType=cv2.BORDER_REPLICATE)
        return smooth

    center = mean(guide)
    variance = np.maximum(mean(guide * guide) - center * center, 0) + np.float32(NOISE**2)
    slope = [
        np.clip(mean((mean(guide * plane) - center * mean(plane)) / variance), -1, 1)
        for plane in uv
    ]
    offset = [plane - steep * guide for plane, steep in zip(uv, slope, strict=True)]
    return _opencv(light, np.stack(offset), np.stack(slope))


def merge_torch(light: Array, uv: Array, _: Array) -> Any:
    need("torch")
    from benchmarks.torch_formulas import merge_chroma

    return merge_chroma(*_tensors(light, uv)).permute(0, 2, 3, 1)


def merge_kornia(light: Array, uv: Array, _: Array) -> Any:
    torch, color = need("torch"), need("kornia.color")
    lights, small = _tensors(light, uv)
    wide = torch.nn.functional.interpolate(
        small, size=light.shape[-2:], mode="bilinear", align_corners=False
    )
    rgb = color.luv_to_rgb(torch.cat([lights[:, None], wide], dim=1))
    return (rgb * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)


def guided_torch(light: Array, uv: Array, guide: Array) -> Any:
    need("torch")
    from benchmarks.torch_formulas import chroma_to_rgb

    lights, small = _tensors(light, uv)
    (guides,) = _tensors(guide)
    return chroma_to_rgb(lights, small, guides[:, None]).permute(0, 2, 3, 1)


def _tensors(light: Array, *chroma: Array) -> list[Any]:
    """Return L as (N, H, W) and chroma as (N, 2, h, w)."""
    torch = need("torch")
    batch = [light.reshape(-1, *light.shape[-2:])]
    batch += [uv.reshape(-1, *uv.shape[-3:]) for uv in chroma]
    return [torch.from_numpy(array) for array in batch]


MERGE: dict[str, Merge] = {
    "luvcolor": lambda light, uv, _: kernels.merge_chroma(light, uv),
    "OpenCV, float32, clipped": merge_opencv,
    "torch, clipped": merge_torch,
    "torch and kornia, clipped": merge_kornia,
}
GUIDED: dict[str, Merge] = {
    "luvcolor": lambda light, uv, guide: kernels.chroma_to_rgb(light, uv, guide=guide),
    "luvcolor, no guide given": lambda light, uv, _: kernels.chroma_to_rgb(light, uv),
    "OpenCV, float32, clipped": guided_opencv,
    "torch, clipped": guided_torch,
}
TASKS = {
    "L and small chroma to uint8": MERGE,
    "L and small chroma to uint8, edges followed": GUIDED,
}


def inputs(size: str) -> tuple[Array, Array, Array]:
    """Return L, a model's chroma and what the model saw, for a picture or a batch."""
    rgb = photograph(*SIZES[size])
    light = kernels.luminance(rgb)
    uv = small_chroma(kernels.rgb_to_luv(rgb))
    guide = kernels.luma_to_input(rgb, uv.shape[-2:], std=1.0)
    return light, uv, guide.reshape(*light.shape[:-2], *uv.shape[-2:])


def _bench(benchmark: Any, task: str, size: str, peer: str) -> None:
    case = f"{task}, {size}"
    guard(case, peer, int(np.prod(SIZES[size])), HEAVY)
    light, uv, guide = inputs(size)

    def call() -> Any:
        return TASKS[task][peer](light, uv, guide)

    def ours() -> Any:
        return TASKS[task]["luvcolor"](light, uv, guide)

    rgb = prepared(case, peer, lambda: np.asarray(call()).reshape(*light.shape, 3))
    note = f"L off by up to {np.abs(kernels.luminance(rgb) - light).max():.2f}"
    del rgb
    beside = None if peer == "luvcolor" else ours
    measure(benchmark, call, case, peer, light.size, beside, note=note)


@pytest.mark.parametrize("peer", MERGE)
@pytest.mark.parametrize("size", SIZES)
def bench_merge_chroma(benchmark: Any, size: str, peer: str) -> None:
    _bench(benchmark, "L and small chroma to uint8", size, peer)


@pytest.mark.parametrize("peer", GUIDED)
@pytest.mark.parametrize("size", SIZES)
def bench_chroma_to_rgb(benchmark: Any, size: str, peer: str) -> None:
    _bench(benchmark, "L and small chroma to uint8, edges followed", size, peer)
