"""Inputs and outputs: folders, globs, archives; whole or not at all."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from luvcolor.errors import OutputError, PictureError, UsageError
from luvcolor.io import (
    Source,
    atomic_path,
    atomic_write,
    decode,
    encode,
    expand,
    open_sink,
    write_frame,
)
from tests.io.pictures import frame

PNG = encode(frame(), "png")


def plant(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PNG)


def names(*inputs: str | Path) -> list[str]:
    return [source.name for source in expand([str(i) for i in inputs])]


def problem(source: Source) -> str:
    with pytest.raises(PictureError) as caught:
        source.read()
    return str(caught.value)


def leftovers(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


class TestInputs:
    def test_folder_is_searched_in_order_without_junk(self, tmp_path: Path) -> None:
        plant(tmp_path, "b.png", "a.JPG", "sub/c.tif", ".hidden.png", ".git/x.png")
        plant(tmp_path, "notes.txt", "__MACOSX/x.png", "._a.jpg")
        assert names(tmp_path) == ["a.JPG", "b.png", "sub/c.tif"]

    def test_file_is_read_whatever_its_suffix(self, tmp_path: Path) -> None:
        plant(tmp_path, "scan.dat")
        (source,) = expand([str(tmp_path / "scan.dat")])
        assert source.frame().format == "png"
        assert source.path == tmp_path / "scan.dat"

    def test_glob_that_the_shell_left_alone(self, tmp_path: Path) -> None:
        plant(tmp_path, "x/a.png", "x/y/b.png", "x/c.txt")
        assert names(f"{tmp_path}/x/*") == ["a.png"]
        assert names(f"{tmp_path}/**/*.png") == ["x/a.png", "x/y/b.png"]

    def test_file_whose_name_looks_like_a_glob(self, tmp_path: Path) -> None:
        plant(tmp_path, "scan [1].png")
        assert names(tmp_path / "scan [1].png") == ["scan [1].png"]

    def test_equal_names_are_kept_apart(self, tmp_path: Path) -> None:
        plant(tmp_path, "a/x.png", "b/x.png")
        assert names(tmp_path / "a", tmp_path / "b") == ["x.png", "b/x.png"]
        assert names(tmp_path / "a/x.png", tmp_path / "b/x.png") == ["x.png", "b/x.png"]
        assert names(*[tmp_path / "a"] * 3) == ["x.png", "a/x.png", "a/x-2.png"]

    def test_what_is_missing_does_not_stop_the_others(self, tmp_path: Path) -> None:
        plant(tmp_path, "a.png")
        (tmp_path / "empty").mkdir()
        inputs = ["none.png", "*.none", "empty", "a.png"]
        sources = list(expand([str(tmp_path / name) for name in inputs]))
        assert "none.png: expected a file, a folder or a glob, found nothing" in problem(sources[0])
        assert "expected pictures to match, found none" in problem(sources[1])
        assert "expected pictures, found none" in problem(sources[2])
        assert sources[3].read() == PNG

    def test_file_that_vanishes_is_a_picture_error(self, tmp_path: Path) -> None:
        plant(tmp_path, "a.png")
        (source,) = expand([str(tmp_path)])
        (tmp_path / "a.png").unlink()
        assert "expected a readable file" in problem(source)

    @pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".zip"])
    def test_archives(self, tmp_path: Path, suffix: str) -> None:
        members = ["box/a.png", "notes.txt", "__MACOSX/._a.png", "../../up.png", "/root.png"]
        path = tmp_path / f"scans{suffix}"
        if suffix == ".zip":
            with zipfile.ZipFile(path, "w") as zipped:
                for name in members:
                    zipped.writestr(name, PNG)
        else:
            mode = suffix.replace("tgz", "tar.gz").removeprefix(".tar").removeprefix(".")
            with tarfile.open(path, f"w:{mode}") as tar:  # type: ignore[call-overload]
                for name in members:
                    info = tarfile.TarInfo(name)
                    info.size = len(PNG)
                    tar.addfile(info, io.BytesIO(PNG))
        sources = list(expand([str(path)]))
        assert [source.name for source in sources] == ["box/a.png", "up.png", "root.png"]
        assert all(source.read() == PNG for source in sources)
        assert leftovers(tmp_path) == [path.name]

    @pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
    def test_broken_archive(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"scans{suffix}"
        with open_sink(str(path)) as sink:
            for number in range(4):
                sink.write(frame(name=f"{number}.png"))
        path.write_bytes(path.read_bytes()[:-2000])
        sources = list(expand([str(path)]))
        assert "expected a whole archive" in problem(sources[-1])
        assert all(source.read() for source in sources[:-1])

    def test_archive_without_pictures(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("a.txt", "x")
        (source,) = expand([str(tmp_path / "a.zip")])
        assert "expected pictures in the archive" in problem(source)

    def test_standard_input(self) -> None:
        pipe = io.BytesIO()
        write_frame(pipe, frame(name="x/a.jpg"))
        pipe.write(PNG + b"garbage")
        pipe.seek(0)
        first, second, last = expand(["-"], stdin=pipe)
        assert first.frame().name == "x/a.jpg"
        assert second.frame().name == "stdin-0002.png"
        assert "expected a picture at byte" in problem(last)


class TestOutputs:
    def test_folder_keeps_names_and_changes_suffixes(self, tmp_path: Path) -> None:
        with open_sink(str(tmp_path / "out")) as sink:
            sink.write(frame(name="box/a.png"))
            sink.write(frame(name="b.jpg", format="jpeg"))
            sink.write(frame("uint16", name="c.jpg", format="jpeg"))
            sink.write(frame(name="no-suffix.v2"))
            sink.write(frame())
        assert leftovers(tmp_path / "out") == [
            "b.jpg",
            "box/a.png",
            "c.png",
            "frame-0001.png",
            "no-suffix.v2.png",
        ]

    def test_format_wins_over_the_frames_own(self, tmp_path: Path) -> None:
        with open_sink(f"{tmp_path}/", format="JPG") as sink:
            assert sink.write(frame(name="a.png")) == str(tmp_path / "a.jpg")
        assert decode((tmp_path / "a.jpg").read_bytes()).format == "jpeg"

    def test_single_file_takes_its_format_from_the_suffix(self, tmp_path: Path) -> None:
        with open_sink(str(tmp_path / "new/x.tif")) as sink:
            sink.write(frame(name="a.png"))
            with pytest.raises(OutputError, match="found a second"):
                sink.write(frame(name="b.png"))
        assert decode((tmp_path / "new/x.tif").read_bytes()).format == "tiff"

    def test_single_file_for_many_is_refused_at_once(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="give a folder"):
            open_sink(str(tmp_path / "x.png"), many=True)

    def test_unknown_suffix_lists_the_known(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"found '\.gif'; use one of \.png"):
            open_sink(str(tmp_path / "x.gif"))

    def test_suffix_and_format_must_agree(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="png by its suffix and jpeg by --format"):
            open_sink(str(tmp_path / "x.png"), format="jpeg")

    def test_nothing_is_overwritten_unless_forced(self, tmp_path: Path) -> None:
        (tmp_path / "a.png").write_bytes(b"precious")
        with pytest.raises(OutputError, match="use --force"):
            open_sink(str(tmp_path / "a.png"))
        with open_sink(str(tmp_path)) as sink, pytest.raises(OutputError, match="use --force"):
            sink.write(frame(name="a.png"))
        assert (tmp_path / "a.png").read_bytes() == b"precious"
        with open_sink(str(tmp_path), force=True) as sink:
            sink.write(frame(name="a.png"))
        assert (tmp_path / "a.png").read_bytes() == PNG

    @pytest.mark.parametrize("force", [False, True])
    @pytest.mark.parametrize("output", ["out/", "out.zip", "out.tar"])
    def test_two_pictures_of_a_run_never_share_a_name(
        self, tmp_path: Path, output: str, force: bool
    ) -> None:
        with open_sink(f"{tmp_path}/{output}", format="png", force=force) as sink:
            sink.write(frame(name="a.jpg"))
            with pytest.raises(OutputError, match="written in this run"):
                sink.write(frame(name="a.png"))

    @pytest.mark.parametrize("name", ["../../x.png", "/x.png", "..\\x.png", "C:\\x.png"])
    def test_names_stay_below_the_folder(self, tmp_path: Path, name: str) -> None:
        with open_sink(str(tmp_path / "out")) as sink:
            sink.write(frame(name=name))
        assert leftovers(tmp_path) == ["out/x.png"]

    def test_links_do_not_lead_out_of_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "out").mkdir()
        (tmp_path / "out/box").symlink_to(tmp_path / "elsewhere")
        with (
            open_sink(str(tmp_path / "out")) as sink,
            pytest.raises(OutputError, match="leads out"),
        ):
            sink.write(frame(name="box/a.png"))

    @pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.xz", ".tar.bz2", ".zip"])
    def test_archive_round_trip(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"out{suffix}"
        with open_sink(str(path)) as sink:
            sink.write(frame(name="box/a.png"))
            sink.write(frame(name="b.bmp", format="bmp"))
            assert not path.exists()
        sources = list(expand([str(path)]))
        assert [source.name for source in sources] == ["box/a.png", "b.bmp"]
        assert all(source.frame().size == (13, 17) for source in sources)

    @pytest.mark.parametrize("suffix", ["zip", "tar"])
    def test_archive_of_nothing_never_appears(self, tmp_path: Path, suffix: str) -> None:
        with open_sink(str(tmp_path / f"out.{suffix}")):
            pass
        assert leftovers(tmp_path) == []

    @pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
    def test_archive_of_a_failed_run_never_appears(self, tmp_path: Path, suffix: str) -> None:
        def fail() -> None:
            with open_sink(f"{tmp_path}/out{suffix}") as sink:
                sink.write(frame(name="a.png"))
                raise RuntimeError("boom")

        with pytest.raises(RuntimeError, match="boom"):
            fail()
        assert leftovers(tmp_path) == []

    def test_picture_that_cannot_be_encoded_leaves_nothing(self, tmp_path: Path) -> None:
        with open_sink(str(tmp_path / "out"), format="jpeg") as sink:
            with pytest.raises(PictureError):
                sink.write(frame(alpha=True, name="a.png"))
            sink.write(frame(name="b.png"))
        assert leftovers(tmp_path) == ["out/b.jpg"]

    def test_special_files_are_written_as_they_are(self) -> None:
        with open_sink(os.devnull) as sink:
            sink.write(frame())
        assert not Path(os.devnull).is_file()


class TestAtomic:
    def test_failure_leaves_the_old_file_and_nothing_else(self, tmp_path: Path) -> None:
        target = tmp_path / "a.json"
        target.write_text("old")

        def fail() -> None:
            with atomic_path(target, force=True) as temporary:
                temporary.write_text("half")
                raise RuntimeError("boom")

        with pytest.raises(RuntimeError, match="boom"):
            fail()
        assert target.read_text() == "old"
        assert leftovers(tmp_path) == ["a.json"]

    def test_file_that_appears_meanwhile_is_not_replaced(self, tmp_path: Path) -> None:
        target = tmp_path / "a.json"

        def lose_the_race() -> None:
            with atomic_path(target) as temporary:
                temporary.write_text("mine")
                target.write_text("theirs")

        with pytest.raises(OutputError):
            lose_the_race()
        assert target.read_text() == "theirs"
        assert leftovers(tmp_path) == ["a.json"]

    def test_permissions_follow_the_umask(self, tmp_path: Path) -> None:
        before = os.umask(0o027)
        try:
            atomic_write(tmp_path / "a", b"x")
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640

    def test_link_keeps_pointing(self, tmp_path: Path) -> None:
        (tmp_path / "real").write_bytes(b"old")
        (tmp_path / "link").symlink_to("real")
        atomic_write(tmp_path / "link", b"new", force=True)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "real").read_bytes() == b"new"

    def test_place_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(OutputError, match="expected to write it"):
            atomic_write(tmp_path / "file/a.png", b"x")
        with pytest.raises(OutputError, match="found a folder"):
            atomic_write(tmp_path, b"x", force=True)

    def test_trouble_with_another_file_is_not_blamed_on_the_output(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "out/a"):
            (tmp_path / "missing").read_bytes()
