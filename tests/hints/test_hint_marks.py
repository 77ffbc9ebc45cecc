"""Points and strokes: what is read, what is refused, where they come to lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from luvcolor.errors import PictureError, UsageError
from luvcolor.hints import Marks, Point, Stroke
from luvcolor.hints.colors import chroma_of
from luvcolor.hints.marks import EXAMPLE, parse_point


def rows_and_columns(marks: Marks, size: tuple[int, int]) -> set[tuple[int, int]]:
    found = np.divmod(marks.drawn(size).places, size[1])
    return set(zip(*(part.tolist() for part in found), strict=True))


def test_the_file_holds_points_and_strokes_with_defaults() -> None:
    entry = {
        "size": [640, 480],
        "points": [{"at": [120, 80.5], "color": "#aa2222"}],
        "strokes": [{"along": [[1, 2], [3, 4]], "width": 7, "color": "navy"}],
    }
    marks = Marks.from_json(entry)
    assert marks.size == (640, 480)
    assert marks.points == [Point((120, 80.5), "#aa2222", 2)]
    assert marks.strokes == [Stroke(((1, 2), (3, 4)), "navy", 7)]
    assert marks.count == 2


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"dots": []}, "found the key 'dots'"),
        ({"points": [{"at": [1, 2]}]}, r"found that 'color' is missing in \{'at': \[1, 2\]\}"),
        (
            {"points": [{"at": [1, 2], "color": "red", "size": 3}]},
            "found the unexpected key 'size' in {'at'",
        ),
        ({"points": [{"at": [1], "color": "red"}]}, r"such as \[120, 80\].*found \[\(1,\)\]"),
        ({"points": [{"at": "12", "color": "red"}]}, r"found \['12'\]"),
        ({"points": [{"at": [1, None], "color": "red"}]}, "x and y in pixels"),
        ({"points": [{"at": [1, float("nan")], "color": "red"}]}, "x and y in pixels"),
        ({"points": [{"at": [1, 2], "color": "rot"}]}, "a colour such as navy .* found 'rot'"),
        ({"points": [{"at": [1, 2], "color": 7}]}, "found 7"),
        ({"points": [{"at": [1, 2], "color": "rgb(300,0,0)"}]}, r"a colour such as .*rgb\(300"),
        ({"points": [{"at": [10**400, 2], "color": "red"}]}, "x and y in pixels"),
        ({"points": [{"at": [1, 2], "color": "red", "radius": 1e200}]}, r"a radius .*1e\+200"),
        ({"points": [{"at": [1, 2], "color": "red", "radius": -1}]}, "a radius .* found -1"),
        ({"points": [{"at": [1, 2], "color": "red", "radius": "big"}]}, "found 'big'"),
        ({"points": [5]}, "found 5 in place of a point"),
        ({"strokes": [[3, 4]]}, r"found \[3, 4\] in place of a stroke"),
        ({"points": 5}, "found 'points' that are no list: 5"),
        ({"points": None}, "found 'points' that are no list: None"),
        ({"strokes": [{"along": [], "color": "red"}]}, r"found \(\)"),
        ({"strokes": [{"along": [3, 4], "color": "red"}]}, "x and y in pixels"),
        ({"strokes": [{"along": [[3, 4]], "color": "red", "width": True}]}, "a width"),
        ({"size": [640], "points": []}, r'"size": \[width, height\] in pixels, found \[640\]'),
        ({"size": [0, 9], "points": []}, r"found \[0, 9\]"),
        ({"size": "640x480", "points": []}, "found '640x480'"),
    ],
)
def test_what_is_no_hint_is_said_in_words(entry: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Marks.from_json(entry)


def test_the_example_in_messages_is_one() -> None:
    import json

    assert Marks.from_json(json.loads(EXAMPLE)).count == 2


@pytest.mark.parametrize("text", ["", "120,80", "120=red", "a,b=red", "1,2,3=red", "1,2=rot"])
def test_a_hint_in_one_word_is_checked(text: str) -> None:
    with pytest.raises(UsageError, match="expected a"):
        parse_point(text)
    assert parse_point("3.5,4=navy") == Point((3.5, 4), "navy")
    assert parse_point("3.5, 4 = navy") == Point((3.5, 4), "navy")


def test_the_origin_is_the_centre_of_the_top_left_pixel() -> None:
    assert rows_and_columns(Marks([Point((0, 0), "red", 0)]), (5, 5)) == {(0, 0)}
    assert rows_and_columns(Marks([Point((4, 1), "red", 0)]), (5, 5)) == {(1, 4)}


def test_points_cover_strokes_and_later_ones_earlier_ones() -> None:
    marks = Marks(
        points=[Point((1, 0), "red", 0), Point((1, 0), "lime", 0)],
        strokes=[Stroke([(0, 0), (3, 0)], "navy", 1)],
    )
    found = marks.drawn((1, 4))
    expected = [chroma_of(name) for name in ("navy", "lime", "navy", "navy")]
    np.testing.assert_allclose(found.uv, expected)


@pytest.mark.parametrize("scale", [0.1, 0.5, 1, 3])
def test_places_in_another_size_are_scaled_with_their_widths(scale: float) -> None:
    own = Marks([Point((49.5, 19.5), "red", 8)], size=(100, 40))
    size = (round(40 * scale), round(100 * scale))
    rows, columns = np.divmod(own.drawn(size).places, size[1])
    assert abs(rows.mean() + 0.5 - 20 * scale) < 1e-6 + 0.1 * scale
    assert abs(columns.mean() + 0.5 - 50 * scale) < 1e-6 + 0.1 * scale
    assert abs(len(rows) - np.pi * (8 * scale) ** 2) <= 0.05 * len(rows) + 4


def test_another_aspect_ratio_and_places_outside_are_refused() -> None:
    with pytest.raises(PictureError, match="a picture of 300x200 pixels or that aspect ratio"):
        Marks([Point((1, 1), "red")], size=(100, 100)).drawn((200, 300))
    with pytest.raises(PictureError, match=r"the picture of 30x20 pixels, found one at \[90, 3\]"):
        Marks([Point((1, 1), "red"), Point((90, 3), "red")]).drawn((20, 30))


def test_a_stroke_may_leave_the_picture() -> None:
    found = rows_and_columns(Marks(strokes=[Stroke([(-50, 2), (2, 2)], "red", 1)]), (5, 9))
    assert found == {(2, 0), (2, 1), (2, 2)}
