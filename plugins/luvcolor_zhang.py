"""Classification over bins of chroma, rare ones weighted up: Zhang, Isola & Efros 2016.

Chroma is cut into a grid, and every pixel gets a distribution over the bins that hold a colour a
screen can show ("Colorful image colorization", ECCV 2016). The truth is spread over the bins
nearest to it; pixels of rare bins count for more, or the network would learn that all is gray; and
the distribution is decoded to its annealed mean.

The network is theirs: eight blocks of convolutions without pooling, of which three halve the
picture, two look further by dilation, and the last doubles it to a quarter of the picture. The grid
lies in u*, v* instead of a*, b*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

import luvcolor_kernels as kernels
from luvcolor.classify import PaletteColorizer, PaletteHead
from luvcolor.counting import count_colors
from luvcolor.errors import UsageError
from luvcolor.spaces import to_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.dataset import Dataset
    from luvcolor.palette import Palette


@dataclass(frozen=True)
class ZhangConfig:
    """Hyperparameters of `Zhang`."""

    side: float = 12.0
    """Of a bin, in u*, v*: 322 bins. The paper has 10 in a*, b*, whose gamut is smaller: 313."""
    width: int = 16
    """Channels of the first block; of the second twice, of the third and the last four times, of
    the others eight times as many. The paper has 64."""
    neighbours: int = 5
    """Bins nearest to a pixel's chroma, over which its target is spread."""
    softness: float = 6.0
    """Standard deviation, in u*, v*, of the Gaussian by which it is spread, and of the one that
    smooths how common the bins are: half a bin's side, as in the paper."""
    rebalance: float = 0.5
    """0 counts every pixel alike; toward 1, rare bins count as much as common ones. One minus the
    paper's lambda."""
    temperature: float = 0.38
    """Decoding: toward 0 the likeliest bin, 1 the mean of them all."""
    learning_rate: float = 1e-3

    def __post_init__(self) -> None:
        if not (self.side >= 1 and self.softness > 0 and self.neighbours >= 1):
            raise UsageError(
                "side and neighbours are at least 1 and softness is above 0; "
                f"found {self.side}, {self.neighbours} and {self.softness}"
            )


class Zhang(PaletteColorizer):
    """A distribution over bins of chroma at a quarter of the picture's size."""

    Config = ZhangConfig
    config: ZhangConfig
    multiple = 8

    def __init__(self, config: ZhangConfig | None = None) -> None:
        super().__init__(config)
        c = self.config
        bins = bins_in_gamut(c.side)
        self.palette = PaletteHead(
            len(bins),
            space="uv",
            softness=c.softness,
            neighbours=c.neighbours,
            rebalance=c.rebalance,
        )
        self.palette.centers.copy_(torch.from_numpy(bins))
        self.palette.chroma.copy_(self.palette.centers)
        self.blocks = nn.Sequential(*blocks(c.width), nn.Conv2d(4 * c.width, len(bins), 1))
        self.blocks.apply(begin)

    def forward(self, luma: Tensor) -> Tensor:
        """(N, 1, H, W) L / 100, sides multiples of 8 -> (N, bins, H/4, W/4) logits."""
        logits: Tensor = self.blocks(luma * 2 - 1)
        return logits

    def fit_to(self, dataset: Dataset, *, palette: Palette | None, seed: int) -> None:
        """Count how common the bins are in the training pictures.

        Raises
        ------
        UsageError
            When a palette is given: the bins are the model's own.
        """
        if palette is not None:
            raise UsageError(
                "the model classifies over bins of its own and takes no palette, found one of "
                f"{len(palette)} colours; leave it out, and set side to have more or fewer bins"
            )
        colors, counts = count_colors(dataset.sample("train", seed=seed))
        bins = self.palette.chroma.cpu().numpy()
        labels = kernels.nearest(to_points(colors, "uv"), bins)
        share = np.bincount(labels, counts, minlength=len(bins)) / counts.sum()
        self.palette.share.copy_(smoothed(torch.from_numpy(share), bins, self.config.softness))


def bins_in_gamut(side: float) -> NDArray[np.float32]:
    """Return the centres of the bins that hold a colour of sRGB.

    Parameters
    ----------
    side
        Of a bin, in u*, v*. Centres are its multiples, so that gray is one.

    Returns
    -------
    bins
        (n, 2) u*, v*.

    Examples
    --------
    >>> len(bins_in_gamut(12.0))
    322
    """
    # The colours of one chroma lie on a line, which enters the gamut through a face of the cube.
    levels = np.arange(256, dtype=np.uint8)
    one, other = (x.ravel() for x in np.meshgrid(levels, levels))
    faces = [
        np.roll(np.stack([one, other, np.full_like(one, end)], -1), axis, -1)
        for axis in range(3)
        for end in (0, 255)
    ]
    uv = to_points(np.concatenate(faces), "uv")
    steps = np.unique(np.rint(uv / side), axis=0)
    return (side * steps).astype(np.float32)


def smoothed(share: Tensor, bins: NDArray[np.float32], deviation: float) -> Tensor:
    """Smooth shares (n,) of bins (n, 2) by a Gaussian over chroma; they sum to 1 as before.

    What a bin gives away, it gives to bins in gamut alone.

    Examples
    --------
    >>> bins = np.array([[0, 0], [10, 0], [90, 0]], np.float32)
    >>> [round(each, 2) for each in smoothed(torch.tensor([1.0, 0, 0]), bins, 5.0).tolist()]
    [0.88, 0.12, 0.0]
    """
    points = torch.from_numpy(bins).double()
    near = (torch.cdist(points, points).square() / (-2 * deviation**2)).softmax(1)
    return (share.double() @ near).to(share.dtype)


def blocks(width: int) -> list[nn.Module]:
    """Eight blocks, (N, 1, H, W) -> (N, 4 width, H/4, W/4)."""
    w = width
    return [
        block(1, w, 2, stride=2),
        block(w, 2 * w, 2, stride=2),
        block(2 * w, 4 * w, 3, stride=2),
        block(4 * w, 8 * w, 3),
        block(8 * w, 8 * w, 3, dilation=2),
        block(8 * w, 8 * w, 3, dilation=2),
        block(8 * w, 8 * w, 3),
        nn.ConvTranspose2d(8 * w, 4 * w, 4, stride=2, padding=1),
        nn.ReLU(),
        *convolution(4 * w, 4 * w),
        *convolution(4 * w, 4 * w),
    ]


def block(
    inputs: int, outputs: int, layers: int, *, stride: int = 1, dilation: int = 1
) -> nn.Sequential:
    """Convolutions, of which the last has the stride, then one batch normalization."""
    parts: list[nn.Module] = []
    for layer in range(layers):
        step = stride if layer == layers - 1 else 1
        parts += convolution(outputs if layer else inputs, outputs, step, dilation)
    return nn.Sequential(*parts, nn.BatchNorm2d(outputs))


def convolution(
    inputs: int, outputs: int, stride: int = 1, dilation: int = 1
) -> tuple[nn.Module, nn.Module]:
    """Convolution, ReLU."""
    conv = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=dilation, dilation=dilation)
    return conv, nn.ReLU()


def begin(layer: nn.Module) -> None:
    """Draw weights that keep the size of what goes through three layers to a normalization."""
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
