"""nearest: exact, with ties to the lowest index."""

from __future__ import annotations

import numpy as np
import pytest

from luvcolor_kernels import color_cells, cpu_nearest, nearest, reference

RNG = np.random.default_rng(0)
COLORS = RNG.integers(0, 256, (61, 67, 3), np.uint8)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 24, 256, 257])
@pytest.mark.parametrize("whole", [False, True], ids=["fractions", "integers"])
def test_colors_match_brute_force(k: int, whole: bool) -> None:
    centers = RNG.random((k, 3)) * 255
    centers = np.rint(centers) if whole else centers
    labels = nearest(COLORS, centers)
    assert labels.dtype == (np.uint8 if k <= 256 else np.int32)
    assert labels.shape == COLORS.shape[:-1]
    np.testing.assert_array_equal(labels, reference.nearest(COLORS, centers))


@pytest.mark.parametrize("dimensions", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_floats_match_brute_force(dimensions: int, offset: float) -> None:
    points = (RNG.normal(size=(2053, dimensions)) * 30 + offset).astype(np.float32)
    centers = points[:19].astype(np.float64) + 0.1
    np.testing.assert_array_equal(nearest(points, centers), reference.nearest(points, centers))


def test_ties_go_to_the_lowest_index() -> None:
    centers = np.array([[5.0, 5, 5], [5, 5, 5], [0, 0, 0], [255, 0, 0], [0, 255, 0]])
    points = np.array([[5, 5, 5], [0, 0, 0], [200, 200, 0]], np.uint8)
    assert nearest(points, centers).tolist() == [0, 2, 3]
    lattice = np.stack(np.meshgrid(*[np.arange(0, 256, 15)] * 3), -1).astype(np.uint8)
    grid = np.stack(np.meshgrid(*[np.arange(0, 256, 30)] * 3), -1).reshape(-1, 3)
    np.testing.assert_array_equal(nearest(lattice, grid), reference.nearest(lattice, grid))


def test_nan_gets_some_label() -> None:
    points = np.array([[np.nan, 0, 0], [9, 9, 9]], np.float32)
    labels = nearest(points, np.array([[0.0, 0, 0], [9, 9, 9]]))
    assert labels[0] < 2
    assert labels[1] == 1


def test_out_receives_the_labels() -> None:
    centers = RNG.random((24, 3)) * 255
    out = np.zeros((61, 134), np.uint8)
    nearest(COLORS, centers, out=out[:, ::2])
    np.testing.assert_array_equal(out[:, ::2], nearest(COLORS, centers))
    with pytest.raises(TypeError, match="out must be of type uint8, not int32"):
        nearest(COLORS, centers, out=np.empty((61, 67), np.int32))


def test_sixteen_bits_match_brute_force() -> None:
    points = RNG.integers(0, 65536, (500, 3)).astype(np.uint16)
    centers = RNG.random((24, 3)) * 65535
    np.testing.assert_array_equal(nearest(points, centers), reference.nearest(points, centers))


@pytest.mark.parametrize("k", [2, 24, 257])
def test_a_table_gives_what_the_scan_gives(monkeypatch: pytest.MonkeyPatch, k: int) -> None:
    centers = np.rint(RNG.random((k, 3)) * 255)  # whole numbers: many ties
    scanned = nearest(COLORS, centers)
    monkeypatch.setattr(cpu_nearest, "TABLE_PIXELS", 0)
    monkeypatch.setattr(cpu_nearest, "TABLE_WORK", 0)
    np.testing.assert_array_equal(nearest(COLORS, centers), scanned)


@pytest.mark.slow
def test_a_table_has_the_labels_of_all_colors() -> None:
    centers = np.concatenate([RNG.random((20, 3)) * 255, [[0, 0, 0], [255, 255, 255]]])
    centers = np.concatenate([centers, centers[3:7]])  # repetitions are never nearest
    every = color_cells.unpack(np.arange(1 << 24, dtype=np.int32))
    scanned = np.empty(1 << 24, np.uint8)
    cpu_nearest.scan_points(every.reshape(-1), centers, scanned)
    np.testing.assert_array_equal(cpu_nearest.table_of(centers), scanned)
    some = slice(None, None, 9973)
    np.testing.assert_array_equal(scanned[some], reference.nearest(every[some], centers))


def test_far_centers_cost_nothing() -> None:
    centers = np.array([[1e9, 0, 0], [10, 10, 10], [-1e9, 1e9, 0], [200, 200, 200]])
    table = cpu_nearest.table_of(centers)
    numbers = color_cells.pack(COLORS)
    np.testing.assert_array_equal(table[numbers], reference.nearest(COLORS, centers))
