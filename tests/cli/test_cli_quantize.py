"""``luvcolor quantize``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from luvcolor.frame import Frame
from luvcolor.io import encode
from tests.cli.conftest import Run, picture


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


@pytest.mark.parametrize("dither", ["none", "floyd-steinberg", "blue-noise"])
def test_dither(run: Run, photo: Path, dither: str) -> None:
    words = ("quantize", photo, "-k", 4, "--dither", dither, "-o")
    assert run(*words, "few.png").status == 0
    assert run(*words, "again.png").status == 0
    assert Path("few.png").read_bytes() == Path("again.png").read_bytes()
    assert 1 < len(colors(picture(Path("few.png")))) <= 4


def test_dither_of_too_many_colours(run: Run, photo: Path) -> None:
    ran = run("quantize", photo, "-k", 300, "--dither", "blue-noise")
    assert (ran.status, ran.out) == (1, b"")
    assert "at most 256 colours, found 300" in ran.said[0]


def test_png_is_indexed_and_small(run: Run, photo: Path) -> None:
    data = run("quantize", photo, "-k", 4).out
    assert (data[24], data[25]) == (2, 3)  # bits, and the colour type for a palette
    assert len(data) < photo.stat().st_size / 4


def test_a_stage_behind_sees_plain_pixels(run: Run, photo: Path) -> None:
    ran = run("quantize", photo, "-k", 4, "!", "resize", "--short-side", 20)
    piped = run("resize", "--short-side", 20, stdin=run("quantize", photo, "-k", 4).out)
    assert (ran.frames[0].pixels == piped.frames[0].pixels).all()


def test_alpha_stays(run: Run, photo: Path) -> None:
    rgb = picture(photo).pixels
    alpha = np.zeros(rgb.shape[:2], np.uint8)
    alpha[5:30, 9:40] = 255
    (found,) = run("quantize", "-k", 6, stdin=encode(Frame(rgb, alpha), "png")).frames
    assert found.alpha is not None
    assert (found.alpha == alpha).all()
    assert len(colors(Frame(found.pixels[alpha > 0][None]))) == 6
