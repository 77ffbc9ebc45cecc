"""A frame: one picture on its way through luvcolor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Pixels = NDArray[Any]  # uint8, uint16 or float32

__all__ = ["Frame", "Metadata"]


@dataclass(frozen=True)
class Metadata:
    """What a picture file says beside its pixels.

    Attributes
    ----------
    exif
        The raw EXIF block, orientation already applied and reset to 1; or None.
    icc
        The ICC profile that the pixels are in; None means sRGB (or gray on the sRGB curve).
    dpi
        Horizontal and vertical resolution in dots per inch, or None.
    text
        Key and value comments (PNG text chunks, TIFF and JPEG comments).
    """

    exif: bytes | None = None
    icc: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Frame:
    """Pixels, alpha and metadata of one picture, and the steps it has come through.

    Attributes
    ----------
    pixels
        (H, W) gray or (H, W, 3) sRGB; uint8 0..255, uint16 0..65535 or float32 0..1.
    alpha
        (H, W) of the same dtype as `pixels`, or None where the picture is opaque.
    name
        The relative name it came under, suffix included (``"scans/a.jpg"``); empty on a pipe
        whose pictures carry no names.
    format
        The format it was decoded from: ``"png"``, ``"jpeg"``, ``"pnm"``, ``"webp"``, ``"tiff"``
        or ``"bmp"``.
    metadata
        What the file said beside its pixels.
    step
        What made this version: ``"original"``, or the name of a command.
    before
        The version before that step, so that `compare` can show the way; None at the start.

    Examples
    --------
    >>> import numpy as np
    >>> frame = Frame(np.zeros((2, 3, 3), np.uint8), name="a.png")
    >>> gray = frame.after("gray", pixels=frame.pixels[..., 0])
    >>> gray.is_gray, gray.size, [f.step for f in gray.steps()]
    (True, (2, 3), ['original', 'gray'])
    """

    pixels: Pixels
    alpha: Pixels | None = None
    name: str = ""
    format: str = "png"
    metadata: Metadata = field(default_factory=Metadata)
    step: str = "original"
    before: Frame | None = None

    @property
    def is_gray(self) -> bool:
        """Whether the pixels have no chroma by their shape."""
        return self.pixels.ndim == 2

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def after(self, step: str, *, pixels: Pixels, alpha: Pixels | None = None) -> Frame:
        """Return this picture with new pixels, remembering this version as the one before.

        What luvcolor computes is sRGB, so a profile that came with the old pixels is dropped. Alpha
        is kept unless a new one is given.
        """
        same = pixels is self.pixels
        metadata = self.metadata if same else replace(self.metadata, icc=None)
        kept = self.alpha if alpha is None else alpha
        return replace(self, pixels=pixels, alpha=kept, metadata=metadata, step=step, before=self)

    def steps(self) -> Iterator[Frame]:
        """Yield every version from the original to this one."""
        if self.before is not None:
            yield from self.before.steps()
        yield self
