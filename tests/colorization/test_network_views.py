"""What a model sees: the picture at the model's size, whatever its own."""

from __future__ import annotations

import numpy as np
import pytest

import luvcolor_kernels as kernels
from luvcolor.colorization.views import model_size, view
from tests.conftest import noisy


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((300, 400), (16, 21)),
        ((1000, 30), (533, 16)),
        ((10, 20), (16, 32)),
        ((16, 16), (16, 16)),
        ((1, 1), (16, 16)),
    ],
)
def test_the_short_side_is_the_models_whether_the_picture_is_large_or_small(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert model_size(size, 16) == expected


@pytest.mark.parametrize("size", [(1, 1000), (2, 50_000), (1000, 1), (3, 100)])
def test_a_strip_is_not_enlarged_beyond_bounds(size: tuple[int, int]) -> None:
    height, width = model_size(size, 192)
    assert height >= size[0]
    assert width >= size[1]
    assert height * width <= max(16.5 * 192 * 192, size[0] * size[1])


def test_a_large_picture_is_averaged_and_a_small_one_enlarged_smoothly() -> None:
    picture = noisy(48, 64)
    np.testing.assert_array_equal(view(picture, 16), kernels.luma_to_input(picture, (16, 21)))
    grown = view(picture[:8, :8], 64)
    assert grown.shape == (1, 1, 64, 64)
    assert grown.dtype == np.float32
    assert 0 <= grown.min() <= grown.max() <= 1
    blocks = kernels.luma_to_input(picture[:8, :8], (64, 64))
    assert np.abs(np.diff(grown)).max() < 0.5 * np.abs(np.diff(blocks)).max()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_gray_and_colour_of_any_depth_are_seen_alike(dtype: str) -> None:
    scale = {"uint8": 1, "uint16": 257, "float32": 1 / 255}[dtype]
    gray = (noisy(20, 30)[..., 1] * np.float64(scale)).astype(dtype)
    for side in (8, 40):
        seen = view(np.stack([gray] * 3, -1), side)
        np.testing.assert_allclose(seen, view(gray, side), atol=1e-5)
