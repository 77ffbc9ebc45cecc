"""Batches: in LUV, shuffled by seed and epoch, shared out among processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import pytest
import torch

from luvcolor import dataset as dataset_module
from luvcolor.batches import Batches, to_batch
from luvcolor.dataset import Dataset
from luvcolor.model import Batch
from luvcolor_kernels.reference import rgb_to_luv


class Memory:
    """What Batches asks of an array in a store, held in memory."""

    def __init__(self, pictures: np.ndarray, chunk: int) -> None:
        self.pictures, self.chunks, self.shape = pictures, (chunk,), pictures.shape

    def __getitem__(self, index: Any) -> np.ndarray:
        chosen: np.ndarray = self.pictures[index]
        return chosen


def numbered(count: int, size: int = 4, chunk: int = 4) -> Dataset:
    """A dataset of flat pictures, each of the gray of its number."""
    pictures = np.arange(count, dtype=np.uint8)[:, None, None, None]
    array = Memory(np.broadcast_to(pictures, (count, size, size, 3)), chunk)
    return Dataset(None, {"train": array, "val": array}, {"size": size})  # type: ignore[arg-type]


def numbers(batches: Iterable[Batch]) -> list[list[int]]:
    return [batch.rgb[:, 0, 0, 0].tolist() for batch in batches]


def flat(batches: Iterable[Batch]) -> list[int]:
    return list(chain.from_iterable(numbers(batches)))


@pytest.fixture(autouse=True)
def small_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a pool hold two chunks of four pictures of four pixels."""
    monkeypatch.setattr(dataset_module, "POOL_BYTES", 2 * 4 * 4 * 4 * 3)


def test_a_batch_is_what_the_reference_says(dataset: Dataset) -> None:
    rgb = np.stack(list(dataset.pictures("val")))[:3]
    batch = to_batch(rgb)
    luv = rgb_to_luv(rgb)
    assert (batch.luma.dtype, batch.uv.dtype, batch.rgb.dtype) == (
        torch.float32,
        torch.float32,
        torch.uint8,
    )
    np.testing.assert_allclose(batch.luma.numpy()[:, 0] * 100, luv[..., 0], atol=1e-3)
    np.testing.assert_allclose(batch.uv.numpy(), np.moveaxis(luv[..., 1:], -1, 1), atol=1e-3)
    np.testing.assert_array_equal(batch.rgb.numpy(), np.moveaxis(rgb, -1, 1))


def test_a_pass_has_every_picture_once() -> None:
    batches = Batches(numbered(24), "train", 3, augment=True)
    assert [len(batch) for batch in numbers(batches)] == [3] * 8 == [3] * len(batches)
    assert sorted(flat(batches)) == list(range(24))


def test_the_same_seed_and_epoch_give_the_same_batches(dataset: Dataset) -> None:
    def made(seed: int, epoch: int) -> torch.Tensor:
        batches = Batches(dataset, "train", 4, True, crop=24, seed=seed, epoch=lambda: epoch)
        return torch.cat([batch.uv for batch in batches])

    assert torch.equal(made(0, 1), made(0, 1))
    assert not torch.equal(made(0, 1), made(0, 2))
    assert not torch.equal(made(0, 1), made(5, 1))


def test_the_epoch_is_asked_at_every_pass() -> None:
    epochs = iter([0, 1, 0])
    batches = Batches(numbered(24), "train", 4, True, epoch=lambda: next(epochs))
    first, second, third = (numbers(batches) for _ in range(3))
    assert first == third != second


def test_what_fills_no_batch_is_left_out_of_an_epoch() -> None:
    batches = Batches(numbered(23), "train", 5, augment=True)
    assert [len(batch) for batch in numbers(batches)] == [5] * 4
    assert len(set(flat(batches))) == 20


def test_fewer_pictures_than_a_batch_are_one_batch() -> None:
    batches = Batches(numbered(3), "train", 64, augment=True)
    assert len(batches) == 1
    assert sorted(flat(batches)) == [0, 1, 2]


