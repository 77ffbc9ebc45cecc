"""What logits over colours mean: a distribution, how certain it is, and a draw from it.

Models that classify share it. `luvcolor.runtimes.decoding` is its twin for runtimes without torch.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from luvcolor.model import Chroma

__all__ = ["certainty", "enlarge", "sharpen"]


def certainty(logits: Tensor) -> Tensor:
    """Return one minus the entropy over its largest value: (N, k, H, W) -> (N, 1, H, W) in [0, 1].

    Examples
    --------
    >>> certainty(torch.zeros(1, 4, 1, 1)).item()
    0.0
    """
    log_p = logits.float().log_softmax(1)
    entropy = -(log_p.exp() * log_p).sum(1, keepdim=True)
    return (1 - entropy / max(math.log(logits.shape[1]), 1e-9)).clamp(0, 1)


def sharpen(
    logits: Tensor, *, temperature: float, generator: torch.Generator | None = None
) -> Tensor:
    """Return the annealed distribution of logits.

    Parameters
    ----------
    logits
        (N, k, H, W).
    temperature
        Toward 0 all on the likeliest, 1 the distribution as it is.
    generator
        Draws one preference among the k for each picture, so that a region keeps one colour.

    Returns
    -------
    Tensor
        (N, k, H, W) float32; sums to 1 over k.

    Notes
    -----
    Source: the annealed mean of Zhang, Isola & Efros, "Colorful image colorization", 2016, eq. 5.

    Examples
    --------
    >>> logits = torch.tensor([0.9, 0.1]).log().reshape(1, 2, 1, 1)
    >>> [round(share, 3) for share in sharpen(logits, temperature=0.5).flatten().tolist()]
    [0.988, 0.012]
    """
    logits = logits.float()
    if generator is not None:
        logits = logits + _gumbel(logits, generator)
    return (logits / max(temperature, 1e-3)).softmax(1)


def enlarge(chroma: Chroma, padded: Tensor, luma: Tensor) -> Chroma:
    """Bring what was predicted for `padded` to its size, bilinearly, and cut it to that of `luma`.

    Examples
    --------
    >>> coarse = Chroma(torch.zeros(1, 2, 2, 2))
    >>> enlarge(coarse, torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 5, 7)).uv.shape
    torch.Size([1, 2, 5, 7])
    """
    height, width = luma.shape[-2:]

    def enlarged(x: Tensor) -> Tensor:
        if x.shape[-2:] != padded.shape[-2:]:
            x = F.interpolate(x, size=padded.shape[-2:], mode="bilinear")
        return x[..., :height, :width]

    sure = chroma.confidence
    return Chroma(enlarged(chroma.uv), None if sure is None else enlarged(sure))


def _gumbel(like: Tensor, generator: torch.Generator) -> Tensor:
    """Gumbel noise, one draw a colour and picture, so that a region keeps one colour."""
    shape = (like.shape[0], like.shape[1], 1, 1)
    uniform = torch.rand(shape, generator=generator, device=like.device).clamp_min(1e-9)
    return -torch.log(-torch.log(uniform))
