"""Sheets of sample pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor.learning.samples import SHOWN, Samples, predict
from luvcolor.training import train
from luvcolor_kernels.reference import luminance
from tests.learning.fakes import SHORT, Fake, alike, fakes, left, one_thread, run_of

__all__ = ["fakes", "one_thread"]


def sheets_in(output: Path) -> list[str]:
    return [name for name in left(output) if name.startswith("samples")]


def test_sheets_come_every_few_epochs_and_at_the_end(dataset: Dataset, tmp_path: Path) -> None:
    output = tmp_path / "a.safetensors"
    train("fake", Fake(), dataset, output, replace(SHORT, epochs=5), sheets=2)
    assert sheets_in(output) == [f"samples-000{epoch}.jpg" for epoch in (2, 4, 5)]
    with Image.open(run_of(output) / "samples-0005.jpg") as sheet:
        sheet.load()
        assert min(sheet.size) > 3 * 96


def test_sheets_change_nothing_of_what_is_learned(dataset: Dataset, tmp_path: Path) -> None:
    outputs = [tmp_path / "with.safetensors", tmp_path / "without.safetensors"]
    for output, sheets in zip(outputs, (1, 0), strict=True):
        train("fake", Fake(), dataset, output, SHORT, sheets=sheets)
    assert alike(*outputs)
    assert not sheets_in(outputs[1])


def test_a_negative_number_of_epochs_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not negative; found -1"):
        train("fake", Fake(), dataset, tmp_path / "a", SHORT, sheets=-1)
    assert not list(tmp_path.iterdir())


def test_the_same_pictures_from_all_over_the_validation_pictures_are_shown(
    dataset: Dataset, tmp_path: Path
) -> None:
    first, second = (Samples(tmp_path, dataset, 1, None) for _ in range(2))
    assert torch.equal(first.batch.rgb, second.batch.rgb)
    last = dataset.count("val") - 1
    assert len(first.names) == SHOWN
    assert (first.names[0], first.names[-1]) == ("val 0", f"val {last}")
    pictures = list(dataset.pictures("val"))
    for name, shown in zip(first.names, first.batch.rgb, strict=True):
        place = int(name.removeprefix("val "))
        np.testing.assert_array_equal(shown.permute(1, 2, 0).numpy(), pictures[place])


def test_without_validation_pictures_training_pictures_are_shown(
    dataset: Dataset, tmp_path: Path
) -> None:
    empty = replace(dataset, arrays={**dataset.arrays, "val": dataset.arrays["val"][:0]})
    assert Samples(tmp_path, empty, 1, None).names[0] == "train 0"


def test_predicting_leaves_every_part_in_its_mode() -> None:
    class Mixed(Fake):
        def __init__(self) -> None:
            super().__init__()
            self.frozen = torch.nn.BatchNorm2d(1).eval()
            self.seen: list[bool] = []

        def predict(self, luma: torch.Tensor, **_: object):  # type: ignore[no-untyped-def]
            self.seen += [self.training, torch.is_grad_enabled()]
            return super().predict(luma)

    model = Mixed().train()
    model.frozen.eval()
    assert predict(model, torch.rand(2, 1, 8, 8)).shape == (2, 2, 8, 8)
    assert model.seen == [False, False]
    assert (model.training, model.frozen.training) == (True, False)


def test_a_sheet_has_the_luma_of_the_truth_in_every_column(
    dataset: Dataset, tmp_path: Path
) -> None:
    samples = Samples(tmp_path, dataset, 1, None)
    gray, predicted, truth = samples.columns(np.zeros((SHOWN, 2, 32, 32), np.float32)).values()
    np.testing.assert_array_equal(gray, predicted)
    assert (gray == gray[..., :1]).all()
    np.testing.assert_allclose(luminance(gray), luminance(truth), atol=0.6)
