"""The formulae for one pixel: in plain Python, and the fast functions that stand in for three."""

from __future__ import annotations

import math

import numpy as np
import pytest

from luvcolor_kernels import constants, pixel, reference
from luvcolor_kernels.cpu_math import pixel as compiled

GRID = np.geomspace(1e-6, 1.0, 4001).astype(np.float32)


def test_plain_python_matches_the_reference() -> None:
    rng = np.random.default_rng(0)
    for rgb in rng.random((200, 3), np.float32):
        linear = [pixel.decode(value) for value in rgb]
        luv = np.array(pixel.linear_to_luv(*linear))
        np.testing.assert_allclose(luv, reference.rgb_to_luv(rgb[None])[0], rtol=0, atol=3e-4)
        back = [pixel.encode(value) for value in pixel.luv_to_linear(*luv)]
        np.testing.assert_allclose(back, rgb, rtol=0, atol=1e-4)


def test_compiled_and_plain_formulae_agree() -> None:
    rng = np.random.default_rng(1)
    for light, u, v in (rng.normal(size=(200, 3)) * [20, 60, 60] + [50, 0, 0]).astype(np.float32):
        plain = pixel.merge_to_linear(light, u, v)
        np.testing.assert_allclose(compiled.merge_to_linear(light, u, v), plain, atol=3e-6)


def test_cube_root_is_that_of_float64() -> None:
    for x in GRID:
        assert compiled.cube_root(x) == pytest.approx(math.cbrt(x), rel=3e-7)


def test_decoding_is_that_of_float64() -> None:
    expected = reference.decode(GRID)
    found = [compiled.decode(x) for x in GRID]
    np.testing.assert_allclose(found, expected, rtol=8e-7)


def test_encoding_is_good_enough_for_16_bits() -> None:
    found = np.array([compiled.encode(x) for x in GRID])
    error = np.abs(found - reference.encode(GRID.astype(np.float64)))
    assert error.max() * 65535 < 0.05


def test_the_folded_gray_axis_is_that_of_the_matrix() -> None:
    gray = constants.RGB_TO_XYZ.sum(axis=1)
    assert constants.chromaticity(gray) == (constants.NEUTRAL_U, constants.NEUTRAL_V)
    linear = compiled.merge_to_linear(*np.array([50, 0, 0], np.float32))
    assert linear == (linear[0],) * 3
    assert linear[0] == pytest.approx(((50 + 16) / 116) ** 3)
