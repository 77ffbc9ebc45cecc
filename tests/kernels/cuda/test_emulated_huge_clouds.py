"""Clustering of more than 2 ** 31 elements: only the pages that a block touches are ever there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from luvcolor_kernels import color_cells, gpu_clouds, reference
from luvcolor_kernels.gpu_clustering import Clustering
from luvcolor_kernels.gpu_launches import Launcher
from luvcolor_kernels.gpu_memory import points_of
from tests.kernels.cuda.emulation import NUMPY, EmulatedEngine
from tests.kernels.cuda.test_emulated_huge_arrays import MANY, noise, sparse

pytestmark = pytest.mark.proof

LAST: dict[str, Any] = {"checked": False, "only": (-1, 0), "most_blocks": 1 << 40}
"""Only the last block of a grid without end runs."""


def launcher() -> Launcher:
    return Launcher(EmulatedEngine(**LAST), NUMPY, NUMPY.place(None), np.zeros(1))


def test_labels_beyond_two_billion_points() -> None:
    rgb, out = sparse((MANY + 999, 3), "uint8"), sparse((MANY + 999,), "uint8")
    rgb[-900:] = noise((900, 3))
    centers = np.random.default_rng(1).random((9, 3)) * 255
    Clustering(EmulatedEngine(**LAST), lambda array: NUMPY).nearest(rgb, centers, out=out)
    np.testing.assert_array_equal(out[-900:], reference.nearest(rgb[-900:], centers))


def test_colors_beyond_two_billion_pixels_are_counted() -> None:
    rgb, table = sparse((MANY + 999, 3), "uint8"), sparse((color_cells.COLORS,), "int64")
    rgb[-900:] = noise((900, 3))
    pixels = points_of(NUMPY.view(rgb), "rgb")
    launcher().count_colors(pixels, None, NUMPY.view(table), by_cells=True)
    numbers = color_cells.pack(rgb[-900:])
    # a block takes 1024 pixels, and the last one those that are left
    last = numbers[-((MANY + 999) % 1024) :] if (MANY + 999) % 1024 < 900 else numbers
    found = np.bincount(last, minlength=color_cells.COLORS)
    found[0] = table[0]
    np.testing.assert_array_equal(table, found)


def test_sums_beyond_two_billion_points() -> None:
    count = MANY + 1000
    planes = sparse((2, count), "float32")
    planes[:, -900:] = np.random.default_rng(2).normal(size=(2, 900)).astype(np.float32)
    cloud = gpu_clouds.GpuCloud(
        launcher(), NUMPY.view(planes), slice(0, 2), None, count, count, np.zeros(2), 1.0,
        repeats=True,
    )  # fmt: skip
    sums = cloud.assign(np.array([[0.0, 0.0], [9.0, 9.0]]))
    whole = (planes[:, -1000:] * np.float32(2.0**cloud.bits)).astype(np.int64).sum(axis=1)
    np.testing.assert_array_equal(sums[:, 1:].sum(axis=0), whole)
