"""Bins of chroma, how common they are, and the network of Zhang, Isola & Efros."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import luvcolor_kernels as kernels
from luvcolor.batches import to_batch
from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor.palette import Palette
from luvcolor_zhang import Zhang, ZhangConfig, bins_in_gamut, smoothed
from tests.conftest import noisy

WIDE = 40.0
"""A side that leaves few bins, for tests that need not have many."""


def small(**settings: float) -> Zhang:
    torch.manual_seed(0)
    return Zhang(ZhangConfig(**{"width": 4, "side": WIDE, **settings}))  # type: ignore[arg-type]


def test_every_colour_has_a_bin_whose_centre_is_near() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (20_000, 3)).astype(np.uint8)
    uv, bins = kernels.rgb_to_luv(rgb)[:, 1:], bins_in_gamut(10.0)
    away = np.abs(uv - bins[kernels.nearest(uv, bins)]).max(1)
    assert away.max() < 5.01


def test_every_bin_holds_a_colour_and_gray_is_a_centre() -> None:
    bins = bins_in_gamut(WIDE)
    levels = np.arange(0, 256, 3, dtype=np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(-1, 3)
    held = kernels.nearest(kernels.rgb_to_luv(cube)[:, 1:], bins)
    assert set(held.tolist()) == set(range(len(bins)))
    assert [0.0, 0.0] in bins.tolist()


def test_smoothing_keeps_the_sum_and_gives_empty_bins_a_share() -> None:
    bins = bins_in_gamut(20.0)
    share = torch.zeros(len(bins), dtype=torch.float64)
    gray = int(np.flatnonzero((bins == 0).all(1))[0])
    share[gray] = 1
    spread = smoothed(share, bins, 10.0)
    assert spread.sum().item() == pytest.approx(1)
    assert spread.argmax() == gray
    beside = int(np.flatnonzero((bins == [20, 0]).all(1))[0])
    assert 0.1 < spread[beside] / spread[gray] < 0.14  # exp(-2), but for the edge of the gamut


def test_the_bins_of_the_training_pictures_are_counted(dataset: Dataset) -> None:
    model = small(softness=0.01)
    model.fit_to(dataset, palette=None, seed=0)
    pictures = np.stack(list(dataset.sample("train", seed=0)))
    uv = kernels.rgb_to_luv(pictures)[..., 1:].reshape(-1, 2)
    labels = kernels.nearest(uv, bins_in_gamut(WIDE))
    share = np.bincount(labels, minlength=model.palette.colors) / len(labels)
    np.testing.assert_allclose(model.palette.share.numpy(), share, atol=1e-6)


def test_a_palette_of_somebody_else_is_refused_in_words(dataset: Dataset) -> None:
    palette = Palette.from_colors(["#ff0000", "#00ff00"], space="uv")
    with pytest.raises(UsageError, match=r"takes no palette, found one of 2 colours.*set side"):
        small().fit_to(dataset, palette=palette, seed=0)


def test_the_target_is_spread_over_the_nearest_bins_alone() -> None:
    model = small(rebalance=0.0, softness=50.0)
    batch = to_batch(noisy(8, 8)[None])
    logits = torch.randn(1, model.palette.colors, 8, 8, generator=torch.Generator().manual_seed(0))
    squares = torch.cdist(batch.uv.flatten(2).mT, model.palette.centers).square()
    near, which = squares.sort(-1)
    soft = (near[..., :5] / (-2 * 50.0**2)).softmax(-1)
    log_p = logits.log_softmax(1).flatten(2).mT.gather(-1, which[..., :5])
    expected = -(soft * log_p).sum(-1).mean()
    assert model.palette.loss(logits, batch).item() == pytest.approx(expected.item(), rel=1e-4)


@pytest.mark.parametrize("size", [(8, 8), (16, 40)])
def test_the_answer_has_a_quarter_of_the_size(size: tuple[int, int]) -> None:
    model = small().eval()
    shape = (2, model.palette.colors, size[0] // 4, size[1] // 4)
    assert model(torch.rand(2, 1, *size)).shape == shape


def test_eight_blocks_halve_three_times_without_pooling_and_two_of_them_are_dilated() -> None:
    layers = [m for m in small().modules() if isinstance(m, nn.Conv2d)]
    assert [conv.out_channels // 4 for conv in layers[:4]] == [1, 1, 2, 2]
    assert sum(conv.stride == (2, 2) for conv in layers) == 3
    assert sum(conv.dilation == (2, 2) for conv in layers) == 6
    assert not any(isinstance(m, nn.MaxPool2d | nn.AvgPool2d) for m in small().modules())


def test_a_picture_of_no_multiple_is_learned_from_without_its_padding() -> None:
    model = small()
    logits, seen = model._answer(to_batch(noisy(30, 30)[None]))
    assert logits.shape[-2:] == (7, 7)
    assert seen.luma.shape[-2:] == (28, 28)


@pytest.mark.parametrize("settings", [{"side": 0.5}, {"softness": 0.0}, {"neighbours": 0}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="at least 1 and softness is above 0; found"):
        small(**settings)


def test_four_pictures_are_learned_by_heart(dataset: Dataset, one_thread: None) -> None:
    model = small(width=8, rebalance=0.0)
    model.fit_to(dataset, palette=None, seed=0)
    batch = to_batch(np.stack(list(dataset.pictures("train"))[:4]))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(120):
        ((_, loss),) = model.losses(batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        assert model.eval().metrics(batch)["accuracy"] > 0.8
        error = (model.predict(batch.luma).uv - batch.uv).square().mean()
    assert error < 0.3 * batch.uv.square().mean()
