"""The methods of an evaluation, models and baselines, measured on one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import luvcolor_kernels as kernels
from luvcolor.errors import PictureError, UsageError
from luvcolor.evaluation.columns import GRAY, LOOKUP, MEAN, TRUTH
from luvcolor.evaluation.luma_lookup import Centers, LumaLookup
from luvcolor.evaluation.own import OWN, as_seen, centers_of, own_metrics
from luvcolor.frame import Frame
from luvcolor.metrics import measure
from luvcolor.pixels import has_colour, to_rgb8

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.colorization import Engine

__all__ = ["Bench", "Measured", "choosers_of", "methods_of"]


@dataclass(frozen=True)
class Measured:
    """One picture: what every method made of it, and how near that is.

    Attributes
    ----------
    name
        Of the picture.
    pictures
        (H, W, 3) uint8 sRGB by method, the truth last.
    rows
        Metrics by method: ``picture``, ``method``, those of `luvcolor.metrics.METRICS`,
        ``accuracy`` and ``loss``; None where one does not apply.
    """

    name: str
    pictures: Mapping[str, NDArray[np.uint8]]
    rows: Mapping[str, dict[str, Any]]


class Bench:
    """The methods, ready to be measured on one picture after the other.

    Parameters
    ----------
    engines
        The models by their names, as `methods_of` gives them.
    lookup
        What luma alone tells, where there is training data to learn that from.

    Attributes
    ----------
    palettes
        The palette behind each method's accuracy; equal ones have equal names.

    Examples
    --------
    >>> from luvcolor import ColorizeOptions, Engine
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> engine = Engine.open(find_checkpoint(None), ColorizeOptions(device="cpu", sizes=(32,)))
    >>> sky = Frame(np.full((40, 40, 3), (90, 120, 200), np.uint8), name="sky.png")
    >>> list(Bench(methods_of([engine]), None).measured(sky).rows)
    ['gray', 'mean chroma', 'lite', 'truth']
    """

    def __init__(self, engines: Mapping[str, Engine], lookup: LumaLookup | None) -> None:
        self.engines, self.lookup = engines, lookup
        self.mean_uv = next(iter(engines.values())).mean_uv
        choosers = choosers_of(engines)
        self.chooser = engines[next(iter(choosers))] if choosers else None
        self.palettes = {name: str(centers) for name, centers in choosers.items()}
        if lookup is not None and lookup.centers is not None:
            self.palettes[LOOKUP] = str(lookup.centers)

    def measured(self, frame: Frame) -> Measured:
        """Colour one picture with every method and measure all.

        Raises
        ------
        PictureError
            When it has no colours.
        """
        if not has_colour(frame.pixels):
            raise PictureError(
                f"{frame.name}: expected colours to measure against, found a gray picture"
            )
        truth = to_rgb8(frame.pixels)
        pictures = self._baselines(truth)
        pictures |= {name: to_rgb8(engine(frame).pixels) for name, engine in self.engines.items()}
        pictures[TRUTH] = truth
        own, nothing = self._own(truth), dict.fromkeys(OWN)
        rows = {
            method: {"picture": frame.name, "method": method, **measure(predicted, truth)}
            | own.get(method, nothing)
            for method, predicted in pictures.items()
        }
        return Measured(frame.name, pictures, rows)

    def _baselines(self, truth: NDArray[np.uint8]) -> dict[str, NDArray[np.uint8]]:
        pictures = {GRAY: _constant(truth, (0.0, 0.0))}
        if self.mean_uv is not None:
            pictures[MEAN] = _constant(truth, self.mean_uv)
        if self.lookup is not None:
            pictures[LOOKUP] = self.lookup.colours(truth)
        return pictures

    def _own(self, truth: NDArray[np.uint8]) -> dict[str, dict[str, float | None]]:
        """Return what is measured before decoding, by method."""
        own = {name: own_metrics(engine, truth) for name, engine in self.engines.items()}
        if self.lookup is not None and self.chooser is not None:
            right = self.lookup.accuracy(as_seen(self.chooser, truth))
            own[LOOKUP] = {"accuracy": right, "loss": None}
        return own


def methods_of(engines: Sequence[Engine]) -> dict[str, Engine]:
    """Name engines by their models; those of one model by their checkpoints as well.

    Raises
    ------
    UsageError
        When there is none, or the same checkpoint twice.

    Examples
    --------
    >>> from luvcolor import ColorizeOptions, Engine
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> engine = Engine.open(find_checkpoint(None), ColorizeOptions(device="cpu"))
    >>> list(methods_of([engine]))
    ['lite']
    """
    if not engines:
        raise UsageError("expected a model to measure, found none")
    models = [engine.receipt["model"] for engine in engines]
    named = {
        model if models.count(model) == 1 else f"{model} ({engine.checkpoint})": engine
        for model, engine in zip(models, engines, strict=True)
    }
    if len(named) < len(engines):
        raise UsageError("expected models that differ in name or checkpoint, found one twice")
    return named


def choosers_of(engines: Mapping[str, Engine]) -> dict[str, Centers]:
    """Return the colours of the models that choose among some, by method.

    Examples
    --------
    >>> from luvcolor import ColorizeOptions, Engine
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> options = ColorizeOptions(device="cpu", runtime="torch")
    >>> choosers = choosers_of({"lite": Engine.open(find_checkpoint(None), options)})
    >>> choosers["lite"].space, len(choosers["lite"].points)
    ('uv', 128)
    """
    found = {name: centers_of(engine) for name, engine in engines.items()}
    return {name: centers for name, centers in found.items() if centers is not None}


def _constant(truth: NDArray[np.uint8], uv: tuple[float, float]) -> NDArray[np.uint8]:
    """Return the luma of `truth` under one chroma for all pixels."""
    chroma = np.array(uv, np.float32).reshape(2, 1, 1)
    return kernels.merge_chroma(kernels.luminance(truth), chroma, dtype=np.uint8)
