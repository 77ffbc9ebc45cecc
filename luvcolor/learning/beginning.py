"""What a model is before its first step, and what its card says of how it learned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lightning
import numpy as np
import torch

import luvcolor_kernels as kernels
from luvcolor.checkpoint import Card, card_of, fill, short_hash
from luvcolor.classify import PaletteHead
from luvcolor.configuration import to_mapping
from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor.learning import processes
from luvcolor.learning.options import TrainingOptions
from luvcolor.model import Colorizer
from luvcolor.palette import Palette

__all__ = ["begin", "check_in_words", "describe", "few", "mean_chroma"]

CHECK_STEPS = 25
"""Steps in an epoch where a few pictures are learned by heart."""


def begin(
    model: Colorizer,
    dataset: Dataset,
    options: TrainingOptions,
    *,
    palette: Palette | None,
    start: Path | None,
    say: Callable[[str], None],
) -> None:
    """Give `model` the weights that it starts from: drawn by the seed, or those of a checkpoint."""
    lightning.seed_everything(options.seed, verbose=False)
    # Drawn once more, now that the seed is set.
    model.load_state_dict(type(model)(model.config).state_dict())
    if start is None:
        model.fit_to(dataset, palette=palette, seed=options.seed)
        return
    if palette is not None:
        raise UsageError(
            "a palette comes with the weights to start from; leave one of the two out: "
            "the palette, or the checkpoint"
        )
    new = fill(model, start)
    if new:
        say(f"{start.name} has no {', '.join(new)}: drawn by the seed")


def few(dataset: Dataset, options: TrainingOptions) -> tuple[Dataset, TrainingOptions]:
    """Return the pictures to learn by heart, again and again, and batches that fit them."""
    size = min(options.batch_size, options.overfit)
    least = CHECK_STEPS * size * processes.world()
    return dataset.few(options.overfit, least=least), replace(options, batch_size=size)


def describe(
    name: str, model: Colorizer, dataset: Dataset, options: TrainingOptions, start: Path | None
) -> Card:
    """Return the card of a run that begins."""
    data = {key: dataset.manifest[key] for key in ("sources", "counts", "size", "fingerprint")} | {
        "mean_uv": mean_chroma(dataset, seed=options.seed)
    }
    head = getattr(model, "palette", None)
    started = {} if start is None else {"started_from": short_hash(start)}
    several = {"processes": processes.world()} if processes.world() > 1 else {}
    training = {**to_mapping(options), **started, **several, "torch": torch.__version__}
    return card_of(
        model,
        name,
        min(options.crop or dataset.size, dataset.size),
        data=data,
        training=training,
        palette=head.describe() if isinstance(head, PaletteHead) else {},
        notes=check_in_words(options),
    )


def check_in_words(options: TrainingOptions) -> str:
    """Say that a run is a check; nothing where it is none."""
    if not options.overfit:
        return ""
    return (
        f"A check, and no model to use: it learned and validated the same {options.overfit} "
        "pictures."
    )


def mean_chroma(dataset: Dataset, *, seed: int) -> list[float]:
    """Return the mean u* and v* of a sample of the training pictures."""
    means = [
        kernels.rgb_to_luv(picture)[..., 1:].mean((0, 1))
        for picture in dataset.sample("train", seed=seed)
    ]
    return [round(float(value), 3) for value in np.mean(means, 0)]
