"""histogram: exact counts of unique colours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from luvcolor_kernels import cpu_colors, histogram, reference

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(1, 3), (97, 3), (31, 37, 3), (2, 5, 7, 3)], ids=str)
def test_it_matches_the_reference(shape: tuple[int, ...]) -> None:
    rgb = RNG.integers(0, 4, shape, np.uint8) * 80
    colors, counts = histogram(rgb)
    expected_colors, expected_counts = reference.histogram(rgb)
    assert colors.dtype == np.uint8
    assert counts.dtype == np.int64
    np.testing.assert_array_equal(colors, expected_colors)
    np.testing.assert_array_equal(counts, expected_counts)


@pytest.mark.parametrize("threads", ["1", "3"])
def test_the_table_gives_what_sorting_gives(monkeypatch: pytest.MonkeyPatch, threads: str) -> None:
    rgb = RNG.integers(0, 256, (300, 400, 3), np.uint8)
    sorted_colors, sorted_counts = histogram(rgb)
    monkeypatch.setenv("LUVCOLOR_THREADS", threads)
    monkeypatch.setattr(cpu_colors, "TABLE_PIXELS", 10_000)
    colors, counts = histogram(rgb)
    np.testing.assert_array_equal(colors, sorted_colors)
    np.testing.assert_array_equal(counts, sorted_counts)


def test_many_pixels_of_one_color_are_all_counted() -> None:
    rgb = np.full((1000, 1100, 3), 200, np.uint8)  # more than a byte of the table holds
    rgb[::2, :3] = (1, 2, 3)
    colors, counts = histogram(rgb)
    assert colors.tolist() == [[1, 2, 3], [200, 200, 200]]
    assert counts.tolist() == [1500, 1_100_000 - 1500]


@pytest.mark.parametrize("kind", [int, np.uint8])
def test_weighted_pixels_add_up(monkeypatch: pytest.MonkeyPatch, kind: type) -> None:
    rgb = RNG.integers(0, 4, (700, 3), np.uint8) * 80
    counts: Any = RNG.integers(0, 250, 700).astype(kind)
    expected = histogram(rgb, counts=counts)
    monkeypatch.setattr(cpu_colors, "TABLE_PIXELS", 10)
    colors, total = histogram(rgb, counts=counts)
    present = expected[1] > 0
    np.testing.assert_array_equal(colors, expected[0][present])
    np.testing.assert_array_equal(total, expected[1][present])
    assert total.sum() == counts.sum(dtype=np.int64)


def test_counts_merge_histograms() -> None:
    first, second = RNG.integers(0, 3, (2, 500, 3), np.uint8)
    parts = [histogram(first), histogram(second)]
    colors, counts = histogram(
        np.concatenate([part[0] for part in parts]), counts=np.concatenate([p[1] for p in parts])
    )
    whole = histogram(np.concatenate([first, second]))
    np.testing.assert_array_equal(colors, whole[0])
    np.testing.assert_array_equal(counts, whole[1])


def test_nothing_has_no_colors() -> None:
    colors, counts = histogram(np.empty((0, 3), np.uint8))
    assert colors.shape == (0, 3)
    assert counts.shape == (0,)


def test_it_takes_bytes_and_whole_counts_only() -> None:
    with pytest.raises(TypeError, match="rgb must be one of uint8, not float32"):
        histogram(np.zeros((4, 3), np.float32))
    with pytest.raises(TypeError, match="counts must be integers"):
        histogram(np.zeros((4, 3), np.uint8), counts=np.ones(4))


def test_colours_that_no_pixel_has_are_left_out() -> None:
    rgb = np.array([[9, 9, 9], [1, 2, 3], [9, 9, 9]], np.uint8)
    colors, counts = histogram(rgb, counts=np.array([2, 0, 3]))
    assert colors.tolist() == [[9, 9, 9]]
    assert counts.tolist() == [5]
