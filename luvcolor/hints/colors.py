"""Colours by name, of which only the chroma counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from luvcolor.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["chroma_of"]


def chroma_of(color: str) -> NDArray[np.float32]:
    """Return u*, v* of a colour by its CSS name or ``#rrggbb``.

    Raises
    ------
    UsageError
        When it is no colour.

    Examples
    --------
    >>> chroma_of("red").round().tolist(), chroma_of("#ff0000").round().tolist()
    ([175.0, 38.0], [175.0, 38.0])
    """
    from PIL import ImageColor

    import luvcolor_kernels as kernels

    try:
        rgb = np.array(ImageColor.getrgb(color)[:3], np.uint8)
    except (ValueError, OverflowError, AttributeError, TypeError) as error:
        raise UsageError(f"expected a colour such as navy or #000080, found {color!r}") from error
    chroma: NDArray[np.float32] = kernels.rgb_to_luv(rgb[None, None])[0, 0, 1:]
    return chroma
