"""Training: what a run leaves, how it goes on, how it stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from luvcolor import checkpoint
from luvcolor.checkpoint import read_card
from luvcolor.dataset import Dataset
from luvcolor.errors import DatasetError, OutputError, TrainingStoppedError, UsageError
from luvcolor.learning.pace import TIMES
from luvcolor.learning.schedules import SCHEDULES
from luvcolor.model import Batch, Chroma, Colorizer
from luvcolor.palette import Palette
from luvcolor.preparation import PrepareOptions, prepare
from luvcolor.training import TrainingOptions, mean_chroma, train
from luvcolor_unet import UNet
from tests.conftest import no_failure
from tests.learning.fakes import (
    SHORT,
    TINY,
    Adversary,
    Fake,
    FakeConfig,
    Settled,
    alike,
    fakes,
    interrupting,
    known_models,
    left,
    one_thread,
    rows,
    weights,
)

__all__ = ["fakes", "one_thread"]


class Untrained(Colorizer):
    """Predicts, and does not learn."""

    Config = FakeConfig

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(luma.expand(-1, 2, -1, -1))


def test_a_run_leaves_a_checkpoint_and_its_folder(dataset: Dataset, tmp_path: Path) -> None:
    lines: list[str] = []
    output = tmp_path / "a.safetensors"
    assert train("unet", UNet(TINY), dataset, output, SHORT, say=lines.append) == output
    sheets = ["samples-0001.jpg", "samples-0002.jpg"]
    assert left(output) == ["best.safetensors", "curves.png", "metrics.csv", *sheets]
    assert [row["epoch"] for row in rows(output)] == ["1", "2"]
    assert {"train_main", "val_loss", "val_accuracy", *TIMES} <= set(rows(output)[0])
    with Image.open(tmp_path / "a.run" / "curves.png") as curves:
        curves.load()
        assert min(curves.size) > 200
    assert [line.partition(":")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert all("pictures/s, waited" in line for line in lines)


def test_the_card_says_what_was_done(dataset: Dataset, tmp_path: Path) -> None:
    output = tmp_path / "a.safetensors"
    train("unet", UNet(TINY), dataset, output, replace(SHORT, crop=24, epochs=1))
    card = read_card(output)
    assert (card.model, card.size) == ("unet", 24)
    assert card.config["width"] == 4
    assert card.data["fingerprint"] == dataset.manifest["fingerprint"]
    assert card.data["mean_uv"] == mean_chroma(dataset, seed=0)
    assert card.training["crop"] == 24
    assert card.metrics["epoch"] == 1
    assert not set(card.metrics) & set(TIMES)
    assert card.metrics["val_loss"] == pytest.approx(float(rows(output)[0]["val_loss"]))


def test_half_stores_half(dataset: Dataset, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    output = tmp_path / "a.safetensors"
    train("fake", Fake(), dataset, output, replace(SHORT, epochs=1), half=True)
    assert load_file(output)["uv"].dtype == torch.float16


def test_the_mean_chroma_is_that_of_the_training_pictures(dataset: Dataset) -> None:
    from luvcolor_kernels.reference import rgb_to_luv

    expected = [rgb_to_luv(picture)[..., 1:].mean((0, 1)) for picture in dataset.pictures("train")]
    assert mean_chroma(dataset, seed=3) == pytest.approx(
        [sum(values) / len(values) for values in zip(*expected, strict=True)], abs=0.01
    )


def test_the_same_seed_gives_the_same_weights_whatever_was_before(
    dataset: Dataset, tmp_path: Path
) -> None:
    outputs = [tmp_path / f"{name}.safetensors" for name in "abc"]
    for output, seed in zip(outputs, (0, 0, 1), strict=True):
        torch.rand(3)
        train("unet", UNet(TINY), dataset, output, replace(SHORT, epochs=1, seed=seed))
    assert alike(outputs[0], outputs[1])
    assert not alike(outputs[0], outputs[2])


def test_weights_a_model_chose_for_itself_are_kept(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Chosen(Fake):
        def __init__(self, config: FakeConfig | None = None) -> None:
            super().__init__(config)
            self.last = nn.Linear(2, 2)
            nn.init.zeros_(self.last.weight)

        def optimizers(self) -> dict[str, torch.optim.Optimizer]:
            return {"main": torch.optim.SGD([self.uv], lr=0.1)}

    model = Chosen()
    monkeypatch.setattr(checkpoint, "registry", known_models(chosen=Chosen))
    train("chosen", model, dataset, tmp_path / "a.safetensors", replace(SHORT, epochs=1))
    assert not model.last.weight.any()


@pytest.mark.parametrize(
    ("name", "make", "how"),
    [
        ("unet", lambda: UNet(TINY), {}),
        ("unet", lambda: UNet(TINY), {"film": True, "crop": 16}),
        *(("fake", Fake, {"schedule": schedule}) for schedule in SCHEDULES),
    ],
)
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(
    dataset: Dataset,
    tmp_path: Path,
    name: str,
    make: Callable[[], Colorizer],
    how: dict[str, Any],
) -> None:
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    options = replace(SHORT, epochs=3, **how)
    first, second = make(), make()
    train(name, first, dataset, whole, options)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train(name, make(), dataset, parts, options, say=interrupting(1))
    assert signal.getsignal(signal.SIGINT) is handler
    assert not parts.exists()
    torch.rand(5)
    lines: list[str] = []
    train(name, second, dataset, parts, options, resume=True, say=lines.append)
    assert [line.partition(":")[0] for line in lines] == ["epoch 2/3", "epoch 3/3"]
    for key, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[key]), key
    assert alike(whole, parts)
    assert untimed(whole) == untimed(parts)
    assert left(whole) == left(parts)


def untimed(output: Path) -> list[dict[str, str]]:
    """The table of a run without what a clock says."""
    return [{k: v for k, v in row.items() if k not in TIMES} for row in rows(output)]


def test_schedules_make_a_difference(dataset: Dataset, tmp_path: Path) -> None:
    outputs = [tmp_path / f"{schedule}.safetensors" for schedule in SCHEDULES]
    for schedule, output in zip(SCHEDULES, outputs, strict=True):
        train("fake", Fake(), dataset, output, replace(SHORT, schedule=schedule))
    assert len({tuple(weights(output)["uv"].tolist()) for output in outputs}) == len(SCHEDULES)


def test_a_run_begun_before_an_option_was_known_goes_on(dataset: Dataset, tmp_path: Path) -> None:
    output = tmp_path / "a.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train("fake", Fake(), dataset, output, SHORT, say=interrupting(1))
    best = output.with_suffix(".run") / "best.safetensors"
    model, card = checkpoint.load(best)
    old = {key: value for key, value in card.training.items() if key != "schedule"}
    checkpoint.save(best, model, replace(card, training=old), force=True)
    constant = replace(SHORT, schedule="constant")
    with pytest.raises(OutputError, match="has another training"):
        train("fake", Fake(), dataset, output, constant, resume=True)
    train("fake", Fake(), dataset, output, SHORT, resume=True)


def test_what_an_earlier_run_left_does_not_stay_among_what_the_next_leaves(
    dataset: Dataset, tmp_path: Path
) -> None:
    output = tmp_path / "a.safetensors"
    train("fake", Fake(), dataset, output, replace(SHORT, epochs=3))
    train("fake", Fake(), dataset, output, replace(SHORT, epochs=1), force=True)
    assert [name for name in left(output) if name.startswith("samples")] == ["samples-0001.jpg"]


def test_a_few_pictures_are_learned_by_heart_and_that_is_called_a_check(
    dataset: Dataset, tmp_path: Path
) -> None:
    output, lines, seen = tmp_path / "a.safetensors", list[str](), list[Batch]()

    def watch(batches: Iterable[Batch], title: str) -> Iterable[Batch]:
        for batch in batches:
            seen.append(batch)
            yield batch

    options = replace(SHORT, epochs=1, overfit=3)
    train("fake", Fake(), dataset, output, options, notes="Mine.", watch=watch, say=lines.append)
    check = "A check, and no model to use: it learned and validated the same 3 pictures."
    assert lines[0] == check
    card = read_card(output)
    assert card.notes == f"{check} Mine."
    assert card.training["overfit"] == 3
    assert card.data["counts"]["val"] == 3
    pictures = torch.from_numpy(dataset.arrays["train"][:3]).permute(0, 3, 1, 2)
    assert len(seen) == 25
    assert all(torch.equal(batch.rgb, pictures) for batch in seen)


def test_more_pictures_to_overfit_than_there_are_are_refused(
    dataset: Dataset, tmp_path: Path
) -> None:
    count = dataset.count("train")
    with pytest.raises(DatasetError, match=f"expected 99 train pictures, found {count}"):
        train("fake", Fake(), dataset, tmp_path / "a", replace(SHORT, overfit=99))
    assert not list(tmp_path.iterdir())


KILLED = """
import os, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
from luvcolor_unet import UNet, UNetConfig
from luvcolor.dataset import Dataset
from luvcolor.training import TrainingOptions, train

