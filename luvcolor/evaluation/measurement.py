"""Measures models against pictures whose colours are known, beside what costs nothing.

Every table carries its baselines (no chroma at all; the mean chroma of the training pictures; on
datasets the mean chroma at each level of luma) and the truth's own colourfulness, and names the
protocol it was made under. docs/evaluation.md defines the metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor import __version__
from luvcolor.errors import LuvcolorError, PictureError
from luvcolor.evaluation.columns import COLUMNS, TRUTH
from luvcolor.evaluation.luma_lookup import LumaLookup
from luvcolor.evaluation.methods import Bench, Measured, choosers_of, methods_of
from luvcolor.evaluation.protocol import FORMAT, Origin, Seen
from luvcolor.evaluation.rebalanced_auc import RebalancedAuc
from luvcolor.frame import Frame

if TYPE_CHECKING:
    from luvcolor.colorization import Engine
    from luvcolor.dataset import Dataset

__all__ = ["Evaluation", "evaluate", "origin_of"]


@dataclass
class Evaluation:
    """What was measured, picture by picture.

    Attributes
    ----------
    protocol
        What makes two results comparable, and the receipts of the models.
    rows
        One mapping a picture and method, as in `Measured`.
    pooled
        By method, the metrics that exist over all pictures only: ``auc_rebalanced``.
    """

    protocol: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    pooled: dict[str, dict[str, float]] = field(default_factory=dict)

    def summary(self) -> dict[str, dict[str, float | None]]:
        """Return every metric over all pictures, by method in the order measured.

        It is the mean over the pictures, rounded to six decimals; None where it does not apply.
        """
        methods = dict.fromkeys(row["method"] for row in self.rows)
        return {method: self._means(method) for method in methods}

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON holds it; docs/evaluation.md describes it."""
        return {
            "format": FORMAT,
            "protocol": self.protocol,
            "summary": self.summary(),
            "pictures": self.rows,
        }

    def _means(self, method: str) -> dict[str, float | None]:
        mine = [row for row in self.rows if row["method"] == method]
        pooled = self.pooled.get(method, {})
        return {
            name: _mean([pooled[name]] if name in pooled else [row.get(name) for row in mine])
            for name in COLUMNS
        }


def evaluate(
    frames: Iterable[Frame],
    engines: Sequence[Engine],
    *,
    failed: Callable[[str, LuvcolorError], None],
    origin: Origin | None = None,
    each: Callable[[Measured], None] = lambda measured: None,
) -> Evaluation:
    """Turn `frames` gray, colour them again, and compare with what they were.

    One picture is held at a time; what stays of it are its rows, about a kilobyte a method.

    Parameters
    ----------
    frames
        Pictures in colour, of any size; each is measured at its own.
    engines
        The models. The mean chroma that is a baseline is that of the first one's training pictures;
        where it is not known, there is no such baseline.
    failed
        Called with the name and reason of every picture that cannot be measured.
    origin
        Where the pictures come from; that of a dataset brings the luma lookup as a baseline.
    each
        Called with every picture that was measured.

    Raises
    ------
    PictureError
        When no picture could be measured.

    Examples
    --------
    >>> from luvcolor import ColorizeOptions, Engine
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> engine = Engine.open(find_checkpoint(None), ColorizeOptions(device="cpu", sizes=(32,)))
    >>> sky = Frame(np.full((40, 40, 3), (90, 120, 200), np.uint8), name="sky.png")
    >>> result = evaluate([sky], [engine], failed=lambda name, error: print(error))
    >>> list(result.summary()), result.protocol["pictures"]
    (['gray', 'mean chroma', 'lite', 'truth'], 1)
    """
    origin, named = origin or Origin(), methods_of(engines)
    bench = Bench(named, origin.lookup)
    result, seen, rebalanced = Evaluation({}), Seen(), RebalancedAuc()
    for frame in frames:
        try:
            measured = bench.measured(frame)
        except LuvcolorError as error:
            failed(frame.name or "picture", error)
            continue
        result.rows += measured.rows.values()
        rebalanced.add(measured.pictures[TRUTH], measured.pictures)
        seen.add(frame.pixels)
        each(measured)
    if not seen.count:
        raise PictureError("expected pictures in colour to measure against, found none")
    result.pooled = {
        method: {"auc_rebalanced": value} for method, value in rebalanced.values().items()
    }
    result.protocol |= {
        **origin.protocol(),
        **seen.protocol(),
        "palettes": bench.palettes,
        "luvcolor": __version__,
        "hints": {name: _kinds(engine) for name, engine in named.items()},
        "receipts": {name: engine.receipt for name, engine in named.items()},
    }
    return result


def origin_of(
    dataset: Dataset,
    split: str,
    engines: Sequence[Engine],
    *,
    watch: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Origin:
    """Return where the pictures of a dataset come from, with what luma alone can do on them.

    Parameters
    ----------
    dataset, split
        The pictures to be measured. The lookup learns from the train split: all of it, or about
        4096 pictures that are always the same.
    engines
        The first that chooses among colours lends them to the lookup.
    watch
        Wraps those pictures for a progress bar.

    Examples
    --------
    >>> import zarr
    >>> from pathlib import Path
    >>> from luvcolor import ColorizeOptions, Dataset, Engine
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> sky = zarr.array(np.full((2, 8, 8, 3), (90, 120, 200), np.uint8))
    >>> dataset = Dataset(Path("sky.zarr"), {"train": sky, "test": sky}, {"fingerprint": "f00"})
    >>> engine = Engine.open(find_checkpoint(None), ColorizeOptions(device="cpu"))
    >>> origin_of(dataset, "test", [engine]).protocol()["luma_lookup"]
    2
    """
    centers = next(iter(choosers_of(methods_of(engines)).values()), None)
    lookup = None
    if dataset.count("train"):
        lookup = LumaLookup.learn(watch(dataset.sample("train", seed=0)), centers)
    return Origin(str(dataset.manifest.get("fingerprint")), split, lookup)


def _kinds(engine: Engine) -> list[str]:
    """Return which hints a model was given."""
    return [] if engine.options.hints is None else list(engine.options.hints.kinds)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), 6) if known else None
