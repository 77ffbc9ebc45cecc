"""How near a picture comes to its hints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from luvcolor.frame import Frame
from luvcolor.hints import HintSet, Marks, Point, Reference
from luvcolor.hints.report import PART, distances, report
from tests.conftest import noisy


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_colours_that_have_the_hints_chroma_are_not_apart(dtype: str) -> None:
    rgb = noisy(20, 30).reshape(-1, 3)
    uv = kernels.rgb_to_luv(rgb[None])[0, :, 1:]
    scale = {"uint8": 1, "uint16": 257, "float32": 1 / 255}[dtype]
    assert distances((rgb * np.float64(scale)).astype(dtype), uv).max() < 0.05


def test_the_hints_own_luma_does_not_count_and_nor_does_what_srgb_cannot_show() -> None:
    light = np.full((1, 1), 60, np.float32)
    navy = np.array([[-9.0, -200.0]], np.float32)  # far beyond sRGB at this luma
    shown = kernels.merge_chroma(light, navy.T[:, None], dtype=np.float32)
    assert distances(shown[0], navy)[0] < 0.01


def test_it_is_the_distance_that_scikit_image_computes() -> None:
    from skimage.color import deltaE_ciede2000, rgb2lab

    found = distances(np.array([[128, 128, 128]], np.uint8), np.array([[40.0, 10]], np.float32))
    wanted = kernels.merge_chroma(
        kernels.luminance(np.array([[[128, 128, 128]]], np.uint8)),
        np.array([40, 10], np.float32).reshape(2, 1, 1),
        dtype=np.float32,
    )
    compare: Any = deltaE_ciede2000
    expected = compare(rgb2lab(np.full((1, 3), 128 / 255)), rgb2lab(wanted[0]))
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_many_pixels_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rgb = noisy(20, 30).reshape(-1, 3)
    uv = np.zeros((600, 2), np.float32)
    whole = distances(rgb, uv)
    monkeypatch.setattr("luvcolor.hints.report.PART", 7)
    np.testing.assert_allclose(distances(rgb, uv), whole, atol=1e-3)
    assert PART > 7


def test_a_report_counts_hints_and_pixels() -> None:
    frame = Frame(np.full((9, 9), 140, np.uint8), name="a.png")
    rgb = np.full((9, 9, 3), 140, np.uint8)
    rgb[4, 4] = kernels.merge_chroma(
        np.full((1, 1), 58, np.float32), np.array([30, 20], np.float32).reshape(2, 1, 1)
    )[0, 0]
    marks = Marks([Point((4, 4), "gray", 0), Point((0, 0), "gray", 0)])
    made = report(HintSet((marks,), files=("a.json",)).on(frame), rgb, forced=True)
    assert made.ciede2000 is not None
    assert made.ciede2000.largest > 5
    assert made.ciede2000.mean == pytest.approx(made.ciede2000.largest / 2, abs=0.01)
    assert made.to_json() == {
        "files": ["a.json"],
        "count": 2,
        "pixels": 2,
        "reference": None,
        "forced": True,
        "ciede2000": {"mean": made.ciede2000.mean, "largest": made.ciede2000.largest},
    }


def test_a_reference_has_no_pixels_to_compare() -> None:
    reference = Reference.of(Frame(noisy(4, 4), name="like.jpg"))
    frame = Frame(noisy(9, 9))
    made = report(HintSet(reference=reference).on(frame), frame.pixels, forced=False)
    assert (made.reference, made.pixels, made.ciede2000) == ("like.jpg", 0, None)
    assert made.to_json()["ciede2000"] is None
