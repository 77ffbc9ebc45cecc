"""The first classifier: convolution, pooling, normalization, activation, enlarged to the picture.

Blocks of these four layers look at ever larger surroundings at ever smaller sizes; what the last
one says is enlarged bilinearly to the picture, and every pixel gets a distribution over the colours
of a k-means palette.

A palette in RGB is mostly one of lightness, and the enlarged answer of a network at an eighth of
the size cannot know a pixel's own. So the layers that decide see the luma at full size beside it;
``detail=0`` leaves that out and is the plain network.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from luvcolor.classify import PaletteColorizer, PaletteHead
from luvcolor.model import pad_to_multiple


@dataclass(frozen=True)
class CNNConfig:
    """Hyperparameters of `CNN`."""

    colors: int = 24
    """Colours in the palette."""
    space: str = "rgb"
    """Where a pixel looks for its palette colour: ``rgb``, ``luv`` or ``uv`` (chroma alone)."""
    width: int = 64
    """Channels of the first block; each block deeper has twice as many, up to `widest`."""
    widest: int = 256
    depth: int = 3
    """Blocks, each of which halves the picture."""
    detail: int = 64
    """Channels of the convolutions at full size that see the luma beside the enlarged answer; 0
    leaves them out, and the colours of a palette in ``rgb`` are then as coarse as the last block.
    """
    softness: float = 0.0
    """Spread of a pixel's target over near colours, in units of the space; 0 for one colour."""
    rebalance: float = 0.0
    """0 counts every pixel alike; toward 1, rare colours count as much as common ones."""
    luma_prior: bool = True
    """Start from how common each colour is at a pixel's luma, and learn what differs from that."""
    temperature: float = 0.4
    """Decoding: toward 0 the likeliest colour, 1 the mean of them all."""
    learning_rate: float = 2e-3


class CNN(PaletteColorizer):
    """Per-pixel classification over a palette, from blocks that pool."""

    Config = CNNConfig
    config: CNNConfig

    def __init__(self, config: CNNConfig | None = None) -> None:
        super().__init__(config)
        c = self.config
        widths = [1] + [min(c.width * 2**level, c.widest) for level in range(c.depth)]
        self.blocks = nn.Sequential(*(block(narrow, wide) for narrow, wide in pairwise(widths)))
        self.coarse = nn.Conv2d(widths[-1], c.detail or c.colors, 1)
        self.fine = Fine(c.detail, c.colors) if c.detail else None
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
        x = pad_to_multiple(luma, 2**self.config.depth) * 2 - 1
        logits = F.interpolate(self.coarse(self.blocks(x)), size=x.shape[-2:], mode="bilinear")
        if self.fine is not None:
            logits = self.fine(logits, x)
        return self.palette.given_luma(logits[..., :height, :width], luma)


class Fine(nn.Module):
    """Decides at full size, from what was enlarged and the luma around each pixel."""

    def __init__(self, width: int, colors: int) -> None:
        super().__init__()
        self.near = convolution(1, width)
        self.decide = nn.Sequential(convolution(2 * width, width), nn.Conv2d(width, colors, 1))

    def forward(self, enlarged: Tensor, luma: Tensor) -> Tensor:
        """(N, width, H, W), (N, 1, H, W) -> (N, colors, H, W) logits."""
        logits: Tensor = self.decide(torch.cat([enlarged, self.near(luma)], 1))
        return logits


def block(inputs: int, outputs: int) -> nn.Sequential:
    """Convolution, pooling, normalization, activation: (N, inputs, H, W) -> half the size."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


def convolution(inputs: int, outputs: int) -> nn.Sequential:
    """Convolution, normalization, activation, at one size."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )
