"""A U-Net that classifies every pixel into the colours of a k-means palette.

Strided convolutions go down, transposed ones come up, and skips carry the detail across
(Ronneberger, Fischer & Brox 2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from luvcolor.classify import PaletteColorizer, PaletteHead
from luvcolor.model import pad_to_multiple


@dataclass(frozen=True)
class UNetConfig:
    """Hyperparameters of `UNet`."""

    colors: int = 24
    """Colours in the palette."""
    space: str = "rgb"
    """Where a pixel looks for its palette colour: ``rgb``, ``luv`` or ``uv`` (chroma alone)."""
    width: int = 32
    """Channels of the first block; each block deeper has twice as many, up to `widest`."""
    widest: int = 256
    depth: int = 4
    """How often the encoder halves the picture."""
    softness: float = 0.0
    """Spread of a pixel's target over near colours, in units of the space; 0 for one colour."""
    rebalance: float = 0.0
    """0 counts every pixel alike; toward 1, rare colours count as much as common ones."""
    luma_prior: bool = True
    """Start from how common each colour is at a pixel's luma, and learn what differs from that."""
    temperature: float = 0.4
    """Decoding: toward 0 the likeliest colour, 1 the mean of them all."""
    learning_rate: float = 2e-3


class UNet(PaletteColorizer):
    """Per-pixel classification over a palette, with skips."""

    Config = UNetConfig
    config: UNetConfig

    def __init__(self, config: UNetConfig | None = None) -> None:
        super().__init__(config)
        c = self.config
        widths = [min(c.width * 2**level, c.widest) for level in range(c.depth + 1)]
        down = pairwise(widths)
        up = pairwise(widths[::-1])
        self.first = block(1, widths[0])
        self.down = nn.ModuleList(Down(narrow, wide) for narrow, wide in down)
        self.up = nn.ModuleList(Up(wide, narrow) for wide, narrow in up)
        self.last = nn.Conv2d(widths[0], c.colors, 1)
        self.palette = PaletteHead(
            c.colors,
            space=c.space,
            softness=c.softness,
            rebalance=c.rebalance,
            luma_prior=c.luma_prior,
        )

    def forward(self, luma: Tensor) -> Tensor:
        """(N, 1, H, W) L / 100 -> (N, colors, H, W) logits."""
        height, width = luma.shape[-2:]
        x = self.first(pad_to_multiple(luma, 2**self.config.depth) * 2 - 1)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        for up in self.up:
            x = up(x, skips.pop())
        logits: Tensor = self.last(x)
        return self.palette.given_luma(logits[..., :height, :width], luma)


class Down(nn.Module):
    """A strided convolution, then one more."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(block(inputs, outputs, stride=2), block(outputs, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H/2, W/2)."""
        out: Tensor = self.layers(x)
        return out


class Up(nn.Module):
    """A transposed convolution, the skip joined on, then a convolution."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.rise = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
        self.merge = block(2 * outputs, outputs)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, inputs, H, W), (N, outputs, 2H, 2W) -> (N, outputs, 2H, 2W)."""
        out: Tensor = self.merge(torch.cat([self.rise(x), skip], 1))
        return out


def block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Convolution, batch normalization, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )
