"""How near a picture comes to the hints it was given."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import luvcolor_kernels as kernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.hints.hint_set import Hinted

__all__ = ["Distance", "HintReport", "distances", "report"]

PART = 1 << 18
"""Pixels that are compared at once: CIEDE2000 holds some thirty numbers for each."""


class Distance(NamedTuple):
    """Mean and largest distance between output and hint, in CIEDE2000; see `distances`."""

    mean: float
    largest: float


@dataclass(frozen=True)
class HintReport:
    """What hints a picture was given, and what became of them.

    Attributes
    ----------
    files
        Where those at pixels came from.
    count
        How many points, strokes and pixels of layers.
    pixels
        How many pixels of the picture they set.
    reference
        The picture that colours were to be taken from; None for none.
    forced
        Whether colours were laid over what the model predicted.
    ciede2000
        How far the output is from them; None where they set no pixel.
    """

    files: tuple[str, ...]
    count: int
    pixels: int
    reference: str | None
    forced: bool
    ciede2000: Distance | None

    def to_json(self) -> dict[str, Any]:
        """Return it as receipts hold it."""
        apart = None if self.ciede2000 is None else self.ciede2000._asdict()
        return asdict(self) | {"files": list(self.files), "ciede2000": apart}


def report(hinted: Hinted, rgb: NDArray[Any], *, forced: bool) -> HintReport:
    """Compare a picture with its hints.

    Parameters
    ----------
    hinted
        The hints.
    rgb
        (H, W, 3) sRGB of any depth, as it was coloured.
    forced
        Whether colours were laid over what the model predicted.
    """
    hints, pixels = hinted.hints, hinted.pixels
    apart = distances(rgb.reshape(-1, 3)[pixels.places], pixels.uv)
    return HintReport(
        files=hints.files,
        count=hints.count,
        pixels=pixels.count,
        reference=None if hints.reference is None else hints.reference.name,
        forced=forced,
        ciede2000=_summed_up(apart) if len(apart) else None,
    )


def distances(rgb: NDArray[Any], uv: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how far colours are from the chroma that they were to have, in CIEDE2000.

    The picture keeps its luma. So each colour is compared with the hint's chroma at the colour's
    own luma, as much of it as sRGB can show there.

    Parameters
    ----------
    rgb
        (n, 3) sRGB of any depth.
    uv
        (n, 2) u*, v*.

    References
    ----------
    Sharma, Wu & Dalal, "The CIEDE2000 color-difference formula", Color Research and Application
    30(1), 2005; as implemented by scikit-image.

    Examples
    --------
    >>> gray, red = np.full((1, 3), 99, np.uint8), np.array([[175.0, 37.8]], np.float32)
    >>> distances(gray, red).round(1).tolist(), distances(gray, 0 * red).round(1).tolist()
    ([29.5], [0.0])
    """
    from skimage.color import deltaE_ciede2000, rgb2lab

    found = [np.empty(0)]
    for begin in range(0, len(rgb), PART):
        part = np.ascontiguousarray(rgb[None, begin : begin + PART])
        chroma = np.ascontiguousarray(uv[begin : begin + PART].T[:, None])
        wanted = kernels.merge_chroma(kernels.luminance(part), chroma, dtype=np.float32)
        compare: Any = deltaE_ciede2000
        found.append(compare(rgb2lab(part), rgb2lab(wanted))[0])
    return np.concatenate(found)


def _summed_up(apart: NDArray[np.float64]) -> Distance:
    return Distance(round(float(apart.mean()), 3), round(float(apart.max()), 3))
