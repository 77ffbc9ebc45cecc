"""``luvcolor resize``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("words", "size"),
    [
        (["--short-side", "20"], (20, 30)),
        (["--long-side", "30"], (20, 30)),
        (["--long-side", "120"], (80, 120)),
        (["--size", "7", "9"], (9, 7)),
        (["--size", "7", "9", "--resample", "lanczos"], (9, 7)),
    ],
)
def test_sizes(run: Run, photo: Path, words: list[str], size: tuple[int, int]) -> None:
    assert [frame.size for frame in run("resize", photo, *words).frames] == [size]


@pytest.mark.parametrize("words", [[], ["--short-side", "9", "--long-side", "9"]])
def test_exactly_one_size(run: Run, photo: Path, words: list[str]) -> None:
    ran = run("resize", photo, *words)
    assert ran.status == 2
    assert "give one of --short-side, --long-side and --size" in ran.error
