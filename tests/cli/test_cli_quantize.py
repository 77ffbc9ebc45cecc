"""``luvcolor quantize``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from luvcolor.frame import Frame
from tests.cli.conftest import Run


def colors(frame: Frame) -> set[tuple[int, ...]]:
    return {tuple(map(int, color)) for color in np.unique(frame.pixels.reshape(-1, 3), axis=0)}


def test_colours_of_each_picture(run: Run, photo: Path, photos: Path) -> None:
    one, *others = (colors(f) for f in run("quantize", photo, photos, "-k", 5).frames)
    assert len(one) == 5
    assert all(other != one for other in others)


def test_colours_of_a_palette_file(run: Run, photo: Path, photos: Path) -> None:
    assert run("palette", photo, "-k", 3, "-o", "three.json").status == 0
    found = run("quantize", photos, "--palette", "three.json").frames
    assert len(set.union(*map(colors, found))) == 3


def test_colours_of_the_stage_before(run: Run, photos: Path) -> None:
    ran = run("palette", photos, "-k", 3, "!", "quantize", photos)
    assert len(set.union(*map(colors, ran.frames))) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"\x89PNG\xff", "bytes that are no text"),
        (b"[1", "found something else"),
        (b"{}", "needs colors, space"),
    ],
)
def test_a_palette_that_is_none(run: Run, photo: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        Path("bad.json").write_bytes(content)
    ran = run("quantize", photo, "--palette", "bad.json")
    assert (ran.status, ran.out) == (2, b"")
    assert ran.error.startswith("luvcolor: bad.json: expected a palette as JSON")
    assert said in ran.error
