"""The contract of a model: what the base class does for its children."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from luvcolor.model import Batch, Chroma, Colorizer, pad_to_multiple


@dataclass(frozen=True)
class TintConfig:
    strength: float = 2.0


class Tint(Colorizer):
    """A number for u* and v* alike."""

    Config = TintConfig
    config: TintConfig

    def __init__(self, config: TintConfig | None = None) -> None:
        super().__init__(config)
        self.uv = torch.nn.Parameter(torch.tensor(self.config.strength))

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        yield "first", (self.uv - batch.uv).square().mean()
        yield "second", self.uv.square()


class Fixed(Colorizer):
    """Not trained."""

    Config = TintConfig

    def predict(self, luma: Tensor, **options: object) -> Chroma:
        return Chroma(luma.expand(-1, 2, -1, -1))


def batch() -> Batch:
    luma = torch.zeros(1, 1, 2, 2)
    return Batch(luma, torch.ones(1, 2, 2, 2), torch.zeros(1, 3, 2, 2, dtype=torch.uint8))


def test_a_model_without_a_config_takes_the_defaults() -> None:
    assert Tint().config == TintConfig()
    assert Tint(TintConfig(5.0)).uv.item() == 5


def test_a_model_that_has_losses_is_trainable() -> None:
    assert Tint().trainable
    assert not Fixed().trainable


def test_the_metric_of_a_model_is_the_sum_of_its_losses() -> None:
    loss = Tint().metrics(batch())["loss"]
    assert loss.item() == 1 + 4
    assert not loss.requires_grad


def test_the_optimizer_of_a_model_has_all_parameters() -> None:
    model = Tint()
    (group,) = model.optimizers()["main"].param_groups
    assert group["params"] == [model.uv]


def test_a_model_must_predict() -> None:
    with pytest.raises(NotImplementedError):
        Tint().predict(torch.zeros(1, 1, 4, 4))


@pytest.mark.parametrize("size", [(1, 1), (5, 8), (17, 23), (8, 16)])
def test_padding_repeats_the_edge_and_leaves_the_picture(size: tuple[int, int]) -> None:
    x = torch.rand(2, 3, *size)
    padded = pad_to_multiple(x, 8)
    height, width = size
    assert padded.shape[-2] % 8 == padded.shape[-1] % 8 == 0
    assert max(padded.shape[-2] - height, padded.shape[-1] - width) < 8
    assert torch.equal(padded[..., :height, :width], x)
    assert torch.equal(padded[..., -1, -1], x[..., -1, -1])
