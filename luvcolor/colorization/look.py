"""One frame around the model: how it is seen, and how its chroma joins it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import luvcolor_kernels as kernels
from luvcolor.colorization.planes import on_host
from luvcolor.colorization.views import view
from luvcolor.errors import PictureError
from luvcolor.frame import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.colorization.place import Place
    from luvcolor.hints import Hinted

__all__ = ["Look", "look_at", "merge"]


class Look(NamedTuple):
    """A frame as the kernels and the model see it.

    Attributes
    ----------
    frame
        The frame.
    picture
        Its pixels where the kernels read them.
    views
        Its luma (1, 1, h, w) at each size of the model, from the smallest.
    hinted
        What a person gave for it, drawn on it; None for nothing.
    """

    frame: Frame
    picture: Any
    views: list[Any]
    hinted: Hinted | None = None


def look_at(frame: Frame, sizes: Sequence[int], place: Place, *, grow: bool = True) -> Look:
    """Return a frame as it is seen at some sizes; see `luvcolor.colorization.views.model_size`.

    Raises
    ------
    PictureError
        When there are no pixels.
    OutOfMemoryError
        See `Place.run`.
    """
    if 0 in frame.size:
        raise PictureError(f"{frame.name or 'picture'}: expected pixels, found none")

    def looked() -> Look:
        picture = place.put(frame.pixels)
        return Look(frame, picture, [view(picture, size, grow=grow) for size in sizes])

    return place.run(looked)


def merge(look: Look, uv: Any, place: Place) -> NDArray[Any]:
    """Return a frame's pixels under chroma (2, h, w) of the largest size, in their own type.

    Raises
    ------
    OutOfMemoryError
        See `Place.run`.
    """
    pixels = look.frame.pixels
    is_gray_of_integers = pixels.ndim == 2 and pixels.dtype.kind == "u"

    def merged() -> NDArray[Any]:
        picture, x, chroma = map(place.bring, (look.picture, look.views[-1], uv))
        light = picture if is_gray_of_integers else kernels.luminance(picture)
        guide = 100 * x[0]
        return on_host(kernels.chroma_to_rgb(light, chroma, guide=guide, dtype=pixels.dtype))

    return place.run(merged)
