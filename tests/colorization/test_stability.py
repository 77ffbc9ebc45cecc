"""Colours at half, same and double size."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from luvcolor.colorization.stability import chroma_distance, stability
from luvcolor.errors import LuvcolorError, PictureError
from luvcolor.frame import Frame
from luvcolor.model import Chroma
from tests.conftest import no_failure, noisy
from tests.fakes import engine, tinted


def frames() -> list[Frame]:
    return [Frame(noisy(40, 60, seed), name=f"{seed}.png") for seed in range(2)]


def test_one_chroma_for_every_picture_is_stable() -> None:
    found = stability(frames(), engine(tinted(5, 8)), failed=no_failure)
    assert found == pytest.approx((0, 0, 0), abs=1)


def test_a_model_always_sees_the_same_size() -> None:
    sizes = set()

    def noting(x: Tensor) -> Chroma:
        sizes.add(tuple(x.shape[-2:]))
        return Chroma(torch.cat([100 * x - 50, 50 - 80 * x], 1))

    found = stability(frames(), engine(noting, size=32), failed=no_failure)
    assert sizes == {(32, 48)}
    assert max(found) < 6
    assert found.same_double < found.half_double


def test_a_model_that_goes_by_grain_is_not_stable() -> None:
    def grain(x: Tensor) -> Chroma:
        rough = x.diff(dim=-1).abs().mean()
        return Chroma((2000 * rough - 40).expand(1, 2, *x.shape[-2:]))

    found = stability(frames(), engine(grain, size=32), failed=no_failure)
    assert found.half_double > 2


def test_distance_is_taken_at_the_smaller_size_whichever_comes_first() -> None:
    small, large = Frame(noisy(20, 30)), Frame(np.repeat(np.repeat(noisy(20, 30), 2, 0), 2, 1))
    assert chroma_distance(small, large) == pytest.approx(0, abs=1e-6)
    assert chroma_distance(large, small) == chroma_distance(small, large)
    other = Frame(noisy(20, 30, 5))
    assert chroma_distance(large, other) == pytest.approx(chroma_distance(other, small), abs=1e-6)
    assert chroma_distance(small, other) > 10


def test_pictures_that_fail_are_reported_and_the_rest_measured() -> None:
    failed: dict[str, LuvcolorError] = {}
    empty = Frame(np.zeros((0, 4), np.uint8), name="empty.png")
    broken = Frame(np.zeros((0, 0), np.uint8), name="none.png")
    with pytest.raises(PictureError, match="to colour at three sizes, found none"):
        stability([], engine(tinted(5, 8)), failed=no_failure)
    stability([*frames(), empty, broken], engine(tinted(5, 8)), failed=failed.__setitem__)
    assert list(failed) == ["empty.png", "none.png"]
