"""Metrics, against scikit-image and figures computed by hand."""

import json
import math
from typing import Any

import numpy as np
import pytest
import skimage.color
import skimage.metrics

from luvcolor import metrics
from luvcolor.errors import PictureError

color: Any = skimage.color
peers: Any = skimage.metrics


def pixel(*rgb: int) -> Any:
    return np.array([[rgb]], np.uint8)


@pytest.fixture
def pair() -> Any:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 256, (20, 31, 3), dtype=np.uint8)
    noise = rng.integers(-20, 21, truth.shape)
    return np.clip(truth + noise, 0, 255).astype(np.uint8), truth


def test_psnr_is_that_of_scikit_image(pair: Any) -> None:
    expected = peers.peak_signal_noise_ratio(pair[1], pair[0], data_range=255)
    assert metrics.psnr(*pair) == pytest.approx(expected)


def test_psnr_of_an_error_of_a_fifth_is_14_db() -> None:
    # 10 log10(255^2 / 51^2) = 20 log10(5)
    assert metrics.psnr(pixel(51, 51, 51), pixel(0, 0, 0)) == pytest.approx(20 * math.log10(5))


def test_psnr_of_identical_pictures_is_the_cap_and_more_is_never_reached() -> None:
    truth = np.zeros((300, 300, 3), np.uint8)
    nearly = truth.copy()
    nearly[0, 0, 0] = 1
    assert metrics.psnr(truth, truth) == metrics.PSNR_CAP == 100
    assert metrics.psnr(nearly, truth) == 100


def test_ssim_is_that_of_scikit_image(pair: Any) -> None:
    expected = peers.structural_similarity(*pair, channel_axis=-1, data_range=255)
    assert metrics.ssim(*pair) == pytest.approx(expected)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (6, 7)])
def test_ssim_of_pictures_smaller_than_its_window(size: Any) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    assert metrics.ssim(picture, picture) == pytest.approx(1)
    assert metrics.ssim(picture, 255 - picture) < 1


def test_ciede2000_is_the_mean_of_scikit_image(pair: Any) -> None:
    expected = color.deltaE_ciede2000(color.rgb2lab(pair[0]), color.rgb2lab(pair[1])).mean()
    assert metrics.ciede2000(*pair) == pytest.approx(expected)


def test_large_pictures_are_measured_in_parts_with_the_same_result(
    pair: Any, monkeypatch: Any
) -> None:
    whole = metrics.measure(*pair)
    monkeypatch.setattr(metrics, "_PART", 7)
    assert metrics.measure(*pair) == pytest.approx(whole)


def test_auc_is_the_area_under_zhangs_curve(pair: Any) -> None:
    ab = [color.rgb2lab(picture)[..., 1:] for picture in pair]
    error = np.linalg.norm(ab[0] - ab[1], axis=-1)
    thresholds = np.linspace(0, 150, 15001)
    curve = [(error <= threshold).mean() for threshold in thresholds]
    assert metrics.auc(*pair) == pytest.approx(np.trapezoid(curve, thresholds) / 150, abs=1e-4)


def test_auc_ignores_lightness_and_punishes_chroma() -> None:
    assert metrics.auc(pixel(0, 0, 0), pixel(255, 255, 255)) == pytest.approx(1, abs=1e-4)
    # Blue against yellow: further apart in ab than 150, so not right at any threshold.
    assert metrics.auc(pixel(0, 0, 255), pixel(255, 255, 0)) == 0


def test_chroma_mse_is_that_of_scikit_image_in_hundreds(pair: Any) -> None:
    error = (color.rgb2luv(pair[0]) - color.rgb2luv(pair[1]))[..., 1:] / 100
    assert metrics.chroma_mse(*pair) == pytest.approx(np.square(error).mean(), rel=1e-5)


def test_chroma_mse_of_red_against_gray() -> None:
    # u* = 175.015, v* = 37.756 (Lindbloom): (1.75015^2 + 0.37756^2) / 2
    assert metrics.chroma_mse(pixel(255, 0, 0), pixel(0, 0, 0)) == pytest.approx(1.6028, abs=1e-3)


def test_colourfulness_of_one_colour_is_its_mean_term() -> None:
    # rg = 255, yb = 127.5, no spread: 0.3 sqrt(255^2 + 127.5^2)
    expected = 0.3 * math.hypot(255, 127.5)
    assert metrics.colourfulness(pixel(255, 0, 0)) == pytest.approx(expected)
    assert metrics.colourfulness_absolute(pixel(255, 0, 0)) == pytest.approx(expected)


def test_signed_and_absolute_colourfulness_differ_on_opponents() -> None:
    red_and_cyan = np.array([[[255, 0, 0], [0, 255, 255]]], np.uint8)
    # Signed: the means cancel, the spread is 255 and 127.5. Absolute: no spread, those means.
    distance = math.hypot(255, 127.5)
    assert metrics.colourfulness(red_and_cyan) == pytest.approx(distance)
    assert metrics.colourfulness_absolute(red_and_cyan) == pytest.approx(0.3 * distance)


def test_gray_has_no_colourfulness() -> None:
    gray = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=-1)
    assert metrics.colourfulness(gray) == metrics.colourfulness_absolute(gray) == 0


def test_measure_has_every_metric_in_pinned_order(pair: Any) -> None:
    measured = metrics.measure(*pair)
    assert tuple(measured) == metrics.METRICS
    assert metrics.METRICS == (
        "psnr",
        "ssim",
        "ciede2000",
        "auc",
        "chroma_mse",
        "colourfulness",
        "colourfulness_absolute",
    )
    for name, value in measured.items():
        assert type(value) is float
        alone = name.startswith("colourfulness")
        assert value == getattr(metrics, name)(*pair[: 1 if alone else 2])


@pytest.mark.parametrize("side", [1, 2, 9])
def test_identical_pictures_are_perfect_and_fit_json(side: Any) -> None:
    picture = np.full((side, side, 3), (200, 100, 50), np.uint8)
    measured = metrics.measure(picture, picture)
    json.dumps(measured, allow_nan=False)
    perfect = {"psnr": 100, "ssim": 1, "ciede2000": 0, "auc": 1, "chroma_mse": 0}
    assert {name: measured[name] for name in perfect} == pytest.approx(perfect)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_anything_but_uint8_rgb_is_refused(wrong: Any) -> None:
    with pytest.raises(PictureError, match=r"uint8 RGB of shape \(H, W, 3\), found"):
        metrics.measure(wrong, wrong)


def test_pictures_of_two_sizes_are_refused() -> None:
    with pytest.raises(PictureError, match=r"found \(2, 3\) and \(3, 2\)"):
        metrics.psnr(np.zeros((2, 3, 3), np.uint8), np.zeros((3, 2, 3), np.uint8))
