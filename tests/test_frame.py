"""The frame: one picture and the steps it has come through."""

from __future__ import annotations

import numpy as np

from luvcolor.frame import Frame, Metadata

COLOUR = Frame(
    np.zeros((2, 3, 3), np.uint8),
    np.ones((2, 3), np.uint8),
    name="a.png",
    metadata=Metadata(icc=b"profile", text={"Comment": "x"}),
)


def test_size_is_height_and_width() -> None:
    assert COLOUR.size == (2, 3)


def test_gray_is_told_by_shape() -> None:
    assert not COLOUR.is_gray
    assert Frame(np.zeros((2, 3), np.uint8)).is_gray


def test_after_remembers_the_version_before() -> None:
    gray = COLOUR.after("gray", pixels=COLOUR.pixels[..., 0])
    again = gray.after("colorize", pixels=COLOUR.pixels)
    assert [f.step for f in again.steps()] == ["original", "gray", "colorize"]
    assert next(again.steps()) is COLOUR
    assert again.name == "a.png"


def test_profile_is_dropped_between_gray_and_colour_only() -> None:
    assert COLOUR.after("gray", pixels=COLOUR.pixels[..., 0]).metadata.icc is None
    assert COLOUR.after("sharpen", pixels=COLOUR.pixels // 2).metadata.icc is None
    assert COLOUR.after("nothing", pixels=COLOUR.pixels).metadata.icc == b"profile"
    assert COLOUR.after("gray", pixels=COLOUR.pixels[..., 0]).metadata.text == {"Comment": "x"}


def test_alpha_is_kept_unless_given() -> None:
    other = np.zeros((2, 3), np.uint8)
    assert COLOUR.after("x", pixels=COLOUR.pixels).alpha is COLOUR.alpha
    assert COLOUR.after("x", pixels=COLOUR.pixels, alpha=other).alpha is other
