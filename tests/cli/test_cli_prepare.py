"""``luvcolor prepare``."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from luvcolor.dataset import Dataset
from tests.cli.conftest import Run


def test_a_dataset_of_folders_and_archives(run: Run, folder: Path, broken: Path) -> None:
    with zipfile.ZipFile("more.zip", "w") as more:
        more.write(folder / "01.png", "other.png")
    ran = run("prepare", folder, "more.zip", broken, "-o", "photos.zarr", "--size", 16)
    assert (ran.status, ran.out) == (1, b"")
    assert "broken.jpg" in ran.said[0]
    assert "13" not in ran.said[0]
    assert ran.said[-1] == "luvcolor: 1 picture failed; the rest are done"
    dataset = Dataset.open(Path("photos.zarr"))
    assert dataset.size == 16
    assert sum(dataset.manifest["counts"].values()) == 13


def test_nothing_is_overwritten_without_force(run: Run, folder: Path) -> None:
    words = ("prepare", folder, "-o", "photos.zarr", "--size", 16)
    assert run(*words).status == 0
    again = run(*words)
    assert again.status == 1
    assert "--force" in again.error
    assert run(*words, "--force").status == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "x.zarr"], "name the pictures to prepare"),
        (["photos"], "Missing option '-o'"),
        (["-", "-o", "x.zarr"], "cannot read a pipe"),
        (["photos", "-o", "x.zarr", "--size", "1"], "at least 8 pixels"),
        (["photos", "-o", "x.zarr", "--val", "0.9", "--test", "0.9"], "leave something"),
    ],
)
def test_wrong_usage(run: Run, words: list[str], said: str) -> None:
    ran = run("prepare", *words)
    assert ran.status == 2
    assert said in ran.error


def test_gray_pictures_alone_make_no_dataset(run: Run, folder: Path) -> None:
    run("gray", folder, "-o", "gray")
    ran = run("prepare", "gray", "-o", "x.zarr")
    assert ran.status == 1
    assert "12 gray" in ran.error
    assert not list(Path().glob("x.zarr*"))
