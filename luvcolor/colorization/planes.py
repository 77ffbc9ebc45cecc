"""What is done to planes (N, C, h, w) alike in NumPy and in torch, on whatever device they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.runtimes.decoding import enlarge

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["beside", "enlarged", "joined", "on_host", "zeros"]


def enlarged(planes: Any, size: tuple[int, int]) -> Any:
    """Bring planes to another height and width, bilinearly, in their own library."""
    if tuple(planes.shape[-2:]) == size:
        return planes
    if isinstance(planes, np.ndarray):
        return enlarge(planes, size)
    from torch.nn.functional import interpolate

    return interpolate(planes, size=size, mode="bilinear")


def joined(parts: Sequence[Any]) -> Any:
    """Return parts (n, C, h, w), one after the other along their first axis.

    Examples
    --------
    >>> joined([np.zeros((2, 1, 3, 3)), np.zeros((1, 1, 3, 3))]).shape
    (3, 1, 3, 3)
    """
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    import torch

    return torch.cat(list(parts))


def zeros(like: Any, shape: tuple[int, ...]) -> Any:
    """Return zeros of the kind and on the device of `like`."""
    return np.zeros(shape, like.dtype) if isinstance(like, np.ndarray) else like.new_zeros(shape)


def beside(like: Any, array: NDArray[Any]) -> Any:
    """Return `array` as what `like` is, where that lies."""
    return array if isinstance(like, np.ndarray) else like.new_tensor(array)


def on_host(array: Any) -> NDArray[Any]:
    """Return an array or a tensor of any device in NumPy."""
    result: NDArray[Any] = array if isinstance(array, np.ndarray) else array.cpu().numpy()
    return result
