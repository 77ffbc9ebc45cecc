"""``luvcolor colorize``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from luvcolor.frame import Frame
from luvcolor.io.codec import encode
from luvcolor.io.comments import RECEIPT_KEY
from luvcolor.metrics import colourfulness
from tests.cli.conftest import Run, names, picture
from tests.conftest import noisy


@pytest.mark.slow
def test_it_works_with_nothing_else_given(photo: Path) -> None:
    words = [sys.executable, "-m", "luvcolor", "colorize", "photo.png", "-o", "new.png"]
    done = subprocess.run(words, cwd=photo.parent, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("luvcolor: model ")
    assert " from default.safetensors (" in done.stderr
    assert picture(photo.parent / "new.png").pixels.shape == (40, 60, 3)


def test_it_says_which_model_it_used_and_so_does_the_picture(
    run: Run, photo: Path, tiny: Path
) -> None:
    ran = run("colorize", photo, "-m", tiny, "--device", "cpu", "-o", "new.png")
    assert ran.status == 0
    receipt = json.loads(picture(Path("new.png")).metadata.text[RECEIPT_KEY])
    assert ran.error == (
        f"luvcolor: model unet from tiny.safetensors ({receipt['sha256']}), 32 pixels, on cpu"
    )
    assert receipt["note"] == "colours are synthetic"


def test_a_folder(run: Run, photos: Path, tiny: Path) -> None:
    assert run("colorize", photos, "-m", tiny, "-o", "new").status == 0
    assert names(Path("new")) == ["a.png", "b.jpg", "sub/c.png"]


def test_a_pipe_of_odd_pictures(run: Run, tiny: Path) -> None:
    deep = (noisy(9, 5).astype(np.uint16) * 257)[..., 0]
    odd = [Frame(noisy(1, 1)), Frame(deep), Frame(noisy(3, 90), np.full((3, 90), 9, np.uint8))]
    ran = run("colorize", "-m", tiny, stdin=b"".join(encode(frame, "png") for frame in odd))
    assert ran.status == 0
    for before, after in zip(odd, ran.frames, strict=True):
        assert after.pixels.shape == (*before.size, 3)
        assert after.pixels.dtype == before.pixels.dtype
        assert (after.alpha is None) == (before.alpha is None)


def test_saturation(run: Run, photo: Path, tiny: Path) -> None:
    for factor in (0, 1):
        run("colorize", photo, "-m", tiny, "--saturation", factor, "-o", f"{factor}.png")
    assert colourfulness(picture(Path("0.png")).pixels) < 1
    assert colourfulness(picture(Path("1.png")).pixels) > 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-m", "nothing"], "no model is called 'nothing'; known models: lite"),
        (["-m", "regression"], "ships no weights"),
        (["-m", "missing.safetensors"], "found no such file"),
        (["-m", "photo.png"], "expected a checkpoint"),
        (["--size", "3"], "at least 16 pixels"),
        (["--saturation", "-1"], "not negative"),
        (["--device", "toaster"], "'toaster'"),
    ],
)
def test_what_cannot_be(run: Run, photo: Path, words: list[str], said: str) -> None:
    ran = run("colorize", photo, "-o", "new.png", *words)
    assert ran.status == 2
    assert said in ran.error
    assert not Path("new.png").exists()
