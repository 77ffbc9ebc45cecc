"""Which picture gets which hints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from luvcolor.errors import PictureError, UsageError
from luvcolor.frame import Frame
from luvcolor.hints import HintFolder, HintSet, Together, open_hints
from luvcolor.io.codec import encode
from tests.conftest import noisy

POINT = '{"points": [{"at": [1, 1], "color": "red", "radius": 0}]}'


def frame(name: str, height: int = 8, width: int = 8) -> Frame:
    return Frame(np.zeros((height, width), np.uint8), name=name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "hints"
    (path / "sub").mkdir(parents=True)
    (path / "a.json").write_text(POINT)
    (path / "sub" / "c.json").write_text(POINT)
    layer = Frame(noisy(8, 8), np.eye(8, dtype=np.uint8) * 255)
    (path / "a.png").write_bytes(encode(layer, "png"))
    (path / "b.png").write_bytes(encode(layer, "png"))
    return path


def test_a_folder_gives_pictures_the_hints_of_their_names(folder: Path) -> None:
    source = open_hints(folder)
    assert isinstance(source, HintFolder)
    assert source.kinds == ("colours",)
    assert source.of(frame("a.jpg")).files == ("a.png", "a.json")
    assert source.of(frame("b.tiff")).files == ("b.png",)
    assert source.of(frame("sub/c.png")).files == ("c.json",)
    for name in ("c.png", "none.jpg", "", "../a/../x.png"):
        assert not source.of(frame(name))


def test_a_layer_lies_below_the_points_of_the_same_picture(folder: Path) -> None:
    pixels = open_hints(folder).of(frame("a.jpg")).on(frame("a.jpg")).pixels
    assert pixels.count == 8
    np.testing.assert_allclose(pixels.uv[1], [175, 37.8], atol=0.1)


def test_a_file_is_for_every_picture(folder: Path) -> None:
    source = open_hints(folder / "a.json")
    assert source.of(frame("x.png")) is source.of(frame("")) is source


def test_a_folder_without_hints_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected NAME\.json or NAME\.png"):
        open_hints(tmp_path)


def test_hints_that_do_not_fit_a_picture_name_it(folder: Path) -> None:
    hints = open_hints(folder).of(frame("b.png"))
    with pytest.raises(PictureError, match=r"b\.png: expected hints for a picture of 20x8"):
        hints.on(frame("b.png", 8, 20))


def test_together_later_sources_cover_earlier_ones(folder: Path) -> None:
    layer, point = open_hints(folder / "b.png"), open_hints(folder / "a.json")
    for sources, on_top in (((layer, point), 175.0), ((point, layer), None)):
        pixels = Together(*sources).of(frame("x")).on(frame("x")).pixels
        assert (abs(pixels.uv[1, 0] - 175) < 0.1) == (on_top is not None)
    assert Together(layer, HintSet()).kinds == ("colours",)
    assert not Together(HintSet()).of(frame("x"))
