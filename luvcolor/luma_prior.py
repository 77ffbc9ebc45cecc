"""What luma alone tells of a colour, for networks that are to learn what differs from it.

A palette in RGB is mostly one of lightness. A network that has to find by itself at which luma one
colour takes over from another spends most of its training on steps that a table holds.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["LumaPrior"]

LEVELS = 128
"""Levels of luma at which colours are counted."""
DOUBT = 100.0
"""A level's counts are mixed with those of so many pixels that are coloured as all pixels are."""


class LumaPrior(nn.Module):
    """How common each of some colours is at every level of luma.

    Parameters
    ----------
    colors
        How many colours.

    Examples
    --------
    >>> prior = LumaPrior(2)
    >>> dark, light = torch.zeros(1, 1, 1, 300), torch.ones(1, 1, 1, 300)
    >>> prior.fit([(dark, torch.zeros(300)), (light, torch.ones(300))])
    >>> prior(torch.tensor([0.0, 1.0]).view(1, 1, 1, 2)).exp()[0, :, 0].round(decimals=3).tolist()
    [[0.875, 0.125], [0.125, 0.875]]
    """

    # It travels with the weights; `fit` fills it in before training.
    log_share: Tensor

    def __init__(self, colors: int) -> None:
        super().__init__()
        self.register_buffer("log_share", torch.zeros(LEVELS, colors))

    def fit(self, seen: Iterable[tuple[Tensor, Tensor]]) -> None:
        """Count colours.

        Parameters
        ----------
        seen
            Luma of pictures, L / 100, and the number of each pixel's colour, in the same order.
        """
        levels, colors = self.log_share.shape
        counts = torch.zeros(levels * colors)
        for luma, label in seen:
            pairs = _level(luma).ravel() * colors + label.ravel().long()
            counts += torch.bincount(pairs, minlength=len(counts))
        table = counts.view(levels, colors)
        mixed = table + DOUBT * table.sum(0) / table.sum().clamp_min(1)
        self.log_share.copy_((mixed / mixed.sum(1, keepdim=True)).clamp_min(1e-9).log())

    def forward(self, luma: Tensor) -> Tensor:
        """(N, 1, H, W) L / 100 -> (N, colors, H, W) logarithms of shares."""
        return F.embedding(_level(luma[:, 0]), self.log_share).movedim(-1, 1)


def _level(luma: Tensor) -> Tensor:
    return (luma * (LEVELS - 1)).round().long().clamp(0, LEVELS - 1)
