"""Two distributions a pixel, over u* and over v*, after Hwang & Zhou."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import luvcolor_kernels as kernels
from luvcolor.batches import to_batch
from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor.model import Batch
from luvcolor_hwang_zhou import (
    HIGHEST,
    LOWEST,
    HwangZhou,
    HwangZhouConfig,
    bin_of,
    mean_of,
)
from tests.conftest import noisy
from tests.plugins.by_heart import error_left


def small(**settings: int) -> HwangZhou:
    torch.manual_seed(0)
    return HwangZhou(HwangZhouConfig(**{"width": 4, "bins": 8, **settings}))  # type: ignore[arg-type]


def answering(batch: Batch, model: HwangZhou, sureness: float = 40.0) -> torch.Tensor:
    """Logits that are sure of the truth's bins, (N, 2, bins, H, W)."""
    labels = bin_of(batch.uv, model.config.bins)
    hot = torch.nn.functional.one_hot(labels, model.config.bins)
    return hot.movedim(-1, 2).float() * sureness


def test_the_bins_span_all_colours_and_no_more() -> None:
    levels = np.arange(256, dtype=np.uint8)
    one, other = np.meshgrid(levels, levels)
    faces = [
        np.roll(np.stack([one, other, np.full_like(one, end)], -1), axis, -1)
        for axis in range(3)
        for end in (0, 255)
    ]
    uv = kernels.rgb_to_luv(np.stack(faces))[..., 1:].reshape(-1, 2)
    np.testing.assert_allclose(uv.min(0), LOWEST, atol=0.1)
    np.testing.assert_allclose(uv.max(0), HIGHEST, atol=0.1)


def middles(bins: int) -> torch.Tensor:
    """The middle of every bin, (2, bins)."""
    sure = torch.eye(bins).view(bins, bins, 1, 1).repeat_interleave(2, 0)
    return mean_of(sure)[:, :, 0, 0].mT


def test_a_middle_is_in_its_own_bin_and_the_far_outside_in_the_outermost() -> None:
    labels = bin_of(middles(50)[None, :, None], 50)
    assert torch.equal(labels[0, :, 0], torch.arange(50).expand(2, -1))
    far = torch.tensor([[-500.0, 500.0]] * 2).view(1, 2, 1, 2)
    assert bin_of(far, 50).flatten(2).tolist() == [[[0, 49], [0, 49]]]


@pytest.mark.parametrize("size", [(8, 8), (1, 1), (13, 30)])
def test_every_pixel_gets_two_distributions(size: tuple[int, int]) -> None:
    assert small().eval()(torch.rand(2, 1, *size)).shape == (2, 2, 8, *size)


def test_the_loss_is_the_sum_of_both_and_nothing_where_both_are_right() -> None:
    model, batch = small(), to_batch(noisy(8, 8)[None])
    logits = answering(batch, model)
    assert model._loss(logits, batch).item() == pytest.approx(0, abs=1e-6)
    logits[:, 0] = logits[:, 0].roll(1, 1)  # wrong about u* alone
    assert model._loss(logits, batch).item() == pytest.approx(40, abs=1e-3)


def test_what_is_sure_is_decoded_to_the_middle_of_its_bin(monkeypatch: pytest.MonkeyPatch) -> None:
    model, batch = small(bins=50), to_batch(noisy(8, 8)[None])
    monkeypatch.setattr(HwangZhou, "forward", lambda self, luma: answering(batch, self))
    chroma = model.predict(batch.luma)
    assert chroma.confidence is not None
    assert chroma.confidence.min() > 0.99
    half = torch.tensor(HIGHEST).sub(torch.tensor(LOWEST)).div(100).view(1, 2, 1, 1)
    assert ((chroma.uv - batch.uv).abs() <= half + 1e-3).all()
    metrics = model.metrics(batch)
    assert metrics["accuracy_u"] == metrics["accuracy_v"] == 1


def test_u_and_v_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small()
    logits = torch.zeros(1, 2, 8, 2, 2)
    logits[:, 0, 7] = logits[:, 1, 0] = 90
    monkeypatch.setattr(HwangZhou, "forward", lambda self, luma: logits)
    u, v = model.predict(torch.rand(1, 1, 2, 2)).uv[0, :, 0, 0].tolist()
    assert u == pytest.approx(middles(8)[0, 7].item())
    assert v == pytest.approx(middles(8)[1, 0].item())


def test_the_temperature_is_the_configured_one_unless_given() -> None:
    model, luma = small().eval(), torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        own = model.predict(luma).uv
        assert torch.equal(own, model.predict(luma, temperature=0.38).uv)
        assert not torch.equal(own, model.predict(luma, temperature=1.0).uv)


def test_a_draw_keeps_a_region_in_one_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small()
    monkeypatch.setattr(HwangZhou, "forward", lambda self, luma: torch.zeros(2, 2, 8, 4, 4))

    def drawn(seed: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return model.predict(torch.rand(2, 1, 4, 4), temperature=0.01, generator=generator).uv

    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))
    assert (drawn(1) == drawn(1)[..., :1, :1]).all()


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UsageError, match="bins are at least 2; found 1"):
        small(bins=1)
    with pytest.raises(UsageError, match="found width=16; set width=64"):
        HwangZhouConfig(width=16, weights="vgg16.pth")


def test_four_pictures_are_learned_by_heart(dataset: Dataset, one_thread: None) -> None:
    assert error_left(small(width=16, bins=20), dataset, steps=90) < 0.3
