"""``luvcolor evaluate``."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import pytest

from luvcolor.dataset import Dataset
from luvcolor.evaluation.columns import COLUMNS
from tests.cli.conftest import Ran, Run


def table_of(ran: Ran) -> dict[str, list[str]]:
    """The cells behind the first word of each line of the table."""
    rule = next(number for number, line in enumerate(ran.said) if set(line.strip()) == {"─"})
    words = [line.split() for line in ran.said[rule + 1 :]]
    return {first: rest for first, *rest in filter(None, words)}


def test_photographs(run: Run, photos: Path, tiny: Path) -> None:
    ran = run("evaluate", photos, "-m", tiny)
    assert (ran.status, ran.out) == (0, b"")
    table = "\n".join(ran.said)
    assert max(map(len, ran.said[1:])) <= 100
    assert all(title in table for title in ("PSNR dB", "CIEDE2000", "AUC", "uv MSE"))
    rows = table_of(ran)
    assert list(rows) == ["gray", "mean", "chroma", "unet", "truth"]
    assert rows["truth"][0] == "inf"
    assert "mean of 3 pictures (fingerprint" in table


def test_several_checkpoints(run: Run, photo: Path, tiny: Path) -> None:
    shutil.copy(tiny, "other.safetensors")
    ran = run("evaluate", photo, "-m", tiny, "-m", "other.safetensors", "-o", "-")
    names = list(json.loads(ran.out)["summary"])
    assert names[2:-1] == ["unet (tiny.safetensors)", "unet (other.safetensors)"]
    twice = run("evaluate", photo, "-m", tiny, "-m", tiny)
    assert (twice.status, "found one twice" in twice.said[-1]) == (2, True)


def test_json_to_a_file_and_to_standard_output(run: Run, photo: Path, tiny: Path) -> None:
    words = ("evaluate", photo, "-m", tiny, "-o")
    printed = json.loads(run(*words, "-").out)
    assert list(printed) == ["format", "protocol", "summary", "pictures"]
    assert list(printed["summary"]["truth"]) == list(COLUMNS)
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
    assert (protocol["split"], protocol["dataset"]) == (split, dataset.manifest["fingerprint"])
    table = table_of(ran)
    accuracy, loss = list(COLUMNS).index("accuracy"), list(COLUMNS).index("loss")
    assert 0 <= float(table["unet"][accuracy]) <= 100
    assert float(table["unet"][loss]) > 0
    summary = json.loads(ran.out)["summary"]
    assert list(summary) == ["gray", "mean chroma", "luma lookup", "unet", "truth"]
    assert summary["luma lookup"]["accuracy"] > 0


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


def test_an_archive(run: Run, photos: Path, tiny: Path) -> None:
    with tarfile.open("photos.tar", "w") as tar:
        tar.add(photos, "photos")
    inside, outside = (
        json.loads(run("evaluate", name, "-m", tiny, "-o", "-").out)
        for name in ("photos.tar", photos)
    )
    assert inside["summary"] == outside["summary"]
    assert inside["protocol"]["fingerprint"] == outside["protocol"]["fingerprint"]


def test_a_broken_picture_does_not_end_the_run(
    run: Run, photo: Path, broken: Path, tiny: Path
) -> None:
    ran = run("evaluate", broken, photo, "-m", tiny, "-o", "-", "--page", "page.html")
    assert ran.status == 1
    assert json.loads(ran.out)["protocol"]["pictures"] == 1
    assert Path("page.html").exists()
    assert any("broken.jpg" in line for line in ran.said)


def test_a_page(run: Run, photos: Path, tiny: Path) -> None:
    (photos / "a.png").rename(photos / "<b>.png")
    words = ("evaluate", photos, "-m", tiny, "--page", "page.html")
    assert run(*words).status == 0
    page = Path("page.html").read_text()
    assert "&lt;b&gt;.png" in page
    assert "<b>.png" not in page
    assert page.count("<article") == 3
    assert "tiny.safetensors" in page
    again = run(*words)
    assert (again.status, "use --force" in again.error) == (1, True)
    assert run(*words, "--force").status == 0


def test_the_page_of_a_model_that_was_just_trained_has_its_curves(
    run: Run, dataset: Dataset
) -> None:
    trained = (dataset.path, "-m", "regression", "--set", "width=4", "--epochs", "2")
    words = ("train", *trained, "-o", "mine.safetensors", "!", "evaluate", "--page", "page.html")
    assert run(*words).status == 0
    assert 'aria-label="regression, val_loss: ' in Path("page.html").read_text()


def test_against_an_earlier_result(run: Run, photos: Path, tiny: Path) -> None:
    shutil.copy(tiny, "other.safetensors")
    run("evaluate", photos, "-m", tiny, "-o", "earlier.json")
    words = ("evaluate", photos, "-m", "other.safetensors", "--against", "earlier.json")
    same = run(*words)
    assert same.status == 0
    assert "against the earlier one" in "".join(same.said)
    (line,) = [line.split() for line in same.said if "CIEDE2000" in line and "+" in line]
    assert line[-1] == "+0.00"
    assert line[-2] == line[-3]
    bolder = run(*words, "--saturation", 3)
    (line,) = [line.split() for line in bolder.said if "colourful" in line and "+" in line]
    earlier, now, change = map(float, line[-3:])
    assert now - earlier == pytest.approx(change, abs=0.11)
    assert change > 0


def test_against_a_result_of_other_pictures(run: Run, photos: Path, tiny: Path) -> None:
    run("evaluate", photos, "-m", tiny, "-o", "earlier.json")
    ran = run("evaluate", photos / "b.jpg", "-m", tiny, "--against", "earlier.json")
    assert ran.status == 2
    assert "found another number of pictures (earlier 3, now 1)" in ran.said[-1]
    assert not any("against" in line for line in ran.said[:-1])


def test_another_split_is_refused_before_anything_is_measured(
    run: Run, dataset: Dataset, tiny: Path
) -> None:
    words = ("evaluate", dataset.path, "-m", tiny)
    run(*words, "-o", "earlier.json")
    ran = run(*words, "--split", "val", "--against", "earlier.json", "-o", "now.json")
    assert ran.status == 2
    assert "another split (earlier test, now val)" in ran.said[-1]
    assert not Path("now.json").exists()


def test_against_something_else(run: Run, photo: Path, tiny: Path) -> None:
    Path("card.json").write_text("{}")
    for name, reason in (("card.json", "of format 1, found None"), ("no.json", "no such file")):
        ran = run("evaluate", photo, "-m", tiny, "--against", name)
        assert ran.status == 2
        assert reason in ran.error


def test_progress_is_shown_on_a_terminal(run: Run, dataset: Dataset, tiny: Path) -> None:
    ran = run("evaluate", dataset.path, "-m", tiny, terminal="stderr")
    shown = "\n".join(ran.said)
    assert ran.status == 0
    assert f"{dataset.count('train')}/{dataset.count('train')}" in shown
    assert f"{dataset.count('test')}/{dataset.count('test')}" in shown
