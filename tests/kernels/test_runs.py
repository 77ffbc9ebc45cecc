"""Runs of pixels: elements are where NumPy has them; four at a time only where all is aligned."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from luvcolor_kernels.runs import INTERLEAVED, PLANAR, STRIDED, Run, common_runs, rows_of
from luvcolor_kernels.views import View
from tests.kernels.memory import MEMORY, solid, view_of

Array = npt.NDArray[Any]

BATCH = MEMORY.reshape(4, 6, 10, 12)[..., :3]
PLANES = MEMORY.reshape(4, 3, 20, 12)


def elements(view: View, pictures: int, length: int, run: Run, channels: int) -> Array:
    """The values that a kernel would find, channel by channel, pixel by pixel."""
    base = (view.address - MEMORY.ctypes.data) // view.item_size
    p, j, c = np.ogrid[:pictures, :length, :channels]
    at = base + p * run.step + j * run.pixel + c * run.channel
    found: Array = MEMORY[at].reshape(-1, channels)
    return found


ARRAYS = {
    "interleaved": (solid(4, 6, 10, 3), -1),
    "planar": (solid(4, 3, 6, 10), 1),
    "four channels of which three": (BATCH, -1),
    "cut from RGBA": (MEMORY.reshape(240, 12)[:, :3], -1),
    "cut from a picture": (solid(20, 10, 3)[3:9, 2:7], -1),
    "cut from planes": (PLANES[0, :, 2:9, 3:11], 0),
    "every other row": (solid(12, 10, 3)[::2], -1),
    "every other column": (solid(12, 10, 3)[:, ::2], -1),
    "upside down": (solid(12, 10, 3)[::-1], -1),
    "mirrored": (solid(12, 10, 3)[:, ::-1], -1),
    "blue, green, red": (solid(12, 10, 3)[..., ::-1], -1),
    "planes seen as pixels": (solid(3, 6, 10).transpose(1, 2, 0), -1),
    "every picture but one": (solid(4, 6, 10, 3)[::3], -1),
    "one pixel": (solid(1, 1, 3), -1),
    "one column": (solid(7, 1, 3), -1),
    "a list of colours": (solid(11, 3), -1),
    "a single colour": (solid(3), -1),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_every_element_is_where_numpy_has_it(name: str) -> None:
    array, axis = ARRAYS[name]
    view = view_of(array)
    pictures, length, (run,) = common_runs([(view, axis % array.ndim)], ["rgb"])
    found = elements(view, pictures, length, run, 3)
    np.testing.assert_array_equal(found, np.moveaxis(array, axis, -1).reshape(-1, 3))


def test_arrays_of_different_layouts_share_their_runs() -> None:
    pixels, planes = solid(4, 6, 10, 3), solid(4, 3, 6, 10)
    views = [(view_of(pixels), 3), (view_of(planes), 1)]
    pictures, length, runs = common_runs(views, ["rgb", "out"])
    assert (pictures, length) == (4, 60)
    assert [run.layout for run in runs] == [INTERLEAVED, PLANAR]
    for (view, axis), run, array in zip(views, runs, (pixels, planes), strict=True):
        expected = np.moveaxis(array, axis, -1).reshape(-1, 3)
        np.testing.assert_array_equal(elements(view, pictures, length, run, 3), expected)


def test_pixels_without_gaps_are_one_run() -> None:
    pictures, length, (run,) = common_runs([(view_of(solid(4, 6, 10, 3)), 3)], ["rgb"])
    assert (pictures, length) == (1, 240)
    assert run == Run(0, 1, 3, INTERLEAVED)


def test_gray_has_no_channels() -> None:
    pictures, length, (run,) = common_runs([(view_of(solid(6, 12)[:, 4:8]), None)], ["gray"])
    assert (pictures, length) == (6, 4)
    assert run == Run(12, 0, 1, PLANAR)


def test_runs_at_several_paces_are_refused() -> None:
    crops = solid(4, 6, 10, 3)[:, 1:3, 2:5]
    with pytest.raises(ValueError, match=r"rgb of shape \(4, 2, 3, 3\).*contiguous copy"):
        common_runs([(view_of(crops), 3)], ["rgb"])


@pytest.mark.parametrize(
    ("array", "axis", "layout"),
    [
        (MEMORY[4:28].reshape(8, 3), 1, INTERLEAVED),
        (MEMORY[2:26].reshape(8, 3), 1, STRIDED),  # 16-bit elements from a multiple of 4 bytes
        (solid(3, 8), 0, PLANAR),
        (solid(3, 7), 0, STRIDED),  # the second plane begins at an odd element
        (solid(2, 3, 2, 4), 1, PLANAR),
        (solid(2, 3, 1, 3), 1, STRIDED),
        (solid(6, 8, 3)[:, :4], 2, INTERLEAVED),
        (solid(6, 9, 3)[:, :4], 2, STRIDED),  # rows of 27 elements
    ],
)
def test_four_pixels_are_taken_at_a_time_only_where_all_groups_are_aligned(
    array: Array, axis: int, layout: int
) -> None:
    _, _, (run,) = common_runs([(view_of(array), axis)], ["rgb"])
    assert run.layout == layout


@pytest.mark.parametrize(
    ("array", "axis", "expected"),
    [
        (solid(6, 8), None, Run(8, 0, 1, PLANAR)),
        (solid(6, 7), None, Run(7, 0, 1, STRIDED)),
        (solid(2, 6, 8), None, Run(8, 0, 1, PLANAR)),
        (solid(6, 8, 3), 2, Run(24, 1, 3, INTERLEAVED)),
        (solid(3, 6, 8), 0, Run(8, 48, 1, PLANAR)),
        (solid(3, 3, 7), 0, Run(7, 21, 1, STRIDED)),
    ],
)
def test_rows_are_a_pitch_apart(array: Array, axis: int | None, expected: Run) -> None:
    assert rows_of(view_of(array), axis) == expected
