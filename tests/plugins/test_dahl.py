"""Chroma from VGG16's blocks, under blurred distances, after Dahl."""

from __future__ import annotations

import json

import pytest
import torch
from torch import Tensor

from luvcolor.batches import to_batch
from luvcolor.configuration import from_mapping, to_mapping
from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor.model import CHROMA_SCALE
from luvcolor_dahl import Dahl, DahlConfig, blur
from tests.conftest import noisy
from tests.plugins.by_heart import error_left


def small(**settings: object) -> Dahl:
    torch.manual_seed(0)
    return Dahl(DahlConfig(**{"width": 4, **settings}))  # type: ignore[arg-type]


def off_by(model: Dahl, error: Tensor, monkeypatch: pytest.MonkeyPatch) -> float:
    """The loss of an answer that is off by `error`, (2, 8, 8) u*, v*."""
    batch = to_batch(noisy(8, 8)[None])
    monkeypatch.setattr(Dahl, "forward", lambda self, luma: (batch.uv + error) / CHROMA_SCALE)
    ((name, loss),) = model.losses(batch)
    assert name == "main"
    return loss.item()


@pytest.mark.parametrize("size", [(8, 8), (1, 1), (13, 30)])
def test_every_pixel_gets_chroma(size: tuple[int, int]) -> None:
    assert small().eval()(torch.rand(2, 1, *size)).shape == (2, 2, *size)


def test_the_loss_is_the_distance_of_an_error_that_is_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = torch.tensor([30.0, 40.0]).view(2, 1, 1).expand(2, 8, 8)
    assert off_by(small(), error, monkeypatch) == pytest.approx(0.5, rel=1e-4)


def test_blurs_forgive_what_is_right_on_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = torch.tensor([[30.0, -30.0], [-30.0, 30.0]]).repeat(4, 4).expand(2, 8, 8)
    sharp, blurred = (small(blurs=blurs) for blurs in ((1,), (1, 3, 5)))
    assert off_by(sharp, checks, monkeypatch) == pytest.approx(0.3 * 2**0.5, rel=1e-4)
    # Inside, the blurred checks are zero.
    assert off_by(blurred, checks, monkeypatch) < 0.5 * 0.3 * 2**0.5


def test_a_blur_is_the_product_of_binomials() -> None:
    point = torch.zeros(1, 1, 9, 9)
    point[..., 4, 4] = 1
    row = torch.tensor([1.0, 4, 6, 4, 1]) / 16
    torch.testing.assert_close(blur(point, 5)[0, 0, 2:7, 2:7], torch.outer(row, row))
    assert blur(point, 5).sum().item() == pytest.approx(1)


def test_the_luma_of_a_pixel_reaches_its_chroma_at_full_size() -> None:
    model = small().eval()
    with torch.no_grad():
        for norm in model.ascent.norms:
            for parameter in norm.parameters():
                parameter.zero_()
        for rise in model.ascent.rises:
            for parameter in rise.parameters():
                parameter.zero_()
        luma = torch.full((1, 1, 16, 16), 0.5)
        other = luma.clone()
        other[..., 8, 8] = 0.9
        changed = (model(luma) != model(other)).any(1)[0]
    assert changed[8, 8]
    assert changed.sum() <= 9


@pytest.mark.parametrize("blurs", [(), (2,), (1, -3), (1, 1.5)])
def test_blurs_that_are_no_odd_numbers_are_refused(blurs: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="blurs are odd numbers of pixels, at least one; found"):
        small(blurs=blurs)


def test_the_width_of_given_weights_is_that_of_vgg16() -> None:
    with pytest.raises(UsageError, match="found width=16; set width=64"):
        DahlConfig(weights="vgg16.pth")


def test_blurs_survive_json() -> None:
    config = DahlConfig(blurs=(1, 7))
    assert from_mapping(DahlConfig, json.loads(json.dumps(to_mapping(config)))) == config


def test_four_pictures_are_learned_by_heart(dataset: Dataset, one_thread: None) -> None:
    assert error_left(small(width=8), dataset, steps=150) < 0.3
