"""AuC with every colour counting alike, against figures computed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import skimage.color
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from luvcolor import metrics
from luvcolor.errors import PictureError
from luvcolor.evaluation.rebalanced_auc import RebalancedAuc

color: Any = skimage.color
RED, BLUE, GRAY = (200, 30, 30), (30, 30, 200), (90, 90, 90)

pictures = arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 5), st.just(3)))


def row(*pixels: tuple[int, int, int]) -> Any:
    return np.array([pixels], np.uint8)


def rebalanced(*pairs: tuple[Any, Any]) -> float:
    gathered = RebalancedAuc()
    for truth, predicted in pairs:
        gathered.add(truth, {"model": predicted})
    return gathered.values()["model"]


def rightness(predicted: tuple[int, int, int], truth: tuple[int, int, int]) -> float:
    ab = color.rgb2lab(row(predicted, truth))[0, :, 1:]
    return float(1 - np.linalg.norm(ab[0] - ab[1]) / 150)


@pytest.mark.parametrize("common", [1, 3, 30])
def test_two_colours_count_alike_however_common_one_is(common: int) -> None:
    truth = row(*[RED] * common, BLUE)
    # Right about all that is red, gray where it is blue: the mean of the two colours.
    found = rebalanced((truth, row(*[RED] * common, GRAY)))
    assert found == pytest.approx((1 + rightness(GRAY, BLUE)) / 2, abs=1e-6)


def test_colours_a_cell_apart_share_their_frequencies() -> None:
    # Grays of a and b in the cells (0, 0) and (1, 0) of the grid of 10.
    near, other = (119, 119, 119), (133, 115, 119)
    ab = color.rgb2lab(row(near, other))[0, :, 1:] / 10
    assert np.rint(ab).tolist() == [[0, 0], [1, 0]]
    beside = np.exp(-((10 / 5) ** 2) / 2)
    weights = 1 / (0.75 + 0.25 * beside), 1 / (0.25 + 0.75 * beside)
    right = 1.0, rightness(RED, other)
    expected = 0.75 * weights[0] * right[0] + 0.25 * weights[1] * right[1]
    expected /= 0.75 * weights[0] + 0.25 * weights[1]
    found = rebalanced((row(near, near, near, other), row(near, near, near, RED)))
    assert found == pytest.approx(expected)


def test_every_picture_counts_alike_whatever_its_size() -> None:
    small = row(RED), row(GRAY)
    large = row(*[RED] * 50), row(*[RED] * 50)
    assert rebalanced(small, large) == pytest.approx((1 + rightness(GRAY, RED)) / 2)


@settings(deadline=None, max_examples=30)
@given(pictures, pictures)
def test_bounds_order_and_repetition(truth: Any, other: Any) -> None:
    guess, zeros = 255 - truth, np.zeros_like(other)
    found = rebalanced((truth, guess), (other, zeros))
    assert 0 <= found <= 1
    assert rebalanced((truth, truth), (other, other)) == pytest.approx(1)
    assert rebalanced((other, zeros), (truth, guess)) == pytest.approx(found)
    assert rebalanced(*[(truth, guess), (other, zeros)] * 2) == pytest.approx(found)


@settings(deadline=None, max_examples=30)
@given(pictures)
def test_with_one_true_colour_it_is_the_plain_one(guess: Any) -> None:
    truth = np.full_like(guess, RED)
    assert rebalanced((truth, guess)) == pytest.approx(metrics.auc(guess, truth))


def test_other_methods_do_not_matter() -> None:
    truth = row(RED, BLUE)
    both = RebalancedAuc()
    both.add(truth, {"a": row(GRAY, BLUE), "b": row(GRAY, GRAY)})
    assert both.values()["a"] == pytest.approx(rebalanced((truth, row(GRAY, BLUE))))


def test_large_pictures_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    truth, guess = rng.integers(0, 256, (2, 9, 11, 3), dtype=np.uint8)
    whole = rebalanced((truth, guess))
    monkeypatch.setattr(metrics, "_PART", 7)
    assert rebalanced((truth, guess)) == pytest.approx(whole)


def test_all_colours_have_a_cell() -> None:
    steps = np.linspace(0, 255, 18).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(18, -1, 3)
    assert rebalanced((cube, cube)) == pytest.approx(1)


def test_pictures_of_two_sizes_are_refused() -> None:
    with pytest.raises(PictureError, match="must have one size"):
        rebalanced((row(RED), row(RED, RED)))
