"""Hints on the command line, and models that need no weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from luvcolor.frame import Frame
from luvcolor.io.codec import encode
from luvcolor.io.comments import RECEIPT_KEY
from tests.cli.conftest import Run, names, picture
from tests.conftest import noisy
from tests.hinted_models import plug_in


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    """A gray picture of one tone, 40 x 60."""
    path = tmp_path / "flat.png"
    path.write_bytes(encode(Frame(np.full((40, 60), 90, np.uint8)), "png"))
    return path


def receipt_of(name: str) -> dict[str, Any]:
    receipt: dict[str, Any] = json.loads(picture(Path(name)).metadata.text[RECEIPT_KEY])
    return receipt


def chroma_at(name: str, x: int, y: int) -> Any:
    return kernels.rgb_to_luv(picture(Path(name)).pixels)[y, x, 1:]


def test_points_on_the_command_line(run: Run, flat: Path) -> None:
    words = ("--hint", "10,20=#a06060", "--hint", "50,20=#6060a0")
    ran = run("colorize", flat, "-m", "dabs", *words, "-o", "new.png")
    assert ran.status == 0
    assert ran.said[0] == (
        "luvcolor: model dabs (strength=1.0), 64 pixels at most, on cpu with torch"
    )
    assert ran.said[1].startswith("luvcolor: flat.png: 2 hints, 26 pixels; CIEDE2000 from their")
    red = kernels.rgb_to_luv(np.array([[[0xA0, 0x60, 0x60]]], np.uint8))[0, 0, 1:]
    np.testing.assert_allclose(chroma_at("new.png", 10, 20), red, atol=1)
    told = receipt_of("new.png")["hints"]
    assert (told["files"], told["count"], told["pixels"]) == ([], 2, 26)


def test_a_file_a_layer_and_a_folder_give_the_same(run: Run, flat: Path) -> None:
    stroke = {"along": [[5, 20], [50, 20]], "width": 3, "color": "#6060a0"}
    Path("hints.json").write_text(json.dumps({"strokes": [stroke]}))
    rgb, alpha = np.zeros((40, 60, 3), np.uint8), np.zeros((40, 60), np.uint8)
    rgb[:], alpha[19:22, 4:52] = (0x60, 0x60, 0xA0), 255
    Path("layer.png").write_bytes(encode(Frame(rgb, alpha), "png"))
    Path("folder").mkdir()
    Path("folder/flat.json").write_text(Path("hints.json").read_text())
    for hints in ("hints.json", "layer.png", "folder"):
        ran = run("colorize", flat, "-m", "dabs", "--hints", hints, "-o", f"{hints}.out.png")
        assert ran.status == 0, ran.said
        apart = picture(Path(f"{hints}.out.png")).pixels.astype(int)
        np.testing.assert_allclose(apart, picture(Path("hints.json.out.png")).pixels, atol=2)
    assert receipt_of("folder.out.png")["hints"]["files"] == ["flat.json"]


def test_pictures_without_hints_are_said_once(run: Run, photos: Path) -> None:
    (photos.parent / "hints" / "sub").mkdir(parents=True)
    (photos.parent / "hints" / "sub" / "c.json").write_text(
        '{"points": [{"at": [3, 3], "color": "navy"}]}'
    )
    ran = run("colorize", photos, "-m", "dabs", "--hints", "hints", "-o", "new")
    assert ran.status == 0
    assert names(Path("new")) == ["a.png", "b.jpg", "sub/c.png"]
    assert ran.said[1].startswith("luvcolor: sub/c.png: 1 hint from c.json, 13 pixels; CIEDE2000")
    assert ran.said[2] == "luvcolor: 2 pictures have no hints: a.png, b.jpg"


def test_hints_of_several_pictures_are_summed_up(run: Run, photos: Path) -> None:
    ran = run("colorize", photos, "-m", "dabs", "--hint", "3,3=navy", "-o", "new")
    assert len(ran.said) == 2
    assert ran.said[1].startswith("luvcolor: 3 pictures: 3 hints, 39 pixels; ")
    assert ran.said[1].endswith((" (a.png)", " (b.jpg)", " (sub/c.png)"))


def test_a_reference(run: Run, flat: Path) -> None:
    Path("blue.png").write_bytes(encode(Frame(np.full((9, 9, 3), (70, 90, 160), np.uint8)), "png"))
    words = ("colorize", flat, "-m", "likeness", "--reference", "blue.png", "-o", "new.png")
    ran = run(*words)
    assert (ran.status, len(ran.said)) == (0, 1)
    blue = kernels.rgb_to_luv(np.array([[[70, 90, 160]]], np.uint8))[0, 0, 1:]
    np.testing.assert_allclose(chroma_at("new.png", 5, 5), blue, atol=1)
    assert receipt_of("new.png")["hints"]["reference"].endswith("blue.png")


def test_hints_are_laid_over_what_any_model_predicts(run: Run, flat: Path, tiny: Path) -> None:
    words = ("colorize", flat, "-m", tiny, "--hint", "10,20=#6060a0", "-o")
    ran = run(*words, "none.png")
    assert (ran.status, Path("none.png").exists()) == (2, False)
    assert "'unet' makes no use of colours at pixels; use one that does: both, dabs" in ran.error
    ran = run(*words, "new.png", "--force-hints")
    assert ran.status == 0
    blue = kernels.rgb_to_luv(np.array([[[0x60, 0x60, 0xA0]]], np.uint8))[0, 0, 1:]
    np.testing.assert_allclose(chroma_at("new.png", 10, 20), blue, atol=1.5)
    assert receipt_of("new.png")["hints"]["forced"]


def test_points_beside_a_reference_come_from_no_file(run: Run, flat: Path) -> None:
    Path("blue.png").write_bytes(encode(Frame(np.full((9, 9, 3), (70, 90, 160), np.uint8)), "png"))
    words = ("-m", "likeness", "--reference", "blue.png", "--hint", "3,3=#a06060", "--force-hints")
    ran = run("colorize", flat, *words, "-o", "new.png")
    assert "1 hint, 13 pixels" in ran.said[-1]
    told = receipt_of("new.png")["hints"]
    assert (told["files"], told["reference"].endswith("blue.png")) == ([], True)


def test_settings_of_a_model_without_weights(run: Run, flat: Path) -> None:
    words = ("colorize", flat, "-m", "dabs", "--hint", "3,3=#a06060", "--set", "strength=0.5")
    ran = run(*words, "-o", "new.png")
    assert "model dabs (strength=0.5)" in ran.said[0]
    assert receipt_of("new.png")["settings"] == {"strength": 0.5}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--hint", "3=red"], "expected a hint such as 120,80=#aa2222, found '3=red'"),
        (["--hint", "3,4=rot"], "found 'rot'"),
        (["--hints", "none.json"], "none.json: expected to read hints"),
        (["--hints", "empty"], "expected NAME.json or NAME.png"),
        (["--reference", "none.png"], "none.png: expected to read a picture"),
        (["--reference", "gray.jpg"], "expected a picture in colour"),
        (["-m", "dabs", "--set", "force=3"], "no setting is called 'force'; known: strength"),
        (["-m", "dabs", "--set", "strength"], "NAME=VALUE"),
        (["--set", "width=3"], "settings such as 'width' are for models that need no weights"),
        (["-m", "dabs", "--runtime", "onnx"], "needs no weights and so has no graph"),
        (["-m", "dabs", "--seed", "3"], "draws none by a seed"),
    ],
)
def test_what_cannot_be(run: Run, photo: Path, words: list[str], said: str) -> None:
    (photo.parent / "empty").mkdir()
    Path("gray.jpg").write_bytes(encode(Frame(noisy(9, 9)[..., 0]), "jpeg"))
    ran = run("colorize", photo, "-o", "new.png", *words)
    assert ran.status in (1, 2)
    assert said in "\n".join(ran.said)
    assert not Path("new.png").exists()


def test_what_needs_a_checkpoint_says_that_there_is_none(run: Run, dataset: Any) -> None:
    ran = run("export", "dabs", "-o", "dabs.onnx")
    assert ran.status == 2
    assert "'dabs' needs no weights, and so there is no checkpoint of it" in ran.error
    ran = run("average", "dabs", "-o", "mean.safetensors")
    assert (ran.status, "needs no weights" in ran.error) == (2, True)


def test_evaluation_tells_models_pixels_of_the_truth(run: Run, photo: Path, tiny: Path) -> None:
    words = ("evaluate", photo, "-m", "dabs", "-m", tiny, "-o")
    assert run(*words, "0.json", "--page", "0.html").status == 0
    assert run(*words, "400.json", "--reveal", 400, "--page", "400.html").status == 0
    none, some = (json.loads(Path(f"{count}.json").read_text()) for count in (0, 400))
    assert some["protocol"]["reveal"] == 400
    assert some["protocol"]["hints"] == {"dabs": ["colours"], "unet": []}
    assert some["summary"]["unet"] == none["summary"]["unet"]
    assert some["summary"]["dabs"]["ciede2000"] < none["summary"]["dabs"]["ciede2000"]
    assert "400 pixels of each picture, to dabs" in Path("400.html").read_text()
    assert run(*words, "-", "--reveal", 400).out.decode() == Path("400.json").read_text()


def test_results_of_other_hints_are_not_compared(run: Run, photo: Path) -> None:
    words = ("evaluate", photo, "-m", "dabs")
    run(*words, "--reveal", 5, "-o", "5.json")
    ran = run(*words, "--reveal", 6, "--against", "5.json")
    assert ran.status == 2
    assert "another number of revealed pixels (earlier 5, now 6)" in ran.said[-1]
    ran = run(*words, "--reveal", 5, "--reference", photo, "--against", "5.json")
    assert "another reference picture (earlier none, now " in ran.said[-1]
    assert run(*words, "--reveal", 5, "--against", "5.json").status == 0


def test_evaluation_gives_a_reference_to_those_that_use_one(run: Run, photo: Path) -> None:
    ran = run("evaluate", photo, "-m", "likeness", "--reference", photo, "-o", "-")
    result = json.loads(ran.out)
    assert result["protocol"]["hints"] == {"likeness": ["reference"]}
    assert len(result["protocol"]["reference"]) == 16
