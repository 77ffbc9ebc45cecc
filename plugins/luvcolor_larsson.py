"""Histograms of hue and chroma from hypercolumns: Larsson, Maire & Shakhnarovich 2016.

What every layer of VGG16 says of a place is joined to one long vector, a hypercolumn, from which
two small layers predict how hue and chroma are distributed around it ("Learning representations for
automatic colorization", ECCV 2016). Hue is decoded to its circular mean, and chroma fades where
hues cancel out. Hue and chroma are those of u*, v*.

Hypercolumns of a whole picture are large, so that it learns at a few places of each, as in the
paper. To predict, every layer is weighed at its own size and enlarged afterwards, which comes to
the same, for both are linear.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from luvcolor.decoding import certainty, sharpen
from luvcolor.errors import UsageError
from luvcolor.model import CHROMA_SCALE, Batch, Chroma, Hints, pad_to_multiple
from luvcolor.vgg import LAYERS, VGG16, VGGColorizer, check_width, convolution

LARGEST = 180.0
"""Chroma, the length of (u*, v*), that no sRGB colour exceeds: pure red has 179.04."""
STRIDE = 32
"""The coarsest layer is at this share of the picture."""
LATTICE = 4
"""Pixels between the places where a picture is judged for validation."""


@dataclass(frozen=True)
class LarssonConfig:
    """Hyperparameters of `Larsson`."""

    bins: int = 32
    """Of hue, and as many of chroma."""
    width: int = 16
    """Channels of VGG16's first block; each block deeper has twice as many. VGG16 has 64."""
    deep: int = 256
    """Channels of the two layers in place of VGG16's fully connected ones, which have 4096."""
    hidden: int = 128
    """Channels that hypercolumns are weighed into. The paper has 1024."""
    weights: str = ""
    """A file of VGG16's weights to start from, with torchvision's names, as ``.safetensors`` or a
    torch state dictionary; needs width=64. Without, everything is learned from scratch."""
    places: int = 128
    """Pixels of each picture, drawn anew every time, at which it learns."""
    window: int = 7
    """Side, in pixels, of the square around a pixel whose hues and chromas are counted."""
    spread: float = 5.0
    """Standard deviation, in pixels, of the Gaussian by which they count."""
    hue_weight: float = 5.0
    """Weight of the loss of hue, times chroma / 100, beside that of chroma."""
    fading: float = 0.03
    """Length of the mean hue, at most 1, below which chroma fades."""
    temperature: float = 1.0
    """Decoding: toward 0 the likeliest hue and chroma, 1 the mean of them all."""
    learning_rate: float = 1e-3
    body_rate: float = 0.1
    """Learning rate of weights that were given, as a share of the others'."""

    def __post_init__(self) -> None:
        if self.bins < 2 or min(self.deep, self.hidden, self.places) < 1:
            raise UsageError(
                "bins are at least 2, and deep, hidden and places at least 1; found "
                f"{self.bins}, {self.deep}, {self.hidden} and {self.places}"
            )
        if self.window < 1 or self.window % 2 == 0 or not (self.spread > 0 and self.fading > 0):
            raise UsageError(
                "window is an odd number, spread and fading are above 0; found "
                f"{self.window}, {self.spread} and {self.fading}"
            )
        check_width(self.width, self.weights)


