"""``luvcolor colorize``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from luvcolor.cli.chain import Flow, Frames
from luvcolor.cli.colorize import colorize as command
from luvcolor.cli.journal import Journal
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
        f"luvcolor: model unet from tiny.safetensors ({receipt['sha256']}), 32 pixels, "
        "on cpu with torch"
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
        (["-m", "nothing"], "no model is called 'nothing'; known models: cnn, "),
        (["-m", "regression"], "ships no weights"),
        (["-m", "missing.safetensors"], "found no such file"),
        (["-m", "photo.png"], "expected a checkpoint"),
        (["--sizes", "3"], "at least 16 pixels"),
        (["--sizes", "64,big"], "expected sizes such as 192 or 128,192,256, found '64,big'"),
        (["--recolor", "none.json"], "none.json: expected to read JSON"),
        (["--samples", "0"], "0 is not in the range x>=1"),
        (["--samples", "2", "--skip-existing"], "leave one of them out"),
        (["--confidence", "new.png"], "a file or folder of its own, found new.png"),
        (["--confidence", "-"], "a file or folder of its own, found -"),
        (["--saturation", "-1"], "not negative"),
        (["--device", "toaster"], "'toaster'"),
        (["--runtime", "steam"], "'steam' is not one of 'auto', 'torch', 'onnx', 'openvino'"),
    ],
)
def test_what_cannot_be(run: Run, photo: Path, words: list[str], said: str) -> None:
    ran = run("colorize", photo, "-o", "new.png", *words)
    assert ran.status == 2
    assert said in ran.error
    assert not Path("new.png").exists()


def test_several_sizes_are_said_and_written(run: Run, photo: Path, tiny: Path) -> None:
    ran = run("colorize", photo, "-m", tiny, "--sizes", "48,32", "-o", "new.png")
    assert "32, 48 pixels" in ran.error
    assert receipt_of("new.png")["sizes"] == [32, 48]


def receipt_of(name: str) -> dict[str, Any]:
    receipt: dict[str, Any] = json.loads(picture(Path(name)).metadata.text[RECEIPT_KEY])
    return receipt


def test_samples_are_written_beside_each_other(run: Run, photos: Path, tiny: Path) -> None:
    words = ("colorize", photos, "-m", tiny, "--samples", 2, "--seed", 7, "-o")
    assert run(*words, "new").status == 0
    stems = ["a-1.png", "a-2.png", "b-1.jpg", "b-2.jpg", "sub/c-1.png", "sub/c-2.png"]
    assert names(Path("new")) == stems
    assert (receipt_of("new/a-2.png")["seed"], receipt_of("new/a-2.png")["sample"]) == (8, 2)
    assert run("colorize", photos, "-m", tiny, "--seed", 8, "-o", "eighth").status == 0
    for name in ("a", "sub/c"):
        drawn, again = picture(Path(f"new/{name}-2.png")), picture(Path(f"eighth/{name}.png"))
        np.testing.assert_array_equal(drawn.pixels, again.pixels)
    first = picture(Path("new/a-1.png"))
    assert (first.pixels != picture(Path("new/a-2.png")).pixels).any()


def test_samples_do_not_go_to_one_file(run: Run, photo: Path, tiny: Path) -> None:
    ran = run("colorize", photo, "-m", tiny, "--samples", 2, "-o", "new.png")
    assert ran.status == 1
    assert "expected a folder or an archive for many pictures" in ran.error
    assert not Path("new.png").exists()


def test_samples_follow_one_another_on_a_pipe(run: Run, photo: Path, tiny: Path) -> None:
    ran = run("colorize", "-m", tiny, "--samples", 3, stdin=photo.read_bytes())
    assert len(ran.frames) == 3


def test_colours_of_the_palette_become_others(run: Run, photo: Path, tiny: Path) -> None:
    changes = [{"bin": number, "becomes": "gray"} for number in range(4)]
    Path("gray.json").write_text(json.dumps(changes))
    assert run("colorize", photo, "-m", tiny, "--recolor", "gray.json", "-o", "new.png").status == 0
    assert colourfulness(picture(Path("new.png")).pixels) < 1
    assert receipt_of("new.png")["recolor"] == changes


def test_a_map_of_confidence_is_written_for_every_picture(
    run: Run, photos: Path, tiny: Path
) -> None:
    words = ("colorize", photos, "-m", tiny, "--confidence", "sure", "--samples", 2)
    assert run(*words, "-o", "new").status == 0
    assert names(Path("sure")) == ["a.png", "b.png", "sub/c.png"]
    assert picture(Path("sure/b.png")).size == picture(photos / "b.jpg").size


def test_a_map_does_not_go_over_what_is_there(run: Run, photo: Path, tiny: Path) -> None:
    words = ("colorize", photo, "-m", tiny, "--confidence", "sure.png", "-o", "new.png")
    assert run(*words).status == 0
    before = Path("sure.png").read_bytes()
    Path("new.png").unlink()
    assert run(*words).status == 1
    assert (Path("sure.png").read_bytes(), Path("new.png").exists()) == (before, False)
    assert run(*words, "--force").status == 0


def test_one_file_is_too_little_for_many_maps(run: Run, photos: Path, tiny: Path) -> None:
    ran = run("colorize", photos, "-m", tiny, "--confidence", "sure.png", "-o", "new")
    assert ran.status == 1
    assert "sure.png: expected a folder or an archive for many pictures" in ran.said[-1]


def test_a_model_that_cannot_tell_has_no_map(run: Run, photo: Path, plain: Path) -> None:
    words = ("colorize", photo, "-m", plain, "--confidence", "sure.png", "-o")
    ran = run(*words, "new.png")
    assert ran.status == 2
    assert "needs a model that tells how sure it is, or several --sizes" in ran.said[-1]
    assert not Path("new.png").exists()
    assert not Path("sure.png").exists()
    assert run(*words, "new.png", "--sizes", "16,32").status == 0


def test_a_model_without_a_palette_draws_and_recolours_nothing(
    run: Run, photo: Path, plain: Path
) -> None:
    Path("navy.json").write_text('[{"bin": 0, "becomes": "navy"}]')
    ran = run("colorize", photo, "-m", plain, "--recolor", "navy.json", "-o", "new.png")
    assert (ran.status, "this one has none" in ran.error) == (2, True)
    ran = run("colorize", photo, "-m", plain, "--samples", 2, "-o", "new/")
    assert ran.status == 1
    assert "draws none by a seed" in ran.said[1]


def test_a_folder_is_predicted_in_batches_with_the_same_result(
    run: Run, photos: Path, tiny: Path
) -> None:
    for batch in (1, 3):
        words = ("colorize", photos, "-m", tiny, "--batch", batch, "--device", "cpu")
        assert run(*words, "-o", f"by-{batch}").status == 0
    for name in ("a.png", "sub/c.png"):
        one, three = (picture(Path(f"by-{batch}/{name}")).pixels for batch in (1, 3))
        assert np.abs(one.astype(int) - three).max() <= 1


def test_from_a_pipe_no_picture_waits_for_the_next(tiny: Path) -> None:
    drawn: list[int] = []

    def arriving() -> Iterator[Frame]:
        for number in range(4):
            drawn.append(number)
            yield Frame(noisy(20, 30, number))

    words = ["-m", str(tiny), "--batch", "4", "--device", "cpu"]
    for ahead, together in ((0, 1), (None, 4)):
        drawn.clear()
        with command.make_context("colorize", list(words)) as context:
            stage = command.invoke(context)
        flow = stage.run(Flow(Frames(arriving(), ahead=ahead)), Journal(), False)
        next(iter(flow.frames))
        assert len(drawn) == together


def test_little_memory_is_said_once_and_strict_fails(
    run: Run, photos: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from luvcolor.runtimes.torch_runtime import TorchPredictor

    ask = TorchPredictor.__call__

    def narrow(self: TorchPredictor, luma: Any, **rest: Any) -> Any:
        if len(luma) > 1:
            raise RuntimeError("out of memory")
        return ask(self, luma, **rest)

    monkeypatch.setattr(TorchPredictor, "__call__", narrow)
    words = ("colorize", photos, "-m", tiny, "--batch", 3, "--runtime", "torch", "--device", "cpu")
    alike = photos / "a.png", photos / "a-again.png"
    alike[1].write_bytes(alike[0].read_bytes())
    ran = run(*words, "-o", "new")
    assert ran.status == 0
    assert len(ran.said) == 2
    assert "memory is full: from now on 1 of " in ran.said[1]
    assert receipt_of("new/a.png")["memory"] == [ran.said[1].split("from now on ")[1]]
    ran = run(*words, "--strict", "-o", "strict")
    assert ran.status == 1
    assert "without --strict" in ran.said[-1]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A checkpoint of a model without a palette, which cannot tell how sure it is."""
    import torch

    from luvcolor.checkpoint import card_of, save
    from luvcolor.registry import registry

    torch.manual_seed(0)
    regression = registry().model_class("regression")
    model = regression(regression.Config(width=2, depth=1))
    path = tmp_path / "plain.safetensors"
    save(path, model, card_of(model, "regression", 32))
    return path
