"""Quantization: what is seen, what is not, and dots."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from luvcolor.errors import UsageError
from luvcolor.frame import Frame
from luvcolor.palette import Palette, fit_palette
from luvcolor.quantization import DITHERS, own_palette, quantize, visible_pixels
from luvcolor.rebalancing import rarity_weights

FOUR = ["#101010", "#2040c0", "#c03020", "#e0e0a0"]


def noise(seed: int = 0, size: int = 40) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)


def half_transparent(dtype: Any = np.uint8) -> Frame:
    peak = 1 if dtype == np.float32 else np.iinfo(dtype).max
    pixels = (noise() / 255 * peak).astype(dtype)
    pixels[:, :20] = (peak, 0, peak)
    alpha = np.full(pixels.shape[:2], peak, dtype)
    alpha[:, :20] = 0
    return Frame(pixels, alpha)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("dither", DITHERS)
@pytest.mark.parametrize("space", ["luv", "rgb", "uv"])
def test_every_depth_comes_out_in_colours_of_the_palette(
    dtype: Any, dither: str, space: str
) -> None:
    peak = 1 if dtype == np.float32 else np.iinfo(dtype).max
    frame = Frame((noise() / 255 * peak).astype(dtype), name="a.png")
    palette = Palette.from_colors(FOUR, space=space)
    result = quantize(frame, palette, dither=dither)
    assert result.pixels.dtype == np.uint8
    assert {tuple(c) for c in result.pixels.reshape(-1, 3)} <= {tuple(c) for c in palette.colors}
    assert (result.step, result.name, result.alpha) == ("quantize", "a.png", None)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_what_cannot_be_seen_has_no_vote(dtype: Any) -> None:
    frame = half_transparent(dtype)
    seen = visible_pixels(frame)
    assert len(seen) == 800
    own = own_palette(frame, 6)
    assert own.to_json() == fit_palette([seen], 6, max_iter=20).to_json()
    assert "#ff00ff" not in own.hex


@pytest.mark.parametrize("dither", DITHERS)
def test_what_cannot_be_seen_has_the_first_colour_and_its_alpha(dither: str) -> None:
    frame = half_transparent(np.uint16)
    result = quantize(frame, own_palette(frame, 6), dither=dither)
    assert result.alpha is not None
    assert (result.alpha[:, :20] == 0).all()
    assert (result.alpha[:, 20:] == 255).all()
    assert len(np.unique(result.pixels[:, :20].reshape(-1, 3), axis=0)) == 1


def test_a_wholly_transparent_picture_is_one_too() -> None:
    frame = Frame(noise(), np.zeros((40, 40), np.uint8))
    palette = own_palette(frame, 3)
    assert len(palette) == 3
    assert (quantize(frame, palette).pixels == palette.colors[0]).all()


@pytest.mark.parametrize("dither", ["floyd-steinberg", "blue-noise"])
def test_dots_keep_the_mean_of_a_slope(dither: str) -> None:
    gray = np.tile(np.linspace(0, 255, 128).astype(np.uint8), (64, 1))
    palette = Palette.from_colors(["#000000", "#808080", "#ffffff"], space="rgb")
    strips = quantize(Frame(gray), palette, dither=dither).pixels[..., 0].reshape(64, 8, 16)
    np.testing.assert_allclose(
        strips.mean(axis=(0, 2)), gray.reshape(64, 8, 16).mean(axis=(0, 2)), atol=6
    )


def test_a_dither_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown dither 'bayer'; known ones: none, floyd"):
        quantize(Frame(noise()), Palette.from_colors(FOUR), dither="bayer")
    many = Palette.from_colors([f"#{number:06x}" for number in range(257)])
    with pytest.raises(UsageError, match="at most 256 colours, found 257; with so many"):
        quantize(Frame(noise()), many, dither="blue-noise")
    assert not quantize(Frame(noise()), many).pixels[..., 0].any()


def test_rare_colours_weigh_more() -> None:
    share = np.array([0.9, 0.1, 0.0])
    np.testing.assert_allclose(rarity_weights(share, 0), 3)
    half = rarity_weights(share, 0.5)
    np.testing.assert_allclose(half, 1 / (0.5 * share + 0.5 / 3))
    assert rarity_weights(share, 1)[2] == pytest.approx(1e6)
    tensor = rarity_weights(torch.tensor(share), 0.5)
    np.testing.assert_allclose(tensor.numpy(), half)


def test_weights_are_1_in_the_mean_and_said_in_json() -> None:
    palette = Palette.from_colors(FOUR, share=[0.7, 0.2, 0.06, 0.04])
    weights = palette.weights(0.5)
    assert weights @ palette.share == pytest.approx(1)
    assert np.all(np.diff(weights[np.argsort(palette.share)]) < 0)
    text = palette.to_json(rebalance=0.5)
    assert text.count('"weight"') == 4
    assert '"weight"' not in palette.to_json()
    assert Palette.from_json(text).to_json() == palette.to_json()
