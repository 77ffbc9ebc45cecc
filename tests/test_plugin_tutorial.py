"""The page on plugins: all that stands in it is run, as a new author would, from nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from luvcolor.frame import Frame
from luvcolor.io.codec import decode, encode
from luvcolor.scaffold import new_plugin
from tests.conftest import noisy
from tests.environments import Workplace

PAGE = Path(__file__).parent.parent / "docs" / "plugins.md"
BLOCK = re.compile(r"^(?:`([\w./-]+)`\n\n)?```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """One block of a page: commands, or a file that is named above it."""

    file: str
    kind: str
    text: str


def blocks() -> list[Block]:
    return [Block(*found) for found in BLOCK.findall(PAGE.read_text())]


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A throw-away environment with pictures to work on."""
    made = Workplace.make(tmp_path)
    (made.folder / "photos").mkdir()
    for number in range(16):
        data = encode(Frame(noisy(66, 70, number)), "png")
        (made.folder / "photos" / f"{number:02}.png").write_bytes(data)
    (made.folder / "old.jpg").write_bytes(encode(Frame(noisy(40, 60, 99)[..., 0]), "jpeg"))
    return made


def test_every_block_is_a_file_or_commands() -> None:
    assert len(blocks()) == PAGE.read_text().count("\n```") / 2
    for block in blocks():
        assert block.kind in ({"python", "toml"} if block.file else {"sh"}), block


def test_what_the_page_shows_is_what_is_written(tmp_path: Path) -> None:
    new_plugin("mytint", folder=tmp_path / "mytint")
    paths = [path for path in (tmp_path / "mytint").rglob("*") if path.is_file()]
    written = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in paths}
    shown = [block for block in blocks() if written.get(block.file) == block.text]
    assert [block.file for block in shown] == [
        "mytint/mytint/__init__.py",
        "mytint/mytint/model.py",
        "mytint/pyproject.toml",
        "mytint/tests/test_model.py",
    ]


@pytest.mark.slow
def test_all_that_stands_in_the_page_works(workplace: Workplace) -> None:
    for file, _, text in blocks():
        if file:
            (workplace.folder / file).write_text(text)
        else:
            workplace.run(text)
    for name in ("new.png", "hinted.png"):
        colored = decode((workplace.folder / name).read_bytes())
        assert colored.pixels.shape == (40, 60, 3)
        assert (colored.pixels.max(-1) > colored.pixels.min(-1)).any()


@pytest.mark.slow
def test_the_first_five_commands_of_a_new_author(workplace: Workplace) -> None:
    workplace.run("luvcolor new-plugin lvc-sepia")
    brought = workplace.run("luvcolor install lvc-sepia/").stderr
    assert "lvc_sepia (luvcolor-lvc-sepia 0.1): brings model lvc-sepia" in brought
    assert " passed" in workplace.run("pytest lvc-sepia").stdout
    workplace.run("luvcolor prepare photos -o photos.zarr --size 32")
    workplace.run("luvcolor train photos.zarr -m lvc-sepia --epochs 2 -o sepia.safetensors")
    workplace.run("luvcolor colorize old.jpg -m sepia.safetensors -o new.png")
    assert decode((workplace.folder / "new.png").read_bytes()).pixels.shape == (40, 60, 3)
