"""Which pixels points and strokes cover."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from luvcolor.hints import paths
from luvcolor.hints.paths import covered


def brute_force(path: Any, radius: float, size: tuple[int, int]) -> Any:
    """Distances from every pixel's centre to every place of a path, drawn very finely."""
    fine = np.concatenate([np.linspace(a, b, 20_001) for a, b in pairwise(path)] or [path])
    centres = np.argwhere(np.ones(size))[:, ::-1]
    nearest = [np.hypot(*(fine - centre).T).min() for centre in centres]
    return np.flatnonzero(np.array(nearest) <= radius)


@pytest.mark.parametrize(
    ("path", "radius"),
    [
        ([[9.3, 7.1]], 3.2),
        ([[2.0, 3.0], [17.0, 12.5]], 2.0),
        ([[-5.0, 4.0], [8.0, 4.0], [8.0, 40.0]], 1.5),
        ([[1.0, 1.0], [1.0, 1.0], [6.0, 1.0]], 1.0),
    ],
    ids=["point", "line", "corner", "same-twice"],
)
def test_it_is_those_within_the_radius(path: Any, radius: float) -> None:
    path = np.array(path)
    np.testing.assert_array_equal(
        covered(path, radius, (15, 20)), brute_force(path, radius, (15, 20))
    )


@pytest.mark.parametrize("place", [(3.0, 4.0), (3.5, 4.5), (0.49, 0.0), (9.49, 9.49)])
def test_however_small_the_radius_there_is_a_pixel(place: tuple[float, float]) -> None:
    found = covered(np.array([place]), 0, (10, 10))
    assert 1 <= len(found) <= 4
    nearest = round(place[1]) * 10 + round(place[0])
    assert nearest in found


def test_a_thin_stroke_has_no_gaps() -> None:
    found = covered(np.array([[0.0, 0.3], [99.0, 41.7]]), 0, (50, 100))
    rows, columns = np.divmod(found, 100)
    assert set(columns) == set(range(100))
    assert np.abs(np.diff([rows[columns == column].mean() for column in range(100)])).max() <= 1


def test_a_long_stroke_is_as_wide_all_along() -> None:
    path = np.array([[3.0, 3.0], [1900.0, 950.0]])
    whole = covered(path, 4, (1000, 2000))
    y, x = np.divmod(whole, 2000)
    along = path[1] - path[0]
    across = np.abs(along[0] * (y - 3.0) - along[1] * (x - 3.0)) / np.hypot(*along)
    assert across.max() <= 4
    assert abs(len(whole) - 8 * np.hypot(*along)) < 0.02 * len(whole)


def test_what_leaves_the_picture_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at, around = [], paths._around

    def counted(*given: Any) -> Any:
        looked_at.append(given)
        return around(*given)

    monkeypatch.setattr(paths, "_around", counted)
    far = np.array([[-1e9, 3.0], [5.0, 3.0], [5.0, 1e9], [1e9, 1e9]])
    near = np.array([[-9.0, 3.0], [5.0, 3.0], [5.0, 20.0]])
    np.testing.assert_array_equal(covered(far, 2, (10, 12)), covered(near, 2, (10, 12)))
    assert len(looked_at) < 10


def test_what_lies_outside_covers_nothing() -> None:
    assert not len(covered(np.array([[30.0, 4.0]]), 3, (10, 10)))
    assert len(covered(np.array([[12.0, 4.0]]), 3, (10, 10)))
