"""``luvcolor train``; how models learn is for the trainer's own tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from luvcolor.checkpoint import read_card
from luvcolor.dataset import Dataset
from tests.cli.conftest import Run

SMALL = [
    "--epochs",
    "1",
    "--device",
    "cpu",
    "--set",
    "width=4",
    "--set",
    "depth=1",
    "--set",
    "colors=3",
]


@pytest.mark.slow
def test_a_checkpoint(run: Run, dataset: Dataset) -> None:
    words = ("train", dataset.path, "-m", "unet", *SMALL, "-o", "small.safetensors")
    ran = run(*words)
    assert (ran.status, ran.out) == (0, b"")
    assert any("epoch 1/1" in line for line in ran.said)
    assert ran.said[-1] == (
        "luvcolor: wrote small.safetensors; curves and metrics are in small.run"
    )
    assert read_card(Path("small.safetensors")).config["width"] == 4
    assert "--force" in run(*words).error
    more = [word for word in SMALL if word not in {"--set", "width=4", "depth=1", "colors=3"}]
    again = run(
        "train", dataset.path, "--from", "small.safetensors", *more, "-o", "more.safetensors"
    )
    assert again.status == 0
    assert read_card(Path("more.safetensors")).config["width"] == 4


@pytest.mark.slow
def test_a_learning_rate_is_found_where_nothing_stands_behind(run: Run, dataset: Dataset) -> None:
    words = ("train", dataset.path, "-m", "unet", *SMALL, "-o", "small.safetensors", "--find-rate")
    ran = run(*words, "--batch-size", "16")
    assert ran.status == 0
    assert "suggestion: " in ran.error
    assert "--set learning_rate=" in ran.error
    assert sorted(path.name for path in Path("small.run").iterdir()) == ["rates.csv", "rates.png"]
    assert not Path("small.safetensors").exists()
    behind = run(*words, "!", "evaluate", dataset.path)
    assert behind.status == 2
    assert "--find-rate makes no checkpoint" in behind.error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "x.safetensors"], "name a dataset"),
        (["p.zarr", "-o", "x", "--find-rate", "--resume"], "leave one of them out"),
        (["p.zarr", "-o", "x", "--overfit", "4", "--film"], "as they are"),
        (["p.zarr", "-o", "x", "--schedule", "linear"], "'linear' is not one of"),
        (["p.zarr"], "Missing option '-o'"),
        (["p.zarr", "-o", "x", "-m", "nothing"], "known models: cnn, dahl, gan"),
        (["p.zarr", "-o", "x", "--set", "nothing=1"], "known: colors"),
        (["p.zarr", "-o", "x", "--set", "width"], "NAME=VALUE"),
        (["p.zarr", "-o", "x", "--set", "width=wide"], "'width'"),
        (["p.zarr", "-o", "x", "--epochs", "0"], "at least 1"),
        (["p.zarr", "-o", "x", "--from", "default", "-m", "unet"], "weights of 'lite'"),
        (["p.zarr", "-o", "x", "--from", "nothing"], "known models: cnn, dahl, gan"),
        (["p.zarr", "-o", "x", "--precision", "8"], "'8' is not one of"),
    ],
)
def test_wrong_usage(run: Run, words: list[str], said: str) -> None:
    ran = run("train", *words)
    assert ran.status == 2
    assert said in ran.error


def test_a_dataset_that_is_none(run: Run, photos: Path) -> None:
    for name, said in (("nothing.zarr", "no such dataset"), ("photos", "expected a dataset")):
        ran = run("train", name, "-o", "x.safetensors")
        assert ran.status == 1
        assert said in ran.error


def test_an_interrupt_says_how_to_go_on(
    run: Run, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("luvcolor.training.train", interrupted)
    ran = run("train", dataset.path, "-m", "unet", "-o", "a.safetensors")
    assert ran.status == 130
    assert "--resume" in ran.said[0]
