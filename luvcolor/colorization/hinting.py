"""Hints on their way to a model: whether it can use them, and laying them over where it cannot.

Laid over, hints take the place of what a model predicts: each spreads up to the edges of things,
and gives way to the model with distance. To spread the difference between the two would keep the
model's variety, and tint with the opposite of its error whatever it had coloured otherwise.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import luvcolor_kernels as kernels
from luvcolor.checkpoint import read_card
from luvcolor.colorization.planes import beside, on_host
from luvcolor.colorization.views import view
from luvcolor.errors import UsageError
from luvcolor.hints import COLOURS, REFERENCE
from luvcolor.registry import registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.colorization.look import Look
    from luvcolor.colorization.options import ColorizeOptions
    from luvcolor.colorization.place import Place
    from luvcolor.runtimes import Predictor
    from luvcolor.weightless import WeightlessModel

__all__ = ["forces", "lay_over", "uses_of"]

FINE = 1024
"""Short side at which hints are laid over; smaller pictures at their own size."""
REACH = 3.0
"""Short sides of the picture over which a hint fades to 1 / e where luma is constant; far less in
texture. With 10, one hint changed whole pictures; with 1, it did not fill the thing it lay on."""
WORDS = {COLOURS: "colours at pixels", REFERENCE: "a reference picture"}


def forces(options: ColorizeOptions, predictor: Predictor) -> bool:
    """Return whether hints are to be laid over what a model predicts.

    Raises
    ------
    UsageError
        When the model cannot use hints that are given; the message names the models that can.
    """
    given = () if options.hints is None else options.hints.kinds
    unused = [kind for kind in given if kind not in predictor.uses]
    if unused == [COLOURS] and options.force_hints:
        return True
    if unused:
        raise UsageError(_refusal(predictor, unused[-1]))
    return False


def uses_of(model: Path | WeightlessModel) -> tuple[str, ...]:
    """Return which hints a model makes use of, without loading its weights.

    Examples
    --------
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> uses_of(find_checkpoint("default"))
    ()
    """
    name = read_card(model).model if isinstance(model, Path) else model.name
    uses: tuple[str, ...] = registry().model_class(name).uses
    return uses


def lay_over(look: Look, uv: Any, place: Place) -> tuple[Look, Any]:
    """Lay hints over the chroma that a model predicted.

    Parameters
    ----------
    look
        A picture with hints.
    uv
        (2, h, w) u*, v* at the largest size of the model.
    place
        Where the picture lies.

    Returns
    -------
    look, uv
        The same at a size of its own, finer than most models'.

    Raises
    ------
    OutOfMemoryError
        See `Place.run`.
    """

    def laid_over() -> tuple[Look, Any]:
        x = view(place.bring(look.picture), FINE, grow=False)
        predicted = _enlarged(on_host(x)[0, 0], on_host(look.views[-1])[0], on_host(uv))
        return look._replace(views=[x]), beside(x, _changed(look, on_host(x)[0, 0], predicted))

    return place.run(laid_over)


def _changed(look: Look, luma: Any, predicted: Any) -> NDArray[np.float32]:
    from luvcolor.propagation import propagate

    assert look.hinted is not None
    hints = look.hinted.planes(luma.shape)
    # A third plane tells how much of what reaches a pixel is left; the model has the rest.
    given = np.concatenate([hints.uv[0], hints.mask[0]]).astype(np.float32)
    decay = 3 / (REACH * min(luma.shape)) ** 2
    spread: NDArray[np.float32] = propagate(luma, given, hints.mask[0, 0], decay=decay)
    left = spread[2:].clip(0, 1)
    changed: NDArray[np.float32] = spread[:2] + (1 - left) * predicted
    return changed


def _enlarged(luma: Any, small: Any, uv: Any) -> NDArray[np.float32]:
    """Return chroma at the size of `luma`, its edges those of luma."""
    light = np.ascontiguousarray(100 * luma)
    rgb = kernels.chroma_to_rgb(light, uv, guide=100 * small, dtype=np.float32)
    chroma: NDArray[np.float32] = np.moveaxis(kernels.rgb_to_luv(rgb)[..., 1:], -1, 0)
    return chroma


def _refusal(predictor: Predictor, kind: str) -> str:
    """Return why hints are of no use, and what to do about it."""
    from luvcolor.model_description import list_models

    able = ", ".join(sorted(n for n, one in list_models().items() if kind in (one["hints"] or ())))
    remedies = [f"use one that does: {able}" if able else "no model that is installed does"]
    if predictor.runtime != "torch":
        remedies.insert(0, "a graph takes no hints: try --runtime torch")
    if kind == COLOURS:
        remedies.append("or lay them over what it predicts with --force-hints")
    return (
        f"the model {predictor.card.model!r} makes no use of {WORDS[kind]}; {'; '.join(remedies)}"
    )
