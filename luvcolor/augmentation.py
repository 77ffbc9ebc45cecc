"""Makes sharp new photographs look like the old ones that people bring, while a model learns.

Only the luma changes: what the model is to answer stays the colour that was there. Some pictures of
every batch are left as they are, for new ones come too.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from luvcolor.model import Batch

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["age", "shrink"]

TOUCHED = 0.5
"""Share of the pictures that are aged at all; of those, each fault has a share of its own."""
NINTHS = (9, 8, 7, 6)
"""Pictures are shrunken to so many ninths of their size."""
JPEG_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
"""Quantization of luma in ITU-T T.81, table K.1."""


def shrink(rgb: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a batch of pictures at a random smaller size, the same for all of them.

    Things then come in several sizes, and edges as sharp as in a picture that was shrunken.

    Parameters
    ----------
    rgb
        (N, S, S, 3) uint8.

    Examples
    --------
    >>> shrink(np.zeros((2, 96, 96, 3), np.uint8), np.random.default_rng(0)).shape
    (2, 64, 64, 3)
    """
    whole = rgb.shape[1]
    side = max(1, whole * int(rng.choice(NINTHS)) // 9)
    if side == whole:
        return rgb
    planar = torch.from_numpy(np.ascontiguousarray(rgb)).permute(0, 3, 1, 2).float()
    small = F.interpolate(planar, size=(side, side), mode="bilinear", antialias=True)
    return small.round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()


def age(batch: Batch, rng: np.random.Generator) -> Batch:
    """Return the batch with luma as old cameras, emulsions, prints and scanners leave it.

    In order: the sensitivity of the emulsion, the tone curve of the print, blur, grain, JPEG.

    Examples
    --------
    >>> batch = Batch(torch.rand(4, 1, 16, 16), torch.zeros(4, 2, 16, 16),
    ...               torch.zeros(4, 3, 16, 16, dtype=torch.uint8))
    >>> aged = age(batch, np.random.default_rng(0))
    >>> aged.luma.shape, aged.uv is batch.uv
    (torch.Size([4, 1, 16, 16]), True)
    """
    luma = batch.luma
    touched = rng.random(len(luma)) < TOUCHED

    def some(share: float) -> NDArray[np.intp]:
        """Draw which pictures have a fault."""
        return np.flatnonzero(touched & (rng.random(len(luma)) < share))

    luma = luma.clone()
    if len(chosen := some(0.4)):
        luma[chosen] = _emulsion(batch.rgb[chosen], rng)
    for share, fault in ((0.7, _tone), (0.5, _blur), (0.4, _grain), (0.3, _jpeg)):
        if len(chosen := some(share)):
            luma[chosen] = fault(luma[chosen], rng).clamp(0, 1)
    return batch._replace(luma=luma)


def _emulsion(rgb: Tensor, rng: np.random.Generator) -> Tensor:
    """Weigh the channels anew: early emulsions saw blue, later ones green too, few saw red."""
    weights = rng.dirichlet((1.5, 3.0, 2.0), len(rgb))
    mixed = (rgb.float() / 255 * _each(weights)).sum(1, keepdim=True)
    return _lightness(mixed)


def _lightness(encoded: Tensor) -> Tensor:
    """L / 100 of a gray of 0..1 in sRGB's encoding (IEC 61966-2-1, CIE 15)."""
    linear = torch.where(
        encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055).clamp_min(0) ** 2.4
    )
    return torch.where(
        linear <= (6 / 29) ** 3, linear * (29 / 3) ** 3, 116 * linear.clamp_min(0) ** (1 / 3) - 16
    ).div(100)


def _tone(luma: Tensor, rng: np.random.Generator) -> Tensor:
    """Bend the curve, and lift black and lower white as fading does."""
    bend = _each(np.exp(rng.uniform(-0.5, 0.5, len(luma))))
    black, white = _each(rng.uniform(0, 0.2, len(luma))), _each(rng.uniform(0.75, 1, len(luma)))
    return black + (white - black) * luma.clamp_min(1e-4) ** bend


def _blur(luma: Tensor, rng: np.random.Generator) -> Tensor:
    """Blur each picture with a Gaussian of its own."""
    taps = torch.arange(-4, 5, dtype=torch.float32)
    sigma = torch.from_numpy(rng.uniform(0.4, 1.6, len(luma))).float()
    weights = torch.exp(-(taps**2) / (2 * sigma[:, None] ** 2))
    weights = weights / weights.sum(1, keepdim=True)
    side_by_side = F.pad(luma, (4, 4, 4, 4), mode="replicate").transpose(0, 1)
    across = F.conv2d(side_by_side, weights[:, None, None, :], groups=len(luma))
    return F.conv2d(across, weights[:, None, :, None], groups=len(luma)).transpose(0, 1)


def _grain(luma: Tensor, rng: np.random.Generator) -> Tensor:
    """Add noise, strongest in the middle tones, as silver and sensors do."""
    strength = _each(rng.uniform(0.01, 0.06, len(luma)))
    noise = torch.from_numpy(rng.standard_normal(luma.shape, np.float32))
    return luma + strength * noise * (0.3 + 2.8 * luma * (1 - luma))


def _jpeg(luma: Tensor, rng: np.random.Generator) -> Tensor:
    """Round the cosines of blocks of eight by eight as JPEG of quality 15 to 75 does."""
    quality = rng.uniform(15, 75, len(luma))
    scale = np.where(quality < 50, 5000 / quality, 200 - 2 * quality) / 100
    steps = torch.tensor(JPEG_LUMA).reshape(1, 64, 1, 1) * _each(scale) / 255
    height, width = luma.shape[-2:]
    padded = F.pad(luma, (0, -width % 8, 0, -height % 8), mode="replicate")
    waves = _cosines()
    coefficients = F.conv2d(padded, waves, stride=8)
    rounded = (coefficients / steps).round() * steps
    return F.conv_transpose2d(rounded, waves, stride=8)[..., :height, :width]


def _cosines() -> Tensor:
    """Return the 64 orthonormal cosines of JPEG as filters (64, 1, 8, 8)."""
    place = torch.arange(8, dtype=torch.float32)
    wave = torch.cos((2 * place[None, :] + 1) * place[:, None] * math.pi / 16) / 2
    wave[0] /= math.sqrt(2)
    return torch.einsum("ai,bj->abij", wave, wave).reshape(64, 1, 8, 8)


def _each(values: NDArray[np.float64]) -> Tensor:
    """Return one number, or one for each channel, a picture: (N, C, 1, 1)."""
    return torch.from_numpy(values).float().reshape(len(values), -1, 1, 1)
