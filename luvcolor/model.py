"""The contract of a model: predict chroma for luma.

A model is a plain `torch.nn.Module`; no framework shows in a plugin's face. One that is trained
implements `predict`, `losses` and, where Adam is not what it wants, `optimizers`; one that is not
trained (scribbles, exemplars) implements `predict` alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

if TYPE_CHECKING:
    from luvcolor.dataset import Dataset
    from luvcolor.palette import Palette

__all__ = ["CHROMA_SCALE", "Batch", "Chroma", "Colorizer", "Hints", "pad_to_multiple"]

CHROMA_SCALE = 100.0
"""u* and v* divided by this lie in about [-1, 1]; the sRGB gamut spans -83..175 and -134..108."""


class Batch(NamedTuple):
    """What a model learns from.

    Attributes
    ----------
    luma
        (N, 1, H, W) float32, L / 100.
    uv
        (N, 2, H, W) float32, u* and v*.
    rgb
        (N, 3, H, W) uint8 sRGB, for models that classify colours.
    """

    luma: Tensor
    uv: Tensor
    rgb: Tensor


@dataclass(frozen=True)
class Chroma:
    """What a model predicts.

    Attributes
    ----------
    uv
        (N, 2, H, W) float, u* and v*.
    confidence
        (N, 1, H, W) in [0, 1], or None for a model that cannot tell.
    """

    uv: Tensor
    confidence: Tensor | None = None


@dataclass(frozen=True)
class Hints:
    """What a person adds: colours at some pixels, a picture to take colours from, or both.

    Attributes
    ----------
    uv
        (N, 2, H, W) float, u* and v* where `mask` is set; 0 elsewhere.
    mask
        (N, 1, H, W) bool; nowhere set where a person gave nothing but a reference.
    reference
        (1, 3, h, w) float, L (0..100), u* and v* of a picture in colour, of any size; or None.
    """

    uv: Tensor
    mask: Tensor
    reference: Tensor | None = None


class Colorizer(nn.Module):
    """Base of every model. Subclasses set `Config` and implement `predict`."""

    Config: ClassVar[type[Any]]
    """A frozen dataclass of hyperparameters with defaults; the command line reads it for --set."""

    uses: ClassVar[tuple[str, ...]] = ()
    """Which hints `predict` makes use of, among ``"colours"`` (at pixels) and ``"reference"``."""

    largest: int = 1024
    """The short side, in pixels, above which a model that does not learn sees pictures shrunk; it
    sees others at their own size. One that learns sees them as its checkpoint says."""

    about: Mapping[str, str] = {}
    """What receipts are to say of a model that needs no weights, beside its settings: of a file
    that it runs the SHA-256 and the licence, for one."""

    def __init__(self, config: Any = None) -> None:
        super().__init__()
        self.config = self.Config() if config is None else config

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Predict chroma for luma of any size.

        Parameters
        ----------
        luma
            (N, 1, H, W) float, L / 100.
        hints
            What a person gave; only what is among `uses` ever comes here.
        temperature
            How bold: toward 0 the likeliest colour, 1 the mean of all plausible ones. None for
            the model's own choice.
        generator
            Draws one of the plausible colourings instead of the central one.

        Returns
        -------
        Chroma
            Of the size of `luma`.
        """
        raise NotImplementedError

    def fit_to(self, dataset: Dataset, *, palette: Palette | None, seed: int) -> None:
        """Look at the data once before training from scratch: a palette, frequencies, a mean."""

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        """Yield (name of the optimizer to step, loss): once for a plain network.

        A GAN yields twice, discriminator then generator; the first step is taken before the second
        loss is asked for.
        """
        raise NotImplementedError

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Return the optimizers by the names that `losses` yields; AdamW unless overridden."""
        return {"main": torch.optim.AdamW(self.parameters(), lr=1e-3, weight_decay=1e-2)}

    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        """Return scalars to follow on validation pictures; ``"loss"`` decides which is best."""
        return {"loss": torch.stack([loss.detach() for _, loss in self.losses(batch)]).sum()}

    @property
    def trainable(self) -> bool:
        """Whether the model learns: it implements `losses`."""
        return type(self).losses is not Colorizer.losses


def pad_to_multiple(x: Tensor, multiple: int) -> Tensor:
    """Pad (N, C, H, W) at the right and bottom to multiples, repeating the edge.

    Examples
    --------
    >>> pad_to_multiple(torch.zeros(1, 1, 5, 8), 4).shape
    torch.Size([1, 1, 8, 8])
    """
    height, width = x.shape[-2:]
    bottom, right = -height % multiple, -width % multiple
    return F.pad(x, (0, right, 0, bottom), mode="replicate") if bottom or right else x
