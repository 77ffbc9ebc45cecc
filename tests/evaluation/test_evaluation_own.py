"""What models say of themselves, against figures computed by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from luvcolor.batches import to_batch
from luvcolor.checkpoint import Card
from luvcolor.classify import PaletteHead
from luvcolor.colorization import Engine
from luvcolor.errors import PluginError, UsageError
from luvcolor.evaluation.own import OWN, as_seen, centers_of, own_metrics
from luvcolor.model import Batch, Chroma, Colorizer
from luvcolor.runtimes.torch_runtime import TorchPredictor
from tests.conftest import noisy

RED, DARK_RED, BLUE = (255, 0, 0), (100, 0, 0), (0, 0, 255)


class Chooser(Colorizer):
    """Takes what is lighter than L = 40 for red, and the rest for blue: logits 1 and -1."""

    Config = dict

    def __init__(self) -> None:
        super().__init__()
        self.palette = PaletteHead(2, space="rgb")
        self.palette.centers.copy_(torch.tensor([RED, BLUE]))

    def losses(self, batch: Batch) -> Any:
        yield "main", self.palette.loss(self.logits(batch.luma), batch)

    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        return self.palette.metrics(self.logits(batch.luma), batch)

    def logits(self, luma: Tensor) -> Tensor:
        sure = torch.where(luma > 0.4, 1.0, -1.0)
        return torch.cat([sure, -sure], 1)


class Answering(Colorizer):
    """Measures itself as it is told to."""

    Config = dict

    def __init__(self, answer: Callable[[Batch], dict[str, Any]]) -> None:
        super().__init__()
        self.answer = answer

    def losses(self, batch: Batch) -> Any:
        yield "main", torch.zeros(())

    def metrics(self, batch: Batch) -> dict[str, Any]:
        return self.answer(batch)


class Untrained(Colorizer):
    """Only predicts."""

    Config = dict

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(luma.expand(-1, 2, -1, -1))


class Elsewhere(TorchPredictor):
    """Something that is not torch."""

    runtime = "onnx"


def engine(model: Colorizer, predictor: Any = TorchPredictor, size: int = 16) -> Engine:
    return Engine(predictor(model, Card("own", {}, size)))


def quarters() -> Any:
    """Three quarters that the chooser is right about, and dark red, which it takes for blue."""
    picture = np.empty((16, 16, 3), np.uint8)
    picture[:8, :8], picture[:8, 8:], picture[8:] = RED, DARK_RED, BLUE
    return picture


def test_accuracy_and_loss_of_one_that_chooses() -> None:
    found = own_metrics(engine(Chooser()), quarters())
    right = math.log(1 + math.exp(-2))
    assert tuple(found) == OWN
    assert found["accuracy"] == 0.75
    assert found["loss"] == pytest.approx(0.75 * right + 0.25 * (2 + right))


def test_its_colours_are_those_of_its_palette() -> None:
    centers = centers_of(engine(Chooser()))
    assert centers is not None
    assert centers.space == "rgb"
    assert centers.points.tolist() == [list(RED), list(BLUE)]


def test_pictures_of_the_models_size_are_measured_as_in_training() -> None:
    model = Chooser()
    picture = noisy(16, 16)
    expected = model.metrics(to_batch(picture[None]))
    found = own_metrics(engine(model), picture)
    assert found == {name: pytest.approx(float(expected[name])) for name in OWN}


@pytest.mark.parametrize(("size", "seen"), [((64, 32), (32, 16)), ((8, 12), (16, 24))])
def test_others_are_resized_to_what_the_model_sees(size: Any, seen: Any) -> None:
    batches: list[Batch] = []

    def answer(batch: Batch) -> dict[str, Any]:
        batches.append(batch)
        return {"loss": torch.ones(())}

    made = engine(Answering(answer))
    assert own_metrics(made, noisy(*size)) == {"accuracy": None, "loss": 1.0}
    assert as_seen(made, noisy(*size)).shape == (*seen, 3)
    assert batches[0].luma.shape == (1, 1, *seen)
    assert batches[0].rgb.dtype == torch.uint8


def test_accuracy_without_a_palette_is_another_thing() -> None:
    made = engine(Answering(lambda batch: {"loss": 2.0, "accuracy": 0.5, "psnr": 20.0}))
    assert own_metrics(made, quarters()) == {"accuracy": None, "loss": 2.0}
    assert centers_of(made) is None


@pytest.mark.parametrize("made", [engine(Untrained()), engine(Chooser(), Elsewhere)])
def test_nothing_is_known_without_training_or_torch(made: Engine) -> None:
    assert own_metrics(made, quarters()) == {"accuracy": None, "loss": None}
    assert centers_of(made) is None


def failing(error: Exception) -> Callable[[Batch], dict[str, Any]]:
    def answer(batch: Batch) -> dict[str, Any]:
        raise error

    return answer


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_named(value: float) -> None:
    with pytest.raises(PluginError, match=f"'own' was to answer with numbers.*{value} as its loss"):
        own_metrics(engine(Answering(lambda batch: {"loss": value})), quarters())


def test_failures_name_the_model() -> None:
    with pytest.raises(PluginError, match=r"'own' was to measure itself.*KeyError: 'x'"):
        own_metrics(engine(Answering(failing(KeyError("x")))), quarters())
    with pytest.raises(UsageError, match="as it is"):
        own_metrics(engine(Answering(failing(UsageError("as it is")))), quarters())
