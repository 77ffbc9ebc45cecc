"""``luvcolor compare``: what stands where is asked of the sheet's maker."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from luvcolor import sheet
from luvcolor.cli.compare import distinct
from luvcolor.frame import Frame
from luvcolor.sheet import Row
from tests.cli.conftest import Run, picture

Laid = list[tuple[str, list[str]]]


@pytest.fixture
def laid(monkeypatch: pytest.MonkeyPatch) -> Laid:
    """The rows of the sheet that is made: the name of each, and the labels of its cells."""
    rows: Laid = []
    make = sheet.contact_sheet

    def spied(given: Iterable[Row], *, cell: int) -> Frame:
        kept = list(given)
        rows.extend((row.name, [label for label, _ in row.cells]) for row in kept)
        return make(kept, cell=cell)

    monkeypatch.setattr(sheet, "contact_sheet", spied)
    return rows


def test_two_pictures(run: Run, photo: Path, photos: Path, laid: Laid) -> None:
    ran = run("compare", photo, photos / "a.png", "-o", "sheet.png")
    assert (ran.status, ran.said) == (0, [])
    assert laid == [("", ["photo.png", "a.png"])]
    assert picture(Path("sheet.png")).size[1] > 2 * 256


def test_two_folders_pair_by_name(run: Run, photos: Path, laid: Laid) -> None:
    run("gray", photos, "--format", "png", "-o", "gray")
    assert run("compare", photos, "gray", "--label", "x", "--label", "y").status == 0
    assert laid == [(name, ["x", "y"]) for name in ("a", "b", "sub/c")]


def test_folders_of_one_name(run: Run, photos: Path, laid: Laid) -> None:
    assert run("compare", photos, photos).status == 0
    assert laid[0] == ("a", ["photos", "photos 2"])


def test_the_steps_of_a_chain(run: Run, photos: Path, laid: Laid) -> None:
    assert run("gray", photos, "!", "quantize", "-k", 3, "!", "compare", "-o", "s.png").status == 0
    assert laid[0] == ("a.png", ["original", "gray", "quantize"])
    assert len(laid) == 3


def test_chosen_steps_in_a_chosen_order(run: Run, photos: Path, laid: Laid) -> None:
    words = ["compare", "--columns", "gray, original", "--label", "L", "--label", "truth"]
    assert run("gray", photos, "!", *words).status == 0
    assert laid[0] == ("a.png", ["L", "truth"])


def test_a_step_taken_twice(run: Run, photo: Path, laid: Laid) -> None:
    ran = run("gray", photo, "!", "gray", "!", "compare", "--columns", "gray 2,gray,original")
    assert ran.status == 0
    assert laid == [("photo.png", ["gray 2", "gray", "original"])]


def test_an_unknown_step_lists_the_known(run: Run, photo: Path) -> None:
    ran = run("gray", photo, "!", "compare", "--columns", "colorize", "-o", "sheet.png")
    assert ran.status == 2
    assert "is called 'colorize'; known steps: original, gray" in ran.error
    assert not Path("sheet.png").exists()


def test_columns_are_for_chains(run: Run, photo: Path, photos: Path) -> None:
    ran = run("compare", photo, photos, "--columns", "gray")
    assert ran.status == 2
    assert "put the inputs in order instead" in ran.error


@pytest.mark.parametrize("chain", [True, False])
def test_a_label_for_each_column(run: Run, photo: Path, chain: bool) -> None:
    before = ["gray", photo, "!", "compare"] if chain else ["compare", photo, photo]
    ran = run(*before, "--label", "only")
    assert ran.status == 2
    assert "expected a --label for each of 2 columns" in ran.error


def test_the_sheet_goes_on(run: Run, photos: Path) -> None:
    ran = run("gray", photos, "!", "compare", "-o", "s.png", "!", "resize", "--long-side", 50)
    assert [max(frame.size) for frame in ran.frames] == [50]
    assert Path("s.png").exists()


def test_a_pipe(run: Run, photos: Path, laid: Laid) -> None:
    ran = run("compare", "--cell", 32, stdin=run("gray", photos).out)
    assert len(ran.frames) == 1
    assert [name for name, _ in laid] == ["a.png", "b.jpg", "sub/c.png"]


def test_nothing_to_show(run: Run, broken: Path) -> None:
    ran = run("compare", broken, "-o", "sheet.png")
    assert ran.status == 1
    assert "needs at least one picture" in ran.said[-1]


def test_distinct_never_repeats() -> None:
    assert distinct(["a", "a", "a 2", "b", "a"]) == ["a", "a 2", "a 2 2", "b", "a 3"]
