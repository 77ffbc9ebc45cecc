"""Ageing: what it does to luma, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from luvcolor import augmentation
from luvcolor.augmentation import age, shrink
from luvcolor.batches import to_batch
from luvcolor.model import Batch
from luvcolor_kernels import luminance
from tests.conftest import noisy


def batch(count: int = 64, side: int = 24) -> Batch:
    return to_batch(np.stack([noisy(side, side, seed=seed) for seed in range(count)]))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def stripes(side: int = 32) -> Tensor:
    """Two pictures of black and white columns."""
    columns = torch.arange(side) % 2
    return columns.float().expand(2, 1, side, side).clone()


def test_colours_stay_what_they_were_and_luma_stays_in_its_range() -> None:
    new = batch()
    aged = age(new, rng())
    assert aged.uv is new.uv
    assert aged.rgb is new.rgb
    assert aged.luma.shape == new.luma.shape
    assert 0 <= float(aged.luma.min()) < float(aged.luma.max()) <= 1


def test_about_half_of_the_pictures_are_left_as_they_are() -> None:
    new = batch()
    before = new.luma.clone()
    aged = age(new, rng())
    same = (aged.luma == new.luma).all((1, 2, 3)).sum().item()
    assert torch.equal(new.luma, before)
    assert 20 <= same <= 48


def test_the_same_draw_ages_alike() -> None:
    new = batch(8)
    assert torch.equal(age(new, rng(1)).luma, age(new, rng(1)).luma)
    assert not torch.equal(age(new, rng(1)).luma, age(new, rng(2)).luma)


def test_one_picture_can_be_aged_or_left() -> None:
    alone = batch(1)
    for seed in range(40):
        assert age(alone, rng(seed)).luma.shape == alone.luma.shape


def test_an_emulsion_sees_gray_as_it_is_and_colours_anew() -> None:
    grays = np.arange(256, dtype=np.uint8).reshape(16, 16)
    rgb = torch.from_numpy(np.stack([grays] * 3)[None])
    expected = luminance(grays) / 100
    np.testing.assert_allclose(augmentation._emulsion(rgb, rng())[0, 0], expected, atol=1e-5)
    red = torch.tensor([255, 0, 0], dtype=torch.uint8).reshape(1, 3, 1, 1).expand(50, -1, -1, -1)
    lights = augmentation._emulsion(red, rng()).flatten()
    assert float(lights.min()) < 0.2 < 0.5 < float(lights.max())


def test_tones_keep_their_order() -> None:
    ramp = torch.linspace(0, 1, 64).reshape(1, 1, 8, 8)
    for seed in range(10):
        bent = augmentation._tone(ramp, rng(seed)).flatten()
        assert bool((bent.diff() > 0).all())
        assert 0 <= float(bent[0]) <= 0.21
        assert 0.75 <= float(bent[-1]) <= 1


def test_blur_keeps_the_mean_and_takes_the_edges() -> None:
    blurred = augmentation._blur(stripes(), rng())
    inside = blurred[..., 4:-4, 4:-4]
    assert inside.mean().item() == pytest.approx(0.5, abs=1e-3)
    assert float(inside.std()) < 0.35
    flat = torch.full((2, 1, 16, 16), 0.3)
    torch.testing.assert_close(augmentation._blur(flat, rng()), flat)


def test_grain_is_strongest_in_the_middle_tones() -> None:
    def spread(level: float) -> float:
        flat = torch.full((8, 1, 32, 32), level)
        return float((augmentation._grain(flat, rng()) - flat).std())

    assert spread(0.5) > 2 * spread(0.0) > 0


def test_jpeg_keeps_the_mean_of_a_block_and_loses_its_detail() -> None:
    flat = torch.full((1, 1, 12, 20), 0.5)
    assert float((augmentation._jpeg(flat, rng()) - flat).abs().max()) < 0.07
    fine = 0.5 + 0.01 * (stripes() - 0.5)
    assert float(augmentation._jpeg(fine, rng()).std()) < float(fine.std()) / 2


def test_the_cosines_are_orthonormal() -> None:
    waves = augmentation._cosines().reshape(64, 64)
    torch.testing.assert_close(waves @ waves.T, torch.eye(64), atol=1e-5, rtol=0)


def test_pictures_come_in_several_sizes_and_keep_their_colours() -> None:
    rgb = np.full((2, 144, 144, 3), (10, 120, 230), np.uint8)
    shrunken = [shrink(rgb, rng(seed)) for seed in range(12)]
    assert {s.shape[1] for s in shrunken} == {144, 128, 112, 96}
    assert all(s.shape == (2, s.shape[1], s.shape[1], 3) for s in shrunken)
    assert all((s == rgb[0, 0, 0]).all() for s in shrunken)


@pytest.mark.parametrize("size", [1, 2, 17])
def test_pictures_of_any_size_shrink(size: int) -> None:
    sides = {shrink(noisy(size, size)[None], rng(seed)).shape[1] for seed in range(12)}
    assert max(sides) == size
    assert min(sides) >= max(1, size * 6 // 9)


@pytest.mark.parametrize("fault", ["_tone", "_blur", "_grain", "_jpeg"])
def test_faults_fit_any_size(fault: str) -> None:
    change: Callable[[Tensor, np.random.Generator], Tensor] = getattr(augmentation, fault)
    for height, width in ((1, 1), (5, 9), (8, 16)):
        assert change(torch.rand(3, 1, height, width), rng()).shape == (3, 1, height, width)
