"""Measures a model against pictures whose colours are known, beside what costs nothing.

Every table carries its baselines (no chroma at all; the mean chroma of the training pictures) and
the truth's own colourfulness, and names the protocol it was made under.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

import luvcolor_kernels as kernels
from luvcolor import __version__
from luvcolor.errors import LuvcolorError, PictureError
from luvcolor.frame import Frame
from luvcolor.metrics import measure
from luvcolor.pixels import has_colour, to_rgb8

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.colorization import Engine

__all__ = ["Evaluation", "evaluate"]

GRAY, MEAN, TRUTH = "gray", "mean chroma", "truth"


@dataclass
class Evaluation:
    """What was measured, picture by picture.

    Attributes
    ----------
    protocol
        What makes two results comparable, and the receipt of the model.
    rows
        One mapping a picture and method: ``picture``, ``method`` and the metrics.
    """

    protocol: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def summary(self) -> dict[str, dict[str, float]]:
        """Return the mean of every metric over the pictures, by method in the order measured."""
        methods = dict.fromkeys(row["method"] for row in self.rows)
        return {method: self._means(method) for method in methods}

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON holds it."""
        return {"protocol": self.protocol, "summary": self.summary(), "pictures": self.rows}

    def _means(self, method: str) -> dict[str, float]:
        mine = [row for row in self.rows if row["method"] == method]
        names = [name for name in mine[0] if name not in {"picture", "method"}]
        return {name: round(float(np.mean([row[name] for row in mine])), 4) for name in names}


def evaluate(
    frames: Iterable[Frame],
    engine: Engine,
    *,
    mean_uv: tuple[float, float] | None = None,
    failed: Callable[[str, LuvcolorError], None],
) -> Evaluation:
    """Turn `frames` gray, colour them again, and compare with what they were.

    Parameters
    ----------
    frames
        Pictures in colour, of any size; each is measured at its own.
    engine
        The model.
    mean_uv
        Mean chroma of the training pictures; None leaves that baseline out.
    failed
        Called with the name and reason of every picture that cannot be measured.

    Raises
    ------
    PictureError
        When no picture could be measured.
    """
    result = Evaluation({"receipt": engine.receipt, "luvcolor": __version__})
    digest = hashlib.sha256()
    count = 0
    for frame in frames:
        try:
            rows = list(_measured(frame, engine, mean_uv))
        except LuvcolorError as error:
            failed(frame.name, error)
            continue
        result.rows += rows
        digest.update(repr(frame.pixels.shape).encode() + frame.pixels.tobytes())
        count += 1
    if not count:
        raise PictureError("expected pictures in colour to measure against, found none")
    result.protocol |= {
        "pictures": count,
        "resampling": "none",
        "fingerprint": digest.hexdigest()[:16],
    }
    return result


def _measured(
    frame: Frame, engine: Engine, mean_uv: tuple[float, float] | None
) -> Iterator[dict[str, Any]]:
    if not has_colour(frame.pixels):
        raise PictureError(
            f"{frame.name}: expected colours to measure against, found a gray picture"
        )
    truth = to_rgb8(frame.pixels)
    methods = {GRAY: _constant(truth, (0.0, 0.0))}
    if mean_uv is not None:
        methods[MEAN] = _constant(truth, mean_uv)
    methods[engine.receipt["model"]] = to_rgb8(engine(frame).pixels)
    methods[TRUTH] = truth
    for method, predicted in methods.items():
        yield {"picture": frame.name, "method": method, **measure(predicted, truth)}


def _constant(truth: NDArray[np.uint8], uv: tuple[float, float]) -> NDArray[np.uint8]:
    """Return the luma of `truth` under one chroma for all pixels."""
    chroma = np.array(uv, np.float32).reshape(2, 1, 1)
    return kernels.merge_chroma(kernels.luminance(truth), chroma, dtype=np.uint8)
