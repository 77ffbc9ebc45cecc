"""Thumbnails of the pictures that are worth a look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luvcolor.evaluation import Measured
from luvcolor.evaluation.gallery import ENDS, MOST, SIDE, Gallery, Thumbnail
from luvcolor.io.codec import decode
from tests.conftest import noisy

PIXEL = np.full((1, 1, 3), 99, np.uint8)


def measured(number: int, score: float, **others: float) -> Measured:
    models = {"unet": score, **others}
    pictures = dict.fromkeys(["gray", "mean chroma", *models, "truth"], PIXEL)
    return Measured(str(number), pictures, {m: {"ciede2000": s} for m, s in models.items()})


def filled(scores: Any) -> Gallery:
    gallery = Gallery(["unet"])
    for number, score in enumerate(scores):
        gallery.add(measured(number, score))
    return gallery


@pytest.mark.parametrize("size", [(300, 400), (900, 20), (200, 200)])
def test_thumbnails_are_small_jpegs(size: tuple[int, int]) -> None:
    thumbnail = Thumbnail.of(noisy(*size))
    assert max(thumbnail.size) == SIDE
    assert decode(thumbnail.jpeg).size == thumbnail.size
    assert len(thumbnail.jpeg) < 40_000


def test_gray_models_and_truth_are_shown() -> None:
    (entry,) = filled([3.0]).entries
    assert list(entry.thumbnails) == ["gray", "unet", "truth"]
    assert (entry.name, entry.score) == ("0", 3)


def test_the_order_is_by_the_mean_over_the_models() -> None:
    gallery = Gallery(["unet", "gan"])
    gallery.add(measured(0, 1, gan=9))
    gallery.add(measured(1, 6, gan=6))
    assert [(entry.name, entry.score) for entry in gallery.entries] == [("1", 6), ("0", 5)]


@settings(deadline=None, max_examples=5)
@given(st.integers(0, MOST), st.randoms(use_true_random=False))
def test_few_pictures_are_all_there_from_worst_to_best(count: int, random: Any) -> None:
    scores = [random.choice([1.0, 2.0, 3.5]) for _ in range(count)]
    gallery = filled(scores)
    assert gallery.left_out == 0
    assert [entry.score for entry in gallery.entries] == sorted(scores, reverse=True)


def test_of_many_the_ends_are_all_there_and_the_middle_is_thinned() -> None:
    scores = np.random.default_rng(0).permutation(700).astype(float)
    gallery = filled(scores)
    shown = [entry.score for entry in gallery.entries]
    assert len(shown) == MOST
    assert gallery.left_out == 500
    assert shown[:ENDS] == list(range(699, 699 - ENDS, -1))
    assert shown[-ENDS:] == list(range(ENDS - 1, -1, -1))
    middle = shown[ENDS:-ENDS]
    assert middle == sorted(middle, reverse=True)
    assert middle[0] > 500 > 200 > middle[-1]
    again = filled(scores)
    assert [entry.name for entry in again.entries] == [entry.name for entry in gallery.entries]
