"""What TensorBoard shows."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor.learning import board
from luvcolor.training import train
from tests.learning.fakes import SHORT, Fake, fakes, interrupting, one_thread, rows, run_of

__all__ = ["fakes", "one_thread"]


def shown(folder: Path) -> Any:
    """What TensorBoard reads from a folder."""
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(str(folder))
    return events.Reload()


def test_an_interrupted_run_shows_every_epoch_once(dataset: Dataset, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what TensorBoard still uses of what is deprecated
        pytest.importorskip("torch.utils.tensorboard")
    output, options = tmp_path / "a.safetensors", replace(SHORT, epochs=3)
    with pytest.raises(KeyboardInterrupt):
        train("fake", Fake(), dataset, output, options, tensorboard=True, say=interrupting(1))
    train("fake", Fake(), dataset, output, options, tensorboard=True, resume=True)
    events = shown(run_of(output) / "tensorboard")
    table = rows(output)
    for tag, column in (("val/loss", "val_loss"), ("train/main", "train_main")):
        scalars = events.Scalars(tag)
        assert [scalar.step for scalar in scalars] == [1, 2, 3]
        values = [float(row[column]) for row in table]
        assert [scalar.value for scalar in scalars] == pytest.approx(values)
    assert [image.step for image in events.Images("samples")] == [1, 2, 3]


def test_where_it_is_not_installed_the_error_says_how_to_get_it(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"found none; pip install 'luvcolor\[tensorboard\]'"):
        train("fake", Fake(), dataset, tmp_path / "a", SHORT, tensorboard=True)
    assert not list(tmp_path.iterdir())
