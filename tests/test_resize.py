"""Resizing of frames."""

from typing import Any

import numpy as np
import pytest

from luvcolor.errors import UsageError
from luvcolor.frame import Frame, Metadata
from luvcolor.resize import resize

DTYPES = [np.uint8, np.uint16, np.float32]


def random_pixels(shape: Any, dtype: Any, seed: Any = 0) -> Any:
    values = np.random.default_rng(seed).random(shape, np.float32)
    return values if dtype == np.float32 else (values * np.iinfo(dtype).max).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [(), (3,)])
def test_area_shrinking_is_the_mean_of_the_pixels_covered(dtype: Any, channels: Any) -> None:
    pixels = random_pixels((12, 18, *channels), dtype)
    result = resize(Frame(pixels), size=(4, 6)).pixels
    means = pixels.reshape(4, 3, 6, 3, *channels).astype(np.float64).mean(axis=(1, 3))
    assert result.dtype == dtype
    # Pillow rounds to 8 bits after each direction.
    tolerance = {np.uint8: 1.01, np.uint16: 0.51, np.float32: 1e-6}[dtype]
    np.testing.assert_allclose(result, means, atol=tolerance)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"size": (7, 5)}, (7, 5)),
        ({"short_side": 50}, (50, 100)),
        ({"long_side": 50}, (25, 50)),
        ({"short_side": 150}, (150, 300)),
        ({"long_side": 3}, (2, 3)),
        ({"long_side": 1}, (1, 1)),
    ],
)
def test_sizes(wish: Any, expected: Any) -> None:
    assert resize(Frame(np.zeros((100, 200), np.uint8)), **wish).size == expected


def test_the_short_side_of_a_tall_picture_is_its_width() -> None:
    assert resize(Frame(np.zeros((200, 100), np.uint8)), short_side=50).size == (100, 50)


def test_no_side_becomes_zero() -> None:
    strip = Frame(np.full((1, 1000, 3), 9, np.uint8))
    result = resize(strip, long_side=10)
    assert result.size == (1, 10)
    assert np.all(result.pixels == 9)


def test_one_pixel_grows_to_a_plain_area() -> None:
    result = resize(Frame(np.array([[[1, 2, 3]]], np.uint8)), size=(3, 4)).pixels
    assert np.all(result == [1, 2, 3])


def test_the_same_size_returns_the_same_frame() -> None:
    frame = Frame(np.zeros((4, 5), np.uint8))
    assert resize(frame, short_side=4) is frame


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_lies_under_transparent_pixels_does_not_bleed(dtype: Any) -> None:
    peak = 1 if dtype == np.float32 else np.iinfo(dtype).max
    pixels = np.zeros((8, 8, 3), dtype)
    pixels[:, :3] = np.array([peak, 0, 0])  # red, visible
    pixels[:, 3:] = np.array([0, peak, 0])  # green, hidden
    alpha = np.zeros((8, 8), dtype)
    alpha[:, :3] = peak
    result = resize(Frame(pixels, alpha), size=(4, 4))
    np.testing.assert_allclose(result.pixels[:, :2] / peak, [[[1, 0, 0]] * 2] * 4, atol=1e-5)
    assert result.alpha is not None
    np.testing.assert_allclose(result.alpha[0].astype(float) / peak, [1, 0.5, 0, 0], atol=0.005)
    assert result.alpha.dtype == result.pixels.dtype == dtype


def test_wholly_transparent_regions_keep_their_colours() -> None:
    frame = Frame(np.full((6, 6, 3), (10, 20, 30), np.uint8), np.zeros((6, 6), np.uint8))
    assert np.all(resize(frame, long_side=2).pixels == [10, 20, 30])


def test_gray_with_alpha_stays_gray() -> None:
    frame = Frame(random_pixels((6, 9), np.uint16), np.full((6, 9), 65535, np.uint16))
    opaque = resize(Frame(frame.pixels), size=(2, 3)).pixels
    result = resize(frame, size=(2, 3))
    assert result.pixels.shape == (2, 3)
    np.testing.assert_allclose(result.pixels, opaque, atol=1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("with_alpha", [False, True])
def test_lanczos_stays_in_range_at_hard_edges(dtype: Any, with_alpha: Any) -> None:
    peak = 1 if dtype == np.float32 else np.iinfo(dtype).max
    pixels = np.zeros((16, 16), dtype)
    pixels[:, 5:] = peak
    result = resize(Frame(pixels, pixels if with_alpha else None), size=(9, 9), resample="lanczos")
    assert result.pixels.min() >= 0
    assert result.pixels.max() == peak
    assert np.isfinite(result.pixels).all()


def test_steps_and_metadata_stay_as_they_are() -> None:
    first = Frame(np.zeros((4, 4, 3), np.uint8), metadata=Metadata(exif=b"x", dpi=(300, 300)))
    frame = first.after("gray", pixels=first.pixels[..., 0])
    result = resize(frame, long_side=2)
    assert (result.step, result.before, result.metadata) == ("gray", first, frame.metadata)


@pytest.mark.parametrize(
    "wish", [{}, {"short_side": 2, "long_side": 3}, {"size": (2, 2), "long_side": 3}]
)
def test_exactly_one_size_must_be_given(wish: Any) -> None:
    with pytest.raises(UsageError, match="exactly one of size, short_side and long_side"):
        resize(Frame(np.zeros((4, 4), np.uint8)), **wish)


@pytest.mark.parametrize("wish", [{"short_side": 0}, {"long_side": -2}, {"size": (0, 5)}])
def test_lengths_below_one_are_refused(wish: Any) -> None:
    with pytest.raises(UsageError, match="at least 1 pixel"):
        resize(Frame(np.zeros((4, 4), np.uint8)), **wish)


def test_an_unknown_resampling_lists_the_known_ones() -> None:
    unknown: Any = "cubic"
    with pytest.raises(UsageError, match=r"'cubic'; known ones: area, lanczos"):
        resize(Frame(np.zeros((4, 4), np.uint8)), long_side=2, resample=unknown)
