"""Chroma from logits over a palette, in NumPy: `PaletteHead.decode` for runtimes without torch.

The same formulae, the same draws by the same seed; a test holds the two together.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decode", "enlarge"]

COLDEST = 1e-3
"""A lower temperature is taken for this one."""
BITS = 24
"""Random bits in a number of 0..1, as float32 holds them."""


def decode(
    logits: NDArray[np.float32],
    chroma: NDArray[np.float32],
    *,
    temperature: float,
    seed: int | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the annealed mean of the distribution, or a draw from it, and how certain it is.

    Parameters
    ----------
    logits
        (N, k, h, w).
    chroma
        (k, 2) u*, v* of the palette's colours.
    temperature
        Toward 0 the likeliest colour, 1 the mean.
    seed
        Draws one preference among the colours for each picture; the draws are those of a
        `torch.Generator` on the CPU with this seed.

    Returns
    -------
    uv : (N, 2, h, w)
    confidence : (N, 1, h, w)
        One minus the entropy over its largest value, in [0, 1].

    Notes
    -----
    Source: the annealed mean of Zhang, Isola & Efros, "Colorful Image Colorization", 2016.

    Examples
    --------
    >>> uv, confidence = decode(
    ...     np.array([3, 0], np.float32).reshape(1, 2, 1, 1),
    ...     np.array([[10, 20], [-30, 40]], np.float32),
    ...     temperature=0.1,
    ... )
    >>> uv.round(1).tolist()
    [[[[10.0]], [[20.0]]]]
    """
    n, k, h, w = logits.shape
    confidence = 1 - _entropy(logits) / np.float32(max(math.log(k), 1e-9))
    preferred = logits if seed is None else logits + _gumbel((n, k, 1, 1), seed)
    sharpened = np.exp(_log_softmax(preferred / np.float32(max(temperature, COLDEST))))
    uv = chroma.T @ sharpened.reshape(n, k, h * w)
    return uv.reshape(n, 2, h, w), confidence.clip(0, 1)


def enlarge(planes: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Bring planes (N, C, h, w) to another height and width, bilinearly.

    Pixels are areas: their centres lie at half their side, as in `torch.nn.functional.interpolate`
    without ``align_corners``.

    Examples
    --------
    >>> enlarge(np.array([[[[0, 4]]]], np.float32), (1, 4)).tolist()
    [[[[0.0, 1.0, 3.0, 4.0]]]]
    """
    for axis, target in zip((-2, -1), size, strict=True):
        if planes.shape[axis] != target:
            planes = _stretched(planes, axis, target)
    return planes


def _stretched(planes: NDArray[np.float32], axis: int, target: int) -> NDArray[np.float32]:
    source = planes.shape[axis]
    place = ((np.arange(target) + 0.5) * (source / target) - 0.5).clip(0)
    before = place.astype(np.intp)
    share = (place - before).astype(np.float32)
    after = planes.take((before + 1).clip(max=source - 1), axis)
    if axis == -2:
        share = share[:, None]
    start = planes.take(before, axis)
    stretched: NDArray[np.float32] = start + share * (after - start)
    return stretched


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = logits - logits.max(1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return result


def _entropy(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    log_p = _log_softmax(logits)
    result: NDArray[np.float32] = -(np.exp(log_p) * log_p).sum(1, keepdims=True)
    return result


def _gumbel(shape: tuple[int, ...], seed: int) -> Any:
    """Gumbel noise from the numbers that torch draws: the Mersenne Twister's, 24 bits of each."""
    twister = np.random.RandomState(seed & 0xFFFFFFFF)
    words = twister.randint(0, 1 << 32, shape, np.uint32) & np.uint32((1 << BITS) - 1)
    uniform = np.maximum(words.astype(np.float32) / np.float32(1 << BITS), np.float32(1e-9))
    return -np.log(-np.log(uniform))
