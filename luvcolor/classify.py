"""Chroma as a choice among colours: what every model that classifies over a palette shares.

Which colour a gray pixel had is a question with several answers. A network that gives every colour
of a palette a probability can say so; decoding then picks between the likeliest colour and their
mean (the annealed mean of Zhang, Isola & Efros 2016).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import luvcolor_kernels as kernels
from luvcolor.errors import UsageError
from luvcolor.model import Batch, Chroma, Colorizer, Hints
from luvcolor.rebalancing import rarity_weights

if TYPE_CHECKING:
    from luvcolor.dataset import Dataset
    from luvcolor.palette import Palette

__all__ = ["SPACES", "PaletteColorizer", "PaletteHead"]

SPACES = ("rgb", "luv", "uv")


class PaletteHead(nn.Module):
    """A palette, the loss of logits over it, and the chroma that logits mean.

    Parameters
    ----------
    colors
        How many colours.
    space
        Where a pixel looks for its colour: ``"rgb"``, ``"luv"`` or ``"uv"`` (chroma alone).
    softness
        Standard deviation, in units of the space, of the Gaussian that spreads a pixel's target
        over colours near its own; 0 for one colour a pixel.
    rebalance
        0 counts every pixel alike; toward 1, rare colours count as much as common ones.

    Examples
    --------
    >>> head = PaletteHead(24, space="uv")
    >>> head.decode(torch.zeros(1, 24, 4, 4), temperature=0.4).uv.shape
    torch.Size([1, 2, 4, 4])
    """

    # They travel with the weights; `fit` fills them in before training.
    centers: Tensor
    chroma: Tensor
    share: Tensor

    def __init__(
        self, colors: int, *, space: str, softness: float = 0.0, rebalance: float = 0.0
    ) -> None:
        super().__init__()
        if space not in SPACES:
            raise UsageError(f"space is one of {', '.join(SPACES)}; found {space!r}")
        self.colors, self.space = colors, space
        self.softness, self.rebalance = softness, rebalance
        self.register_buffer("centers", torch.zeros(colors, 2 if space == "uv" else 3))
        self.register_buffer("chroma", torch.zeros(colors, 2))
        self.register_buffer("share", torch.full((colors,), 1 / colors))

    def fit(self, dataset: Dataset, *, palette: Palette | None, seed: int) -> None:
        """Take the palette given, or find one in the training pictures.

        Raises
        ------
        UsageError
            When the palette given is of another size or space.
        """
        from luvcolor.palette import fit_palette

        pictures = dataset.sample("train", seed=seed)
        palette = palette or fit_palette(pictures, self.colors, space=self.space, seed=seed)
        if len(palette.colors) != self.colors or palette.space != self.space:
            raise UsageError(
                f"the model expects a palette of {self.colors} colours in {self.space}, and the "
                f"palette has {len(palette.colors)} in {palette.space}; set "
                f"colors={len(palette.colors)} and space={palette.space}, or give more pictures"
            )
        uv = self.space == "uv"
        chroma = palette.centers if uv else kernels.rgb_to_luv(palette.colors)[:, 1:]
        self.centers.copy_(torch.as_tensor(palette.centers))
        self.chroma.copy_(torch.as_tensor(chroma))
        self.share.copy_(torch.as_tensor(palette.share))

    def describe(self) -> dict[str, Any]:
        """Return the palette as a checkpoint's card holds it."""
        centers = [[round(value, 2) for value in center] for center in self.centers.tolist()]
        return {"space": self.space, "centers": centers}

    def loss(self, logits: Tensor, batch: Batch) -> Tensor:
        """Cross entropy of (N, colors, H, W) logits; the truth is averaged down to their size."""
        return self._cross_entropy(logits, self._distances(batch, logits.shape[-2:]))

    def metrics(self, logits: Tensor, batch: Batch) -> dict[str, Tensor]:
        """Return the loss, and as accuracy the share of pixels whose likeliest colour is right.

        Right is the palette colour nearest to the truth.
        """
        distances = self._distances(batch, logits.shape[-2:])
        accuracy = (logits.argmax(1) == distances.argmin(1)).float().mean()
        return {"loss": self._cross_entropy(logits, distances), "accuracy": accuracy}

    def decode(
        self,
        logits: Tensor,
        *,
        temperature: float,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Return the annealed mean of the distribution, or a draw from it.

        Parameters
        ----------
        logits
            (N, colors, H, W).
        temperature
            Toward 0 the likeliest colour, 1 the mean.
        generator
            Draws one preference among the colours for each picture.

        Returns
        -------
        Chroma
            Confidence is one minus the entropy over its largest value.
        """
        logits = logits.float()
        certain = (1 - _entropy(logits) / max(math.log(self.colors), 1e-9)).clamp(0, 1)
        if generator is not None:
            logits = logits + _gumbel(logits, generator)
        sharpened = (logits / max(temperature, 1e-3)).softmax(1)
        return Chroma(torch.einsum("nkhw,kc->nchw", sharpened, self.chroma), certain)

    def _cross_entropy(self, logits: Tensor, distances: Tensor) -> Tensor:
        nearest = distances.argmin(1)
        if self.softness:
            soft = (distances / (-2 * self.softness**2)).softmax(1)
            losses = -(soft * logits.float().log_softmax(1)).sum(1)
        else:
            losses = F.cross_entropy(logits.float(), nearest, reduction="none")
        weight = self._weights()[nearest]
        return (losses * weight).sum() / weight.sum()

    def _distances(self, batch: Batch, size: tuple[int, ...]) -> Tensor:
        """Squared distance of every pixel to every colour, (N, colors, h, w)."""
        points = self._points(batch)
        if tuple(size) != tuple(points.shape[-2:]):
            points = F.adaptive_avg_pool2d(points, (size[0], size[1]))
        # |p - c|^2 as a 1x1 convolution: |c|^2 - 2 c.p, plus |p|^2, which all colours share
        with torch.autocast(points.device.type, enabled=False):
            crossed = F.conv2d(points, (-2 * self.centers)[:, :, None, None])
        squares = self.centers.square().sum(1)[:, None, None]
        return crossed + squares + points.square().sum(1, keepdim=True)

    def _points(self, batch: Batch) -> Tensor:
        if self.space == "rgb":
            return batch.rgb.float()
        return batch.uv if self.space == "uv" else torch.cat([batch.luma * 100, batch.uv], 1)

    def _weights(self) -> Tensor:
        """Weight of each colour: one over its share, mixed with an even share."""
        return rarity_weights(self.share, self.rebalance)


class PaletteColorizer(Colorizer):
    """Base of models that give every pixel of the picture a distribution over a palette.

    Subclasses set `palette`, compute its logits at the size of the luma in `forward`, and have
    `temperature` and `learning_rate` among their settings.
    """

    palette: PaletteHead

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Decode the palette's distribution to chroma."""
        chosen = self.config.temperature if temperature is None else temperature
        return self.palette.decode(self(luma), temperature=chosen, generator=generator)

    def fit_to(self, dataset: Dataset, *, palette: Palette | None, seed: int) -> None:
        """Take the palette given, or find one in the training pictures."""
        self.palette.fit(dataset, palette=palette, seed=seed)

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        """Yield the cross entropy against the palette colours nearest to the truth."""
        yield "main", self.palette.loss(self(batch.luma), batch)

    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        """Return the loss, and the share of pixels whose palette colour is right."""
        return self.palette.metrics(self(batch.luma), batch)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Return AdamW over everything."""
        rate = self.config.learning_rate
        return {"main": torch.optim.AdamW(self.parameters(), lr=rate, weight_decay=1e-2)}


def _entropy(logits: Tensor) -> Tensor:
    log_p = logits.log_softmax(1)
    return -(log_p.exp() * log_p).sum(1, keepdim=True)


def _gumbel(like: Tensor, generator: torch.Generator) -> Tensor:
    """Gumbel noise, one draw a colour and picture, so that a region keeps one colour."""
    shape = (like.shape[0], like.shape[1], 1, 1)
    uniform = torch.rand(shape, generator=generator, device=like.device).clamp_min(1e-9)
    return -torch.log(-torch.log(uniform))