@pytest.mark.parametrize(("count", "size"), [(23, 5), (24, 6), (3, 64), (1, 1)])
def test_without_augmentation_every_picture_comes_in_order(count: int, size: int) -> None:
    batches = Batches(numbered(count), "val", size)
    assert flat(batches) == list(range(count))
    assert max(len(batch) for batch in numbers(batches)) <= size
    assert len(batches) == -(-count // size)


def test_no_pictures_are_no_batches() -> None:
    for augment in (True, False):
        assert not list(Batches(numbered(0), "val", 4, augment=augment))


def test_crops_are_parts_of_their_picture_from_all_over() -> None:
    picture = np.arange(64, dtype=np.uint8).reshape(1, 8, 8, 1).repeat(3, -1)
    array = Memory(picture.repeat(32, 0), 4)
    dataset = Dataset(None, {"train": array}, {"size": 8})  # type: ignore[arg-type]
    corners: Counter[tuple[int, int]] = Counter()
    for batch in Batches(dataset, "train", 8, augment=True, crop=5):
        for crop in batch.rgb[:, 0].int().numpy():
            crop = crop[:, ::-1] if crop[0, 1] < crop[0, 0] else crop
            y, x = divmod(int(crop[0, 0]), 8)
            corners[y, x] += 1
            np.testing.assert_array_equal(crop, picture[0, y : y + 5, x : x + 5, 0])
    assert set(range(4)) == {y for y, _ in corners} == {x for _, x in corners}


def test_half_of_the_pictures_are_flipped() -> None:
    picture = np.arange(64, dtype=np.uint8).reshape(1, 8, 8, 1).repeat(3, -1)
    array = Memory(picture.repeat(200, 0), 4)
    dataset = Dataset(None, {"train": array}, {"size": 8})  # type: ignore[arg-type]
    first = torch.cat([b.rgb[:, 0, 0, 0] for b in Batches(dataset, "train", 20, augment=True)])
    assert set(first.tolist()) == {0, 7}
    assert 70 < int((first == 7).sum()) < 130


def test_a_crop_larger_than_the_picture_is_the_picture() -> None:
    (batch,) = Batches(numbered(4), "train", 4, augment=True, crop=99)
    assert batch.luma.shape == (4, 1, 4, 4)


@pytest.mark.parametrize("world", [2, 3, 5])
@pytest.mark.parametrize("augment", [True, False])
@pytest.mark.parametrize("count", [30, 31, 47])
def test_processes_share_the_pictures_and_go_in_step(count: int, world: int, augment: bool) -> None:
    whole = Batches(numbered(count), "train", 3, augment, world=world)
    shares = [replace(whole, rank=rank) for rank in range(world)]
    made = [flat(share) for share in shares]
    seen = Counter(chain.from_iterable(made))
    assert max(seen.values()) == 1
    assert len({len(share) for share in shares}) == 1
    assert [len(numbers(share)) for share in shares] == [len(share) for share in shares]
    if augment:
        assert {len(mine) for mine in made} == {count // world // 3 * 3}
    else:
        assert sorted(seen) == list(range(count))


def test_a_pass_can_be_left_early() -> None:
    batches = Batches(numbered(24), "train", 4, augment=True)
    assert len(next(iter(batches)).rgb) == 4
    assert len(flat(batches)) == 24


@pytest.mark.parametrize("film", [False, True])
def test_however_many_threads_make_them_batches_are_the_same_in_the_same_order(
    dataset: Dataset, film: bool
) -> None:
    alone = Batches(dataset, "train", 4, augment=True, crop=16, film=film)
    for ours, theirs in zip(alone, replace(alone, makers=5), strict=True):
        assert all(torch.equal(*pair) for pair in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("world", [2, 3])
def test_processes_together_have_the_batches_of_one_with_larger_ones(world: int) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (37, 8, 8, 3)).astype(np.uint8)
    dataset = Dataset(None, {"train": Memory(pictures, 4)}, {"size": 8})  # type: ignore[arg-type]
    whole = Batches(dataset, "train", 4 * world, augment=True, crop=5)
    share = replace(whole, size=4, world=world)
    shares = [list(replace(share, rank=rank)) for rank in range(world)]
    for number, batch in enumerate(whole):
        for rank in range(world):
            assert torch.equal(batch.rgb[rank::world], shares[rank][number].rgb)


def test_what_a_pass_took_is_counted_anew_for_each() -> None:
    batches = Batches(numbered(24), "train", 5, augment=True)
    for _ in range(2):
        assert len(flat(batches)) == batches.spent.pictures == 20
        assert min(batches.spent.reading, batches.spent.making, batches.spent.waiting) > 0


def test_no_more_is_read_than_a_few_batches_need() -> None:
    class Counting(Memory):
        read = 0

        def __getitem__(self, index: Any) -> np.ndarray:
            self.read += 1
            return super().__getitem__(index)

    array = Counting(np.zeros((400, 4, 4, 3), np.uint8), 4)
    dataset = Dataset(None, {"train": array}, {"size": 4})  # type: ignore[arg-type]
    made = iter(Batches(dataset, "train", 8, augment=True))
    next(made)
    made.close()  # type: ignore[attr-defined]
    # Two chunks a pool; a batch is in use, three are made or wait, a pool is read.
    assert array.read <= 2 * 5


def test_a_split_that_fits_into_a_pool_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting(Memory):
        read = 0

        def __getitem__(self, index: Any) -> np.ndarray:
            self.read += 1
            return super().__getitem__(index)

    monkeypatch.setattr(dataset_module, "POOL_BYTES", 24 * 4 * 4 * 3)
    dataset = numbered(24)
    array = Counting(dataset.arrays["train"].pictures, 4)
    dataset.arrays["train"] = array
    epochs = iter([0, 1, 0])
    batches = Batches(dataset, "train", 5, augment=True, epoch=lambda: next(epochs))
    first, second, third = (numbers(batches) for _ in range(3))
    assert first == third != second
    assert len(set(chain.from_iterable(first))) == 20
    assert array.read == 1


def test_a_batch_that_cannot_be_made_stops_the_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        raise MemoryError("no room")

    monkeypatch.setattr("luvcolor.batches.shrink", broken)
    with pytest.raises(MemoryError, match="no room"):
        list(Batches(numbered(24), "train", 4, augment=True, film=True, makers=3))


def test_a_picture_that_cannot_be_read_stops_the_pass() -> None:
    class Broken(Memory):
        def __getitem__(self, index: Any) -> np.ndarray:
            raise OSError("disk on fire")

    dataset = numbered(8)
    dataset.arrays["val"] = Broken(np.zeros((8, 4, 4, 3), np.uint8), 4)
    with pytest.raises(OSError, match="disk on fire"):
        list(Batches(dataset, "val", 4))


def test_film_ages_luma_and_shrinks_pictures_by_seed_and_epoch(dataset: Dataset) -> None:
    def made(epoch: int, film: bool = True) -> list[Batch]:
        return list(Batches(dataset, "train", 4, True, film=film, seed=0, epoch=lambda: epoch))

    again, plain = made(1), made(1, film=False)
    for ours, theirs in zip(made(1), again, strict=True):
        assert torch.equal(ours.luma, theirs.luma)
    sizes = {batch.luma.shape[-1] for epoch in range(4) for batch in made(epoch)}
    assert len(sizes) > 1
    assert {batch.luma.shape[-1] for batch in plain} == {dataset.size}
    assert any(
        not torch.equal(b.luma, to_batch(b.rgb.permute(0, 2, 3, 1).numpy()).luma) for b in again
    )


def test_validation_pictures_are_never_aged(dataset: Dataset) -> None:
    for film, plain in zip(
        Batches(dataset, "val", 4, film=True), Batches(dataset, "val", 4), strict=True
    ):
        assert torch.equal(film.luma, plain.luma)
