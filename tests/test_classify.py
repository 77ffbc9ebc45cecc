"""Chroma as a choice among the colours of a palette."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from luvcolor.batches import to_batch
from luvcolor.classify import SPACES, PaletteHead
from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor.model import Batch
from luvcolor.palette import Palette
from luvcolor_kernels import rgb_to_luv

COLORS = ["#c03030", "#30a040", "#3050c0", "#808080"]


def head_of(dataset: Dataset, space: Any, **options: Any) -> tuple[PaletteHead, Palette]:
    palette = Palette.from_colors(COLORS, space=space)
    head = PaletteHead(4, space=space, **options)
    head.fit(dataset, palette=palette, seed=0)
    return head, palette


def painted(palette: Palette, labels: list[list[int]]) -> tuple[Batch, Tensor]:
    """A batch of one picture of palette colours, and their numbers."""
    return to_batch(palette.colors[np.array(labels)][None]), torch.tensor(labels)[None]


def sure_of(labels: Tensor, colors: int = 4) -> Tensor:
    return torch.nn.functional.one_hot(labels, colors).movedim(-1, 1).float() * 40


@pytest.mark.parametrize("space", SPACES)
def test_the_palette_given_is_taken(dataset: Dataset, space: str) -> None:
    head, palette = head_of(dataset, space)
    np.testing.assert_allclose(head.centers.numpy(), palette.centers, rtol=1e-6)
    np.testing.assert_allclose(head.share.numpy(), palette.share, rtol=1e-6)
    np.testing.assert_allclose(head.chroma.numpy(), rgb_to_luv(palette.colors)[:, 1:], atol=0.01)


@pytest.mark.parametrize("space", SPACES)
def test_a_palette_is_found_in_the_training_pictures(dataset: Dataset, space: str) -> None:
    first, again = PaletteHead(4, space=space), PaletteHead(4, space=space)
    first.fit(dataset, palette=None, seed=3)
    again.fit(dataset, palette=None, seed=3)
    assert torch.equal(first.centers, again.centers)
    assert len({tuple(chroma) for chroma in first.chroma.tolist()}) == 4
    assert first.share.sum().item() == pytest.approx(1)


def test_a_palette_of_another_size_or_space_is_refused_in_words(dataset: Dataset) -> None:
    palette = Palette.from_colors(COLORS, space="luv")
    with pytest.raises(UsageError, match=r"expects a palette of 5 .* has 4 in luv; set colors=4"):
        PaletteHead(5, space="luv").fit(dataset, palette=palette, seed=0)
    with pytest.raises(UsageError, match=r"4 colours in uv.*set colors=4 and space=luv"):
        PaletteHead(4, space="uv").fit(dataset, palette=palette, seed=0)


def test_an_unknown_space_lists_the_known() -> None:
    with pytest.raises(UsageError, match="rgb, luv, uv; found 'hsv'"):
        PaletteHead(4, space="hsv")


@pytest.mark.parametrize("space", SPACES)
def test_the_right_colours_have_no_loss_and_wrong_ones_much(dataset: Dataset, space: str) -> None:
    head, palette = head_of(dataset, space)
    batch, labels = painted(palette, [[0, 1], [2, 3]])
    right, wrong = sure_of(labels), sure_of((labels + 1) % 4)
    assert head.loss(right, batch).item() == pytest.approx(0, abs=1e-6)
    assert head.loss(wrong, batch).item() == pytest.approx(40, abs=1e-3)
    assert head.metrics(right, batch)["accuracy"] == 1
    assert head.metrics(wrong, batch)["accuracy"] == 0


def test_the_truth_is_averaged_down_to_the_size_of_the_answer(dataset: Dataset) -> None:
    head, palette = head_of(dataset, "uv")
    batch, _ = painted(palette, [[0, 0, 1, 1], [0, 0, 1, 1]])
    assert head.metrics(sure_of(torch.tensor([[[0, 1]]])), batch)["accuracy"] == 1


def test_softness_spreads_the_target_over_near_colours(dataset: Dataset) -> None:
    sharp, palette = head_of(dataset, "uv")
    soft, _ = head_of(dataset, "uv", softness=40.0)
    batch, labels = painted(palette, [[0, 1], [2, 3]])
    logits = sure_of(labels) / 40
    squares = torch.cdist(sharp.centers.double(), sharp.centers.double()).square()
    targets = (squares / (-2 * 40.0**2)).softmax(1)[labels].movedim(-1, 1)
    expected = -(targets * logits.double().log_softmax(1)).sum(1).mean()
    assert soft.loss(logits, batch).item() == pytest.approx(expected.item(), rel=1e-4)
    assert soft.loss(logits, batch) > sharp.loss(logits, batch)


def test_rebalancing_lets_rare_colours_count_as_much_as_common_ones(dataset: Dataset) -> None:
    palette = Palette.from_colors(COLORS, space="uv", share=[0.0, 0.75, 0.25, 0.0])
    head = PaletteHead(4, space="uv", rebalance=1.0)
    head.fit(dataset, palette=palette, seed=0)
    common, rare = int(palette.share.argmax()), int(np.argsort(palette.share)[2])
    batch, labels = painted(palette, [[common] * 3 + [rare]])
    logits = sure_of(torch.full_like(labels, common)) / 40
    miss, hit = (-logits.log_softmax(1)[0, c, 0, 0].item() for c in (rare, common))
    assert head.loss(logits, batch).item() == pytest.approx((miss + hit) / 2, rel=1e-5)


def test_a_colour_that_no_pixel_has_leaves_the_loss_a_number(dataset: Dataset) -> None:
    palette = Palette.from_colors(COLORS, space="uv", share=[0.0, 0.5, 0.5, 0.0])
    head = PaletteHead(4, space="uv", rebalance=1.0)
    head.fit(dataset, palette=palette, seed=0)
    batch, labels = painted(palette, [[0, 1], [2, 3]])
    assert head.loss(sure_of(labels), batch).isfinite()


def test_temperature_goes_from_the_likeliest_colour_to_the_mean(dataset: Dataset) -> None:
    head, _ = head_of(dataset, "uv")
    odds = torch.tensor([0.1, 0.2, 0.3, 0.4])
    logits = odds.log().view(1, 4, 1, 1)
    boldest = head.decode(logits, temperature=0).uv.flatten()
    mean = head.decode(logits, temperature=1).uv.flatten()
    torch.testing.assert_close(boldest, head.chroma[3])
    torch.testing.assert_close(mean, odds @ head.chroma)


def test_confidence_is_from_no_idea_to_certain(dataset: Dataset) -> None:
    head, _ = head_of(dataset, "uv")
    none, some, all_ = (
        head.decode(torch.tensor([0.0, 0, 0, top]).view(1, 4, 1, 1), temperature=0.4).confidence
        for top in (0.0, 1.0, 90.0)
    )
    assert none is not None
    assert some is not None
    assert all_ is not None
    assert none.item() == pytest.approx(0, abs=1e-6)
    assert all_.item() == pytest.approx(1)
    odds = torch.tensor([0.0, 0, 0, 1]).double().softmax(0)
    assert some.item() == pytest.approx(1 + (odds * odds.log()).sum().item() / math.log(4))


@pytest.mark.parametrize("colors", [1, 7, 12, 24, 128])
def test_confidence_never_leaves_its_range(colors: int) -> None:
    head = PaletteHead(colors, space="uv")
    logits = torch.full((1, colors, 2, 2), 0.37)
    confidence = head.decode(logits, temperature=0.4).confidence
    assert confidence is not None
    assert 0 <= confidence.min() <= confidence.max() <= 1


def test_draws_differ_by_seed_and_keep_a_region_in_one_colour(dataset: Dataset) -> None:
    head, _ = head_of(dataset, "uv")

    def drawn(seed: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return head.decode(torch.zeros(1, 4, 6, 6), temperature=0.01, generator=generator).uv

    assert torch.equal(drawn(1), drawn(1))
    assert len({tuple(drawn(seed)[0, :, 0, 0].tolist()) for seed in range(12)}) > 1
    assert (drawn(1) == drawn(1)[..., :1, :1]).all()
