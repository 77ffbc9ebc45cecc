"""``luvcolor gray``: where pictures come from and go, as for every command of its kind."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from luvcolor.frame import Frame
from luvcolor.io.codec import encode
from tests.cli.conftest import Run, names, picture
from tests.conftest import noisy


def test_a_file_to_a_file(run: Run, photo: Path) -> None:
    ran = run("gray", photo, "-o", "gray.png")
    assert (ran.status, ran.out, ran.said) == (0, b"", [])
    assert picture(Path("gray.png")).pixels.shape == (40, 60)


@pytest.mark.parametrize("output", ["new", "new/", "deep/er/new/"])
def test_a_folder_to_a_folder_keeps_names(run: Run, photos: Path, output: str) -> None:
    assert run("gray", photos, "-o", output).status == 0
    assert names(Path(output)) == ["a.png", "b.jpg", "sub/c.png"]


def test_an_existing_folder_takes_a_file(run: Run, photo: Path) -> None:
    Path("there").mkdir()
    assert run("gray", photo, "-o", "there").status == 0
    assert names(Path("there")) == ["photo.png"]


def test_a_quoted_glob(run: Run, photos: Path) -> None:
    assert run("gray", f"{photos}/**/*.png", "-o", "new").status == 0
    assert names(Path("new")) == ["a.png", "sub/c.png"]


@pytest.mark.parametrize("archive", ["new.zip", "new.tar", "new.tar.gz"])
def test_archives_out_and_in(run: Run, photos: Path, archive: str) -> None:
    assert run("gray", photos, "-o", archive).status == 0
    if archive.endswith("zip"):
        found = zipfile.ZipFile(archive).namelist()
    else:
        with tarfile.open(archive) as opened:
            found = opened.getnames()
    assert found == ["a.png", "b.jpg", "sub/c.png"]
    assert run("gray", archive, "-o", "back").status == 0
    assert names(Path("back")) == found


def test_a_format_for_all(run: Run, photos: Path) -> None:
    assert run("gray", photos, "-o", "new", "--format", "tiff").status == 0
    assert names(Path("new")) == ["a.tif", "b.tif", "sub/c.tif"]


def test_a_suffix_and_a_format_that_contradict(run: Run, photo: Path) -> None:
    ran = run("gray", photo, "-o", "new.png", "--format", "jpeg")
    assert ran.status == 2
    assert "png by its suffix and jpeg by --format" in ran.error


def test_bit_depth_and_alpha_are_kept(run: Run, tmp_path: Path) -> None:
    deep = noisy(8, 9).astype(np.uint16) * 257
    alpha = np.linspace(0, 65535, 72).reshape(8, 9).astype(np.uint16)
    for name, format_ in (("deep.png", "png"), ("deep.tif", "tiff")):
        (tmp_path / name).write_bytes(encode(Frame(deep, alpha), format_))
        assert run("gray", name, "-o", f"gray-{name}").status == 0
        gray = picture(Path(f"gray-{name}"))
        assert gray.pixels.dtype == np.uint16
        assert gray.alpha is not None
        assert np.array_equal(gray.alpha, alpha)


def test_names_with_spaces_other_scripts_and_dashes(run: Run, photo: Path) -> None:
    for name in ("ä b 日本.png", "-dash.png"):
        Path(name).write_bytes(photo.read_bytes())
    assert run("gray", "-o", "new", "ä b 日本.png", "--", "-dash.png").status == 0
    assert names(Path("new")) == ["-dash.png", "ä b 日本.png"]


def test_nothing_is_overwritten_without_force(run: Run, photo: Path) -> None:
    Path("old.png").write_bytes(b"precious")
    ran = run("gray", photo, "-o", "old.png")
    assert ran.status == 1
    assert "use --force to replace it" in ran.error
    assert Path("old.png").read_bytes() == b"precious"
    assert run("gray", photo, "-o", "old.png", "--force").status == 0
    assert picture(Path("old.png")).is_gray


def test_many_pictures_for_one_file_are_refused_before_any_work(run: Run, photos: Path) -> None:
    ran = run("gray", photos, "-o", "one.png")
    assert ran.status == 1
    assert "expected a folder or an archive for many pictures" in ran.error
    assert not Path("one.png").exists()


@pytest.mark.parametrize("jobs", [1, 4])
def test_order_is_kept_on_any_number_of_threads(run: Run, tmp_path: Path, jobs: int) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(20):
        data = encode(Frame(noisy(8 + (number * 7) % 20, 9, number)), "png")
        (folder / f"{number:02}.png").write_bytes(data)
    ran = run("gray", folder, "--jobs", jobs)
    assert ran.status == 0
    assert [frame.name for frame in ran.frames] == names(folder)
