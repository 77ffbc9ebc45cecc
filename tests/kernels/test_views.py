"""Views of memory: what is contiguous, what overlaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.kernels.memory import solid, view_of


@pytest.mark.parametrize(
    ("slices", "contiguous"),
    [
        (np.s_[:], True),
        (np.s_[2:4], True),
        (np.s_[:, :, :], True),
        (np.s_[2:3, 1:2], True),
        (np.s_[:, 1:], False),
        (np.s_[::2], False),
        (np.s_[::-1], False),
    ],
    ids=str,
)
def test_contiguous_is_what_has_no_gaps(slices: Any, contiguous: bool) -> None:
    array = solid(5, 6, 4)[slices]
    assert view_of(array).contiguous is contiguous
    assert contiguous == array.flags.c_contiguous


def test_views_overlap_where_their_spans_do() -> None:
    array = solid(6, 8)
    upper, lower = view_of(array[:3]), view_of(array[3:])
    assert not upper.overlaps(lower)
    assert not lower.overlaps(upper)
    assert upper.overlaps(view_of(array[2:4]))
    assert view_of(array[::-1]).overlaps(upper)
    assert not view_of(array[2::-1]).overlaps(lower)


def test_the_same_elements_in_the_same_order_are_the_same() -> None:
    array = solid(6, 8)
    assert view_of(array).same(view_of(array[:]))
    assert not view_of(array).same(view_of(array[::-1]))
    assert not view_of(array).same(view_of(array.view(np.int16)[:3].view(np.uint16)))


def test_nothing_is_in_what_is_empty() -> None:
    assert view_of(solid(6, 8)[:0]).empty
    assert not view_of(solid(6, 8)).empty
