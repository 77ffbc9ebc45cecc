"""Models that need no weights and use hints, and the plugin that brings them."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor

from luvcolor.hookspecs import ModelSpec, hookimpl
from luvcolor.model import Chroma, Colorizer
from luvcolor.registry import Plugin, build_registry, builtin_plugins, registry


@dataclass(frozen=True)
class DabsConfig:
    strength: float = 1.0


class Dabs(Colorizer):
    """Hints where they are, and the mean of them elsewhere; nothing without."""

    Config = DabsConfig
    uses: ClassVar[tuple[str, ...]] = ("colours",)
    largest = 64

    def predict(self, luma: Tensor, *, hints: Any = None, **_: Any) -> Chroma:
        if luma.min() == 0:
            raise ValueError("black")
        if hints is None:
            return Chroma(luma.new_zeros(len(luma), 2, *luma.shape[-2:]))
        mean = hints.uv.sum((2, 3), keepdim=True) / hints.mask.sum()
        return Chroma(self.config.strength * torch.where(hints.mask, hints.uv, mean))


class Likeness(Colorizer):
    """The mean chroma of a reference."""

    Config = DabsConfig
    uses = ("reference",)

    def predict(self, luma: Tensor, *, hints: Any = None, **_: Any) -> Chroma:
        uv = hints.reference[:, 1:].mean((2, 3), keepdim=True)
        return Chroma(uv.expand(len(luma), -1, *luma.shape[-2:]))


class Both(Dabs):
    """What it is given, kept to be looked at."""

    uses: ClassVar[tuple[str, ...]] = ("colours", "reference")

    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.seen: list[Any] = []

    def predict(self, luma: Tensor, *, hints: Any = None, **_: Any) -> Chroma:
        self.seen.append(hints)
        return super().predict(
            luma, hints=hints if hints is not None and hints.mask.any() else None
        )


def plug_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry of this process have these models, beside those that are built in."""

    @hookimpl
    def luvcolor_register_models(register: Any) -> None:
        for name, model in {"dabs": Dabs, "likeness": Likeness, "both": Both}.items():
            factory = f"{__name__}:{model.__name__}"
            register(ModelSpec(name, "Needs no weights.", factory, learns=False))

    plugin = SimpleNamespace(__name__="dabbing", luvcolor_register_models=luvcolor_register_models)
    plugins = [*builtin_plugins(), Plugin("dabbing", "dabbing-dist", "3", lambda: plugin)]
    monkeypatch.setattr(registry, "_built", build_registry(plugins))
    assert not registry().broken, registry().skipped
