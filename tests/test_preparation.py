"""Pictures to a dataset: squares, splits, what is left out, and runs that are cut off."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from luvcolor import preparation
from luvcolor.dataset import SPLITS, Dataset
from luvcolor.errors import DatasetError, LuvcolorError, OutputError, UsageError
from luvcolor.frame import Frame
from luvcolor.io.codec import encode
from luvcolor.preparation import PrepareOptions, fit, prepare
from tests.conftest import no_failure, noisy

SMALL = PrepareOptions(size=8, val=0.25, test=0.25)


class CutOffError(Exception):
    """Stands for whatever ends a run early."""


def made(
    inputs: Path | list[str], output: Path, options: PrepareOptions = SMALL, **rest: Any
) -> Dataset:
    names = [str(inputs)] if isinstance(inputs, Path) else inputs
    return prepare(names, output, options, **{"failed": no_failure, "workers": 1, **rest})


def shown(dataset: Dataset) -> dict[str, list[bytes]]:
    return {split: [p.tobytes() for p in dataset.pictures(split)] for split in SPLITS}


def files(store: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(store)): path.read_bytes()
        for path in sorted(store.rglob("*"))
        if path.is_file()
    }


def write(path: Path, pixels: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(Frame(pixels), "tiff" if path.suffix == ".tif" else "png"))
    return path


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four pictures in a block, two in a chunk."""
    monkeypatch.setattr(preparation, "SHARD", 4)
    monkeypatch.setattr(preparation, "CHUNK", 2)


