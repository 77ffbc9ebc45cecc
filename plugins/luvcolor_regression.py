"""The regression baseline: an encoder and a decoder that predict u* and v* under squared error.

Squared error has one answer for a question with many, the mean of them all, so its colours are
safe and pale. It is here as the yardstick for the rest (after Hwang & Zhou 2016).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from luvcolor.model import CHROMA_SCALE, Batch, Chroma, Colorizer, Hints, pad_to_multiple


@dataclass(frozen=True)
class RegressionConfig:
    """Hyperparameters of `Regression`."""

    width: int = 32
    """Channels of the first block; each block deeper has twice as many."""
    depth: int = 3
    """How often the encoder halves the picture."""
    learning_rate: float = 1e-3


class Regression(Colorizer):
    """Conv + BatchNorm + ReLU encoder, upsampling decoder, mean squared error."""

    Config = RegressionConfig
    config: RegressionConfig

    def __init__(self, config: RegressionConfig | None = None) -> None:
        super().__init__(config)
        widths = [self.config.width * 2**level for level in range(self.config.depth + 1)]
        encoder: list[nn.Module] = [block(1, widths[0])]
        for narrow, wide in pairwise(widths):
            encoder.append(block(narrow, wide, stride=2))
        decoder: list[nn.Module] = []
        for wide, narrow in pairwise(widths[::-1]):
            decoder += [nn.Upsample(scale_factor=2, mode="bilinear"), block(wide, narrow)]
        self.layers = nn.Sequential(*encoder, *decoder, nn.Conv2d(widths[0], 2, 3, padding=1))

    def forward(self, luma: Tensor) -> Tensor:
        """(N, 1, H, W) L / 100 -> (N, 2, H, W) u*, v* / 100."""
        height, width = luma.shape[-2:]
        padded = pad_to_multiple(luma, 2**self.config.depth)
        uv: Tensor = self.layers(padded * 2 - 1)
        return uv[..., :height, :width]

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Predict the mean chroma; there is no distribution to be bold or to draw from."""
        return Chroma(self(luma).float() * CHROMA_SCALE)

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        """Yield the mean squared error of chroma / 100."""
        yield "main", F.mse_loss(self(batch.luma).float(), batch.uv / CHROMA_SCALE)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Return AdamW over everything."""
        return {"main": torch.optim.AdamW(self.parameters(), lr=self.config.learning_rate)}


def block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Convolution, batch normalization, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )
