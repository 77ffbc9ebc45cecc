"""The area under the curve of right colours, every colour counting alike.

On photographs most pixels are nearly gray, and a model that paints everything brownish is right
about most of them. Where a pixel counts the more, the rarer its true colour is, that no longer
helps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from luvcolor.metrics import AUC_LIMIT, check_pair, parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RebalancedAuc"]

CELL = 10.0
"""Colours are told apart on a grid of this spacing in a and in b, as Zhang et al. have it."""
SPREAD = 5.0
"""Standard deviation, in a and b, of the Gaussian that smooths how frequent colours are."""
_REACH = 11  # cells from gray to the most vivid sRGB colour, whose a or b is -108
_SIDE = 2 * _REACH + 1


class RebalancedAuc:
    """Gathers how right predictions are, colour by colour, over many pictures.

    The frequencies are those of the true colours of all pictures that were added, each picture
    counting alike; so they follow from the pictures alone, whatever the methods are and in
    whatever order. A pixel weighs one over the smoothed frequency of its true colour (equation 4
    of the paper with lambda = 0). With equal weights, the result would be the mean of
    `luvcolor.metrics.auc`.

    Memory does not grow with the pictures.

    References
    ----------
    Zhang, Isola & Efros, "Colorful image colorization", ECCV 2016, sections 2.2 and 3.1. Their
    frequencies are those of ImageNet's training pictures.

    Examples
    --------
    >>> red, blue, gray = (200, 30, 30), (30, 30, 200), (90, 90, 90)
    >>> truth = np.array([[red, red, red, blue]], np.uint8)
    >>> half = np.array([[red, red, red, gray]], np.uint8)
    >>> gathered = RebalancedAuc()
    >>> gathered.add(truth, {"truth": truth, "red alone": half})
    >>> {method: round(value, 3) for method, value in gathered.values().items()}
    {'truth': 1.0, 'red alone': 0.66}
    """

    def __init__(self) -> None:
        self.share = np.zeros(_SIDE**2)
        self.right: dict[str, NDArray[np.float64]] = {}

    def add(self, truth: NDArray[np.uint8], predictions: Mapping[str, NDArray[np.uint8]]) -> None:
        """Add one picture and what every method made of it, (H, W, 3) uint8 sRGB.

        Raises
        ------
        PictureError
            If a prediction is no picture of the truth's size.
        """
        from skimage.color import rgb2lab

        for predicted in predictions.values():
            check_pair(predicted, truth)
        pixels = truth.size // 3
        for true_part, *guesses in parts(truth, *predictions.values()):
            true_ab = rgb2lab(true_part)[..., 1:]
            cells = _cells(true_ab)
            self.share += np.bincount(cells, minlength=_SIDE**2) / pixels
            for method, part in zip(predictions, guesses, strict=True):
                error = np.hypot(*(rgb2lab(part)[..., 1:] - true_ab).T)
                right = np.maximum(0.0, 1.0 - error / AUC_LIMIT)
                sums = np.bincount(cells, weights=right, minlength=_SIDE**2)
                self.right[method] = self.right.get(method, 0.0) + sums / pixels

    def values(self) -> dict[str, float]:
        """Return the rebalanced area of every method, 0..1: higher is better."""
        weights = self._weights()
        total = float(weights @ self.share)
        return {method: float(weights @ right) / total for method, right in self.right.items()}

    def _weights(self) -> NDArray[np.float64]:
        """One over the smoothed share of every colour; 0 for those that never came."""
        places = np.arange(_SIDE) * CELL
        kernel = np.exp(-(((places[:, None] - places) / SPREAD) ** 2) / 2)
        smooth = (kernel @ self.share.reshape(_SIDE, _SIDE) @ kernel).ravel()
        seen = self.share > 0
        return np.divide(1.0, smooth, out=np.zeros_like(smooth), where=seen)


def _cells(ab: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the number of the grid's nearest cell, for (N, 2) a and b."""
    places = np.rint(ab / CELL).astype(np.intp) + _REACH
    return places[:, 0] * _SIDE + places[:, 1]
