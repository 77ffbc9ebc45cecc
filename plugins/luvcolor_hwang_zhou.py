"""Two classifications, over bins of u* and over bins of v*: Hwang & Zhou 2016.

The second system of "Image colorization with deep convolutional neural networks" (2016), in CIELUV
as this one. Squared error has one answer for a question with many and pales; a distribution over
bins has them all. Binning the two coordinates apart needs few bins, and takes them for independent.

The network is theirs: the first four blocks of VGG16, whose features are summed upwards, after Dahl
2016. The distributions are decoded to their annealed means, after Zhang, Isola & Efros 2016.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from luvcolor.decoding import certainty, sharpen
from luvcolor.errors import UsageError
from luvcolor.model import Batch, Chroma, Hints, pad_to_multiple
from luvcolor.vgg import VGG16, Ascent, VGGColorizer, check_width, convolution

LOWEST, HIGHEST = (-83.1, -134.1), (175.1, 107.4)
"""Between these lie u* and v* of all sRGB colours."""
BLOCKS = 4


@dataclass(frozen=True)
class HwangZhouConfig:
    """Hyperparameters of `HwangZhou`."""

    bins: int = 50
    """Of u*, and as many of v*, alike in width, over what sRGB spans. The paper has 50."""
    width: int = 16
    """Channels of the first block; each block deeper has twice as many. VGG16 has 64."""
    weights: str = ""
    """A file of VGG16's weights to start from, with torchvision's names, as ``.safetensors`` or a
    torch state dictionary; needs width=64. Without, everything is learned from scratch."""
    temperature: float = 0.38
    """Decoding: toward 0 the likeliest bin, 1 the mean of them all."""
    learning_rate: float = 2e-3
    body_rate: float = 0.1
    """Learning rate of weights that were given, as a share of the others'."""

    def __post_init__(self) -> None:
        if self.bins < 2:
            raise UsageError(f"bins are at least 2; found {self.bins}")
        check_width(self.width, self.weights)


class HwangZhou(VGGColorizer):
    """Distributions over u* and over v* at every pixel."""

    Config = HwangZhouConfig
    config: HwangZhouConfig

    def __init__(self, config: HwangZhouConfig | None = None) -> None:
        super().__init__(config)
        c = self.config
        self.body = VGG16(c.width, blocks=BLOCKS, normalize=not c.weights)
        self.ascent = Ascent(self.body.widths)
        self.last = nn.Sequential(convolution(c.width, c.width), nn.Conv2d(c.width, 2 * c.bins, 1))

    def forward(self, luma: Tensor) -> Tensor:
        """(N, 1, H, W) L / 100 -> (N, 2, bins, H, W) logits: over u*, and over v*."""
        height, width = luma.shape[-2:]
        blocks = self.body(pad_to_multiple(luma, 2 ** (BLOCKS - 1)))
        logits: Tensor = self.last(self.ascent([block[-1] for block in blocks]))
        both = logits.reshape(-1, 2, self.config.bins, *logits.shape[-2:])
        return both[..., :height, :width]

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Decode both distributions; the confidence is the mean of theirs."""
        chosen = self.config.temperature if temperature is None else temperature
        logits = self(luma).flatten(0, 1)
        shares = sharpen(logits, temperature=chosen, generator=generator)
        # (2 N, 1, H, W), of u* and v* in turn
        sure = certainty(logits).reshape(-1, 2, *luma.shape[-2:]).mean(1, keepdim=True)
        return Chroma(mean_of(shares), sure)

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        """Yield the sum of the two cross entropies."""
        yield "main", self._loss(self(batch.luma), batch)

    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        """Return the loss, and of u* and v* the share of pixels whose likeliest bin is right."""
        logits = self(batch.luma)
        right = (logits.argmax(2) == bin_of(batch.uv, self.config.bins)).float().mean((0, 2, 3))
        accuracy = dict(zip(("accuracy_u", "accuracy_v"), right, strict=True))
        return {"loss": self._loss(logits, batch), **accuracy}

    def _loss(self, logits: Tensor, batch: Batch) -> Tensor:
        right = bin_of(batch.uv, self.config.bins)
        # The mean over both, twice: their sum.
        return 2 * F.cross_entropy(logits.flatten(0, 1).float(), right.flatten(0, 1))


def bin_of(uv: Tensor, bins: int) -> Tensor:
    """(N, 2, H, W) u*, v* -> the numbers of their bins; outside them, of the outermost.

    Examples
    --------
    >>> bin_of(torch.tensor([0.0, 0.0]).view(1, 2, 1, 1), 2).flatten().tolist()
    [0, 1]
    """
    low, high = torch.tensor([LOWEST, HIGHEST], device=uv.device)[..., None, None]
    numbers: Tensor = ((uv - low) / (high - low) * bins).floor().long()
    return numbers.clamp(0, bins - 1)


def mean_of(shares: Tensor) -> Tensor:
    """(2 N, bins, H, W) shares, of u* and v* in turn -> (N, 2, H, W) u*, v*.

    Examples
    --------
    >>> mean_of(torch.full((2, 4, 1, 1), 0.25)).flatten().round().tolist()  # the middle
    [46.0, -13.0]
    """
    bins = shares.shape[1]
    low, high = torch.tensor([LOWEST, HIGHEST], device=shares.device)[..., None]
    places = (torch.arange(bins, device=shares.device) + 0.5) / bins
    both = shares.reshape(-1, 2, bins, *shares.shape[-2:])
    return torch.einsum("nakhw,ak->nahw", both, low + (high - low) * places)
