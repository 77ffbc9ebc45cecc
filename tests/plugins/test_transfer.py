"""A reference gives its colours to what is like it in luma and texture."""

from __future__ import annotations

import doctest
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

import luvcolor_transfer
from luvcolor.errors import UsageError
from luvcolor.model import Chroma, Hints
from luvcolor_kernels import rgb_to_luv
from luvcolor_transfer import METHODS, Transfer, TransferConfig, averaged, by_rank, drawn, smoothed
from tests.conftest import noisy

both = pytest.mark.parametrize("method", sorted(METHODS))


def in_luv(height: int, width: int, seed: int = 0) -> Tensor:
    """A picture in LUV (3, height, width)."""
    return torch.from_numpy(rgb_to_luv(noisy(height, width, seed))).movedim(-1, 0)


def bands(*levels: float, texture: float = 0.0, side: int = 30) -> NDArray[np.float64]:
    """Upright bands of L, each with noise of its own."""
    noise = np.random.default_rng(1).normal(0, 1, (side, side * len(levels)))
    return np.repeat(np.array(levels), side) + texture * noise


def colored(L: NDArray[np.float64], *uv: tuple[float, float]) -> Tensor:
    """Give as many upright bands of L their chroma: a reference (3, H, W)."""
    chroma = np.repeat(np.array(uv, np.float64), L.shape[1] // len(uv), 0).T
    planes = np.broadcast_to(chroma[:, None], (2, *L.shape))
    return torch.from_numpy(np.concatenate([L[None], planes]))


def predict(luma: Tensor, reference: Tensor | None, **settings: Any) -> Chroma:
    """Colour L / 100 (N, 1, H, W) from a reference (3, h, w)."""
    n, _, height, width = luma.shape
    hints = Hints(
        torch.zeros(n, 2, height, width),
        torch.zeros(n, 1, height, width, dtype=torch.bool),
        None if reference is None else reference[None],
    )
    return Transfer(TransferConfig(**settings)).predict(luma, hints=hints)


def as_luma(L: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(L / 100)[None, None]


def middle(answer: Chroma, part: int, of: int) -> list[float]:
    """The chroma in the middle of one of several upright bands."""
    height, width = answer.uv.shape[-2:]
    return [
        round(float(x), 1) for x in answer.uv[0, :, height // 2, (2 * part + 1) * width // (2 * of)]
    ]


RED, GREEN, BLUE = (80.0, 20.0), (-50.0, 60.0), (-20.0, -90.0)


@both
def test_luma_finds_its_colour(method: str) -> None:
    L = bands(20, 50, 80)
    answer = predict(as_luma(L), colored(L, RED, GREEN, BLUE), method=method)
    found = [middle(answer, band, 3) for band in range(3)]
    np.testing.assert_allclose(found, [RED, GREEN, BLUE], atol=3)


@both
def test_texture_tells_apart_what_is_equally_light(method: str) -> None:
    L = np.concatenate([bands(50), bands(50, texture=8)], 1)
    reference = colored(L, RED, GREEN)
    answer = predict(as_luma(L[:, ::-1].copy()), reference, method=method, smoothing=0)
    found = answer.uv[0].reshape(2, 30, 2, 30).mean((1, 3)).T
    np.testing.assert_allclose(found, [GREEN, RED], atol=15)


@both
def test_a_faded_picture_gets_the_colours_all_the_same(method: str) -> None:
    L = bands(20, 50, 80)
    reference = colored(L, RED, GREEN, BLUE)
    answer = predict(as_luma(40 + L / 4), reference, method=method)
    found = [middle(answer, band, 3) for band in range(3)]
    np.testing.assert_allclose(found, [RED, GREEN, BLUE], atol=10)


def test_without_matching_luma_counts_as_it_is() -> None:
    reference = colored(bands(20, 50), RED, GREEN)
    answer = predict(as_luma(bands(50, 90)), reference, match=0.0)
    np.testing.assert_allclose(middle(answer, 0, 2), GREEN, atol=1)


@both
def test_a_reference_of_one_colour_gives_it_everywhere(method: str) -> None:
    answer = predict(as_luma(bands(10, 60, 90, texture=5)), colored(bands(40), BLUE), method=method)
    np.testing.assert_allclose(answer.uv[0].reshape(2, -1).T - torch.tensor(BLUE), 0, atol=1e-3)
    assert answer.confidence is not None
    assert float(answer.confidence.min()) > 0.99


@both
def test_a_picture_of_one_gray_gets_the_mean_of_the_reference(method: str) -> None:
    reference = colored(bands(20, 80), RED, BLUE)
    answer = predict(torch.full((1, 1, 12, 9), 0.4), reference, method=method)
    mean = np.mean([RED, BLUE], 0)
    np.testing.assert_allclose(answer.uv[0, :, 3, 3], mean, atol=2)
    assert answer.confidence is not None
    assert float(answer.confidence.max()) < 0.3


@both
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (17, 23), (64, 48)])
@pytest.mark.parametrize("other", [(1, 1), (1, 30), (33, 20)])
def test_pictures_and_references_of_any_size(
    method: str, size: tuple[int, int], other: tuple[int, int]
) -> None:
    luma = in_luv(*size)[None, :1] / 100
    answer = predict(luma.repeat(2, 1, 1, 1), in_luv(*other, seed=1), method=method)
    assert answer.uv.shape == (2, 2, *size)
    assert answer.confidence is not None
    assert answer.confidence.shape == (2, 1, *size)
    assert answer.uv.isfinite().all()
    assert 0 <= float(answer.confidence.min()) <= float(answer.confidence.max()) <= 1


@both
def test_the_same_again_and_alone_or_among_others(method: str) -> None:
    luma = torch.stack([in_luv(40, 50, seed)[:1] / 100 for seed in range(3)])
    reference = in_luv(30, 60, 9)
    together = predict(luma, reference, method=method).uv
    alone = [predict(one[None], reference, method=method).uv for one in luma]
    assert torch.equal(together, torch.cat(alone))
    assert torch.equal(together, predict(luma, reference, method=method).uv)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_any_floats_are_taken_and_left_as_they_were(dtype: torch.dtype) -> None:
    luma, reference = (in_luv(20, 20)[None, :1] / 100).to(dtype), in_luv(20, 20, 1).to(dtype)
    before = luma.clone(), reference.clone()
    assert predict(luma, reference).uv.dtype == torch.float32
    assert torch.equal(luma, before[0])
    assert torch.equal(reference, before[1])


def test_one_pixel_without_a_number_harms_no_other() -> None:
    luma = in_luv(40, 60)[None, :1] / 100
    hurt = luma.clone()
    hurt[0, 0, 5, 5] = torch.nan
    clean, found = (predict(x, in_luv(30, 30, 1), smoothing=0).uv for x in (luma, hurt))
    assert found.isfinite().all()
    assert float((clean - found).abs()[..., 20:, 30:].median()) < 5


@both
def test_no_speckles(method: str) -> None:
    L = bands(30, 70, texture=4)
    reference = colored(L, RED, GREEN)
    noise = 30 * torch.randn(2, *L.shape, generator=torch.Generator().manual_seed(0))
    reference[1:] += noise
    answer = predict(as_luma(L), reference, method=method).uv[0]
    assert float(answer[:, 10:20, 10:20].std()) < 45  # of which the two channels' means are most
    assert float(answer[0, 10:20, 10:20].std()) < 6


def test_smoothing_stops_at_edges() -> None:
    L = bands(20, 80)
    plane = np.where(L > 50, 40.0, -40.0)
    np.testing.assert_allclose(smoothed(plane, L, 8)[:, [25, 35]], plane[:, [25, 35]], atol=3)
    np.testing.assert_array_equal(smoothed(plane, L, 0), plane)


def test_confidence_falls_where_the_reference_disagrees_with_itself() -> None:
    L = np.concatenate([bands(20), bands(70), bands(70)], 1)
    answer = predict(as_luma(L), colored(L, RED, GREEN, BLUE))
    assert answer.confidence is not None
    sure, unsure = answer.confidence[0, 0, 15, 15], answer.confidence[0, 0, 15, 75]
    assert float(sure) > 0.95
    assert float(unsure) < 0.3


def test_every_sample_of_the_reference_and_every_place_of_the_picture_takes_part() -> None:
    theirs = drawn(np.random.default_rng(0).random((2, 10, 10)), np.zeros((2, 10, 10)), 100)
    own = drawn(np.random.default_rng(1).random((2, 7, 9)), np.zeros((2, 7, 9)), 63)
    moved, goal = by_rank(theirs, own)
    assert {*map(tuple, moved.places)} == {*map(tuple, theirs.places)}
    assert {*map(tuple, goal)} == {*map(tuple, own.places)}


def test_few_samples_are_drawn_from_the_whole_of_a_picture() -> None:
    y, x = np.mgrid[:90, :160].astype(np.float64)
    found = drawn(np.stack([y, x]), np.zeros((2, 90, 160)), 400).places
    assert 350 < len(found) < 450
    assert found.min(0).max() < 10
    assert found.max(0)[0] > 80
    assert found.max(0)[1] > 150


def test_places_that_are_one_count_by_their_number() -> None:
    samples = luvcolor_transfer.Samples(
        np.array([[50.0, 0.0]] * 4), np.array([[10.0, 0.0], [10.0, 0.0], [10.0, 0.0], [-10.0, 0.0]])
    )
    answer = averaged(np.array([[[50.0]], [[0.0]]]), samples, 1)
    assert answer[0].item() == pytest.approx(5)


def test_without_a_reference_the_error_says_how_to_give_one() -> None:
    luma = torch.zeros(1, 1, 4, 4)
    with pytest.raises(UsageError, match="--reference"):
        Transfer().predict(luma)
    with pytest.raises(UsageError, match="--reference"):
        predict(luma, None)


def test_a_reference_without_numbers_is_refused_in_words() -> None:
    with pytest.raises(UsageError, match="reference was expected to hold numbers"):
        predict(torch.zeros(1, 1, 4, 4), torch.full((3, 4, 4), torch.nan))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"method": "magic"}, "one of transport, samples; found 'magic'"),
        ({"match": 1.5}, "between 0 and 1, found 1.5"),
        ({"neighbors": 0}, "at least 1"),
        ({"smoothing": -1}, "at least 1, and smoothing 0"),
    ],
)
def test_settings_out_of_range_are_refused_in_words(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        TransferConfig(**settings)


@pytest.mark.gpu
def test_the_answer_lies_on_the_device_of_the_luma() -> None:
    answer = predict(in_luv(8, 8)[None, :1].cuda() / 100, in_luv(8, 8, 1).cuda())
    assert answer.uv.is_cuda


def test_examples_run() -> None:
    assert doctest.testmod(luvcolor_transfer).failed == 0
