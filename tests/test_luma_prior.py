"""What luma alone tells of a colour."""

from __future__ import annotations

import numpy as np
import torch

from luvcolor.batches import to_batch
from luvcolor.classify import PaletteHead
from luvcolor.dataset import Dataset
from luvcolor.luma_prior import DOUBT, LumaPrior
from luvcolor.palette import fit_palette


def test_shares_of_every_level_add_up_to_one() -> None:
    prior = LumaPrior(3)
    luma = torch.rand(1, 1, 40, 40, generator=torch.Generator().manual_seed(0))
    prior.fit([(luma, (luma * 3).long())])
    every = torch.linspace(0, 1, 300).view(1, 1, 1, -1)
    torch.testing.assert_close(prior(every).exp().sum(1), torch.ones(1, 1, 300))


def test_a_level_that_no_pixel_had_is_coloured_as_all_pixels_are() -> None:
    prior = LumaPrior(2)
    label = torch.tensor([0.0, 0.0, 0.0, 1.0])
    prior.fit([(torch.zeros(1, 1, 1, 4), label)])
    found = prior(torch.ones(1, 1, 1, 1)).exp().flatten()
    torch.testing.assert_close(found, torch.tensor([0.75, 0.25]))


def test_few_pixels_of_a_level_are_doubted() -> None:
    prior = LumaPrior(2)
    light = int(DOUBT)
    luma = torch.cat([torch.zeros(10), torch.ones(light)]).view(1, 1, 1, -1)
    prior.fit([(luma, luma.flatten())])
    dark = prior(torch.zeros(1, 1, 1, 1)).exp()[0, 0].item()
    assert 10 / (10 + light) < dark < 0.5


def test_a_colour_that_no_pixel_had_is_unlikely_and_finite() -> None:
    prior = LumaPrior(3)
    prior.fit([(torch.zeros(1, 1, 1, 4), torch.zeros(4))])
    found = prior(torch.zeros(1, 1, 1, 1)).flatten()
    assert found.isfinite().all()
    assert found[2] < -10


def test_a_head_counts_the_colours_of_the_training_pictures(dataset: Dataset) -> None:
    head = PaletteHead(6, space="rgb", luma_prior=True)
    palette = fit_palette(dataset.sample("train", seed=0), 6, space="rgb", seed=0)
    head.fit(dataset, palette=palette, seed=0)
    batch = to_batch(np.stack(list(dataset.pictures("train"))))
    told = head.metrics(
        head.given_luma(torch.zeros(len(batch.luma), 6, *batch.luma.shape[-2:]), batch.luma), batch
    )
    blind = head.metrics(torch.zeros(len(batch.luma), 6, *batch.luma.shape[-2:]), batch)
    assert told["accuracy"] > blind["accuracy"]
    assert told["loss"] < blind["loss"]


def test_a_head_without_it_leaves_logits_alone() -> None:
    logits, luma = torch.rand(1, 6, 4, 4), torch.rand(1, 1, 4, 4)
    assert PaletteHead(6, space="rgb").given_luma(logits, luma) is logits
