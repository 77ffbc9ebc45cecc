"""Exit statuses: 0 all done, 1 some pictures failed or the run did, 2 wrong usage."""

from __future__ import annotations

from pathlib import Path

import pytest

from luvcolor.io.codec import encode
from tests.cli.conftest import Run, names
from tests.conftest import noisy


@pytest.fixture
def bad(broken: Path, photos: Path, tmp_path: Path) -> list[str]:
    """Inputs that fail, each in its own way."""
    from luvcolor.frame import Frame

    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "cut.jpg").write_bytes(encode(Frame(noisy(90, 90)), "jpeg")[:1500])
    (tmp_path / "bare").mkdir()
    return ["missing.png", "broken.jpg", "empty.png", "cut.jpg", "bare", "no*.png"]


FOUND = {
    "missing.png": "found nothing; check the name",
    "broken.jpg": "found text that begins 'hello",
    "empty.png": "found an empty file",
    "cut.jpg": "expected a whole jpeg picture",
    "bare": "expected pictures, found none",
    "no*.png": "expected pictures to match, found none",
}


def test_failures_are_named_and_the_rest_is_done(run: Run, bad: list[str], photos: Path) -> None:
    ran = run("gray", *bad, photos, "-o", "new")
    assert ran.status == 1
    for line, name in zip(ran.said, bad, strict=False):
        assert name in line
        assert FOUND[name] in line
    assert ran.said[len(bad) :] == ["luvcolor: 6 pictures failed; the rest are done"]
    assert names(Path("new")) == ["a.png", "b.jpg", "sub/c.png"]


def test_when_all_fail_none_is_done(run: Run, broken: Path) -> None:
    ran = run("gray", broken, "-o", "new")
    assert (ran.status, ran.said[-1]) == (1, "luvcolor: 1 picture failed; none is done")
    assert not Path("new").exists()


def test_strict_stops_at_the_first_failure(run: Run, broken: Path, photo: Path) -> None:
    ran = run("gray", broken, photo, "-o", "new", "--strict")
    assert ran.status == 1
    assert "broken.jpg" in ran.error
    assert not Path("new").exists()


def test_a_picture_that_cannot_be_written_fails_alone(run: Run, photos: Path) -> None:
    Path("new").mkdir()
    Path("new/b.jpg").write_bytes(b"precious")
    ran = run("gray", photos, "-o", "new")
    assert ran.status == 1
    assert ran.said[0].startswith("luvcolor: new/b.jpg: expected to write a new file")
    assert ran.said[1] == "luvcolor: 1 picture failed; the rest are done"
    assert names(Path("new")) == ["a.png", "b.jpg", "sub/c.png"]


def test_a_failure_in_a_stage_between_counts_once(run: Run, photos: Path, broken: Path) -> None:
    Path("one").mkdir()
    Path("one/b.jpg").write_bytes(b"precious")
    ran = run("gray", photos, broken, "-o", "one", "!", "resize", "--long-side", 8, "-o", "two")
    assert ran.status == 1
    assert ran.said[-1] == "luvcolor: 2 pictures failed; the rest are done"
    assert names(Path("two")) == ["a.png", "sub/c.png"]


def test_a_failure_that_two_stages_meet_is_told_once(run: Run, photos: Path, broken: Path) -> None:
    given = [photos, broken]
    ran = run("palette", *given, "-k", 2, "!", "quantize", *given, "-o", "new")
    assert ran.status == 1
    assert len(ran.said) == 2
    assert ran.said[1] == "luvcolor: 1 picture failed; the rest are done"


def test_a_folder_in_the_way(run: Run, photo: Path) -> None:
    ran = run("gray", photo, "-o", photo / "sub/")
    assert ran.status == 1
    assert "Not a directory" in ran.said[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "no command is called 'nothing'; known commands: colorize, gray"),
        (["--nothing"], "No such option '--nothing'"),
        (["gray", "--nothing", "a.png"], "(see luvcolor gray --help)"),
        (["gray", "-x.png"], "written ./-NAME"),
        (["gray", "a.png", "-o"], "requires an argument"),
        (["gray", "a.png", "-j", "0", "-o", "b.png"], "0 is not in the range"),
        (["gray", "a.png", "-o", "b.xyz"], "expected a known suffix, found '.xyz'"),
        (["gray", "a.png", "-o", "b", "--format", "gif"], "expected one of bmp, jpeg"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, words: list[str], said: str) -> None:
    ran = run(*words)
    assert (ran.status, ran.out) == (2, b"")
    assert ran.error.startswith("luvcolor: ")
    assert said in ran.error


def test_no_command_shows_help(run: Run) -> None:
    ran = run()
    assert (ran.status, ran.out) == (2, b"")
    assert "  luvcolor colorize old.jpg -o new.png" in "\n".join(ran.said)
