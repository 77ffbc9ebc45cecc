"""``luvcolor palette``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from luvcolor.palette import Palette
from tests.cli.conftest import Run


def test_json_on_standard_output(run: Run, photos: Path) -> None:
    ran = run("palette", photos, "-k", 4, "--json")
    assert (ran.status, ran.said) == (0, [])
    assert len(json.loads(ran.out)["colors"]) == 4
    assert ran.out.endswith(b"}\n")
    assert not ran.out.endswith(b"\n\n")


@pytest.mark.parametrize("space", ["luv", "rgb", "uv"])
def test_json_in_a_file(run: Run, photo: Path, space: str) -> None:
    words = ("palette", photo, "-k", 4, "--space", space, "-o", "four.json")
    assert run(*words).out == b""
    assert Palette.from_json(Path("four.json").read_text()).space == space
    again = run(*words)
    assert again.status == 1
    assert "use --force" in again.error


def test_a_swatch(run: Run, photo: Path) -> None:
    (frame,) = run("palette", photo, "-k", 4).frames
    assert frame.size[1] == 960
    assert run("palette", photo, "-k", 4, "-o", "four.png").status == 0
    assert Path("four.png").exists()


def test_pictures_that_cannot_be_read(run: Run, photo: Path, broken: Path) -> None:
    ran = run("palette", photo, broken, "-k", 4, "--json")
    assert ran.status == 1
    assert len(json.loads(ran.out)["colors"]) == 4
    assert ran.said[-1] == "luvcolor: 1 picture failed; the rest are done"


def test_no_picture_at_all(run: Run, broken: Path) -> None:
    ran = run("palette", broken, "--json")
    assert (ran.status, ran.out) == (1, b"")
    assert "needs at least one picture" in ran.said[-1]