class Larsson(VGGColorizer):
    """Distributions over hue and over chroma at every pixel."""

    Config = LarssonConfig
    config: LarssonConfig

    def __init__(self, config: LarssonConfig | None = None) -> None:
        super().__init__(config)
        c = self.config
        self.body = VGG16(c.width, normalize=not c.weights)
        # At 1/32 a small picture has one place, which cannot be normalized by itself.
        first = convolution(self.body.widths[-1], c.deep, normalize=False)
        self.deep = nn.ModuleList([first, convolution(c.deep, c.deep, normalize=False)])
        blocks = zip(self.body.widths, LAYERS, strict=True)
        inner = [width for width, layers in blocks for _ in range(layers)]
        self.columns = Hypercolumns([1, *inner, c.deep, c.deep], c.hidden)
        self.last = nn.Sequential(nn.ReLU(), nn.Conv2d(c.hidden, 2 * c.bins, 1))

    def forward(self, luma: Tensor) -> Tensor:
        """(N, 1, H, W) L / 100 -> (N, 2 bins, H, W) logits: those of hue first."""
        height, width = luma.shape[-2:]
        logits: Tensor = self.last(self.columns(self._layers(luma)))
        return logits[..., :height, :width]

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Decode both; confidence counts hue and chroma as the loss does."""
        c = self.config
        chosen = c.temperature if temperature is None else temperature
        logits = self(luma).chunk(2, 1)
        hue, chroma = (sharpen(x, temperature=chosen, generator=generator) for x in logits)
        length = mean_chroma(chroma)
        weight = c.hue_weight * length / CHROMA_SCALE
        sure_hue, sure = (certainty(x) for x in logits)
        return Chroma(length * mean_hue(hue, c.fading), (sure + weight * sure_hue) / (1 + weight))

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        """Yield the divergence of both histograms from the truth's, at places drawn at random."""
        count, _, height, width = batch.luma.shape
        shape = (count, self.config.places)
        rows, columns = (
            torch.randint(side, shape, device=batch.luma.device) for side in (height, width)
        )
        yield "main", self._judged(batch, rows, columns)["loss"]

    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        """Return the loss and what it is made of, at places on a lattice."""
        count, _, *sides = batch.luma.shape
        rows, columns = torch.meshgrid(
            *(torch.arange((side - 1) % LATTICE // 2, side, LATTICE) for side in sides),
            indexing="ij",
        )
        device = batch.luma.device
        every = (x.flatten().expand(count, -1).to(device) for x in (rows, columns))
        return self._judged(batch, *every)

    def _judged(self, batch: Batch, rows: Tensor, columns: Tensor) -> dict[str, Tensor]:
        """Judge the answer at places, whose coordinates are (N, places)."""
        layers = self._layers(batch.luma)
        answer = self.last(self.columns.at(layers, rows, columns))[:, :, 0].float().chunk(2, 1)
        *truth, vivid = self._truth(batch.uv, rows, columns)
        hue, chroma = (
            F.kl_div(logits.log_softmax(1), shares, reduction="none").sum(1)
            for logits, shares in zip(answer, truth, strict=True)
        )
        parts = {"hue_loss": (vivid * hue).mean(), "chroma_loss": chroma.mean()}
        loss = parts["chroma_loss"] + self.config.hue_weight * parts["hue_loss"]
        return {"loss": loss, **parts}

    def _truth(self, uv: Tensor, rows: Tensor, columns: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return histograms of hue and chroma around places, and the chroma there, / 100."""
        c = self.config
        around = window_of(uv, rows, columns, c.window)
        length = around.square().sum(1).sqrt()
        weights = gaussian(c.window, c.spread).to(uv.device)
        hue = histogram(hue_bin(around, c.bins), weights, c.bins)
        chroma = histogram(chroma_bin(length, c.bins), weights, c.bins)
        return hue, chroma, length[:, c.window**2 // 2] / CHROMA_SCALE

    def _layers(self, luma: Tensor) -> list[Tensor]:
        """Return what all layers say, from the picture itself to the deepest."""
        padded = pad_to_multiple(luma, STRIDE)
        blocks = self.body(padded)
        x = F.max_pool2d(blocks[-1][-1], 2)
        layers = [padded, *(layer for block in blocks for layer in block)]
        for deeper in self.deep:
            x = deeper(x)
            layers.append(x)
        return layers


class Hypercolumns(nn.Module):
    """Joins what layers of several sizes say of each place, and weighs it into fewer channels.

    Every layer is normalized, so that none drowns the others.
    """

    def __init__(self, widths: list[int], hidden: int) -> None:
        super().__init__()
        self.weigh = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(width), nn.Conv2d(width, hidden, 1, bias=False))
            for width in widths
        )

    def forward(self, layers: list[Tensor]) -> Tensor:
        """Layers (N, C, h, w), the first of the picture's size -> (N, hidden, H, W)."""
        size = layers[0].shape[-2:]
        weighed: list[Tensor] = [f(x) for f, x in zip(self.weigh, layers, strict=True)]
        total = weighed[0]
        for x in weighed[1:]:
            total = total + F.interpolate(x, size=size, mode="bilinear")
        return total

    def at(self, layers: list[Tensor], rows: Tensor, columns: Tensor) -> Tensor:
        """Do the same at places alone: coordinates (N, places) -> (N, hidden, 1, places)."""
        height, width = layers[0].shape[-2:]
        # From -1 at the outer edge of the first pixel to 1 at that of the last.
        spots = torch.stack([(2 * columns + 1) / width - 1, (2 * rows + 1) / height - 1], -1)
        weighed: list[Tensor] = [
            f(F.grid_sample(x.float(), spots[:, None], padding_mode="border", align_corners=False))
            for f, x in zip(self.weigh, layers, strict=True)
        ]
        return torch.stack(weighed).sum(0)


def window_of(uv: Tensor, rows: Tensor, columns: Tensor, side: int) -> Tensor:
    """Return the pixels around places: (N, 2, H, W) at (N, places) -> (N, 2, side^2, places)."""
    reach = side // 2
    padded = F.pad(uv, (reach, reach, reach, reach), mode="replicate")
    steps = torch.arange(side, device=uv.device)
    down, right = (x.reshape(1, -1, 1) for x in torch.meshgrid(steps, steps, indexing="ij"))
    places = (rows[:, None] + down) * padded.shape[-1] + columns[:, None] + right
    picked = padded.flatten(2).gather(2, places.flatten(1)[:, None].expand(-1, 2, -1))
    return picked.reshape(len(uv), 2, side**2, -1)


def gaussian(side: int, deviation: float) -> Tensor:
    """Weights (side^2,) of the pixels in a square; they sum to 1.

    Examples
    --------
    >>> [round(weight, 2) for weight in gaussian(3, 1.0).tolist()]
    [0.08, 0.12, 0.08, 0.12, 0.2, 0.12, 0.08, 0.12, 0.08]
    """
    away = (torch.arange(side) - side // 2).square()
    return ((away[:, None] + away).flatten() / (-2 * deviation**2)).softmax(0)


def histogram(labels: Tensor, weights: Tensor, bins: int) -> Tensor:
    """Count (N, pixels, places) labels by the pixels' weights -> (N, bins, places)."""
    counts = weights.new_zeros(labels.shape[0], bins, labels.shape[2])
    return counts.scatter_add(1, labels, weights[None, :, None].expand_as(labels))


def hue_bin(uv: Tensor, bins: int) -> Tensor:
    """(N, 2, ...) u*, v* -> (N, ...) numbers; the first bin begins at hue 0."""
    turn = torch.atan2(uv[:, 1], uv[:, 0]) / (2 * math.pi)
    return ((turn % 1) * bins).long().clamp_max(bins - 1)


def chroma_bin(length: Tensor, bins: int) -> Tensor:
    """(N, ...) lengths of u*, v* -> (N, ...) numbers; the first bin begins at gray."""
    return (length * (bins / LARGEST)).long().clamp_max(bins - 1)


def mean_chroma(shares: Tensor) -> Tensor:
    """(N, bins, H, W) shares -> (N, 1, H, W), the expectation."""
    bins = shares.shape[1]
    middles = (torch.arange(bins, device=shares.device) + 0.5) * (LARGEST / bins)
    return torch.einsum("nkhw,k->nhw", shares, middles)[:, None]


def mean_hue(shares: Tensor, fading: float) -> Tensor:
    """(N, bins, H, W) shares -> (N, 2, H, W), the direction of the circular mean.

    Its length is 1, and less where the hues cancel out so far that the mean is shorter than
    `fading`.
    """
    bins = shares.shape[1]
    angles = (torch.arange(bins, device=shares.device) + 0.5) * (2 * math.pi / bins)
    middles = torch.stack([angles.cos(), angles.sin()], 1)
    mean = torch.einsum("nkhw,kc->nchw", shares, middles)
    return mean / mean.square().sum(1, keepdim=True).sqrt().clamp_min(fading)
