"""The benchmark of training compares like with like."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

pytest.importorskip("benchmarks.common", reason="the benchmarks do not come with the package")

from benchmarks import bench_training
from luvcolor.batches import to_batch
from luvcolor.dataset import Dataset


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Compute on one thread: models this small only wait for the others."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_the_peer_makes_the_batches_that_luvcolor_makes(dataset: Dataset) -> None:
    rgb = np.stack(list(dataset.pictures("train")))[:4]
    theirs = bench_training.to_batch(list(torch.from_numpy(rgb).permute(0, 3, 1, 2)))
    for ours, other in zip(to_batch(rgb), theirs, strict=True):
        assert ours.dtype == other.dtype
        torch.testing.assert_close(ours, other, atol=1e-3, rtol=0)


def test_the_peer_crops_and_flips(dataset: Dataset) -> None:
    pictures = bench_training.Pictures(dataset, 20)
    assert len(pictures) == dataset.count("train")
    crops = torch.stack([pictures[0] for _ in range(8)])
    assert crops.shape == (8, 3, 20, 20)
    assert len({tuple(crop.flatten().tolist()) for crop in crops}) > 1


@pytest.mark.slow
def test_one_table_has_luvcolor_and_its_peers(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A process that loads would take seconds to start.
    monkeypatch.setattr(bench_training, "LOADERS", {"loading in the same process": 0})
    lines: list[str] = []
    words = [str(dataset.path), "-m", "unet", "--set", "width=4", "depth=1", "colors=3"]
    more = ["--rounds", "2", "--batch-size", "4", "--pictures", "16", "--crop", "16"]
    bench_training.main([*words, *more], say=lines.append)
    assert lines[0].startswith("16 pictures of 32 pixels, batches of 4, crop 16, 32-true, cpu")
    assert lines[1].startswith("| model | who | pictures a second | luvcolor's speed over this |")
    rows = [line.strip("| ").split(" | ") for line in lines[2:]]
    assert [row[1] for row in rows] == ["luvcolor", "torch, loading in the same process"]
    assert float(rows[0][3]) == 1
    assert all(float(row[2]) > 0 for row in rows)
    ours, theirs = float(rows[0][-1]), float(rows[1][-1])
    assert ours == pytest.approx(theirs, rel=0.5)
