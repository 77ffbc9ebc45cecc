"""What models say of themselves: their own loss, and how often their likeliest colour is right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.colorization.views import model_size
from luvcolor.errors import LuvcolorError, PluginError
from luvcolor.evaluation.luma_lookup import Centers
from luvcolor.frame import Frame
from luvcolor.registry import model_and_plugin
from luvcolor.resize import resize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.colorization import Engine
    from luvcolor.model import Colorizer

__all__ = ["OWN", "as_seen", "centers_of", "own_metrics"]

OWN = ("accuracy", "loss")
"""The keys of `own_metrics`, in their order."""


def own_metrics(engine: Engine, truth: NDArray[np.uint8]) -> dict[str, float | None]:
    """Return what a model's own `metrics` say of a picture, keyed as `OWN`.

    They are taken as in training: on the picture at the size at which the model sees it, before
    decoding. Only torch can tell them, and only models that learn; accuracy is for models that
    choose among a palette's colours. What does not apply is None.

    Parameters
    ----------
    engine
        The model.
    truth
        (H, W, 3) uint8 sRGB.

    Raises
    ------
    PluginError
        When the model fails, or answers with NaN or infinity.

    Examples
    --------
    >>> from luvcolor import ColorizeOptions, Engine
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> options = ColorizeOptions(device="cpu", runtime="torch", sizes=(32,))
    >>> engine = Engine.open(find_checkpoint(None), options)
    >>> found = own_metrics(engine, np.full((40, 40, 3), (90, 120, 200), np.uint8))
    >>> list(found), 0 <= found["accuracy"] <= 1
    (['accuracy', 'loss'], True)
    """
    model = _model_of(engine)
    if model is None or not model.trainable:
        return dict.fromkeys(OWN)
    name = engine.predictor.card.model
    try:
        answered = _asked(model, as_seen(engine, truth), engine.predictor.device)
        found = {key: float(answered[key]) for key in _known_to(engine) if key in answered}
    except LuvcolorError:
        raise
    except Exception as error:
        raise PluginError(
            f"{model_and_plugin(name)} was to measure itself, and failed: "
            f"{type(error).__name__}: {error}"
        ) from error
    wrong = [key for key, value in found.items() if not math.isfinite(value)]
    if wrong:
        raise PluginError(
            f"{model_and_plugin(name)} was to answer with numbers when it measures itself, "
            f"and answered with {found[wrong[0]]} as its {wrong[0]}"
        )
    return {key: found.get(key) for key in OWN}


def as_seen(engine: Engine, truth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture at the largest size at which a model sees it, resized as in a dataset.

    Examples
    --------
    >>> from luvcolor import ColorizeOptions, Engine
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> options = ColorizeOptions(device="cpu", sizes=(16, 32))
    >>> engine = Engine.open(find_checkpoint(None), options)
    >>> as_seen(engine, np.zeros((96, 64, 3), np.uint8)).shape
    (48, 32, 3)
    """
    size = model_size(truth.shape[:2], engine.sizes[-1])
    seen: NDArray[np.uint8] = resize(Frame(truth), size=size).pixels
    return seen


def centers_of(engine: Engine) -> Centers | None:
    """Return the colours that a model chooses among, where it does and torch runs it.

    Examples
    --------
    >>> from luvcolor import ColorizeOptions, Engine
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> options = ColorizeOptions(device="cpu", runtime="torch")
    >>> str(centers_of(Engine.open(find_checkpoint(None), options))).partition(" (")[0]
    '128 colours in uv'
    """
    model: Any = _model_of(engine)
    if model is None or engine.predictor.palette is None:
        return None
    return Centers(model.palette.space, model.palette.centers.cpu().numpy())


def _model_of(engine: Engine) -> Colorizer | None:
    """Return the model itself: only torch has it, the other runtimes have its graph."""
    if engine.predictor.runtime != "torch":
        return None
    from luvcolor.runtimes.torch_runtime import TorchPredictor

    predictor = engine.predictor
    return predictor.model if isinstance(predictor, TorchPredictor) else None


def _known_to(engine: Engine) -> tuple[str, ...]:
    """Leave out accuracy where there is no palette: whatever it may mean there is another thing."""
    return OWN if engine.predictor.palette is not None else ("loss",)


def _asked(model: Colorizer, picture: NDArray[np.uint8], device: str) -> dict[str, Any]:
    import torch

    from luvcolor.batches import to_batch
    from luvcolor.model import Batch

    batch = Batch(*(part.to(device) for part in to_batch(picture[None])))
    with torch.inference_mode():
        return model.metrics(batch)
