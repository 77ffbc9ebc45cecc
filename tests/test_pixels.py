"""Pixels as three bytes each, and whether they have colour."""

from __future__ import annotations

import numpy as np
import pytest

from luvcolor.pixels import has_colour, to_rgb8


def test_bytes_in_colour_are_left_as_they_are() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert to_rgb8(pixels) is pixels


@pytest.mark.parametrize(("dtype", "top"), [("uint8", 255), ("uint16", 65535), ("float32", 1.0)])
def test_gray_of_any_depth_becomes_three_equal_bytes(dtype: str, top: float) -> None:
    gray = (np.array([[0, 0.2, 1]]) * top).astype(dtype)
    assert to_rgb8(gray).tolist() == [[[0] * 3, [51] * 3, [255] * 3]]


def test_what_is_no_number_or_beyond_white_stays_in_range() -> None:
    assert to_rgb8(np.array([[np.nan, -1, 7]], np.float32))[0, :, 0].tolist() == [0, 0, 255]


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_one_other_sample_is_colour(channel: int) -> None:
    pixels = np.full((3, 4, 3), 900, np.uint16)
    assert not has_colour(pixels)
    pixels[2, 3, channel] += 1
    assert has_colour(pixels)


def test_one_channel_has_no_colour() -> None:
    assert not has_colour(np.arange(6, dtype=np.uint8).reshape(2, 3))
