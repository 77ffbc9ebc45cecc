"""Contact sheets."""

from typing import Any

import numpy as np
import pytest

from luvcolor.errors import PictureError, UsageError
from luvcolor.frame import Frame
from luvcolor.sheet import Row, contact_sheet, elided, font

BACKGROUND = (119, 119, 119)
RED, GREEN, BLUE = (250, 10, 20), (10, 250, 20), (10, 20, 250)


def plain(color: Any, height: Any = 40, width: Any = 60) -> Any:
    return np.full((height, width, 3), color, np.uint8)


def box(sheet: Any, color: Any) -> Any:
    """Top, left, height and width of the place where a colour stands."""
    rows, columns = np.nonzero(np.all(sheet.pixels == color, axis=-1))
    top, left = rows.min(), columns.min()
    return int(top), int(left), int(rows.max() - top + 1), int(columns.max() - left + 1)


def test_pictures_of_a_row_stand_side_by_side_at_cell_size() -> None:
    sheet = contact_sheet([Row("a", [("one", plain(RED)), ("two", plain(BLUE))])], cell=96)
    red, blue = box(sheet, RED), box(sheet, BLUE)
    assert red[2:] == blue[2:] == (64, 96)
    assert red[0] == blue[0]
    assert blue[1] > red[1] + 96
    assert sheet.pixels.dtype == np.uint8
    assert sheet.step == "sheet"


def test_rows_stand_below_each_other_and_columns_align() -> None:
    rows = [Row("a", [("x", plain(RED))]), Row("b", [("x", plain(BLUE, 60, 40))])]
    sheet = contact_sheet(rows, cell=60)
    red, blue = box(sheet, RED), box(sheet, BLUE)
    assert blue[0] > red[0] + red[2]
    assert red[1] == blue[1]
    assert blue[2:] == (60, 40)


def test_rows_of_different_columns_share_the_columns_they_have() -> None:
    rows = [
        Row("a", [("gray", plain(RED)), ("truth", plain(GREEN))]),
        Row("b", [("truth", plain(BLUE))]),
    ]
    sheet = contact_sheet(rows, cell=64)
    assert box(sheet, GREEN)[1] == box(sheet, BLUE)[1] > box(sheet, RED)[1]


def test_an_iterator_of_rows_is_consumed_one_by_one() -> None:
    seen = []

    def rows() -> Any:
        for color in (RED, BLUE):
            seen.append(color)
            yield Row("", [("x", plain(color))])

    contact_sheet(rows(), cell=32)
    assert seen == [RED, BLUE]


def test_blocks_stand_beside_each_other() -> None:
    rows = [Row("n", [("x", plain(color))]) for color in (RED, GREEN, BLUE)]
    sheet = contact_sheet(rows, cell=64, rows_per_block=2)
    red, green, blue = (box(sheet, color) for color in (RED, GREEN, BLUE))
    assert red[0] == blue[0] < green[0]
    assert red[1] == green[1] < blue[1]


def test_the_surround_is_neutral_and_surrounds_everything() -> None:
    pixels = contact_sheet([Row("name", [("label", plain(RED))])], cell=64).pixels
    for edge in (pixels[:8], pixels[-8:], pixels[:, :8], pixels[:, -8:]):
        assert np.all(edge == BACKGROUND)


def test_labels_and_names_are_written() -> None:
    cells = [("label", plain(BACKGROUND))]
    bare = contact_sheet([Row("", [("", plain(BACKGROUND))])], cell=64).pixels
    label = contact_sheet([Row("", cells)], cell=64).pixels
    named = contact_sheet([Row("name", cells)], cell=64).pixels
    assert np.all(bare == BACKGROUND)
    assert label.max() > 220
    assert named.shape[0] > label.shape[0]
    assert np.any(named[label.shape[0] - 16 :] != 119)


@pytest.mark.parametrize(
    "picture",
    [
        np.full((9, 9), True),
        np.full((9, 9), 255, np.uint8),
        np.full((9, 9, 1), 65535, np.uint16),
        np.full((9, 9, 2), 1.0, np.float16),
        np.full((9, 9, 3), 1.0, np.float32),
        np.full((9, 9, 4), 1.0, np.float64),
        Frame(np.full((9, 9), 65535, np.uint16), np.full((9, 9), 65535, np.uint16)),
        np.ones((1, 1), np.float32),
        np.full((9, 9), 7.0),
    ],
)
def test_white_of_any_kind_is_white(picture: Any) -> None:
    sheet = contact_sheet([Row("", [("", picture)])], cell=32)
    assert box(sheet, (255, 255, 255))[2:] == (32, 32)


def test_transparent_parts_show_a_neutral_checker() -> None:
    rgba = np.zeros((32, 32, 4), np.uint8)
    rgba[..., :3] = RED
    rgba[:16, :, 3] = 255
    sheet = contact_sheet([Row("", [("", rgba)])], cell=32)
    top, left, height, width = box(sheet, RED)
    assert (height, width) == (16, 32)
    below = sheet.pixels[top + 16 : top + 32, left : left + 32]
    assert np.unique(below.reshape(-1, 3), axis=0).tolist() == [[190] * 3, [222] * 3]


def test_not_a_number_is_black() -> None:
    sheet = contact_sheet([Row("", [("", np.full((4, 4), np.nan, np.float32))])], cell=16)
    assert box(sheet, (0, 0, 0))[2:] == (16, 16)


def test_a_row_without_pictures_beside_one_with() -> None:
    sheet = contact_sheet([Row("empty", []), Row("full", [("x", plain(RED))])], cell=32)
    assert box(sheet, RED)[3] == 32


@pytest.mark.parametrize("rows", [[], [Row("a", [])]])
def test_nothing_to_show_is_refused(rows: Any) -> None:
    with pytest.raises(UsageError, match="at least one picture"):
        contact_sheet(rows)


def test_one_label_twice_in_a_row_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'a\.png' has two cells with the label 'x'"):
        contact_sheet([Row("a.png", [("x", plain(RED)), ("x", plain(BLUE))])])


@pytest.mark.parametrize("wish", [{"cell": 15}, {"rows_per_block": 0}])
def test_numbers_too_small_are_refused(wish: Any) -> None:
    with pytest.raises(UsageError, match="at least"):
        contact_sheet([Row("a", [("x", plain(RED))])], **wish)


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((3, 3), np.int64), np.zeros((3, 3, 5), np.uint8), np.zeros((0, 3), np.uint8)],
)
def test_what_is_no_picture_is_refused(wrong: Any) -> None:
    with pytest.raises(PictureError, match="a cell holds gray or RGB"):
        contact_sheet([Row("a", [("x", wrong)])])


def test_short_texts_stay_and_long_ones_lose_their_middle() -> None:
    letters = font(12)
    long = "scans/" + "folder/" * 20 + "portrait.jpg"
    short = elided(long, letters, 150)
    assert elided("a.png", letters, 150) == "a.png"
    assert letters.getlength(short) <= 150
    head, tail = short.split("…")
    assert long.startswith(head)
    assert long.endswith(tail)
    assert len(tail) >= len(head) > 0


def test_a_width_too_small_for_anything_leaves_the_ellipsis() -> None:
    assert elided("abcdef", font(12), 1) == "…"


def test_line_breaks_in_names_become_spaces() -> None:
    assert elided("two\nlines", font(12), 1000) == "two lines"
    contact_sheet([Row("two\nlines", [("a\tb", plain(RED))])], cell=64)
