"""One picture in a program, coloured in one call."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luvcolor.colorization.engine import Engine
from luvcolor.colorization.options import ColorizeOptions
from luvcolor.hints import open_hints

if TYPE_CHECKING:
    from luvcolor.frame import Frame
    from luvcolor.hints import HintSource

__all__ = ["colorize"]


def colorize(
    frame: Frame,
    checkpoint: Path | str | None = None,
    *,
    hints: HintSource | Path | str | None = None,
    settings: Mapping[str, Any] | None = None,
    **options: Any,
) -> Frame:
    """Colour one frame: the short way, for one picture in a program.

    Parameters
    ----------
    frame
        Gray or colour; of colour only the luma is used.
    checkpoint
        A file, the name of a shipped checkpoint or of a model that needs none, or None for the
        default one.
    hints
        What a person gave: a `luvcolor.hints.HintSet`, or a file or folder of hints.
    settings
        Hyperparameters of a model that needs no checkpoint.
    options
        Other fields of `ColorizeOptions`.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor import Frame, colorize
    >>> colorize(Frame(np.full((32, 32), 128, np.uint8))).pixels.shape
    (32, 32, 3)
    """
    from luvcolor.weightless import find_model

    model = find_model(None if checkpoint is None else str(checkpoint), settings)
    given = open_hints(Path(hints)) if isinstance(hints, Path | str) else hints
    return Engine.open(model, ColorizeOptions(hints=given, **options))(frame)
