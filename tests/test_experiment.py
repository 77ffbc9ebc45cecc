"""The report's experiment as one command, on few pictures and with small models."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

pytest.importorskip("benchmarks.experiment", reason="the benchmarks do not come with the package")

from benchmarks import experiment
from benchmarks.experiment import Recipe

SMALL = {
    "regression": Recipe(1, {"width": 4, "depth": 2}),
    "cnn": Recipe(1, {"width": 4, "detail": 4}, crop=28),
    "unet": Recipe(1, {"width": 4, "depth": 2}),
    "gan": Recipe(1, {"width": 8, "depth": 3, "judge_depth": 2}),
}


@pytest.fixture
def horses(tmp_path: Path) -> Path:
    """An archive as CIFAR-10's horses lie in theirs."""
    rng, path = np.random.default_rng(0), tmp_path / "horses.tar"
    with tarfile.open(path, "w") as archive:
        for number in range(40):
            pixels = rng.integers(0, 256, (32, 32, 3)).astype(np.uint8)
            data = io.BytesIO()
            Image.fromarray(pixels).save(data, "png")
            split = "test" if number % 4 == 0 else "train"
            entry = tarfile.TarInfo(f"{split}/horse/{number:04}.png")
            entry.size = len(data.getvalue())
            archive.addfile(entry, io.BytesIO(data.getvalue()))
    return path


@pytest.mark.slow
def test_one_command_writes_the_page_and_a_second_one_trains_nothing(
    horses: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment, "RECIPES", SMALL)
    monkeypatch.setattr(experiment, "fields", lambda: b"")
    work, output = tmp_path / "work", tmp_path / "report"
    words = ["--horses", str(horses), "--work", str(work), "-o", str(output)]
    done = CliRunner().invoke(experiment.main, words, catch_exceptions=False)
    assert done.exit_code == 0
    page = (output / "README.md").read_text()
    summary = json.loads((output / "results.json").read_text())["summary"]
    assert f"{100 * summary['cnn']['accuracy']:.1f} %" in page
    assert "$" not in page
    assert {"curves.svg", "triptychs.jpg", "fields.jpg"} < {path.name for path in output.iterdir()}
    before = {path: path.stat().st_mtime_ns for path in work.glob("*.safetensors")}
    assert len(before) == len(SMALL)
    again = CliRunner().invoke(experiment.main, words, catch_exceptions=False)
    assert again.exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in work.glob("*.safetensors")} == before


def test_every_scaling_keeps_the_ratio_of_the_model_to_gray() -> None:
    errors = np.array([[200.0, 200.0], [50.0, 50.0]])
    rows = [line.split("|")[2:4] for line in experiment.scaled_table(errors).splitlines()[2:]]
    assert len(rows) == len(experiment.SPANS)
    assert rows[0] == [" 0.0200 ", " 0.0050 "]
    for gray, model in rows:
        assert float(model) == pytest.approx(float(gray) / 4, abs=1e-4)
