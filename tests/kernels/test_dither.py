"""dither: both methods beside plain twins, and what a picture keeps from a distance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from luvcolor_kernels import dither, nearest, rgb_to_luv
from luvcolor_kernels.blue_noise import mask

RNG = np.random.default_rng(0)
METHODS = ["floyd-steinberg", "blue-noise"]
BLACK_AND_WHITE = np.array([[0, 0, 0], [255, 255, 255]])


def picture(height: int = 23, width: int = 31) -> Any:
    """Smooth in one half, noise in the other."""
    y, x = np.mgrid[:height, :width]
    smooth = np.stack([x * 5, y * 7, 200 - x * 3], axis=-1)
    noise = RNG.integers(-60, 60, smooth.shape)
    return np.clip(smooth + np.where(x[..., None] < width // 2, 0, noise), 0, 255).astype(np.uint8)


def in_space(rgb: Any, space: str) -> Any:
    if space == "rgb":
        return rgb
    luv = rgb_to_luv(rgb)
    return luv if space == "luv" else luv[..., 1:]


def three(points: Any) -> Any:
    return np.pad(points, [(0, 0)] * (points.ndim - 1) + [(0, 3 - points.shape[-1])])


def floyd_steinberg(points: Any, centers: Any, visible: Any) -> Any:
    """The definition, in Python's integers: every distance, no table."""
    steps = np.floor(three(points.astype(np.float32)) * np.float32(32) + np.float32(0.5))
    own = steps.astype(np.int64)
    center = np.rint(three(centers.astype(float)) * 32).astype(np.int64)
    gaps = ((center[:, None] - center) ** 2).sum(axis=2)
    height, width = points.shape[:2]
    around = np.pad(own, ((1, 1), (1, 1), (0, 0)), "edge")
    sums = around[:-2, 1:-1] + around[2:, 1:-1] + around[1:-1, :-2] + around[1:-1, 2:]
    detail = ((sums - 4 * own) ** 2).sum(axis=2)
    guess, errors = nearest(points, centers), np.zeros((height + 1, width + 2, 3), np.int64)
    labels = np.zeros((height, width), np.uint8)
    for y in range(height):
        step = -1 if y % 2 else 1
        for x in range(width)[::step]:
            if not visible[y, x]:
                continue
            label, here = guess[y, x], errors[:, 1:]
            off = int(np.abs(own[y, x] - center[label]).max())
            space = int(np.partition(gaps[label], 1)[1])
            most = max(math.isqrt(space // 2), off)
            value = own[y, x] + np.clip((here[y, x] + 8) >> 4, -most, most)
            at = int(((value - center) ** 2).sum(axis=1).argmin())
            space = max(space, off * off)
            share = int(32 * space / (space + int(detail[y, x]) * 0.625 + 1))
            error = ((value - center[at]) * share + 16) >> 5
            here[y, x + step] += 7 * error
            for place, part in ((x - step, 3), (x, 5), (x + step, 1)):
                errors[y + 1, place + 1] += part * error
            labels[y, x] = at
    return labels


@pytest.mark.parametrize("space", ["rgb", "luv", "uv"])
@pytest.mark.parametrize("k", [2, 5, 16, 256])
def test_floyd_steinberg_is_its_twin(space: str, k: int) -> None:
    points = in_space(picture(), space)
    centers = in_space(RNG.integers(0, 256, (k, 3), np.uint8), space).astype(np.float64)
    visible = RNG.random(points.shape[:2]) < 0.9
    found = dither(points, centers, visible=visible)
    np.testing.assert_array_equal(found, floyd_steinberg(points, centers, visible))


def blue_noise(points: Any, centers: Any) -> tuple[Any, Any]:
    """The definition: of all mixtures the best, and where two choices are too near to tell."""
    flat, center = points.reshape(-1, points.shape[-1]).astype(float), centers.astype(float)
    own = nearest(points, centers).reshape(-1)
    away = center[None] - center[own][:, None]
    square = (away**2).sum(axis=2)
    order = np.argsort(((center[:, None] - center) ** 2).sum(axis=2), axis=1, kind="stable")
    around = np.zeros(square.shape, bool)
    np.put_along_axis(around, order[own][:, 1:9], True, axis=1)
    square = np.where(around, square, np.inf)
    weight = 0.5 * (1 - square.min(axis=1, keepdims=True) / square)
    gain = ((flat - center[own])[:, None] * away).sum(axis=2) / square
    share = np.maximum((gain - weight / 2) / (1 - weight), 0)
    better = (1 - weight) * share**2 * np.where(around, square, 0)
    best, rows = better.argmax(axis=1), np.arange(len(flat))
    height, width = points.shape[:2]
    tiles = np.tile(mask(), (-(-height // 64), -(-width // 64)))[:height, :width].reshape(-1)
    labels = np.where(share[rows, best] > tiles, best, own)
    last = np.sort(better, axis=1)[:, -2:]
    near = np.abs(share[rows, best] - tiles) < 1e-4
    near |= last[:, 1] - last[:, 0] < 1e-4 * last[:, 1]
    return labels.reshape(height, width), near.reshape(height, width)


@pytest.mark.parametrize("space", ["rgb", "luv", "uv"])
@pytest.mark.parametrize("k", [3, 16, 64])
def test_blue_noise_is_its_twin(space: str, k: int) -> None:
    points = in_space(picture(70, 90), space)
    centers = in_space(RNG.integers(0, 256, (k, 3), np.uint8), space).astype(np.float64)
    expected, near = blue_noise(points, centers)
    found = dither(points, centers, method="blue-noise")
    assert near.mean() < 0.02
    np.testing.assert_array_equal(found[~near], expected[~near])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [20, 64, 128, 200])
def test_flat_gray_keeps_its_tone_in_black_and_white(method: Any, level: int) -> None:
    gray = np.full((128, 128, 3), level, np.uint8)
    labels = dither(gray, BLACK_AND_WHITE, method=method)
    assert labels.dtype == np.uint8
    assert labels.mean() == pytest.approx(level / 255, abs=0.012)


@pytest.mark.parametrize("method", METHODS)
def test_the_mean_of_a_slope_comes_nearer_than_by_nearest_alone(method: Any) -> None:
    slope = np.repeat(np.linspace(0, 255, 256).astype(np.uint8)[None, :, None], 64, axis=0)
    points = np.repeat(slope, 3, axis=2)
    centers = np.linspace(0, 255, 5)[:, None].repeat(3, axis=1)

    def blurred(labels: Any) -> Any:
        return centers[labels, 0].reshape(8, 8, 32, 8).mean(axis=(1, 3))

    truth = points[..., 0].reshape(8, 8, 32, 8).mean(axis=(1, 3))
    dithered = np.abs(blurred(dither(points, centers, method=method)) - truth).mean()
    assert dithered < 0.3 * np.abs(blurred(nearest(points, centers)) - truth).mean()


@pytest.mark.parametrize("method", METHODS)
def test_colours_of_the_palette_stay_as_they_are(method: Any) -> None:
    centers = np.array([[0, 0, 0], [10, 200, 30], [250, 40, 90], [255, 255, 255]])
    labels = RNG.integers(0, 4, (40, 50))
    points = centers[labels].astype(np.uint8)
    np.testing.assert_array_equal(dither(points, centers, method=method), labels)


@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_be_seen_changes_nothing(method: Any) -> None:
    points = picture()
    centers = RNG.integers(0, 256, (8, 3))
    visible = np.zeros(points.shape[:2], np.uint8)
    visible[:, :12] = 200
    other = points.copy()
    other[:, 13:] = 0  # beside the edge it is detail
    found = dither(points, centers, method=method, visible=visible)
    assert not found[:, 12:].any()
    np.testing.assert_array_equal(found, dither(other, centers, method=method, visible=visible))


@pytest.mark.parametrize("method", METHODS)
def test_threads_and_the_order_in_memory_change_nothing(method: Any, monkeypatch: Any) -> None:
    points, centers = picture(300, 260), RNG.integers(0, 256, (16, 3))
    monkeypatch.setenv("LUVCOLOR_THREADS", "1")
    alone = dither(points, centers, method=method)
    monkeypatch.setenv("LUVCOLOR_THREADS", "4")
    out = np.ones((300, 520), np.uint8)
    again = dither(np.asfortranarray(points), centers, method=method, out=out[:, ::2])
    np.testing.assert_array_equal(again, alone)
    np.testing.assert_array_equal(out[:, ::2], alone)
    assert out[:, 1::2].all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("twins", [[[9, 9, 9]], [[9, 9, 9]] * 3, [[9, 9, 9], [9, 9, 9], [0, 0, 0]]])
def test_one_colour_or_equal_ones(method: Any, twins: Any) -> None:
    centers = np.array(twins)
    labels = dither(np.full((5, 6, 3), 9, np.uint8), centers, method=method)
    np.testing.assert_array_equal(centers[labels], 9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 0, 3), (1, 1, 3), (1, 7, 3), (7, 1, 3)])
def test_small_pictures(method: Any, shape: Any) -> None:
    labels = dither(np.zeros(shape, np.uint8), BLACK_AND_WHITE, method=method)
    assert labels.shape == shape[:2]
    assert not labels.any()


@pytest.mark.parametrize("method", METHODS)
def test_nan_gets_some_label(method: Any) -> None:
    points = np.full((3, 3, 3), 250, np.float32)
    points[0] = np.nan
    assert dither(points, BLACK_AND_WHITE, method=method).max() < 2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"method": "bayer"}, "unknown method 'bayer'; known are: floyd-steinberg, blue-noise"),
        ({"points": np.zeros((4, 3), np.uint8)}, r"\(H, W, 2\) or \(H, W, 3\), found \(4, 3\)"),
        ({"centers": np.zeros((257, 3))}, "at most 256 to dither with, found 257"),
        ({"centers": np.zeros((4, 2))}, "must have the same D"),
        ({"visible": np.ones((2, 2))}, r"visible must be of shape \(4, 5\)"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: Any, message: str) -> None:
    given: Any = {"points": np.zeros((4, 5, 3), np.uint8), "centers": BLACK_AND_WHITE} | wrong
    with pytest.raises(ValueError, match=message):
        dither(**given)


def test_the_mask_has_every_threshold_and_no_low_frequencies() -> None:
    thresholds = mask()
    assert thresholds.shape == (64, 64)
    np.testing.assert_allclose(np.sort(thresholds.reshape(-1)), (np.arange(4096) + 0.5) / 4096)
    power = np.abs(np.fft.fft2(thresholds - thresholds.mean())) ** 2
    distance = np.hypot(*np.meshgrid(np.fft.fftfreq(64), np.fft.fftfreq(64)))
    assert power[distance < 0.15].mean() < 0.01 * power.mean()
