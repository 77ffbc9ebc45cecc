"""luminance: of colours, of gray, and which is which."""

from __future__ import annotations

import numpy as np
import pytest

from luvcolor_kernels import luminance, reference, rgb_to_luv

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 65536, (43, 47, 3), np.uint16)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_colors_match_float64(dtype: str) -> None:
    rgb = (RGB / 65535).astype(dtype) if dtype.startswith("f") else RGB.astype(dtype)
    light = luminance(rgb)
    assert light.dtype == np.float32
    np.testing.assert_allclose(light, reference.luminance(rgb), rtol=0, atol=5e-5)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_every_gray_is_rounded_float64(dtype: str) -> None:
    gray = np.arange(np.iinfo(dtype).max + 1, dtype=dtype).reshape(16, -1)
    expected = reference.luminance(gray)
    np.testing.assert_array_equal(luminance(gray), expected.astype(np.float32))
    assert len(np.unique(luminance(gray))) == gray.size


def test_float_gray_matches_float64() -> None:
    gray = RNG.random((61, 67), np.float32)
    np.testing.assert_allclose(luminance(gray), reference.luminance(gray), rtol=0, atol=5e-5)


def test_it_is_the_first_channel_of_luv() -> None:
    np.testing.assert_array_equal(luminance(RGB), rgb_to_luv(RGB)[..., 0])


def test_two_dimensions_are_gray_even_with_three_columns() -> None:
    gray = RGB[:, 0]
    assert luminance(gray).shape == gray.shape
    assert luminance(gray[None]).shape == (1, len(gray))


def test_no_channel_axis_means_gray_of_any_shape() -> None:
    np.testing.assert_array_equal(luminance(RGB, channel_axis=None)[..., 0], luminance(RGB[..., 0]))


def test_gray_of_three_equal_channels_is_that_gray() -> None:
    gray = RNG.integers(0, 256, (20, 20), np.uint8)
    rgb = np.repeat(gray[..., None], 3, axis=-1)
    np.testing.assert_allclose(luminance(rgb), luminance(gray), rtol=0, atol=5e-5)
