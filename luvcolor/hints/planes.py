"""Hints as a model gets them: planes of the size of the luma that it sees."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["COLOURS", "REFERENCE", "HintPlanes"]

COLOURS, REFERENCE = "colours", "reference"
"""The kinds of hints, as in `luvcolor.model.Colorizer.uses`."""


class HintPlanes(NamedTuple):
    """The same as `luvcolor.model.Hints` for one picture, in NumPy.

    Attributes
    ----------
    uv
        (1, 2, h, w) float32, u* and v* where `mask` is set; 0 elsewhere.
    mask
        (1, 1, h, w) bool.
    reference
        (1, 3, H, W) float32, L, u* and v*; or None.
    """

    uv: NDArray[np.float32]
    mask: NDArray[np.bool_]
    reference: NDArray[np.float32] | None

    def part(self, place: Any) -> HintPlanes:
        """Return what belongs to a part of the picture; the reference stays whole.

        Examples
        --------
        >>> planes = HintPlanes(np.zeros((1, 2, 4, 4)), np.zeros((1, 1, 4, 4), bool), None)
        >>> planes.part((..., slice(0, 3), slice(1, 3))).mask.shape
        (1, 1, 3, 2)
        """
        return HintPlanes(self.uv[place], self.mask[place], self.reference)

    def only(self, kinds: Collection[str]) -> HintPlanes | None:
        """Return what is of some kinds; None where nothing is.

        Examples
        --------
        >>> mask = np.ones((1, 1, 4, 4), bool)
        >>> planes = HintPlanes(np.zeros((1, 2, 4, 4)), mask, None)
        >>> planes.only([REFERENCE]), planes.only([COLOURS]).mask.shape
        (None, (1, 1, 4, 4))
        """
        colours, reference = COLOURS in kinds, self.reference if REFERENCE in kinds else None
        if reference is None and not (colours and self.mask.any()):
            return None
        return HintPlanes(self.uv * colours, self.mask & colours, reference)
