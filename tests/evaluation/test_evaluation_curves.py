"""Curves of the run that a checkpoint came from."""

from __future__ import annotations

from pathlib import Path

from luvcolor.checkpoint import Card
from luvcolor.evaluation.curves import curves_of

TABLE = "epoch,val_loss,val_accuracy,seconds\n1,3.5,0.1,9.0\n2,nan,0.2,9.1\n3,2.5,,9.0\n"


def test_the_table_of_the_run_beside_the_checkpoint(tmp_path: Path) -> None:
    folder = tmp_path / "unet.run"
    folder.mkdir()
    (folder / "metrics.csv").write_text(TABLE)
    curves = curves_of(Card("unet", {}, 32), tmp_path / "unet.safetensors")
    assert curves == {
        "val_loss": [(1, 3.5), (3, 2.5)],
        "val_accuracy": [(1, 0.1), (2, 0.2)],
    }


def test_the_card_comes_first(tmp_path: Path) -> None:
    folder = tmp_path / "unet.run"
    folder.mkdir()
    (folder / "metrics.csv").write_text(TABLE)
    card = Card("unet", {}, 32, metrics={"curves": [{"epoch": 1, "train_main": 7}]})
    assert curves_of(card, tmp_path / "unet.safetensors") == {"train_main": [(1, 7)]}


def test_no_run_has_no_curves(tmp_path: Path) -> None:
    card = Card("unet", {}, 32, metrics={"epoch": 6, "val_loss": 3.7})
    assert curves_of(card, tmp_path / "unet.safetensors") == {}
    folder = tmp_path / "unet.run"
    folder.mkdir()
    (folder / "metrics.csv").write_bytes(b"\xff\xfe\x00nonsense")
    assert curves_of(card, tmp_path / "unet.safetensors") == {}
