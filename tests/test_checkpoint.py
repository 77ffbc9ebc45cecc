"""Checkpoints: weights and a card that come back as they were, and files that are none."""

from __future__ import annotations

import json
import os
import pickletools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from luvcolor import checkpoint
from luvcolor.checkpoint import card_of, fill, find_checkpoint, load, read_card, save, short_hash
from luvcolor.errors import CheckpointError, OutputError, UsageError
from luvcolor.registry import registry
from luvcolor_unet import UNet, UNetConfig

SMALL = UNetConfig(width=4, depth=1, colors=3)
CARD = card_of(
    UNet(SMALL),
    "unet",
    64,
    data={"sources": ["photos"], "mean_uv": [1.5, -2.0]},
    training={"epochs": 2},
    metrics={"val_loss": 0.5},
    licence="CC0-1.0",
    notes="Skies only. Grüße.",
    palette=["#ff0000"],
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "small.safetensors"
    save(path, UNet(SMALL), CARD)
    return path


def with_card(path: Path, **changes: Any) -> Path:
    """Write the weights of `path` once more, under a card that was tampered with."""
    text = json.dumps({**json.loads(json.dumps(vars(CARD))), **changes})
    other = path.with_name("other.safetensors")
    save_file(load_file(path), other, {"luvcolor": text})
    return other


def test_weights_and_card_come_back_as_they_were(tmp_path: Path) -> None:
    model = UNet(SMALL)
    path = tmp_path / "deep" / "new.safetensors"
    save(path, model, CARD)
    loaded, card = load(path)
    assert card == CARD == read_card(path)
    assert loaded.config == SMALL
    assert not loaded.training
    for name, tensor in loaded.state_dict().items():
        assert torch.equal(tensor, model.state_dict()[name]), name


def test_half_stores_half_and_computes_in_full(tmp_path: Path) -> None:
    model = UNet(SMALL)
    full, half = tmp_path / "full.safetensors", tmp_path / "half.safetensors"
    save(full, model, CARD)
    save(half, model, CARD, half=True)
    weight = load_file(half)["last.weight"]
    assert weight.dtype == torch.float16
    assert half.stat().st_size < full.stat().st_size
    loaded, _ = load(half)
    assert loaded.state_dict()["last.weight"].dtype == torch.float32
    torch.testing.assert_close(loaded.state_dict()["last.weight"], weight.float())
    assert loaded.state_dict()["first.1.num_batches_tracked"].dtype == torch.int64


def test_a_file_is_replaced_only_by_force(saved: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(OutputError, match="--force"):
        save(saved, UNet(SMALL), CARD)
    assert saved.read_bytes() == before
    save(saved, UNet(SMALL), replace(CARD, notes="new"), force=True)
    assert read_card(saved).notes == "new"
    assert [file.name for file in saved.parent.iterdir()] == [saved.name]


def test_the_umask_decides_who_may_read(tmp_path: Path) -> None:
    for mask, mode in ((0o022, 0o644), (0o077, 0o600)):
        path = tmp_path / f"{mask}.safetensors"
        before = os.umask(mask)
        try:
            save(path, UNet(SMALL), CARD)
        finally:
            os.umask(before)
        assert path.stat().st_mode & 0o777 == mode


def test_weights_that_are_one_and_the_same_can_be_saved(tmp_path: Path) -> None:
    model = UNet(SMALL)
    model.tied = model.last
    save(tmp_path / "tied.safetensors", model, CARD)
    weights = load_file(tmp_path / "tied.safetensors")
    assert torch.equal(weights["tied.weight"], weights["last.weight"])


def test_a_checkpoint_holds_no_pickle(saved: Path) -> None:
    with pytest.raises(ValueError, match="opcode"):
        list(pickletools.genops(saved.read_bytes()))
    header = int.from_bytes(saved.read_bytes()[:8], "little")
    assert json.loads(saved.read_bytes()[8 : 8 + header])["__metadata__"]["luvcolor"]


@pytest.mark.parametrize("kept", [0, 5, 300, -1])
def test_a_truncated_file_is_no_checkpoint(saved: Path, kept: int) -> None:
    saved.write_bytes(saved.read_bytes()[:kept])
    with pytest.raises(CheckpointError, match=r"small\.safetensors: expected a checkpoint that"):
        load(saved)


def test_a_text_or_a_folder_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "notes.safetensors").write_text("Dear diary, " * 9)
    for path in (tmp_path / "notes.safetensors", tmp_path):
        with pytest.raises(CheckpointError, match=f"{path.name}: expected a checkpoint that"):
            load(path)


def test_a_missing_file_is_told_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"none\.safetensors: .*no such file"):
        read_card(tmp_path / "none.safetensors")


