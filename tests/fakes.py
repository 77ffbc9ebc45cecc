"""Models that answer as they are told to, and what they are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from luvcolor.checkpoint import Card
from luvcolor.colorization import ColorizeOptions, Engine
from luvcolor.model import Chroma, Colorizer
from luvcolor.runtimes.torch_runtime import TorchPredictor
from tests.conftest import noisy


class Fake(Colorizer):
    """Answers as it is told to."""

    Config = dict

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer
        self.seen: list[tuple[Tensor, float | None]] = []

    def predict(self, luma: Tensor, *, temperature: float | None = None, **_: Any) -> Any:
        self.seen.append((luma, temperature))
        return self.answer(luma)


def tinted(u: float, v: float) -> Any:
    """A model's answer of one chroma everywhere."""
    return lambda x: Chroma(torch.tensor([u, v]).view(1, 2, 1, 1).expand(-1, -1, *x.shape[-2:]))


def sloped(x: Tensor) -> Chroma:
    """A model's answer of much chroma that changes with place and luma."""
    ramp = torch.linspace(-60, 60, x.shape[-1]).expand_as(x)
    return Chroma(torch.cat([ramp + 40 * x, 50 - 80 * x], 1))


def engine(answer: Any, size: int = 16, **options: Any) -> Engine:
    predictor = TorchPredictor(Fake(answer), Card("fake", {}, size))
    return Engine(predictor, ColorizeOptions(**options))


def gray(height: int, width: int, dtype: str = "uint8") -> Any:
    picture = noisy(height, width)[..., 1].astype(np.float64) / 255
    top = {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    return (picture * top).astype(dtype)
