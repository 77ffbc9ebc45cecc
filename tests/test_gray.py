"""Gray pictures of equal lightness."""

from typing import Any

import numpy as np
import pytest
import skimage.color

from luvcolor.frame import Frame, Metadata
from luvcolor.gray import to_gray
from luvcolor_kernels import luminance

color: Any = skimage.color


@pytest.mark.parametrize(("dtype", "levels"), [(np.uint8, 256), (np.uint16, 65536)])
def test_every_neutral_level_keeps_its_value(dtype: Any, levels: Any) -> None:
    gray = np.arange(levels).astype(dtype)[None]
    result = to_gray(Frame(np.stack([gray] * 3, axis=-1))).pixels
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, gray)


def test_neutral_floats_keep_their_value() -> None:
    gray = np.linspace(0, 1, 1001, dtype=np.float32)[None]
    result = to_gray(Frame(np.stack([gray] * 3, axis=-1))).pixels
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, gray, atol=2e-6)


def test_lightness_is_that_of_the_colours_by_scikit_image() -> None:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 65536, (16, 16, 3), dtype=np.uint16)
    expected = color.rgb2luv(rgb / 65535)[..., 0]
    np.testing.assert_allclose(luminance(to_gray(Frame(rgb)).pixels), expected, atol=2e-3)


def test_red_is_the_gray_of_its_linear_luminance() -> None:
    # Y = 0.212671; 255 * (1.055 * Y ** (1 / 2.4) - 0.055) = 127.1
    red = Frame(np.array([[[255, 0, 0]]], np.uint8))
    assert to_gray(red).pixels.tolist() == [[127]]


def test_gray_frames_keep_pixels_alpha_and_metadata() -> None:
    alpha = np.array([[7, 8]], np.uint16)
    frame = Frame(np.array([[1, 60000]], np.uint16), alpha, metadata=Metadata(icc=b"gray profile"))
    result = to_gray(frame)
    np.testing.assert_array_equal(result.pixels, frame.pixels)
    assert result.alpha is alpha
    assert result.metadata == frame.metadata


def test_the_step_is_remembered_and_a_colour_profile_dropped() -> None:
    frame = Frame(np.zeros((2, 3, 3), np.uint8), name="a.png", metadata=Metadata(icc=b"rgb"))
    result = to_gray(frame)
    assert [step.step for step in result.steps()] == ["original", "gray"]
    assert (result.name, result.size, result.metadata.icc) == ("a.png", (2, 3), None)
    assert result.pixels.flags.c_contiguous


def test_alpha_comes_along() -> None:
    alpha = np.array([[9]], np.uint8)
    assert to_gray(Frame(np.zeros((1, 1, 3), np.uint8), alpha)).alpha is alpha
