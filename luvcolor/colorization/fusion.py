"""Predictions at several sizes, fused into one.

At a small size a model sees the scene, at a large one its parts. The plain mean is what measured
best: weights by confidence, and lengths of chroma kept, gave as much colour for as much error as a
lower temperature does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.colorization.planes import enlarged, joined
from luvcolor.runtimes import Prediction

if TYPE_CHECKING:
    from luvcolor.colorization.thrift import Thrifty
    from luvcolor.hints import Hinted

__all__ = ["fuse", "predict_hinted", "predict_views"]

DOUBT = 30.0
"""Where sizes lie this far apart in u*, v*, confidence is down to 1 / e."""


def predict_views(
    network: Thrifty, pictures: Sequence[Sequence[Any]], temperature: float | None, seed: int | None
) -> list[Prediction]:
    """Predict pictures, each seen at several sizes; views of one shape are predicted together.

    Parameters
    ----------
    network
        What predicts.
    pictures
        For each, its views (1, 1, h, w) from the smallest to the largest.
    temperature, seed
        See `luvcolor.runtimes.Predictor`.

    Returns
    -------
    list of Prediction
        One for each picture, fused, in their order.
    """
    found: dict[tuple[int, int], Prediction] = {}
    by_shape: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for picture, views in enumerate(pictures):
        for size, x in enumerate(views):
            by_shape.setdefault(tuple(x.shape), []).append((picture, size))
    for places in by_shape.values():
        luma = joined([pictures[picture][size] for picture, size in places])
        answer = network(luma, temperature=temperature, seed=seed)
        for number, place in enumerate(places):
            one = slice(number, number + 1)
            found[place] = Prediction(*(None if x is None else x[one] for x in answer))
    return [
        fuse([found[picture, size] for size in range(len(views))])
        for picture, views in enumerate(pictures)
    ]


def predict_hinted(
    network: Thrifty,
    views: Sequence[Any],
    hinted: Hinted,
    temperature: float | None,
    seed: int | None,
) -> Prediction:
    """Predict one picture, seen at several sizes with its hints; see `predict_views`."""

    def predicted(x: Any) -> Prediction:
        hints = hinted.planes((x.shape[-2], x.shape[-1]))
        return network(x, temperature=temperature, seed=seed, hints=hints)

    return fuse([predicted(x) for x in views])


def fuse(predictions: Sequence[Prediction]) -> Prediction:
    """Return the mean of predictions of one picture at the size of the last.

    Parameters
    ----------
    predictions
        From the smallest size to the largest; uv (1, 2, h, w), confidence (1, 1, h, w) or None.

    Returns
    -------
    Prediction
        Its confidence is the mean confidence times ``exp(-d / 30)``, d being the root of the mean
        squared distance of the sizes' chroma from its mean, in u*, v*. One prediction comes back
        as it is.

    Examples
    --------
    >>> cold, warm = np.full((1, 2, 1, 1), -3, np.float32), np.full((1, 2, 2, 2), 3, np.float32)
    >>> fused = fuse([Prediction(cold, None), Prediction(warm, None)])
    >>> fused.uv[0, :, 0, 0].tolist(), round(float(fused.confidence[0, 0, 0, 0]), 3)
    ([0.0, 0.0], 0.868)
    """
    if len(predictions) == 1:
        return predictions[0]
    size = tuple(predictions[-1].uv.shape[-2:])
    each = [enlarged(prediction.uv, size) for prediction in predictions]
    uv = sum(each) / len(each)
    spread = sum(((one - uv) ** 2).sum(1)[:, None] for one in each) / len(each)
    agreement = _exp(-(spread**0.5) / DOUBT)
    told = [p.confidence for p in predictions if p.confidence is not None]
    if not told:
        return Prediction(uv, agreement)
    return Prediction(uv, agreement * (sum(enlarged(one, size) for one in told) / len(told)))


def _exp(x: Any) -> Any:
    return np.exp(x) if isinstance(x, np.ndarray) else x.exp()
