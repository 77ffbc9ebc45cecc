"""VGG16 with residual connections into the decoder, regressing chroma: Dahl 2016.

"Automatic colorization" (Ryan Dahl, tinyclouds.org/colorize, January 2016). What a thing is tells
its colour, and the layers of a network that names things know it, each at its own fineness. Instead
of holding all of them at full size as hypercolumns do, the decoder climbs from the coarsest to the
finest and adds each on its way; the picture itself comes last.

The loss is the distance to the true chroma, blurred several ways and averaged, so that it is less
wrong to be beside an edge than to be elsewhere. The blurs are binomial here, and the distance is
Euclidean in u*, v*. It has one answer for a question with many, and its colours are muted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from luvcolor.errors import UsageError
from luvcolor.model import CHROMA_SCALE, Batch, Chroma, Hints, pad_to_multiple
from luvcolor.vgg import VGG16, Ascent, VGGColorizer, check_width, convolution

BLOCKS = 4
NEAR = 1e-3
"""Added to a distance in chroma / 100, so that it has a slope at 0."""


@dataclass(frozen=True)
class DahlConfig:
    """Hyperparameters of `Dahl`."""

    width: int = 16
    """Channels of the first block; each block deeper has twice as many. VGG16 has 64."""
    weights: str = ""
    """A file of VGG16's weights to start from, with torchvision's names, as ``.safetensors`` or a
    torch state dictionary; needs width=64. Without, everything is learned from scratch."""
    blurs: tuple[int, ...] = (1, 3, 5)
    """Pixels that each blur reaches over, which are odd numbers; 1 is none. The loss is the mean of
    the distances so blurred."""
    learning_rate: float = 2e-3
    body_rate: float = 0.1
    """Learning rate of weights that were given, as a share of the others'."""

    def __post_init__(self) -> None:
        odd = [type(side) is int and side > 0 and side % 2 == 1 for side in self.blurs]
        if not (odd and all(odd)):
            raise UsageError(
                f"blurs are odd numbers of pixels, at least one; found {list(self.blurs)}"
            )
        check_width(self.width, self.weights)


class Dahl(VGGColorizer):
    """VGG16's blocks, summed upwards; u* and v* at every pixel."""

    Config = DahlConfig
    config: DahlConfig

    def __init__(self, config: DahlConfig | None = None) -> None:
        super().__init__(config)
        c = self.config
        self.body = VGG16(c.width, blocks=BLOCKS, normalize=not c.weights)
        self.ascent = Ascent(self.body.widths)
        self.last = nn.Sequential(convolution(c.width + 1, c.width), nn.Conv2d(c.width, 2, 1))

    def forward(self, luma: Tensor) -> Tensor:
        """(N, 1, H, W) L / 100 -> (N, 2, H, W) u*, v* / 100."""
        height, width = luma.shape[-2:]
        padded = pad_to_multiple(luma, 2 ** (BLOCKS - 1))
        climbed = self.ascent([block[-1] for block in self.body(padded)])
        uv: Tensor = self.last(torch.cat([climbed, padded * 2 - 1], 1))
        return uv[..., :height, :width]

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Predict the one chroma; there is no distribution to be bold or to draw from."""
        return Chroma(self(luma).float() * CHROMA_SCALE)

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        """Yield the distance of chroma / 100, averaged over pixels and blurs."""
        error = self(batch.luma).float() - batch.uv / CHROMA_SCALE
        # The difference of two blurred pictures is the blurred difference.
        blurred = [distance(blur(error, side)) for side in self.config.blurs]
        yield "main", torch.stack(blurred).mean()


def blur(x: Tensor, side: int) -> Tensor:
    """Blur (N, C, H, W) by a binomial kernel, which is a Gaussian of variance (side - 1) / 4.

    Examples
    --------
    >>> point = torch.tensor([0.0, 0, 16, 0, 0]).view(1, 1, 1, 5)
    >>> blur(point, 3).flatten().tolist(), blur(point, 1).flatten().tolist()
    ([0.0, 4.0, 8.0, 4.0, 0.0], [0.0, 0.0, 16.0, 0.0, 0.0])
    """
    for _ in range(side // 2):
        x = F.pad(x, (1, 1, 1, 1), mode="replicate")
        x = (x[..., :-2, :] + 2 * x[..., 1:-1, :] + x[..., 2:, :]) / 4
        x = (x[..., :-2] + 2 * x[..., 1:-1] + x[..., 2:]) / 4
    return x


def distance(error: Tensor) -> Tensor:
    """Mean Euclidean length of (N, 2, H, W)."""
    return (error.square().sum(1) + NEAR**2).sqrt().mean()
