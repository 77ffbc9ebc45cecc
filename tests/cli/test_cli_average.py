"""``luvcolor average``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from luvcolor.checkpoint import read_card
from tests.cli.conftest import Run


def test_the_mean_of_two_colours_pictures(run: Run, tiny: Path, photo: Path) -> None:
    shutil.copy(tiny, "other.safetensors")
    ran = run("average", tiny, "other.safetensors", "--sizes", "32,48", "-o", "mean.safetensors")
    assert (ran.status, ran.said) == (0, ["luvcolor: wrote mean.safetensors, the mean of 2"])
    assert read_card(Path("mean.safetensors")).sizes == [32, 48]
    assert run("colorize", photo, "-m", "mean.safetensors", "-o", "new.png").status == 0


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["-o", "x.safetensors"], 2, "CHECKPOINT"),
        (["default"], 2, "--output"),
        (["nothing", "-o", "x.safetensors"], 2, "no model is called"),
        (["default", "--sizes", "big", "-o", "x.safetensors"], 2, "expected sizes"),
        (["default", "--set", "volume=1", "-o", "x.safetensors"], 2, "no setting is called"),
    ],
)
def test_wrong_usage(run: Run, words: list[str], status: int, said: str) -> None:
    ran = run("average", *words)
    assert (ran.status, said in ran.error) == (status, True), ran.error
    assert not Path("x.safetensors").exists()


def test_what_exists_is_left(run: Run, tiny: Path) -> None:
    before = tiny.read_bytes()
    assert "--force" in run("average", tiny, "-o", tiny).error
    assert tiny.read_bytes() == before
