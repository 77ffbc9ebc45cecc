"""Tiles: what they cover, and that nobody sees where they end."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from luvcolor.colorization.tiling import OVERLAP, SMALLEST, STEP, spans, tile_sides, tiled
from luvcolor.model import pad_to_multiple
from luvcolor.runtimes import Prediction


@pytest.mark.parametrize("side", [128, 160, 512])
@pytest.mark.parametrize("length", [1, 100, 129, 160, 161, 300, 511, 513, 4000, 5761])
def test_tiles_cover_everything_aligned_and_overlapping(length: int, side: int) -> None:
    found = spans(length, side)
    assert (found[0][0], found[-1][1]) == (0, length)
    for begin, end in found:
        assert begin % STEP == 0
        assert 0 < end - begin <= side
    for (_, end), (begin, _) in pairwise(found):
        assert end - begin >= max(OVERLAP, side // 4 // STEP * STEP)


@pytest.mark.parametrize("size", [(192, 5760), (5760, 192), (2048, 3072), (1, 90_000), (130, 130)])
@pytest.mark.parametrize("limit", [SMALLEST, 1 << 16, 1 << 20])
def test_no_tile_is_larger_than_the_limit(size: tuple[int, int], limit: int) -> None:
    height, width = tile_sides(size, limit)
    assert min(height, size[0]) * min(width, size[1]) <= limit
    assert width % STEP == 0 or height % STEP == 0


class Local(nn.Module):
    """A network that halves a picture three times and sees some thirty pixels around each."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.down = nn.Sequential(
            *(nn.Sequential(nn.Conv2d(c, 6, 3, 2, 1), nn.Tanh()) for c in (1, 6, 6))
        )
        self.last = nn.Conv2d(6, 2, 1)

    def forward(self, x: Any) -> Any:
        height, width = x.shape[-2:]
        small = self.last(self.down(pad_to_multiple(x, 8)))
        full = nn.functional.interpolate(small, scale_factor=8, mode="bilinear")
        return 60 * full[..., :height, :width]


def texture(height: int, width: int) -> Any:
    y, x = np.mgrid[:height, :width].astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 0.1, (height, width))
    return (0.5 + 0.3 * np.sin(x / 23) * np.cos(y / 31) + noise).astype(np.float32)[None, None]


@pytest.fixture(scope="module")
def network() -> Any:
    model = Local().eval()

    def run(luma: Any) -> Prediction:
        with torch.inference_mode():
            return Prediction(model(torch.from_numpy(np.ascontiguousarray(luma))).numpy(), luma)

    return run


@pytest.mark.parametrize("size", [(400, 576), (97, 1203), (700, 96)])
def test_a_tiled_run_is_an_untiled_one(network: Any, size: tuple[int, int]) -> None:
    luma = texture(*size)
    whole, parts = network(luma), tiled(network, luma, SMALLEST)
    apart = np.abs(parts.uv - whole.uv)
    assert apart.max() < 0.005 * np.ptp(whole.uv)
    assert apart.mean() < 0.0005 * np.ptp(whole.uv)
    assert parts.confidence is not None
    np.testing.assert_allclose(parts.confidence, luma, atol=1e-6)


def test_there_are_no_seams_where_tiles_disagree() -> None:
    """Every tile gets a chroma of its own, as a network with a global context may give it."""
    calls: list[tuple[int, ...]] = []

    def moody(luma: Any) -> Prediction:
        calls.append(luma.shape)
        level = 40.0 * (len(calls) % 2)
        return Prediction(np.full((1, 2, *luma.shape[-2:]), level, np.float32), None)

    found = tiled(moody, texture(300, 420), SMALLEST)
    assert len(calls) >= 6
    assert found.confidence is None
    steps = [np.abs(np.diff(found.uv, axis=axis)).max() for axis in (-2, -1)]
    assert max(steps) < 40 * 1.6 / (OVERLAP / 2)  # the steepest of a ramp over half an overlap


def test_the_gradient_is_no_larger_at_the_borders_of_tiles(network: Any) -> None:
    luma = texture(128, 700)
    gradient = np.abs(np.diff(tiled(network, luma, SMALLEST).uv[0], axis=-1)).mean((0, 1))
    ends = sorted({edge for span in spans(700, 128) for edge in span} - {0, 700})
    near = np.concatenate([gradient[end - 2 : end + 1] for end in ends])
    assert near.mean() < 1.25 * gradient.mean()
    assert near.max() <= gradient.max()


def test_tensors_are_tiled_as_arrays_are(network: Any) -> None:
    luma = texture(200, 300)

    def in_torch(x: Any) -> Prediction:
        return Prediction(*map(torch.from_numpy, network(x.numpy())))

    found = tiled(in_torch, torch.from_numpy(luma), SMALLEST)
    np.testing.assert_allclose(found.uv, tiled(network, luma, SMALLEST).uv, atol=1e-4)