def batches(items, title):
    for number, item in enumerate(items):
        if title == "epoch 2" and number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        yield item

import torch
torch.set_num_threads(1)
options = TrainingOptions(epochs=2, batch_size=8, precision="32-true", device="cpu")
model = UNet(UNetConfig(width=4, depth=2, colors=4))
train("unet", model, Dataset.open({dataset!r}), Path({output!r}), options, watch=batches)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_run_goes_on_as_if_it_had_not_been(dataset: Dataset, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    path = [entry for entry in sys.path if entry]
    code = KILLED.format(path=path, dataset=str(dataset.path), output=str(parts))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert not parts.exists()
    train("unet", UNet(TINY), dataset, parts, SHORT, resume=True)
    train("unet", UNet(TINY), dataset, whole, SHORT)
    assert alike(whole, parts)


def test_resuming_what_was_never_begun_begins_it(dataset: Dataset, tmp_path: Path) -> None:
    output = tmp_path / "a.safetensors"
    train("fake", Fake(), dataset, output, SHORT, resume=True)
    assert len(rows(output)) == 2


def test_an_existing_checkpoint_is_replaced_only_by_force(dataset: Dataset, tmp_path: Path) -> None:
    output = tmp_path / "a.safetensors"
    output.write_text("precious")
    with pytest.raises(OutputError, match=r"a\.safetensors exists already.*--force"):
        train("fake", Fake(), dataset, output, SHORT)
    assert output.read_text() == "precious"
    assert not output.with_suffix(".run").exists()
    train("fake", Fake(), dataset, output, SHORT, force=True)
    assert read_card(output).model == "fake"


def test_an_unfinished_run_is_left_alone_unless_told(dataset: Dataset, tmp_path: Path) -> None:
    output = tmp_path / "a.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train("fake", Fake(), dataset, output, SHORT, say=interrupting(1))
    with pytest.raises(OutputError, match=r"unfinished run lies in .*a\.run.*--resume.*--force"):
        train("fake", Fake(), dataset, output, SHORT)
    assert len(rows(output)) == 2
    train("fake", Fake(), dataset, output, replace(SHORT, epochs=1), force=True)
    assert len(rows(output)) == 1


@pytest.mark.parametrize(
    ("name", "model", "reason"),
    [
        ("fake", Fake(FakeConfig(tint=1.0)), "another config.*'tint': 0.0"),
        ("adversary", Adversary(), r"another model \(fake, not adversary\)"),
    ],
)
def test_a_run_of_something_else_is_not_gone_on_with(
    dataset: Dataset, tmp_path: Path, name: str, model: Colorizer, reason: str
) -> None:
    output = tmp_path / "a.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train("fake", Fake(), dataset, output, SHORT, say=interrupting(1))
    with pytest.raises(OutputError, match=rf"unfinished run in .*a\.run has {reason}.*--force"):
        train(name, model, dataset, output, SHORT, resume=True)


def test_a_run_on_other_pictures_is_not_gone_on_with(dataset: Dataset, tmp_path: Path) -> None:
    output = tmp_path / "a.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train("fake", Fake(), dataset, output, SHORT, say=interrupting(1))
    other = replace(dataset, manifest={**dataset.manifest, "fingerprint": "0" * 16})
    with pytest.raises(OutputError, match=r"has another data \(.*not .*0000"):
        train("fake", Fake(), other, output, SHORT, resume=True)


def test_a_loss_that_is_no_number_stops_in_words_and_keeps_the_best(
    dataset: Dataset, tmp_path: Path
) -> None:
    output = tmp_path / "a.safetensors"
    steps = dataset.count("train") // SHORT.batch_size
    model = Fake(FakeConfig(poisoned=steps + 1))
    with pytest.raises(TrainingStoppedError, match=r"'main' became nan in epoch 2.*learning_rate"):
        train("fake", model, dataset, output, SHORT)
    assert not output.exists()
    best = output.with_suffix(".run") / "best.safetensors"
    assert read_card(best).metrics["epoch"] == 1
    assert all(tensor.isfinite().all() for tensor in weights(best).values())


def test_patience_ends_a_run_and_the_best_epoch_is_written(
    dataset: Dataset, tmp_path: Path
) -> None:
    output, lines = tmp_path / "a.safetensors", list[str]()
    options = replace(SHORT, epochs=9, patience=2)
    model = Settled()
    train("settled", model, dataset, output, options, say=lines.append)
    assert len(rows(output)) == 3
    assert lines[-1] == "no better for 2 epochs: stopped early"
    assert read_card(output).metrics["epoch"] == 1
    assert not torch.equal(weights(output)["uv"], model.state_dict()["uv"])


def test_a_finished_run_is_not_in_the_way_of_the_next(dataset: Dataset, tmp_path: Path) -> None:
    output = tmp_path / "a.safetensors"
    train("fake", Fake(), dataset, output, replace(SHORT, epochs=1))
    output.unlink()
    train("fake", Fake(), dataset, output, replace(SHORT, epochs=1))
    assert output.exists()


def test_runs_of_different_names_keep_apart(dataset: Dataset, tmp_path: Path) -> None:
    for name in ("model.v1", "model.v2"):
        train("fake", Fake(), dataset, tmp_path / name, replace(SHORT, epochs=1))
    folders = sorted(path.name for path in tmp_path.glob("*.run"))
    assert folders == ["model.v1.run", "model.v2.run"]


def test_two_optimizers_take_turns(dataset: Dataset, tmp_path: Path) -> None:
    output, model = tmp_path / "a.safetensors", Adversary()
    train("adversary", model, dataset, output, replace(SHORT, epochs=4, clip=0))
    assert model.discriminator.any()
    assert model.generator.any()
    steps = dataset.count("train") // SHORT.batch_size
    assert not any(model.seen[:steps])  # the first had been stepped when the second was asked for
    columns = rows(output)[0]
    assert {"train_discriminator", "train_generator"} <= set(columns)
    discriminator, generator, both = (
        float(columns[name]) for name in ("train_discriminator", "train_generator", "val_loss")
    )
    assert generator >= 1
    assert both > discriminator


def test_without_validation_pictures_the_training_loss_decides(
    folder: Path, tmp_path: Path
) -> None:
    options = PrepareOptions(size=16, val=0, test=0)
    dataset = prepare([str(folder)], tmp_path / "a.zarr", options, failed=no_failure, workers=0)
    output = tmp_path / "a.safetensors"
    train("fake", Fake(), dataset, output, replace(SHORT, epochs=3))
    losses = [float(row["train_main"]) for row in rows(output)]
    assert "val_loss" not in rows(output)[0]
    assert read_card(output).metrics["epoch"] == 1 + losses.index(min(losses))


def test_a_palette_of_another_size_is_refused_in_words(dataset: Dataset, tmp_path: Path) -> None:
    palette = Palette.from_colors(["#ff0000", "#00ff00"], space="rgb")
    with pytest.raises(UsageError, match="palette of 4 colours in rgb, and the palette has 2"):
        train("unet", UNet(TINY), dataset, tmp_path / "a.safetensors", SHORT, palette=palette)


def test_a_palette_given_travels_with_the_weights(dataset: Dataset, tmp_path: Path) -> None:
    palette = Palette.from_colors(["#ff0000", "#00ff00", "#0000ff", "#808080"], space="rgb")
    output = tmp_path / "a.safetensors"
    train("unet", UNet(TINY), dataset, output, replace(SHORT, epochs=1), palette=palette)
    assert weights(output)["palette.centers"].tolist() == palette.centers.tolist()


def test_a_run_starts_from_the_weights_of_another(dataset: Dataset, tmp_path: Path) -> None:
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    train("fake", Fake(), dataset, first, SHORT)
    lines: list[str] = []
    still = replace(SHORT, epochs=1, clip=1e-12)
    train("fake", Fake(), dataset, second, still, start=first, say=lines.append)
    # AdamW moves by its rate whatever the gradient's size, and there is one step.
    torch.testing.assert_close(weights(second)["uv"], weights(first)["uv"], atol=5e-3, rtol=0)
    assert read_card(second).training["started_from"] == checkpoint.short_hash(first)
    assert len(lines) == 1


def test_a_palette_beside_weights_to_start_from_is_refused(
    dataset: Dataset, tmp_path: Path
) -> None:
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    train("unet", UNet(TINY), dataset, first, SHORT)
    palette = Palette.from_colors(["#ff0000", "#00ff00", "#0000ff", "#777777"], space="rgb")
    with pytest.raises(UsageError, match="leave one of the two out"):
        train("unet", UNet(TINY), dataset, second, SHORT, palette=palette, start=first)
    train("unet", UNet(TINY), dataset, second, SHORT, start=first)
    assert torch.equal(weights(first)["palette.centers"], weights(second)["palette.centers"])


def test_a_model_that_does_not_learn_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'untrained' does not learn"):
        train("untrained", Untrained(), dataset, tmp_path / "a.safetensors", SHORT)
    assert not list(tmp_path.iterdir())


def test_no_pictures_to_train_on_are_refused(dataset: Dataset, tmp_path: Path) -> None:
    empty = replace(dataset, arrays={**dataset.arrays, "train": dataset.arrays["train"][:0]})
    with pytest.raises(DatasetError, match=r"photos\.zarr has no train pictures"):
        train("fake", Fake(), empty, tmp_path / "a.safetensors", SHORT)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"epochs": 0}, "at least 1; found 0 and 64"),
        ({"batch_size": 0}, "found 20 and 0"),
        ({"crop": 3}, "at least 8 pixels, or 0 for none; found 3"),
        ({"crop": -8}, "found -8"),
        ({"patience": -1}, "not negative; found -1 and 1.0"),
        ({"clip": float("nan")}, "found 0 and nan"),
        ({"overfit": -1}, "at least 1, or 0 for all; found -1"),
        ({"overfit": 4, "crop": 16}, "as they are; found a crop or film"),
        ({"overfit": 4, "film": True}, "as they are; found a crop or film"),
        ({"schedule": "linear"}, "one of cosine, one-cycle, constant; found 'linear'"),
        ({"precision": "8-bit"}, "one of auto, 32-true, bf16-mixed, 16-mixed; found '8-bit'"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        TrainingOptions(**options)


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        ("abacus", "one of auto, cpu, cuda, mps; found 'abacus'"),
        pytest.param(
            "cuda",
            "found 'cuda'",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="it can be used here"),
        ),
    ],
)
def test_a_device_that_is_not_here_is_named(
    dataset: Dataset, tmp_path: Path, device: str, reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        train("fake", Fake(), dataset, tmp_path / "a.safetensors", replace(SHORT, device=device))
    assert not list(tmp_path.iterdir())


def test_batches_go_through_the_watch(dataset: Dataset, tmp_path: Path) -> None:
    titles: list[str] = []

    def watch(batches: Iterable[Batch], title: str) -> Iterable[Batch]:
        titles.append(title)
        return batches

    train("fake", Fake(), dataset, tmp_path / "a.safetensors", SHORT, watch=watch)
    assert titles == ["epoch 1", "epoch 2"]


def test_gradients_are_clipped(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Steep(Fake):
        def __init__(self, config: FakeConfig | None = None) -> None:
            super().__init__(config)
            nn.init.zeros_(self.uv)

        def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
            yield "main", 1e6 * self.uv.sum()

        def optimizers(self) -> dict[str, torch.optim.Optimizer]:
            return {"main": torch.optim.SGD([self.uv], lr=1.0)}

    monkeypatch.setattr(checkpoint, "registry", known_models(steep=Steep))
    model = Steep()
    options = replace(SHORT, epochs=1, batch_size=dataset.count("train"), clip=0.5)
    train("steep", model, dataset, tmp_path / "a.safetensors", options)
    # One step: the learning rate has begun to rise, the gradient is of length 0.5.
    assert model.uv.norm().item() == pytest.approx(0.02 * 0.5, rel=1e-4)
