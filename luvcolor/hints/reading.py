"""Hints from files: JSON with points and strokes, or a picture whose background is transparent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from luvcolor.errors import LuvcolorError, UsageError
from luvcolor.hints.hint_set import HintSet
from luvcolor.hints.marks import EXAMPLE, Marks
from luvcolor.hints.pixels import HintPixels
from luvcolor.hints.reference import Reference

if TYPE_CHECKING:
    from pathlib import Path

    from luvcolor.frame import Frame

__all__ = ["layer_of", "read_hints", "read_reference"]


def read_hints(path: Path) -> HintSet:
    """Read the hints of one file: ``.json``, or any picture with transparency.

    Raises
    ------
    UsageError
        When there is no such file, or it is none of that kind.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "hints.json")
    ...     _ = path.write_text('{"points": [{"at": [7, 3], "color": "navy"}]}')
    ...     read_hints(path).count
    1
    """
    try:
        if path.suffix.lower() == ".json":
            drawing = Marks.from_json(_json(path))
        else:
            return HintSet((layer_of(_picture(path)),), files=(path.name,))
    except LuvcolorError as error:
        known = str(error) if str(path) in str(error) else f"{path}: {error}"
        raise UsageError(known) from error
    if not drawing.count:
        raise UsageError(f"{path}: expected hints such as {EXAMPLE}, found none")
    return HintSet((drawing,), files=(path.name,))


def read_reference(path: Path) -> HintSet:
    """Read a picture that models are to take colours from.

    Raises
    ------
    UsageError
        When there is no such file, or it is no picture in colour.
    """
    try:
        return HintSet(reference=Reference.of(_picture(path)))
    except LuvcolorError as error:
        raise UsageError(str(error)) from error


def layer_of(frame: Frame) -> HintPixels:
    """Return the hints of a layer: the colours of its pixels that are more than half opaque.

    Raises
    ------
    UsageError
        When the picture has no transparency, or nothing on it.

    Examples
    --------
    >>> from luvcolor import Frame
    >>> alpha = np.array([[255, 0, 0], [0, 0, 200]], np.uint8)
    >>> layer_of(Frame(np.full((2, 3, 3), (0, 0, 128), np.uint8), alpha)).places.tolist()
    [0, 5]
    """
    import luvcolor_kernels as kernels

    if frame.alpha is None:
        raise UsageError(
            "expected a layer whose background is transparent, found a picture without "
            "transparency; to take colours from a picture, give it as --reference"
        )
    top = 1 if frame.alpha.dtype.kind == "f" else np.iinfo(frame.alpha.dtype).max
    opaque = frame.alpha > top / 2
    places = np.flatnonzero(opaque)
    if not len(places):
        raise UsageError("expected a layer with strokes on it, found one that is transparent")
    rgb = frame.pixels if frame.pixels.ndim == 3 else np.stack([frame.pixels] * 3, -1)
    uv = kernels.rgb_to_luv(rgb[opaque][None])[0, :, 1:]
    return HintPixels(frame.size, places, np.ascontiguousarray(uv))


def _json(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text("utf-8-sig"))  # some editors begin files with a mark
    except OSError as error:
        raise UsageError(f"expected to read hints, found {error.strerror!r}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"expected JSON such as {EXAMPLE}, found {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"expected JSON such as {EXAMPLE}, found a {type(found).__name__}")
    return found


def _picture(path: Path) -> Frame:
    from luvcolor.io.codec import decode

    try:
        return decode(path.read_bytes(), name=str(path))
    except OSError as error:
        raise UsageError(f"{path}: expected to read a picture, found {error.strerror!r}") from error
