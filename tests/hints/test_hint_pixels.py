"""Pixels of hints at other sizes: none vanishes, none wanders."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from luvcolor.errors import PictureError
from luvcolor.hints import HintPixels
from luvcolor.hints.pixels import refuse_other_aspect


def pixels(size: tuple[int, int], places: dict[tuple[int, int], Any]) -> HintPixels:
    """Pixels by row and column."""
    flat = np.array([row * size[1] + column for row, column in places])
    order = np.argsort(flat)
    return HintPixels(size, flat[order], np.array([*places.values()], np.float32)[order])


def test_at_its_own_size_it_is_what_it_was() -> None:
    some = pixels((5, 7), {(0, 0): (1, 2), (4, 6): (3, 4)})
    assert some.at((5, 7)) is some
    uv, mask = some.planes()
    assert uv.shape == (1, 2, 5, 7)
    assert uv.dtype == np.float32
    assert mask.shape == (1, 1, 5, 7)
    assert mask.dtype == np.bool_
    assert uv[0, :, 4, 6].tolist() == [3, 4]
    assert mask.sum() == 2
    assert np.count_nonzero(uv) == 4


@pytest.mark.parametrize("size", [(1, 1), (3, 4), (50, 70), (7, 300), (99, 139)])
def test_where_the_picture_shrinks_no_hint_vanishes(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    places = np.sort(rng.choice(100 * 140, 40, replace=False))
    some = HintPixels((100, 140), places, rng.normal(0, 50, (40, 2)).astype(np.float32))
    if size[1] > 140:
        size = (100, 140)
    small = some.at(size)
    rows, columns = np.divmod(places, 140)
    y = ((rows + 0.5) * size[0] / 100).astype(int)
    x = ((columns + 0.5) * size[1] / 140).astype(int)
    assert set(small.places) == set(y * size[1] + x)
    for place, uv in zip(small.places, small.uv, strict=True):
        mine = some.uv[y * size[1] + x == place]
        np.testing.assert_allclose(uv, mine.mean(0), rtol=1e-4, atol=1e-3)


def test_several_on_one_pixel_are_their_mean() -> None:
    some = pixels((4, 4), {(0, 0): (10, 0), (1, 1): (20, 6), (3, 3): (7, 7)})
    small = some.at((2, 2))
    assert small.places.tolist() == [0, 3]
    assert small.uv.tolist() == [[15, 3], [7, 7]]


@pytest.mark.parametrize("size", [(20, 30), (5, 7), (11, 16), (5, 8)])
def test_where_it_grows_they_become_blocks_in_their_place(size: tuple[int, int]) -> None:
    some = pixels((5, 7), {(0, 0): (1, 2), (2, 3): (5, 6), (4, 6): (3, 4)})
    uv, mask = some.at(size).planes()
    own_uv, own_mask = some.planes()
    y = ((np.arange(size[0]) + 0.5) * 5 / size[0]).astype(int)
    x = ((np.arange(size[1]) + 0.5) * 7 / size[1]).astype(int)
    np.testing.assert_array_equal(mask, own_mask[:, :, y[:, None], x])
    np.testing.assert_array_equal(uv, own_uv[:, :, y[:, None], x])


def test_the_last_one_drawn_is_on_top() -> None:
    below = pixels((3, 3), {(0, 0): (1, 1), (1, 1): (2, 2)})
    above = pixels((3, 3), {(1, 1): (9, 9), (2, 2): (8, 8)})
    found = HintPixels.stacked((3, 3), [below, above])
    assert found.places.tolist() == [0, 4, 8]
    assert found.uv[:, 0].tolist() == [1, 9, 8]
    assert HintPixels.stacked((3, 3), []).count == 0


@pytest.mark.parametrize("size", [(480, 640), (240, 320), (241, 320), (961, 1280), (3, 4)])
def test_another_scale_is_no_other_aspect(size: tuple[int, int]) -> None:
    refuse_other_aspect(size, (480, 640))
    refuse_other_aspect((480, 640), size)
    refuse_other_aspect(size[::-1], (640, 480))


@pytest.mark.parametrize("size", [(640, 480), (480, 600), (240, 240), (470, 640)])
def test_another_aspect_is_refused_in_words(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match=r"a picture of 640x480 pixels .* found some for \d+x"):
        refuse_other_aspect(size, (480, 640))
    with pytest.raises(PictureError, match="aspect ratio"):
        pixels(size, {(0, 0): (1, 1)}).drawn((480, 640))
