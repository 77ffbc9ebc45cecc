"""One frame around the model."""

from __future__ import annotations

import numpy as np
import pytest

import luvcolor_kernels as kernels
from luvcolor.checkpoint import Card
from luvcolor.colorization.look import look_at, merge
from luvcolor.colorization.place import Place
from luvcolor.colorization.thrift import Thrifty
from luvcolor.errors import PictureError
from luvcolor.frame import Frame
from luvcolor.runtimes.torch_runtime import TorchPredictor
from tests.fakes import Fake, gray, sloped


@pytest.fixture
def place() -> Place:
    return Place(Thrifty(TorchPredictor(Fake(sloped), Card("fake", {}, 16))))


def test_a_frame_is_seen_at_every_size(place: Place) -> None:
    frame = Frame(gray(40, 60))
    seen = look_at(frame, [16, 64], place)
    assert seen.frame is frame
    assert [x.shape for x in seen.views] == [(1, 1, 16, 24), (1, 1, 64, 96)]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_chroma_joins_the_luma_of_full_size(place: Place, dtype: str) -> None:
    frame = Frame(gray(40, 60, dtype))
    rgb = merge(look_at(frame, [16], place), np.full((2, 16, 24), 12, np.float32), place)
    assert (rgb.shape, rgb.dtype.name) == ((40, 60, 3), dtype)
    apart = kernels.luminance(rgb) - kernels.luminance(frame.pixels)
    assert np.abs(apart).max() < 0.5


def test_nothing_cannot_be_seen(place: Place) -> None:
    with pytest.raises(PictureError, match=r"a\.png: expected pixels, found none"):
        look_at(Frame(np.zeros((4, 0), np.uint8), name="a.png"), [16], place)
