"""The kernels in plain torch, as one would write them: a peer on the CPU and on a GPU.

Channels are along axis 1 of (N, 3, H, W), as torch has them, unless ``axis`` says otherwise.
Colours outside the gamut are clipped, as everybody but luvcolor's merge_chroma does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from luvcolor_kernels import constants as c

RGB_TO_XYZ = [[float(x) for x in row] for row in c.RGB_TO_XYZ]
XYZ_TO_RGB = [[float(x) for x in row] for row in c.XYZ_TO_RGB]


def decode(encoded: Tensor) -> Tensor:
    """Linear light of encoded sRGB 0..1."""
    power = ((encoded + c.SRGB_OFFSET) / (1 + c.SRGB_OFFSET)) ** c.SRGB_GAMMA
    return torch.where(encoded > c.SRGB_THRESHOLD, power, encoded / c.SRGB_SLOPE)


def encode(linear: Tensor) -> Tensor:
    """Encoded sRGB of linear light, clipped, in uint8."""
    inside = linear.clamp(0, 1)
    power = (1 + c.SRGB_OFFSET) * inside ** (1 / c.SRGB_GAMMA) - c.SRGB_OFFSET
    encoded = torch.where(inside > c.SRGB_LINEAR_THRESHOLD, power, inside * c.SRGB_SLOPE)
    return (encoded * 255).round().to(torch.uint8)


def lightness(y: Tensor) -> Tensor:
    """CIE 1976 L of relative luminance."""
    return torch.where(y > c.EPSILON, 116 * y ** (1 / 3) - 16, c.KAPPA * y)


def rgb_to_luv(rgb: Tensor, axis: int = 1, dtype: torch.dtype = torch.float32) -> Tensor:
    """LUV of uint8 sRGB."""
    channels = decode(rgb.float() / 255).unbind(axis)
    x, y, z = (_dot(row, channels) for row in RGB_TO_XYZ)
    weight = (x + 15 * y + 3 * z).clamp(min=1e-9)
    light = lightness(y)
    u = 13 * light * (4 * x / weight - c.WHITE_U)
    v = 13 * light * (9 * y / weight - c.WHITE_V)
    return torch.stack([light, u, v], axis).to(dtype)


def luv_to_rgb(luv: Tensor, axis: int = 1) -> Tensor:
    """uint8 sRGB of LUV, clipped channel by channel."""
    light, u, v = luv.float().unbind(axis)
    y = torch.where(light > c.KAPPA * c.EPSILON, ((light + 16) / 116) ** 3, light / c.KAPPA)
    safe = 13 * light.clamp(min=1e-9)
    u, v = u / safe + c.WHITE_U, v / safe + c.WHITE_V
    x = 2.25 * y * u / v
    z = y * (12 - 3 * u - 20 * v) / (4 * v)
    return encode(torch.stack([_dot(row, (x, y, z)) for row in XYZ_TO_RGB], axis))


def luminance(rgb: Tensor, axis: int = 1) -> Tensor:
    """L of uint8 sRGB, linear light from a table of all 256 values."""
    channels = _table(rgb.device)[rgb.int()].unbind(axis)
    return lightness(_dot(RGB_TO_XYZ[1], channels))


def luma_to_input(rgb: Tensor, size: tuple[int, int], axis: int = 1) -> Tensor:
    """What a model sees, (N, 1, h, w)."""
    return adaptive_avg_pool2d(luminance(rgb, axis)[:, None], size) / 100


def merge_chroma(light: Tensor, uv: Tensor) -> Tensor:
    """uint8 (N, 3, H, W) of L (N, H, W) and small chroma (N, 2, h, w)."""
    wide = interpolate(uv.float(), size=light.shape[-2:], mode="bilinear", align_corners=False)
    return luv_to_rgb(torch.cat([light[:, None], wide], 1))


def follow_lightness(guide: Tensor, uv: Tensor, radius: int = 2, noise: float = 4.0) -> Tensor:
    """Offset and slope (N, 4, h, w) of chroma over lightness (N, 1, h, w): a guided filter's."""

    def mean(planes: Tensor) -> Tensor:
        padded = torch.nn.functional.pad(planes, (radius,) * 4, mode="replicate")
        return torch.nn.functional.avg_pool2d(padded, 2 * radius + 1, stride=1)

    center = mean(guide)
    variance = (mean(guide * guide) - center * center).clamp(min=0)
    covariance = mean(guide * uv) - center * mean(uv)
    slope = mean(covariance / (variance + noise * noise)).clamp(-1, 1)
    return torch.cat([uv - slope * guide, slope], 1)


def chroma_to_rgb(light: Tensor, uv: Tensor, guide: Tensor) -> Tensor:
    """uint8 (N, 3, H, W) whose chroma follows the edges of L."""
    both = follow_lightness(guide, uv)
    wide = interpolate(both, size=light.shape[-2:], mode="bilinear", align_corners=False)
    lights = light[:, None]
    return luv_to_rgb(torch.cat([lights, wide[:, :2] + wide[:, 2:] * lights], 1))


_TABLES: dict[Any, Tensor] = {}


def _levels(device: Any) -> Tensor:
    if device not in _TABLES:
        levels = torch.arange(256, dtype=torch.float64) / 255
        _TABLES[device] = decode(levels).float().to(device)
    return _TABLES[device]


# Compiled, a table that functools.cache kept would be computed, and copied, in each call.
_constant: Any = torch.compiler.assume_constant_result
_table: Callable[[Any], Tensor] = _constant(_levels)


def _dot(row: list[float], channels: Sequence[Tensor]) -> Tensor:
    first, second, third = channels
    return row[0] * first + row[1] * second + row[2] * third
