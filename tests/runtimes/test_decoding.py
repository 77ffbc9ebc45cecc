"""Decoding in NumPy is decoding in torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from luvcolor.classify import PaletteHead
from luvcolor.runtimes.decoding import decode, enlarge


def head(colors: int) -> PaletteHead:
    made = PaletteHead(colors, space="uv")
    made.chroma.copy_(torch.randn(colors, 2, generator=torch.manual_seed(1)) * 60)
    return made


def logits(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.manual_seed(2)) * 4


@pytest.mark.parametrize("colors", [1, 2, 5, 128, 313])
@pytest.mark.parametrize("temperature", [0.0, 0.05, 0.7, 1.0, 3.0])
@pytest.mark.parametrize("seed", [None, 0, 7, 2**40 + 3])
def test_it_is_what_the_palette_head_does(
    colors: int, temperature: float, seed: int | None
) -> None:
    answer, palette = logits(3, colors, 5, 7), head(colors)
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    expected = palette.decode(answer, temperature=temperature, generator=generator)
    found = decode(answer.numpy(), palette.chroma.numpy(), temperature=temperature, seed=seed)
    # Toward 0 a temperature makes much of the last bit of a logit.
    bound = 1e-3 if temperature >= 0.05 else 0.1
    np.testing.assert_allclose(found[0], expected.uv.numpy(), atol=bound)
    assert expected.confidence is not None
    np.testing.assert_allclose(found[1], expected.confidence.numpy(), atol=1e-5)
    assert [x.dtype for x in found] == [np.float32, np.float32]


def test_a_seed_is_one_draw_and_another_seed_another() -> None:
    answer, chroma = logits(1, 16, 3, 3).numpy(), head(16).chroma.numpy()
    first, again, other = (
        decode(answer, chroma, temperature=0.2, seed=seed)[0] for seed in (4, 4, 5)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1


def test_confidence_is_one_for_one_colour_and_nothing_for_all_alike() -> None:
    chroma = np.zeros((4, 2), np.float32)
    sure = np.array([200, 0, 0, 0], np.float32).reshape(1, 4, 1, 1)
    assert decode(sure, chroma, temperature=1)[1] == pytest.approx(1)
    assert decode(sure * 0, chroma, temperature=1)[1] == pytest.approx(0, abs=1e-6)


def test_logits_of_any_size_stay_numbers() -> None:
    huge = np.array([3e38, -3e38], np.float32).reshape(1, 2, 1, 1)
    uv, confidence = decode(huge / 1e4, np.ones((2, 2), np.float32), temperature=0.5)
    np.testing.assert_array_equal(uv, 1)
    assert np.isfinite(confidence).all()


@pytest.mark.parametrize(
    ("size", "target"),
    [((1, 1), (4, 4)), ((3, 5), (12, 20)), ((2, 7), (3, 50)), ((8, 6), (4, 3)), ((4, 4), (4, 4))],
)
def test_enlarging_is_that_of_torch(size: tuple[int, int], target: tuple[int, int]) -> None:
    planes = logits(2, 3, *size)
    expected = F.interpolate(planes, size=target, mode="bilinear")
    np.testing.assert_allclose(enlarge(planes.numpy(), target), expected.numpy(), atol=1e-5)
