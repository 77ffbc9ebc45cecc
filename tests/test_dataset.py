"""An opened dataset: what it holds, and what is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from luvcolor import dataset as module
from luvcolor.dataset import SPLITS, Dataset
from luvcolor.errors import DatasetError


def stacked(dataset: Dataset, split: str) -> np.ndarray:
    return np.stack(list(dataset.pictures(split)))


def test_it_opens_with_its_manifest_and_its_splits(dataset: Dataset) -> None:
    opened = Dataset.open(str(dataset.path))
    assert opened.size == 32
    assert opened.manifest["counts"] == {split: opened.count(split) for split in SPLITS}
    assert sum(opened.manifest["counts"].values()) == 40
    assert stacked(opened, "train").shape == (opened.count("train"), 32, 32, 3)
    assert stacked(opened, "train").dtype == np.uint8


def test_a_missing_path_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"none\.zarr: there is no such dataset; .* prepare"):
        Dataset.open(tmp_path / "none.zarr")


def test_a_folder_of_pictures_is_no_dataset(folder: Path) -> None:
    with pytest.raises(DatasetError, match=r"photos: expected a dataset that .*prepare.* wrote"):
        Dataset.open(folder)
    with pytest.raises(DatasetError, match=r"00\.jpg: expected a dataset"):
        Dataset.open(folder / "00.jpg")


def test_a_store_without_a_manifest_or_a_split_is_no_dataset(tmp_path: Path) -> None:
    import zarr

    root = zarr.open_group(tmp_path / "a.zarr", mode="w")
    with pytest.raises(DatasetError, match=r"a\.zarr: expected a dataset"):
        Dataset.open(tmp_path / "a.zarr")
    root.attrs["luvcolor"] = {"size": 8}
    with pytest.raises(DatasetError, match="train"):
        Dataset.open(tmp_path / "a.zarr")


def test_a_sample_depends_on_its_seed_and_is_bounded(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sample(seed: int) -> np.ndarray:
        return np.stack(list(dataset.sample("train", seed=seed)))

    everything = {p.tobytes() for p in stacked(dataset, "train")}
    assert {p.tobytes() for p in sample(0)} == everything
    monkeypatch.setattr(module, "SAMPLED", 16)
    assert {len(sample(seed)) for seed in range(8)} <= {16, dataset.count("train") % 16}
    np.testing.assert_array_equal(sample(0), sample(0))
    assert len({sample(seed).tobytes() for seed in range(8)}) > 1


@pytest.mark.parametrize("pool", [1, 16 * 32 * 32 * 3, 512 * 2**20])
def test_pools_hold_every_picture_once(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, pool: int
) -> None:
    monkeypatch.setattr(module, "POOL_BYTES", pool)
    whole = stacked(dataset, "train")
    in_order = np.concatenate(list(dataset.pools("train", None)))
    np.testing.assert_array_equal(in_order, whole)
    shuffled = np.concatenate(list(dataset.pools("train", np.random.default_rng(0))))
    assert not np.array_equal(shuffled, whole)
    assert sorted(p.tobytes() for p in shuffled) == sorted(p.tobytes() for p in whole)


def test_a_few_pictures_come_again_and_again_to_learn_and_once_to_validate(
    dataset: Dataset,
) -> None:
    few = dataset.few(3, least=7)
    expected = dataset.arrays["train"][:3]
    np.testing.assert_array_equal(np.stack(list(few.pictures("val"))), expected)
    np.testing.assert_array_equal(
        np.stack(list(few.pictures("train"))), np.tile(expected, (3, 1, 1, 1))
    )
    assert [few.count(split) for split in ("train", "val", "test")] == [9, 3, 0]
    assert few.manifest["counts"] == {"train": 9, "val": 3, "test": 0}
    assert dataset.manifest["counts"]["train"] == dataset.count("train")


@pytest.mark.parametrize("pool", [1, 3, 1000])
def test_pools_have_every_picture_once_shuffled_or_not(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, pool: int
) -> None:
    chunk = dataset.arrays["train"].chunks[0]
    monkeypatch.setattr(module, "POOL_BYTES", pool * chunk * 32 * 32 * 3)
    monkeypatch.setattr(module, "AT_ONCE", 2)
    expected = stacked(dataset, "train")
    plain = np.concatenate(list(dataset.pools("train", None)))
    np.testing.assert_array_equal(plain, expected)
    shuffled = np.concatenate(list(dataset.pools("train", np.random.default_rng(0))))
    assert not np.array_equal(shuffled, expected)
    assert sorted(map(bytes, shuffled)) == sorted(map(bytes, expected))
