"""Pixels of the truth as hints."""

from __future__ import annotations

import numpy as np
import pytest

import luvcolor_kernels as kernels
from luvcolor.colorization import ColorizeOptions, Engine
from luvcolor.errors import UsageError
from luvcolor.evaluation import evaluate
from luvcolor.evaluation.revealing import Revealed
from luvcolor.frame import Frame
from luvcolor.weightless import WeightlessModel
from tests.conftest import no_failure, noisy
from tests.hinted_models import plug_in


def test_it_reveals_true_colours_at_so_many_pixels() -> None:
    frame = Frame(noisy(30, 40), name="a.png")
    hints = Revealed(12).of(frame)
    assert (hints.kinds, hints.count, hints.files) == (("colours",), 12, ())
    pixels = hints.on(frame).pixels
    truth = kernels.rgb_to_luv(frame.pixels).reshape(-1, 3)[pixels.places, 1:]
    np.testing.assert_allclose(pixels.uv, truth, atol=1e-4)
    assert len(set(pixels.places.tolist())) == 12


def test_the_pixels_are_the_pictures_own_whatever_came_before() -> None:
    frames = [Frame(noisy(30, 40, seed), name="a.png") for seed in range(2)]
    source = Revealed(9)
    first, second = (source.of(frame).on(frame).pixels.places for frame in frames)
    again = Revealed(9).of(frames[1]).on(frames[1]).pixels.places
    np.testing.assert_array_equal(second, again)
    assert (first != second).any()


def test_more_pixels_are_the_same_and_others() -> None:
    frame = Frame(noisy(30, 40))
    few, many = (set(Revealed(n).of(frame).on(frame).pixels.places.tolist()) for n in (5, 50))
    assert few < many


def test_a_picture_of_fewer_pixels_is_revealed_wholly() -> None:
    frame = Frame(noisy(2, 3))
    assert Revealed(100).of(frame).count == 6
    with pytest.raises(UsageError, match="at least 1 pixel to reveal, found 0"):
        Revealed(0)


def test_a_model_that_is_told_more_comes_nearer(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)
    found = []
    for count in (1, 300):
        options = ColorizeOptions(device="cpu", hints=Revealed(count))
        engine = Engine.open(WeightlessModel("dabs"), options)
        result = evaluate([Frame(noisy(20, 30), name="a.png")], [engine], failed=no_failure)
        assert result.protocol["hints"] == {"dabs": ["colours"]}
        found.append(result.summary()["dabs"]["ciede2000"])
    assert found[1] is not None
    assert found[0] is not None
    assert found[1] < 0.8 * found[0]
