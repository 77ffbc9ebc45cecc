"""Whether a model keeps its contract, checked in one place for all runtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.errors import LuvcolorError, OutOfMemoryError, PluginError
from luvcolor.registry import model_and_plugin, model_at_work
from luvcolor.runtimes import Prediction, Predictor

if TYPE_CHECKING:
    from luvcolor.hints import HintPlanes

__all__ = ["predict"]


def predict(
    predictor: Predictor,
    luma: Any,
    *,
    temperature: float | None = None,
    seed: int | None = None,
    hints: HintPlanes | None = None,
) -> Prediction:
    """Predict, and see that the answer is what the contract says.

    Parameters, result and errors are those of `Predictor`.

    Raises
    ------
    OutOfMemoryError
        When the runtime has too little memory for so much luma at once.
    PluginError
        When the model fails, or answers with other shapes or with NaN or infinity; the message
        names the model and its plugin.
    """
    name = predictor.card.model
    try:
        with model_at_work(name, f"on a {luma.shape[-1]}x{luma.shape[-2]} picture"):
            answer = predictor(luma, temperature=temperature, seed=seed, hints=hints)
    except LuvcolorError:
        raise
    except Exception as error:  # want of memory, which alone comes through
        raise OutOfMemoryError(
            f"the model {name!r} expected memory on {predictor.device} for {luma.shape[0]} of "
            f"{luma.shape[-1]}x{luma.shape[-2]} pixels, found too little; give smaller sizes "
            "or a smaller batch, or let luvcolor go on with less at once, without --strict"
        ) from error
    _check(name, "chroma", answer.uv, (luma.shape[0], 2, *luma.shape[-2:]))
    if answer.confidence is not None:
        _check(name, "confidence", answer.confidence, tuple(luma.shape))
    return answer


def _check(name: str, what: str, found: Any, expected: tuple[int, ...]) -> None:
    if tuple(found.shape) != expected:
        raise PluginError(
            f"{model_and_plugin(name)} was to answer with {what} of shape {expected}, "
            f"and answered with {tuple(found.shape)}"
        )
    finite = np.isfinite(found) if isinstance(found, np.ndarray) else found.isfinite()
    if not finite.all():
        raise PluginError(
            f"{model_and_plugin(name)} was to answer with numbers, "
            "and answered with NaN or infinity"
        )
