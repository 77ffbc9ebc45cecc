"""The mean of checkpoints: of their weights, under the card of the first."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from luvcolor.averaging import average
from luvcolor.checkpoint import card_of, load, read_card, save, short_hash
from luvcolor.errors import CheckpointError, OutputError, UsageError
from luvcolor_regression import Regression, RegressionConfig
from luvcolor_unet import UNet, UNetConfig

SMALL = UNetConfig(width=4, depth=1, colors=3)


def saved(path: Path, seed: int, config: UNetConfig = SMALL) -> Path:
    torch.manual_seed(seed)
    model = UNet(config)
    save(
        path,
        model,
        card_of(model, "unet", 64, training={"epochs": seed}, metrics={"val_loss": 1.0}),
    )
    return path


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    return [saved(tmp_path / f"{seed}.safetensors", seed) for seed in range(3)]


def test_every_weight_is_the_mean_of_all(three: list[Path], tmp_path: Path) -> None:
    output = average(three, tmp_path / "mean.safetensors")
    states = [load(path)[0].state_dict() for path in three]
    for name, mean in load(output)[0].state_dict().items():
        every = torch.stack([state[name] for state in states])
        expected = every.mean(0) if every.is_floating_point() else every[0]
        torch.testing.assert_close(mean, expected, msg=name)


def test_the_card_is_that_of_the_first_and_names_all(three: list[Path], tmp_path: Path) -> None:
    card = read_card(average(three, tmp_path / "mean.safetensors"))
    first = read_card(three[0])
    assert (card.model, card.config, card.size) == (first.model, first.config, first.size)
    assert card.training == {"epochs": 0, "averaged": [short_hash(path) for path in three]}
    assert card.metrics == {}


def test_one_alone_gets_what_is_said_of_it_changed(three: list[Path], tmp_path: Path) -> None:
    output = average(
        three[:1],
        tmp_path / "one.safetensors",
        settings={"temperature": 0.25},
        card={"sizes": [32, 48], "licence": "CC0-1.0"},
    )
    card = read_card(output)
    assert (card.sizes, card.licence, card.config["temperature"]) == ([32, 48], "CC0-1.0", 0.25)
    assert (card.training, card.metrics) == ({"epochs": 0}, {"val_loss": 1.0})
    ours, theirs = load(output)[0].state_dict(), load(three[0])[0].state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_half_halves(three: list[Path], tmp_path: Path) -> None:
    whole = average(three, tmp_path / "whole.safetensors").stat().st_size
    assert average(three, tmp_path / "half.safetensors", half=True).stat().st_size < 0.8 * whole


def test_other_models_and_shapes_are_refused(three: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "mean.safetensors"
    wide = saved(tmp_path / "wide.safetensors", 0, UNetConfig(width=8, depth=1, colors=3))
    with pytest.raises(CheckpointError, match=r"wide.*expected.*'unet'.*found.*in others \("):
        average([three[0], wide], output)
    model = Regression(RegressionConfig(width=4, depth=1))
    other = tmp_path / "other.safetensors"
    save(other, model, card_of(model, "regression", 64))
    with pytest.raises(CheckpointError, match=r"other.*expected.*'unet'.*'regression'"):
        average([three[0], other], output)
    with pytest.raises(UsageError, match="volume"):
        average(three, output, settings={"volume": 11})
    assert not output.exists()


def test_nothing_is_replaced_but_by_force(three: list[Path]) -> None:
    with pytest.raises(OutputError):
        average(three, three[2])
    average(three, three[2], force=True)
