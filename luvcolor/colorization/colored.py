"""What comes of colouring a frame."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from luvcolor.io.comments import RECEIPT_KEY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from luvcolor.frame import Frame
    from luvcolor.hints import HintReport

__all__ = ["Colored", "with_receipt"]


class Colored(NamedTuple):
    """A frame in colour, and how sure the model is of it.

    Attributes
    ----------
    frame
        The frame, with a receipt.
    confidence
        (h, w) float32 of 0..1 at the size that the model saw, or None for a model that cannot tell
        and saw one size.
    sample
        Which of several colourings of the same frame, from 1; None for the only one.
    hints
        What hints it was given and how near it comes to them; None for a frame without any.
    """

    frame: Frame
    confidence: NDArray[np.float32] | None
    sample: int | None
    hints: HintReport | None = None


def with_receipt(
    frame: Frame, pixels: NDArray[Any], receipt: Mapping[str, Any], sample: int | None
) -> Frame:
    """Return a frame under its new pixels, with a receipt; a sample under a name of its own.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor import Frame
    >>> frame = Frame(np.zeros((4, 4), np.uint8), name="a/b.png")
    >>> made = with_receipt(frame, np.zeros((4, 4, 3), np.uint8), {"model": "tint"}, 2)
    >>> made.name, made.step, list(made.metadata.text.values())
    ('a/b-2.png', 'colorize', ['{"model": "tint", "sample": 2}'])
    """
    numbered = {} if sample is None else {"sample": sample}
    text = {**frame.metadata.text, RECEIPT_KEY: json.dumps({**receipt, **numbered})}
    colored = frame.after("colorize", pixels=pixels)
    name = frame.name if sample is None else _numbered(frame.name, sample)
    return replace(colored, name=name, metadata=replace(colored.metadata, text=text))


def _numbered(name: str, number: int) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}-{number}{path.suffix}")) if path.name else name