def test_strange_weights_are_told_apart_by_their_lack_of_a_card(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(2)}, tmp_path / "x.safetensors", {"format": "pt"})
    with pytest.raises(CheckpointError, match=r"x\.safetensors: expected a luvcolor card"):
        load(tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    "changes",
    [{"model": 7}, {"config": [1]}, {"size": "large"}, {"data": None}],
    ids=["model", "config", "size", "data"],
)
def test_a_card_of_wrong_kinds_cannot_be_read(saved: Path, changes: dict[str, Any]) -> None:
    (name,) = changes
    path = with_card(saved, **changes)
    with pytest.raises(CheckpointError, match=rf"other.*its card cannot be read: {name} is a"):
        load(path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", "7"])
def test_a_card_that_is_none_cannot_be_read(saved: Path, text: str) -> None:
    save_file(load_file(saved), saved, {"luvcolor": text})
    with pytest.raises(CheckpointError, match="its card cannot be read"):
        load(saved)


def test_a_card_of_a_later_version_may_say_more(saved: Path) -> None:
    assert read_card(with_card(saved, mood="sunny")) == CARD


def test_a_model_that_no_plugin_brings_is_told_with_the_known(saved: Path) -> None:
    with pytest.raises(UsageError, match=r"'dream'.*known models: .*unet"):
        load(with_card(saved, model="dream"))


def test_weights_that_do_not_fit_say_where(saved: Path) -> None:
    path = with_card(saved, config={**CARD.config, "colors": 5})
    with pytest.raises(CheckpointError, match=r"other.* do not fit .*'unet'.*size mismatch for"):
        load(path)
    path = with_card(saved, config={"volume": 11})
    with pytest.raises(CheckpointError, match=r"other.*no setting is called 'volume'"):
        load(path)


def test_a_model_is_filled_and_what_is_new_in_it_is_named(saved: Path) -> None:
    larger = UNet(SMALL)
    larger.extra = torch.nn.Linear(1, 1)
    before = larger.extra.weight.clone()
    assert fill(larger, saved) == ["extra.weight", "extra.bias"]
    theirs = load_file(saved)
    ours = larger.state_dict()
    assert all(torch.equal(ours[name], tensor) for name, tensor in theirs.items())
    assert torch.equal(larger.extra.weight, before)


def test_weights_of_another_model_do_not_fill_one(saved: Path) -> None:
    with pytest.raises(CheckpointError, match=r"expected weights that fit.*size mismatch"):
        fill(UNet(UNetConfig(width=8, depth=1, colors=3)), saved)
    with pytest.raises(CheckpointError, match="expected weights of this model, found others"):
        fill(torch.nn.Module(), saved)  # type: ignore[arg-type]


def test_the_hash_is_of_the_bytes(saved: Path) -> None:
    first = short_hash(saved)
    saved.write_bytes(saved.read_bytes() + b" ")
    assert len(first) == 12
    assert short_hash(saved) != first


@pytest.fixture
def shelf(saved: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One shipped checkpoint under the name of the default, and an empty folder to be in."""
    here = saved.parent / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(checkpoint, "shipped", lambda: {"default": saved})
    return saved


def test_no_name_is_the_default_and_a_model_finds_its_own(shelf: Path) -> None:
    assert find_checkpoint(None) == shelf
    assert find_checkpoint("default") == shelf
    assert find_checkpoint("unet") == shelf
    assert find_checkpoint(str(shelf)) == shelf


def test_a_folder_of_that_name_does_not_hide_a_model(shelf: Path) -> None:
    Path("unet").mkdir()
    assert find_checkpoint("unet") == shelf


def test_a_file_without_a_suffix_is_found(shelf: Path) -> None:
    Path("mine").write_bytes(shelf.read_bytes())
    assert find_checkpoint("mine") == Path("mine")


@pytest.mark.parametrize("name", ["none.safetensors", "runs/none"])
def test_what_looks_like_a_path_and_is_none_is_said_so(shelf: Path, name: str) -> None:
    with pytest.raises(CheckpointError, match=f"{name}: .*no such file"):
        find_checkpoint(name)


def test_a_model_without_weights_says_how_to_get_some(shelf: Path) -> None:
    with pytest.raises(UsageError, match=r"ships no weights; train some with .*-m regression"):
        find_checkpoint("regression")


def test_an_unknown_name_lists_the_known(shelf: Path) -> None:
    with pytest.raises(UsageError, match="known models"):
        find_checkpoint("nothing")


def test_what_ships_is_small_and_says_what_it_is() -> None:
    assert checkpoint.DEFAULT in checkpoint.shipped()
    for name, path in checkpoint.shipped().items():
        card = read_card(path)
        assert path.stat().st_size <= 16 * 2**20, name
        assert card.model in registry().models, name
        assert card.licence, name
        assert card.notes, name
        assert card.metrics, name
        assert len(card.data["mean_uv"]) == 2, name
