"""Chroma as a choice among colours: what every model that classifies over a palette shares.

Which colour a gray pixel had is a question with several answers. A network that gives every colour
of a palette a probability can say so; decoding then picks between the likeliest colour and their
mean (the annealed mean of Zhang, Isola & Efros 2016).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import luvcolor_kernels as kernels
from luvcolor.batches import to_batch
from luvcolor.decoding import certainty, enlarge, sharpen
from luvcolor.errors import UsageError
from luvcolor.luma_prior import LumaPrior
from luvcolor.model import Batch, Chroma, Colorizer, Hints, pad_to_multiple
from luvcolor.rebalancing import rarity_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
    neighbours
        How many colours, nearest first, it is spread over; 0 for all of them.
    rebalance
        0 counts every pixel alike; toward 1, rare colours count as much as common ones.
    luma_prior
        Whether `given_luma` adds how common each colour was where luma was the same; see
        `luvcolor.luma_prior`.

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
        self,
        colors: int,
        *,
        space: str,
        softness: float = 0.0,
        neighbours: int = 0,
        rebalance: float = 0.0,
        luma_prior: bool = False,
    ) -> None:
        super().__init__()
        if space not in SPACES:
            raise UsageError(f"space is one of {', '.join(SPACES)}; found {space!r}")
        self.colors, self.space = colors, space
        self.softness, self.rebalance = softness, rebalance
        self.neighbours = min(neighbours, colors) or colors
        self.register_buffer("centers", torch.zeros(colors, 2 if space == "uv" else 3))
        self.register_buffer("chroma", torch.zeros(colors, 2))
        self.register_buffer("share", torch.full((colors,), 1 / colors))
        self.prior = LumaPrior(colors) if luma_prior else None

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
        if self.prior is not None:
            self.prior.fit(map(self._labelled, dataset.sample("train", seed=seed)))

    def given_luma(self, logits: Tensor, luma: Tensor) -> Tensor:
        """Add to logits what luma alone tells of a pixel's colour; nothing without `luma_prior`.

        Parameters
        ----------
        logits
            (N, colors, H, W).
        luma
            (N, 1, H, W), L / 100.

        Examples
        --------
        >>> head = PaletteHead(24, space="rgb", luma_prior=True)
        >>> head.given_luma(torch.zeros(1, 24, 4, 4), torch.full((1, 1, 4, 4), 0.5)).shape
        torch.Size([1, 24, 4, 4])
        """
        return logits if self.prior is None else logits + self.prior(luma)

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
        sharpened = sharpen(logits, temperature=temperature, generator=generator)
        uv = torch.einsum("nkhw,kc->nchw", sharpened, self.chroma)
        return Chroma(uv, certainty(logits))

    def _labelled(self, picture: NDArray[np.uint8]) -> tuple[Tensor, Tensor]:
        """Return the luma of a picture and the number of each pixel's colour."""
        batch = to_batch(picture[None])
        return batch.luma, self._distances(batch, picture.shape[:2]).argmin(1)

    def _cross_entropy(self, logits: Tensor, distances: Tensor) -> Tensor:
        nearest = distances.argmin(1)
        if self.softness:
            log_p = logits.float().log_softmax(1)
            if self.neighbours < self.colors:
                distances, which = distances.topk(self.neighbours, 1, largest=False)
                log_p = log_p.gather(1, which)
            soft = (distances / (-2 * self.softness**2)).softmax(1)
            losses = -(soft * log_p).sum(1)
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

    Subclasses set `palette`, compute its logits in `forward`, and have `temperature` and
    `learning_rate` among their settings. Logits are of the size of the luma, or smaller by a whole
    factor of which `multiple` is one.
    """

    palette: PaletteHead

    multiple: ClassVar[int] = 1
    """What the sides of the luma that `forward` gets are multiples of."""

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Decode the palette's distribution to chroma, enlarged to the size of `luma`."""
        chosen = self.config.temperature if temperature is None else temperature
        padded = pad_to_multiple(luma, self.multiple)
        chroma = self.palette.decode(self(padded), temperature=chosen, generator=generator)
        return enlarge(chroma, padded, luma)

    def fit_to(self, dataset: Dataset, *, palette: Palette | None, seed: int) -> None:
        """Take the palette given, or find one in the training pictures."""
        self.palette.fit(dataset, palette=palette, seed=seed)

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        """Yield the cross entropy against the palette colours nearest to the truth."""
        yield "main", self.palette.loss(*self._answer(batch))

    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        """Return the loss, and the share of pixels whose palette colour is right."""
        return self.palette.metrics(*self._answer(batch))

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Return AdamW over everything."""
        rate = self.config.learning_rate
        return {"main": torch.optim.AdamW(self.parameters(), lr=rate, weight_decay=1e-2)}

    def _answer(self, batch: Batch) -> tuple[Tensor, Batch]:
        """Return logits and the part of the batch that they are for, without any padding."""
        padded = pad_to_multiple(batch.luma, self.multiple)
        logits = self(padded)
        coarse = padded.shape[-1] // logits.shape[-1]
        height, width = (side // coarse for side in batch.luma.shape[-2:])
        seen = Batch(*(x[..., : height * coarse, : width * coarse] for x in batch))
        return logits[..., :height, :width], seen
