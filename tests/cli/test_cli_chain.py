"""Stages joined with ``!``: what is handed on, and what cannot stand together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, names, picture


def test_frames_go_through_all_stages(run: Run, photos: Path) -> None:
    ran = run("gray", photos, "!", "resize", "--long-side", 8, "!", "gray", "-o", "new")
    assert (ran.status, ran.said) == (0, [])
    assert picture(Path("new/a.png")).pixels.shape == (6, 8)


def test_a_stage_between_may_write_too(run: Run, photos: Path) -> None:
    ran = run("gray", photos, "-o", "one", "!", "resize", "--long-side", 8, "-o", "two.zip")
    assert (ran.status, ran.said) == (0, [])
    assert names(Path("one")) == ["a.png", "b.jpg", "sub/c.png"]
    assert Path("two.zip").exists()


def test_a_chain_is_a_filter(run: Run, photo: Path) -> None:
    ran = run("gray", "!", "resize", "--long-side", 8, stdin=photo.read_bytes())
    assert [frame.pixels.shape for frame in ran.frames] == [(5, 8)]


@pytest.mark.parametrize(
    "words", [["!", "gray", "a.png"], ["gray", "a.png", "!"], ["gray", "!", "!", "gray"], ["!"]]
)
def test_a_bar_stands_between_two_commands(run: Run, words: list[str]) -> None:
    ran = run(*words)
    assert ran.status == 2
    assert "a ! stands between two commands" in ran.error


def test_mistakes_show_before_any_work(run: Run, photo: Path) -> None:
    for wrong in (["resize", "--nothing"], ["nothing"], ["resize"], ["doctor"]):
        ran = run("gray", photo, "-o", "new.png", "!", *wrong)
        assert ran.status == 2
        assert ran.error
        assert not Path("new.png").exists()


@pytest.mark.parametrize("last", [["gray"], ["compare"]])
def test_an_output_that_exists_is_refused_before_any_work(
    run: Run, photo: Path, last: list[str]
) -> None:
    Path("there.png").write_bytes(b"mine")
    ran = run("gray", photo, "-o", "new.png", "!", *last, "-o", "there.png")
    assert ran.status == 1
    assert "there.png" in ran.error
    assert not Path("new.png").exists()
    assert Path("there.png").read_bytes() == b"mine"


def test_a_checkpoint_that_is_none_is_refused_before_any_work(run: Run, photos: Path) -> None:
    ran = run("prepare", photos, "-o", "d.zarr", "!", "colorize", photos, "-m", "typo", "-o", "new")
    assert ran.status == 2
    assert "typo" in ran.error
    assert not Path("d.zarr").exists()


def test_json_never_lands_among_pictures(run: Run, photo: Path) -> None:
    ran = run("palette", photo, "-k", 2, "--json", "!", "quantize", photo)
    assert ran.status == 2
    assert ran.out == b""
    assert "write the JSON to a file" in ran.error


@pytest.mark.parametrize("command", ["doctor", "models", "plugins"])
def test_what_deals_in_no_pictures_stands_alone(run: Run, command: str) -> None:
    for words in ([command, "!", "gray", "a.png"], ["gray", "a.png", "!", command]):
        ran = run(*words)
        assert (ran.status, ran.out) == (2, b"")
        assert f"{command} deals in no pictures; run it alone" in ran.error


def test_pictures_come_from_one_place(run: Run, photos: Path) -> None:
    ran = run("gray", photos, "!", "resize", "--long-side", 8, photos, "-o", "new")
    assert ran.status == 2
    assert "resize gets pictures from the stage before and from" in ran.error


@pytest.mark.parametrize("stage", [["prepare", "photos", "-o", "x.zarr"], ["train", "-o", "x"]])
def test_pictures_go_to_a_stage_that_takes_them(run: Run, photos: Path, stage: list[str]) -> None:
    ran = run("gray", photos, "!", *stage)
    assert ran.status == 2
    assert f"{stage[0]} takes no pictures from the stage before" in ran.error


@pytest.mark.slow
def test_artefacts_go_all_the_way(run: Run, folder: Path, photo: Path) -> None:
    train = "train -m unet --epochs 1 --set width=4 --set depth=2 --set colors=4 --device cpu"
    ran = run(
        *("prepare", folder, "-o", "photos.zarr", "--size", 32, "--test", 0.3, "--val", 0.2),
        *("!", *train.split(), "-o", "unet.safetensors"),
        *("!", "evaluate", "!", "gray", folder, "!", "colorize", "-o", "coloured"),
    )
    assert (ran.status, ran.out) == (0, b"")
    assert len(names(Path("coloured"))) == 12
    used = [line for line in ran.said if "model unet from unet.safetensors" in line]
    assert len(used) == 2
