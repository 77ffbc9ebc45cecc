"""Models measured against the truth, beside what costs nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from luvcolor.colorization import ColorizeOptions, Engine
from luvcolor.errors import LuvcolorError, PictureError
from luvcolor.evaluation import Evaluation, evaluate
from luvcolor.frame import Frame
from luvcolor.metrics import METRICS
from luvcolor.model import Chroma, Colorizer
from tests.conftest import no_failure, noisy

MEAN_UV = (10.0, 12.0)


class Sepia(Colorizer):
    """One warm colour for everything."""

    Config = dict

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(torch.full((1, 2, *luma.shape[-2:]), 20.0))


def evaluated(frames: Iterable[Frame], failed: Any = no_failure, **options: Any) -> Evaluation:
    engine = Engine(Sepia(), 16, ColorizeOptions(), {"model": "sepia"})
    return evaluate(frames, engine, failed=failed, **options)


def frames(*seeds: int) -> list[Frame]:
    return [Frame(noisy(20 + seed, 24, seed), name=f"{seed}.png") for seed in seeds]


def test_the_table_has_the_baselines_the_model_and_the_truth() -> None:
    result = evaluated(frames(0, 1), mean_uv=MEAN_UV)
    assert list(result.summary()) == ["gray", "mean chroma", "sepia", "truth"]
    assert len(result.rows) == 8
    for row in result.rows:
        assert list(row) == ["picture", "method", *METRICS]


def test_without_a_known_mean_that_baseline_is_left_out() -> None:
    assert list(evaluated(frames(0)).summary()) == ["gray", "sepia", "truth"]


def test_the_truth_is_perfect_and_gray_has_no_colour() -> None:
    summary = evaluated(frames(0, 1), mean_uv=MEAN_UV).summary()
    assert summary["truth"]["psnr"] == 100
    assert summary["truth"]["ciede2000"] == 0
    assert summary["gray"]["colourfulness"] == pytest.approx(0, abs=0.01)
    assert 0 < summary["sepia"]["psnr"] < 100
    assert summary["gray"] != summary["sepia"] != summary["mean chroma"]


def test_the_summary_is_the_mean_over_the_pictures() -> None:
    result = evaluated(frames(0, 1))
    each = [row["psnr"] for row in result.rows if row["method"] == "sepia"]
    assert len(each) == 2
    assert result.summary()["sepia"]["psnr"] == pytest.approx(np.mean(each), abs=1e-4)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_pictures_of_any_depth_are_measured_as_bytes(dtype: str) -> None:
    (narrow,) = frames(3)
    wide = narrow.pixels.astype(dtype)
    wide = wide * 257 if dtype == "uint16" else wide / 255
    other = Frame(wide.astype(dtype), name=narrow.name)
    for row, expected in zip(evaluated([other]).rows, evaluated([narrow]).rows, strict=True):
        assert row["psnr"] == pytest.approx(expected["psnr"], abs=0.1)


def test_gray_pictures_are_refused_by_name_and_the_rest_goes_on() -> None:
    one = Frame(np.full((20, 20), 9, np.uint8), name="one-channel.png")
    three = Frame(np.full((20, 20, 3), 9, np.uint8), name="three-channels.png")
    failed: dict[str, LuvcolorError] = {}
    result = evaluated([one, *frames(0), three, *frames(1)], failed.__setitem__)
    assert list(failed) == ["one-channel.png", "three-channels.png"]
    for name, error in failed.items():
        assert isinstance(error, PictureError)
        assert str(error).startswith(f"{name}: expected colours")
    assert result.protocol["pictures"] == 2
    assert {row["picture"] for row in result.rows} == {"0.png", "1.png"}


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(PictureError, match="expected pictures in colour"):
        evaluated([])
    gray = Frame(np.full((20, 20), 9, np.uint8), name="gray.png")
    with pytest.raises(PictureError, match="found none"):
        evaluated([gray], lambda name, error: None)


def test_the_protocol_tells_sets_of_pictures_apart() -> None:
    def split(*seeds: int) -> str:
        return str(evaluated(frames(*seeds)).protocol["fingerprint"])

    assert split(0, 1) == split(0, 1)
    assert len({split(0, 1), split(0, 2), split(0), split(1)}) == 4
    gray = Frame(np.full((20, 20), 9, np.uint8))
    assert evaluated([gray, *frames(0)], lambda *_: None).protocol["fingerprint"] == split(0)


def test_pictures_of_other_shapes_are_other_pictures() -> None:
    (frame,) = frames(3)
    turned = Frame(frame.pixels.reshape(frame.pixels.shape[1], -1, 3))
    assert evaluated([frame]).protocol["fingerprint"] != evaluated([turned]).protocol["fingerprint"]


def test_everything_is_json() -> None:
    result = evaluated(frames(0), mean_uv=MEAN_UV)
    read = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert read["protocol"]["receipt"] == {"model": "sepia"}
    assert read["summary"] == result.summary()
    assert len(read["pictures"]) == 4
