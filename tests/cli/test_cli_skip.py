"""A batch that was cut off goes on where it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, names


@pytest.mark.parametrize("wanted", [[], ["--format", "tiff"]])
def test_what_is_there_is_left(run: Run, photos: Path, wanted: list[str]) -> None:
    words = ["gray", photos, "-o", "out", "--skip-existing", *wanted]
    assert run(*words).said == []
    made = names(Path("out"))
    missing = Path("out") / made[0]
    missing.unlink()
    before = {name: (Path("out") / name).stat().st_mtime_ns for name in made[1:]}
    ran = run(*words)
    assert (ran.status, ran.error) == (0, "luvcolor: left 2 that are there already")
    assert names(Path("out")) == made
    assert {name: (Path("out") / name).stat().st_mtime_ns for name in made[1:]} == before


def test_nothing_left_to_do_is_no_failure(run: Run, photos: Path) -> None:
    words = ["gray", photos, "-o", "out", "--skip-existing"]
    run(*words)
    ran = run(*words)
    assert (ran.status, ran.error) == (0, "luvcolor: left 3 that are there already")


def test_it_needs_an_input_and_a_folder_of_its_own(run: Run, photos: Path) -> None:
    ran = run("gray", photos, "!", "resize", "--long-side", 8, "-o", "out", "--skip-existing")
    assert ran.status == 2
    assert "--skip-existing needs the INPUT" in ran.error
