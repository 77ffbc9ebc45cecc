"""Weights by which rare colours count in training as much as common ones."""

from __future__ import annotations

from typing import Any, TypeVar, cast

__all__ = ["rarity_weights"]

Shares = TypeVar("Shares", bound=Any)


def rarity_weights(share: Shares, rebalance: float) -> Shares:
    """Return one over the share of each colour, mixed with an even share.

    Parameters
    ----------
    share
        (k,) NumPy array or tensor that sums to 1.
    rebalance
        0 counts every pixel alike; toward 1, rare colours count as much as common ones. It is one
        minus the lambda of Zhang, Isola & Efros, "Colorful image colorization", 2016, eq. 4.

    Returns
    -------
    weights
        Of the type of `share`. A colour that no pixel has weighs much, not infinitely.

    Examples
    --------
    >>> import numpy as np
    >>> rarity_weights(np.array([0.75, 0.25]), 0.5).tolist()
    [1.6, 2.6666666666666665]
    """
    mixed: Any = rebalance * share + (1 - rebalance) / len(share)
    return cast("Shares", 1 / mixed.clip(1e-6))
