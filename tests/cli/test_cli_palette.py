"""``luvcolor palette``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from luvcolor.dataset import Dataset
from luvcolor.frame import Frame
from luvcolor.io import encode
from luvcolor.palette import Palette, fit_palette
from tests.cli.conftest import Run


def test_json_on_standard_output(run: Run, photos: Path) -> None:
    ran = run("palette", photos, "-k", 4, "--json")
    assert (ran.status, ran.said) == (0, [])
    assert len(json.loads(ran.out)["colors"]) == 4
    assert ran.out.endswith(b"}\n")
    assert not ran.out.endswith(b"\n\n")


@pytest.mark.parametrize("space", ["luv", "rgb", "uv"])
def test_json_in_a_file(run: Run, photo: Path, space: str) -> None:
    words = ("palette", photo, "-k", 4, "--space", space, "-o", "four.json")
    assert run(*words).out == b""
    assert Palette.from_json(Path("four.json").read_text()).space == space
    again = run(*words)
    assert again.status == 1
    assert "use --force" in again.error


def test_a_swatch(run: Run, photo: Path) -> None:
    (frame,) = run("palette", photo, "-k", 4).frames
    assert frame.size[1] == 960
    assert run("palette", photo, "-k", 4, "-o", "four.png").status == 0
    assert Path("four.png").exists()


def test_pictures_that_cannot_be_read(run: Run, photo: Path, broken: Path) -> None:
    ran = run("palette", photo, broken, "-k", 4, "--json")
    assert ran.status == 1
    assert len(json.loads(ran.out)["colors"]) == 4
    assert ran.said[-1] == "luvcolor: 1 picture failed; the rest are done"


def test_no_picture_at_all(run: Run, broken: Path) -> None:
    ran = run("palette", broken, "--json")
    assert (ran.status, ran.out) == (1, b"")
    assert "needs at least one picture" in ran.said[-1]


def test_json_and_a_swatch_at_once(run: Run, photo: Path) -> None:
    ran = run("palette", photo, "-k", 4, "--json", "-o", "four.png")
    assert len(json.loads(ran.out)["colors"]) == 4
    assert Path("four.png").exists()


@pytest.mark.parametrize("rebalance", [0, 0.5, 1])
def test_weights_for_training(run: Run, photo: Path, rebalance: float) -> None:
    said = json.loads(run("palette", photo, "-k", 4, "--json", "--rebalance", rebalance).out)
    mean = sum(color["share"] * color["weight"] for color in said["colors"])
    assert mean == pytest.approx(1, abs=1e-4)
    assert (len({color["weight"] for color in said["colors"]}) == 1) == (rebalance == 0)


def test_weights_need_json(run: Run, photo: Path) -> None:
    ran = run("palette", photo, "--rebalance", 0.5, "-o", "four.png")
    assert ran.status == 2
    assert "--rebalance is said in JSON" in ran.error


def test_a_dataset(run: Run, photo: Path, dataset: Dataset) -> None:
    expected = fit_palette(dataset.pictures("train"), 4).to_json()
    assert run("palette", dataset.path, "-k", 4, "--json").out.decode() == expected
    refused = run("gray", photo, "!", "palette", dataset.path, "--json")
    assert refused.status == 2
    assert "palette takes no pictures from the stage before" in refused.error


def test_the_dataset_of_the_stage_before(run: Run, photos: Path) -> None:
    words = ("prepare", photos, "-o", "photos.zarr", "--size", 16, "!", "palette", "-k", 2)
    ran = run(*words, "-o", "two.json")
    assert ran.status == 0, ran.said
    assert len(Palette.from_json(Path("two.json").read_text())) == 2


def test_what_cannot_be_seen_is_no_colour(run: Run) -> None:
    alpha = np.zeros((8, 8), np.uint8)
    alpha[:2] = 255
    pixels = np.full((8, 8, 3), (250, 0, 250), np.uint8)
    pixels[:2] = (0, 90, 0)
    ran = run("palette", "--json", stdin=encode(Frame(pixels, alpha), "png"))
    assert [color["hex"] for color in json.loads(ran.out)["colors"]] == ["#005a00"]