@pytest.mark.parametrize("mode", ["crop", "stretch"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("size", [(1, 1), (3, 90), (17, 23), (64, 48)])
def test_any_picture_becomes_a_square_of_bytes(
    size: tuple[int, int], dtype: str, mode: str
) -> None:
    top = {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    pixels = (np.full((*size, 3), [0.2, 0.4, 1.0]) * top).astype(dtype)
    square = fit(Frame(pixels), PrepareOptions(size=16, fit=mode))
    assert square.shape == (16, 16, 3)
    assert square.dtype == np.uint8
    assert np.abs(square.astype(int) - [51, 102, 255]).max() <= 1


def test_crop_keeps_the_middle_and_stretch_keeps_all() -> None:
    pixels = np.zeros((16, 48, 3), np.uint8)
    pixels[:, :16], pixels[:, 16:32], pixels[:, 32:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    cropped = fit(Frame(pixels), PrepareOptions(size=8))
    assert (cropped == (0, 255, 0)).all()
    stretched = fit(Frame(pixels), PrepareOptions(size=24, fit="stretch"))
    assert [stretched[5, x].argmax() for x in (1, 12, 22)] == [0, 1, 2]


def test_shrinking_is_an_average_over_areas() -> None:
    pixels = noisy(32, 32)
    expected = pixels.reshape(8, 4, 8, 4, 3).mean((1, 3))
    assert np.abs(fit(Frame(pixels), PrepareOptions(size=8)) - expected).max() <= 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"size": 4}, "at least 8 pixels, not 4"),
        ({"val": 0.6, "test": 0.4}, "leave something to train on; found 0.6 and 0.4"),
        ({"val": -0.1}, "found -0.1"),
        ({"fit": "squeeze"}, "'crop' or 'stretch', not 'squeeze'"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        PrepareOptions(**options)


def test_a_dataset_says_what_it_was_made_of(folder: Path, tmp_path: Path) -> None:
    dataset = made(folder, tmp_path / "a.zarr")
    manifest = dataset.manifest
    assert manifest["sources"] == ["photos"]
    assert sum(manifest["counts"].values()) == 12
    assert manifest["shares"] == {"val": 0.25, "test": 0.25}
    assert manifest["left_out"] == {"gray": 0, "failed": 0}
    assert len(manifest["fingerprint"]) == 16
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zarr", "photos"]
    assert "progress" not in (tmp_path / "a.zarr" / "zarr.json").read_text()


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_threads_change_nothing(folder: Path, tmp_path: Path, workers: int) -> None:
    made(folder, tmp_path / "a.zarr", workers=2)
    made(folder, tmp_path / "b.zarr", workers=workers)
    assert files(tmp_path / "a.zarr") == files(tmp_path / "b.zarr")


def test_splits_go_by_content_and_seed_not_by_name_or_order(folder: Path, tmp_path: Path) -> None:
    first = made(folder, tmp_path / "a.zarr")
    other = tmp_path / "other"
    other.mkdir()
    for number, path in enumerate(sorted(folder.iterdir(), reverse=True)):
        (other / f"{number:02}{path.suffix}").write_bytes(path.read_bytes())
    renamed = made(other, tmp_path / "b.zarr")
    assert {s: sorted(p) for s, p in shown(first).items()} == {
        s: sorted(p) for s, p in shown(renamed).items()
    }
    reseeded = made(folder, tmp_path / "c.zarr", replace(SMALL, seed=7))
    assert set(shown(first)["train"]) != set(shown(reseeded)["train"])
    assert all(shown(first).values())


def test_adding_pictures_moves_none_between_splits(folder: Path, tmp_path: Path) -> None:
    before = shown(made(folder, tmp_path / "a.zarr"))
    for number in range(5):
        write(folder / f"new{number}.png", noisy(20, 20, 50 + number))
    after = shown(made(folder, tmp_path / "b.zarr"))
    assert all(set(before[split]) <= set(after[split]) for split in SPLITS)


def test_twins_never_straddle_two_splits(folder: Path, tmp_path: Path) -> None:
    for path in list(folder.iterdir()):
        (folder / "copies").mkdir(exist_ok=True)
        (folder / "copies" / path.name).write_bytes(path.read_bytes())
    splits = shown(made(folder, tmp_path / "a.zarr"))
    assert sum(map(len, splits.values())) == 24
    assert sum(len(set(pictures)) for pictures in splits.values()) == 12


def test_folders_called_train_val_and_test_are_obeyed(tmp_path: Path) -> None:
    for number in range(9):
        write(tmp_path / "in" / SPLITS[number % 3] / "x" / f"{number}.png", noisy(9, 9, number))
    splits = shown(made(tmp_path / "in", tmp_path / "a.zarr", PrepareOptions(size=9)))
    for number, split in enumerate(SPLITS):
        expected = {noisy(9, 9, n).tobytes() for n in range(number, 9, 3)}
        assert set(splits[split]) == expected


def test_a_split_without_a_folder_is_drawn_from_train(tmp_path: Path) -> None:
    for number in range(30):
        folder = "val" if number < 3 else "train"
        write(tmp_path / "in" / folder / f"{number}.png", noisy(9, 9, number))
    counts = made(tmp_path / "in", tmp_path / "a.zarr", replace(SMALL, test=0.5)).manifest["counts"]
    assert counts["val"] == 3
    assert 5 < counts["test"] < 22


def test_gray_pictures_are_left_out_and_counted(folder: Path, tmp_path: Path) -> None:
    write(folder / "one-channel.png", np.full((9, 9), 7, np.uint8))
    write(folder / "three-channels.png", np.full((9, 9, 3), 7, np.uint8))
    manifest = made(folder, tmp_path / "a.zarr").manifest
    assert manifest["left_out"] == {"gray": 2, "failed": 0}
    assert sum(manifest["counts"].values()) == 12


def test_a_bad_picture_is_named_and_the_rest_is_done(folder: Path, tmp_path: Path) -> None:
    (folder / "05a.png").write_bytes(b"no picture")
    (folder / "05b.png").write_bytes((folder / "05.png").read_bytes()[:200])
    bad: dict[str, LuvcolorError] = {}
    dataset = made(folder, tmp_path / "a.zarr", failed=bad.__setitem__)
    assert list(bad) == ["05a.png", "05b.png"]
    assert all(isinstance(error, LuvcolorError) for error in bad.values())
    assert dataset.manifest["left_out"] == {"gray": 0, "failed": 2}
    assert sum(dataset.manifest["counts"].values()) == 12


def test_nothing_to_train_on_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    write(tmp_path / "in" / "gray.png", np.full((9, 9), 7, np.uint8))
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    bad: dict[str, LuvcolorError] = {}
    with pytest.raises(DatasetError, match=r"no colour picture.*among 2 .*1 gray, 1 unreadable"):
        made(tmp_path / "in", tmp_path / "a.zarr", failed=bad.__setitem__)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="twice and cannot read a pipe"):
        made(["-"], tmp_path / "a.zarr")


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "zip"])
def test_an_archive_gives_what_its_folder_gives(folder: Path, tmp_path: Path, kind: str) -> None:
    archive = tmp_path / f"photos.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as zipped:
            for path in sorted(folder.iterdir()):
                zipped.write(path, path.name)
    else:
        with tarfile.open(archive, f"w:{kind.partition('.')[2]}") as tar:  # type: ignore[call-overload]
            for path in sorted(folder.iterdir()):
                info = tarfile.TarInfo(path.name)
                info.size = path.stat().st_size
                tar.addfile(info, io.BytesIO(path.read_bytes()))
    packed = made(archive, tmp_path / "a.zarr")
    loose = made(folder, tmp_path / "b.zarr")
    assert shown(packed) == shown(loose)
    assert packed.manifest["fingerprint"] == loose.manifest["fingerprint"]


