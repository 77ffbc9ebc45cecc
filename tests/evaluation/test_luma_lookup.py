"""What luma alone can do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import luvcolor_kernels as kernels
from luvcolor.errors import DatasetError
from luvcolor.evaluation.luma_lookup import LEVELS, Centers, LumaLookup
from tests.conftest import noisy

RED_BLUE = Centers("rgb", np.array([[255, 0, 0], [0, 0, 255]], np.float32))
RED, BLUE = (255, 0, 0), (0, 0, 255)


def row(*pixels: tuple[int, ...]) -> Any:
    return np.array([pixels], np.uint8)


def level(*rgb: int) -> int:
    return round(float(kernels.luminance(row(rgb))[0, 0]) * 2.55)


def test_a_level_has_the_mean_chroma_of_its_pixels() -> None:
    # Two colours of one luma: white has L = 100, and so has nothing else; take two made for it.
    uv = np.array([[30.0, 10.0], [-30.0, 20.0]], np.float32)
    luma = np.full((1, 2), 60, np.float32)
    pair = kernels.merge_chroma(luma, np.ascontiguousarray(uv.T[:, None]), dtype=np.uint8)
    lookup = LumaLookup.learn([pair])
    assert lookup.chroma[round(60 * 2.55)] == pytest.approx([0, 15], abs=0.5)
    assert lookup.pictures == 1


def test_levels_between_are_between_and_those_beyond_are_as_the_last() -> None:
    lookup = LumaLookup.learn([row(RED, BLUE)])
    low, high = level(*BLUE), level(*RED)
    half = (low + high) / 2
    expected = (lookup.chroma[low] + lookup.chroma[high]) / 2
    assert lookup.chroma[[int(half), int(half + 0.5)]].mean(0) == pytest.approx(expected)
    assert (lookup.chroma[0] == lookup.chroma[low]).all()
    assert (lookup.chroma[-1] == lookup.chroma[high]).all()


def test_the_likeliest_colour_of_a_level_wins() -> None:
    # (69, 69, 69) is nearly as light as blue, and nearest to neither; three reds of blue's luma.
    uv = np.repeat(np.array([[40.0], [10.0]], np.float32), 3, 1)[:, None]
    luma = np.full((1, 3), kernels.luminance(row(BLUE))[0, 0], np.float32)
    reds = kernels.merge_chroma(luma, np.ascontiguousarray(uv), dtype=np.uint8)
    assert (RED_BLUE.nearest(reds) == 0).all()
    picture = np.concatenate([reds, row(BLUE)], 1)
    lookup = LumaLookup.learn([picture], RED_BLUE)
    assert lookup.labels is not None
    assert lookup.labels[level(*BLUE)] == 0
    assert lookup.accuracy(picture) == 0.75


def test_without_colours_there_is_no_accuracy() -> None:
    assert LumaLookup.learn([row(RED)]).accuracy(row(RED)) is None


def test_no_picture_is_an_error() -> None:
    with pytest.raises(DatasetError, match="found none"):
        LumaLookup.learn([])


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 99), st.sampled_from(["rgb", "luv", "uv"]))
def test_it_keeps_luma_and_beats_any_one_colour_on_what_it_learned(seed: int, space: Any) -> None:
    picture = noisy(20, 24, seed)
    points = {"rgb": 3, "luv": 3, "uv": 2}[space]
    centers = Centers(space, np.random.default_rng(seed).uniform(0, 99, (5, points)).astype("f4"))
    lookup = LumaLookup.learn([picture], centers)
    assert lookup.chroma.shape == (LEVELS, 2)
    made = lookup.colours(picture)
    off = np.abs(kernels.luminance(made) - kernels.luminance(picture))
    assert float(off.max()) < 1.5
    common = np.bincount(centers.nearest(picture).ravel()).max() / picture[..., 0].size
    assert (lookup.accuracy(picture) or 0) >= common


def test_equal_colours_have_equal_names() -> None:
    same = Centers("rgb", RED_BLUE.points.copy())
    assert str(same) == str(RED_BLUE)
    assert str(RED_BLUE).startswith("2 colours in rgb (")
    assert str(Centers("luv", RED_BLUE.points)) != str(RED_BLUE)
    assert str(Centers("rgb", RED_BLUE.points + 1)) != str(RED_BLUE)
