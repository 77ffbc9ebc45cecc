"""Every system on the same pictures, as one command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("benchmarks.systems", reason="the benchmarks do not come with the package")

from benchmarks import systems
from luvcolor.frame import Frame
from luvcolor.io.codec import encode
from tests.conftest import noisy


def put(folder: Path, name: str, seed: int) -> None:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / name).write_bytes(encode(Frame(noisy(40, 56, seed)), "png"))


@pytest.mark.slow
def test_one_command_measures_all_and_writes_the_page(tmp_path: Path) -> None:
    put(tmp_path / "photos" / "val", "a.png", 1)
    put(tmp_path / "photos" / "train", "b.png", 2)
    output = tmp_path / "page"
    words = ["--photographs", str(tmp_path / "photos"), "-m", "default", "-o", str(output)]
    done = CliRunner().invoke(systems.main, words, catch_exceptions=False)
    assert done.exit_code == 0
    found = json.loads((output / "results.json").read_text())
    told = f"scribble, {systems.MANY} pixels told"
    assert {"gray", "lite", told, "transfer, from the likest", "truth"} <= set(found)
    assert found[told]["psnr"] > found["gray"]["psnr"]
    page = (output / "README.md").read_text()
    assert "$" not in page
    assert f"| {told} |" in page
    assert (output / "systems.jpg").stat().st_size


def test_the_reference_is_the_picture_that_looks_most_alike() -> None:
    dark, light = (
        Frame(np.full((9, 9, 3), value, np.uint8)) for value in ((40, 9, 9), (9, 240, 9))
    )
    nearest = systems.Nearest.among([dark, light])
    gray = Frame(np.full((5, 7), 200, np.uint8))
    found = nearest.of(gray).reference
    assert found is nearest.references[1]


def test_pictures_without_a_folder_called_val_are_refused(tmp_path: Path) -> None:
    put(tmp_path / "photos", "a.png", 1)
    words = ["--photographs", str(tmp_path / "photos"), "-m", "default", "-o", str(tmp_path / "x")]
    done = CliRunner().invoke(systems.main, words)
    assert done.exit_code == 1
    assert "folders called val" in done.output
