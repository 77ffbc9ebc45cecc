"""``luvcolor evaluate``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from luvcolor.dataset import Dataset
from luvcolor.metrics import METRICS
from tests.cli.conftest import Run


def test_photographs(run: Run, photos: Path, tiny: Path) -> None:
    ran = run("evaluate", photos, "-m", tiny)
    assert (ran.status, ran.out) == (0, b"")
    table = "\n".join(ran.said)
    assert max(map(len, ran.said[1:])) <= 100
    assert all(title in table for title in ("PSNR dB", "CIEDE2000", "AUC", "uv MSE"))
    rows = {line.split("│")[1].strip(): line for line in ran.said if line.startswith("│")}
    assert list(rows) == ["gray", "mean chroma", "unet", "truth"]
    assert rows["truth"].split("│")[2].strip() == "inf"
    assert "mean of 3 pictures" in table


def test_json_to_a_file_and_to_standard_output(run: Run, photo: Path, tiny: Path) -> None:
    words = ("evaluate", photo, "-m", tiny, "-o")
    printed = json.loads(run(*words, "-").out)
    assert set(printed["summary"]["truth"]) == set(METRICS)
    assert run(*words, "result.json").out == b""
    assert json.loads(Path("result.json").read_text()) == printed
    again = run(*words, "result.json")
    assert again.status == 1
    assert "use --force" in again.error


@pytest.mark.parametrize("split", ["val", "test"])
def test_a_dataset(run: Run, dataset: Dataset, tiny: Path, split: str) -> None:
    ran = run("evaluate", dataset.path, "-m", tiny, "--split", split, "-o", "-")
    protocol = json.loads(ran.out)["protocol"]
    assert protocol["pictures"] == dataset.count(split)


def test_an_unknown_split(run: Run, dataset: Dataset) -> None:
    ran = run("evaluate", dataset.path, "--split", "nothing")
    assert ran.status == 2
    assert "'train', 'val', 'test'" in ran.error


def test_gray_pictures_are_no_truth(run: Run, photo: Path, tiny: Path) -> None:
    run("gray", photo, "-o", "gray.png")
    some = run("evaluate", photo, "gray.png", "-m", tiny)
    assert some.status == 1
    assert some.said[-1] == "luvcolor: 1 picture failed; the rest are done"
    none = run("evaluate", "gray.png", "-m", tiny)
    assert none.status == 1
    assert none.said[-1].endswith("expected pictures in colour to measure against, found none")
