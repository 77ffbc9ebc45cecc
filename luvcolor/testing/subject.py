"""The model that is tried: made small, fitted to a few pictures, asked for an answer."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from luvcolor.configuration import from_mapping
from luvcolor.dataset import Dataset
from luvcolor.hookspecs import ModelSpec
from luvcolor.model import Batch, Chroma, Colorizer, Hints
from luvcolor.registry import model_and_plugin, registry
from luvcolor.testing.pictures import batch_of, dataset_in, hints_for
from luvcolor.testing.words import expecting, require

__all__ = ["Subject"]

LOOK = "Look at that line."


@dataclass(frozen=True)
class Subject:
    """A registered model with settings that make it small.

    Attributes
    ----------
    name
        The registered name.
    settings
        Hyperparameters; those not named keep their defaults.
    folder
        Where the pictures that it learns from are written.
    """

    name: str
    settings: Mapping[str, Any]
    folder: Path = field(repr=False)

    def __str__(self) -> str:
        return model_and_plugin(self.name)

    @cached_property
    def spec(self) -> ModelSpec:
        """What was registered."""
        return registry().model(self.name)

    @property
    def package(self) -> str:
        """The package that the model's code lies in."""
        return self.spec.factory.split(":")[0].split(".")[0]

    @cached_property
    def model_class(self) -> type[Colorizer]:
        """The class that the factory names."""
        found = registry().model_class(self.name)
        require(
            issubclass(found, Colorizer),
            expected="a model that derives from luvcolor.Colorizer",
            found=f"{found.__name__}, which derives from {_bases(found)}",
            advice=f"Write `class {found.__name__}(Colorizer):`.",
        )
        return found

    @cached_property
    def config(self) -> Any:
        """The Config that the settings make."""
        advice = "Give every field of Config a default, and settings names and types of its fields."
        with expecting("a Config from the settings", package=self.package, advice=advice):
            return from_mapping(self.model_class.Config, self.settings)

    @property
    def dataset(self) -> Dataset:
        """A dozen pictures."""
        return dataset_in(self.folder)

    @property
    def batch(self) -> Batch:
        """Four pictures to learn from."""
        return batch_of(self.dataset)

    def new(self) -> Colorizer:
        """Make the model with weights drawn by a seed, ready to predict."""
        advice = "Let __init__ take the Config alone, and pass it on: `super().__init__(config)`."
        with (
            torch.random.fork_rng(devices=[]),
            expecting("a model from its Config", package=self.package, advice=advice),
        ):
            torch.manual_seed(0)
            return self.model_class(self.config).eval()

    def fitted(self) -> Colorizer:
        """Make the model as training begins with it: fitted to the dataset, ready to predict."""
        return copy.deepcopy(self._fitted) if self.spec.learns else self.new()

    @cached_property
    def _fitted(self) -> Colorizer:
        model = self.new()
        advice = "fit_to gets the dataset, and by keyword palette (None) and seed; it may draw."
        with expecting("fit_to to look at a dataset", package=self.package, advice=advice):
            model.fit_to(self.dataset, palette=None, seed=0)
        return model.eval()

    def answer(
        self,
        model: Colorizer,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Ask the model to predict; it gets such hints as it uses, unless others are given."""
        given = hints or hints_for(luma, self.model_class.uses)
        expected = f"predict to answer {in_words(luma)}"
        with (
            torch.inference_mode(),
            expecting(expected, package=self.package, advice=LOOK),
        ):
            found = model.predict(luma, hints=given, temperature=temperature, generator=generator)
        require(
            isinstance(found, Chroma),
            expected=f"{expected} with a luvcolor.Chroma",
            found=f"a {type(found).__name__}",
            advice="Write `return Chroma(uv)`, or `Chroma(uv, confidence)`.",
        )
        return found


def in_words(luma: Tensor) -> str:
    """Say what a batch of luma is."""
    count, _, height, width = luma.shape
    pictures = "picture" if count == 1 else "pictures"
    return f"{count} {pictures} of {height} x {width} (height x width)"


def _bases(found: type[Any]) -> str:
    return ", ".join(base.__name__ for base in found.__bases__)