def test_an_existing_dataset_is_replaced_only_by_force(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "a.zarr"
    made(folder, output)
    before = files(output)
    with pytest.raises(OutputError, match=r"a\.zarr exists already"):
        made(folder, output, replace(SMALL, size=16))
    assert files(output) == before
    assert made(folder, output, replace(SMALL, size=16), force=True).size == 16


def test_force_leaves_alone_what_is_no_dataset(folder: Path) -> None:
    before = files(folder)
    with pytest.raises(OutputError, match=r"photos exists and is no dataset"):
        made(folder, folder, force=True)
    assert files(folder) == before


def cut_off_after(pictures: int) -> Callable[[Iterator[Any], int], Iterator[Any]]:
    def watch(items: Iterator[Any], total: int) -> Iterator[Any]:
        for number, item in enumerate(items):
            if number == pictures:
                raise CutOffError
            yield item

    return watch


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("cuts", [[0], [5], [9], [11], [5, 5], [4, 4, 3]])
def test_a_run_that_was_cut_off_ends_as_if_it_had_not(
    folder: Path, tmp_path: Path, cuts: list[int]
) -> None:
    (folder / "06a.png").write_bytes(b"no picture")
    write(folder / "07a.png", np.full((9, 9), 7, np.uint8))
    bad: dict[str, LuvcolorError] = {}
    rest: dict[str, Any] = {"failed": bad.__setitem__}
    made(folder, tmp_path / "whole.zarr", **rest)
    output = tmp_path / "parts.zarr"
    for cut in cuts:
        with pytest.raises(CutOffError):
            made(folder, output, watch=cut_off_after(cut), **rest)
        assert not output.exists()
        with pytest.raises(DatasetError, match="expected a dataset"):
            Dataset.open(tmp_path / "parts.zarr.partial")
    totals = []

    def count(items: Iterator[Any], total: int) -> Iterator[Any]:
        totals.append(total)
        return items

    made(folder, output, watch=count, **rest)
    assert files(output) == files(tmp_path / "whole.zarr")
    assert totals == [14 - sum(cut // 4 * 4 for cut in cuts)]
    assert not Path(f"{output}.partial").exists()


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("call", range(1, 7))
def test_a_run_cut_off_between_pictures_and_note_ends_as_if_it_had_not(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    made(folder, tmp_path / "whole.zarr")
    output = tmp_path / "parts.zarr"
    real = np.stack
    calls = []

    def stack(*args: Any, **options: Any) -> Any:
        calls.append(args)
        if len(calls) == call:  # the splits of a block are written one by one
            raise CutOffError
        return real(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(np, "stack", stack)
        with pytest.raises(CutOffError):
            made(folder, output)
    made(folder, output)
    assert files(output) == files(tmp_path / "whole.zarr")


@pytest.mark.parametrize("step", ["begin", "rename"])
def test_a_run_cut_off_at_either_end_goes_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    made(folder, tmp_path / "whole.zarr")
    output = tmp_path / "parts.zarr"

    def cut_off(*args: Any) -> None:
        raise CutOffError

    with monkeypatch.context() as patch:
        if step == "begin":
            patch.setattr(preparation._Store, "_begin", cut_off)
        else:
            patch.setattr(Path, "rename", cut_off)
        with pytest.raises(CutOffError):
            made(folder, output)
    assert not output.exists()
    made(folder, output)
    assert files(output) == files(tmp_path / "whole.zarr")


@pytest.mark.usefixtures("small_blocks")
def test_an_unfinished_run_of_something_else_is_refused_unless_forced(
    folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "a.zarr"
    with pytest.raises(CutOffError):
        made(folder, output, watch=cut_off_after(6))
    other = replace(SMALL, size=16)
    with pytest.raises(DatasetError, match=r"unfinished run with other pictures or options.*force"):
        made(folder, output, other)
    made(folder, output, other, force=True)
    made(folder, tmp_path / "b.zarr", other)
    assert files(output) == files(tmp_path / "b.zarr")


def test_force_leaves_other_peoples_stores_alone(folder: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "cells.zarr"
    zarr.open_group(theirs, mode="w").create_array("cells", shape=(2,), dtype="uint8")
    with pytest.raises(OutputError, match=r"cells\.zarr exists and is no dataset"):
        made(folder, theirs, force=True)
    assert "cells" in zarr.open_group(theirs, mode="r")


def test_what_lies_where_the_store_grows_is_not_removed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "d.zarr.partial").mkdir()
    with pytest.raises(OutputError, match=r"d\.zarr\.partial is in the way"):
        made(folder, tmp_path / "d.zarr", force=True)
