"""Models measured against the truth, beside what costs nothing."""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from luvcolor.checkpoint import Card
from luvcolor.classify import PaletteHead
from luvcolor.colorization import Engine
from luvcolor.dataset import Dataset
from luvcolor.errors import LuvcolorError, PictureError, UsageError
from luvcolor.evaluation import Evaluation, Measured, evaluate, methods_of, origin_of
from luvcolor.evaluation.columns import COLUMNS
from luvcolor.evaluation.luma_lookup import LumaLookup
from luvcolor.evaluation.own import OWN, centers_of
from luvcolor.evaluation.protocol import Origin
from luvcolor.frame import Frame
from luvcolor.metrics import METRICS
from luvcolor.model import Batch, Chroma, Colorizer
from luvcolor.runtimes.torch_runtime import TorchPredictor
from tests.conftest import no_failure, noisy

MEAN_UV = (10.0, 12.0)


class Flat(Colorizer):
    """One colour for everything."""

    Config = dict

    def __init__(self, chroma: float) -> None:
        super().__init__()
        self.chroma = chroma

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(torch.full((1, 2, *luma.shape[-2:]), self.chroma))


class Chooser(Flat):
    """The same, and it says that it chose the lighter of two colours everywhere."""

    def __init__(self) -> None:
        super().__init__(10)
        self.palette = PaletteHead(2, space="luv")
        self.palette.centers.copy_(torch.tensor([[30.0, 0, 0], [70, 0, 0]]))

    def losses(self, batch: Batch) -> Any:
        yield "main", self.palette.loss(self.logits(batch), batch)

    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        return self.palette.metrics(self.logits(batch), batch)

    def logits(self, batch: Batch) -> Tensor:
        return torch.cat([-batch.luma, batch.luma], 1)


def flat(
    name: str = "sepia",
    chroma: float = 20,
    checkpoint: str = "",
    mean_uv: tuple[float, float] | None = None,
) -> Engine:
    card = Card(name, {}, 16, data={"mean_uv": mean_uv} if mean_uv else {})
    return Engine(TorchPredictor(Flat(chroma), card), checkpoint=checkpoint)


def evaluated(
    frames: Iterable[Frame],
    failed: Any = no_failure,
    mean_uv: tuple[float, float] | None = None,
) -> Evaluation:
    return evaluate(frames, [flat(mean_uv=mean_uv)], failed=failed)


def frames(*seeds: int) -> list[Frame]:
    return [Frame(noisy(20 + seed, 24, seed), name=f"{seed}.png") for seed in seeds]


def test_the_table_has_the_baselines_the_model_and_the_truth() -> None:
    result = evaluated(frames(0, 1), mean_uv=MEAN_UV)
    assert list(result.summary()) == ["gray", "mean chroma", "sepia", "truth"]
    assert len(result.rows) == 8
    for row in result.rows:
        assert list(row) == ["picture", "method", *METRICS, *OWN]
    for means in result.summary().values():
        assert list(means) == list(COLUMNS)


def test_without_a_known_mean_that_baseline_is_left_out() -> None:
    assert list(evaluated(frames(0)).summary()) == ["gray", "sepia", "truth"]


def test_several_models_stand_in_one_table() -> None:
    engines = [flat(mean_uv=MEAN_UV), flat("ink", -20, mean_uv=(99.0, 99.0))]
    result = evaluate(frames(0, 1), engines, failed=no_failure)
    summary = result.summary()
    assert list(summary) == ["gray", "mean chroma", "sepia", "ink", "truth"]
    assert summary["sepia"]["psnr"] != summary["ink"]["psnr"]
    assert list(result.protocol["receipts"]) == ["sepia", "ink"]
    alone = evaluated(frames(0, 1), mean_uv=MEAN_UV).summary()
    assert {name: summary[name] for name in alone} == alone


def test_checkpoints_of_one_model_are_told_apart_by_their_files() -> None:
    engines = [flat(checkpoint="a"), flat(checkpoint="b"), flat("ink")]
    assert list(methods_of(engines)) == ["sepia (a)", "sepia (b)", "ink"]
    with pytest.raises(UsageError, match="found one twice"):
        methods_of([flat(checkpoint="a"), flat(checkpoint="a")])
    with pytest.raises(UsageError, match="found none"):
        methods_of([])


def test_the_truth_is_perfect_and_gray_has_no_colour() -> None:
    summary = evaluated(frames(0, 1), mean_uv=MEAN_UV).summary()
    assert summary["truth"]["psnr"] == 100
    assert summary["truth"]["ciede2000"] == 0
    assert summary["gray"]["colourfulness"] == pytest.approx(0, abs=0.01)
    assert 0 < (summary["sepia"]["psnr"] or 0) < 100
    assert summary["gray"] != summary["sepia"] != summary["mean chroma"]


def test_the_summary_is_the_mean_over_the_pictures() -> None:
    result = evaluated(frames(0, 1))
    each = [row["psnr"] for row in result.rows if row["method"] == "sepia"]
    assert len(each) == 2
    assert result.summary()["sepia"]["psnr"] == pytest.approx(np.mean(each), abs=1e-4)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_pictures_of_any_depth_are_measured_as_bytes(dtype: str) -> None:
    (narrow,) = frames(3)
    wide = narrow.pixels.astype(dtype)
    wide = wide * 257 if dtype == "uint16" else wide / 255
    other = Frame(wide.astype(dtype), name=narrow.name)
    for row, expected in zip(evaluated([other]).rows, evaluated([narrow]).rows, strict=True):
        assert row["psnr"] == pytest.approx(expected["psnr"], abs=0.1)


def test_gray_pictures_are_refused_by_name_and_the_rest_goes_on() -> None:
    one = Frame(np.full((20, 20), 9, np.uint8), name="one-channel.png")
    three = Frame(np.full((20, 20, 3), 9, np.uint8), name="three-channels.png")
    failed: dict[str, LuvcolorError] = {}
    result = evaluated([one, *frames(0), three, *frames(1)], failed.__setitem__)
    assert list(failed) == ["one-channel.png", "three-channels.png"]
    for name, error in failed.items():
        assert isinstance(error, PictureError)
        assert str(error).startswith(f"{name}: expected colours")
    assert result.protocol["pictures"] == 2
    assert {row["picture"] for row in result.rows} == {"0.png", "1.png"}


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(PictureError, match="expected pictures in colour"):
        evaluated([])
    gray = Frame(np.full((20, 20), 9, np.uint8), name="gray.png")
    with pytest.raises(PictureError, match="found none"):
        evaluated([gray], lambda name, error: None)


def test_the_protocol_tells_sets_of_pictures_apart() -> None:
    def split(*seeds: int) -> str:
        return str(evaluated(frames(*seeds)).protocol["fingerprint"])

    assert split(0, 1) == split(0, 1)
    assert len({split(0, 1), split(0, 2), split(0), split(1)}) == 4
    gray = Frame(np.full((20, 20), 9, np.uint8))
    assert evaluated([gray, *frames(0)], lambda *_: None).protocol["fingerprint"] == split(0)


def test_pictures_of_other_shapes_are_other_pictures() -> None:
    (frame,) = frames(3)
    turned = Frame(frame.pixels.reshape(frame.pixels.shape[1], -1, 3))
    assert evaluated([frame]).protocol["fingerprint"] != evaluated([turned]).protocol["fingerprint"]


def test_everything_is_json() -> None:
    result = evaluated(frames(0), mean_uv=MEAN_UV)
    read = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert read["protocol"]["receipts"]["sepia"]["model"] == "sepia"
    assert read["summary"] == result.summary()
    assert len(read["pictures"]) == 4
    assert read["format"] == 1
    assert read["summary"]["gray"]["loss"] is None


def test_metrics_that_do_not_apply_are_empty() -> None:
    summary = evaluated(frames(0, 1), mean_uv=MEAN_UV).summary()
    for method, means in summary.items():
        assert means["accuracy"] is None, method
        assert means["loss"] is None, method
        assert means["auc_rebalanced"] is not None, method


def test_the_rebalanced_auc_is_that_of_all_pictures_together() -> None:
    summary = evaluated(frames(0, 1)).summary()
    assert summary["truth"]["auc_rebalanced"] == 1
    # Whatever is gray is nearly right about common colours, and not about rare ones.
    gray, plain = summary["gray"]["auc_rebalanced"], summary["gray"]["auc"]
    assert gray is not None
    assert plain is not None
    assert gray < plain < 1


def test_on_a_dataset_luma_alone_is_a_baseline(dataset: Dataset) -> None:
    chooser = Engine(TorchPredictor(Chooser(), Card("chooser", {}, 32)))
    engines = [flat(), chooser]
    origin = origin_of(dataset, "test", engines)
    pictures = [Frame(pixels, name="p") for pixels in dataset.pictures("test")]
    result = evaluate(pictures, engines, failed=no_failure, origin=origin)
    summary, protocol = result.summary(), result.protocol
    assert list(summary) == ["gray", "luma lookup", "sepia", "chooser", "truth"]
    assert protocol["luma_lookup"] == dataset.count("train")
    assert (protocol["dataset"], protocol["split"]) == (dataset.manifest["fingerprint"], "test")
    assert protocol["sizes"] == ["32x32", "32x32"]
    assert list(protocol["palettes"]) == ["chooser", "luma lookup"]
    assert len(set(protocol["palettes"].values())) == 1
    centers = centers_of(chooser)
    lookup = LumaLookup.learn(dataset.sample("train", seed=0), centers)
    expected = np.mean([lookup.accuracy(pixels) for pixels in dataset.pictures("test")])
    assert summary["luma lookup"]["accuracy"] == pytest.approx(expected, abs=1e-6)
    assert summary["luma lookup"]["loss"] is None
    assert {method for method, means in summary.items() if means["loss"]} == {"chooser"}


def test_a_dataset_of_test_pictures_alone_has_no_lookup(dataset: Dataset) -> None:
    arrays = dataset.arrays | {"train": dataset.arrays["train"][:0]}
    origin = origin_of(Dataset(dataset.path, arrays, dataset.manifest), "test", [flat()])
    assert origin.lookup is None
    assert origin.protocol()["luma_lookup"] is None


def test_few_pictures_are_held_at_a_time() -> None:
    seen: list[weakref.ref[Any]] = []
    alive: list[int] = []

    def each(measured: Measured) -> None:
        seen.append(weakref.ref(measured.pictures["sepia"]))
        alive.append(sum(reference() is not None for reference in seen))

    made = (Frame(noisy(20, 24, seed), name=f"{seed}.png") for seed in range(6))
    result = evaluate(made, [flat()], failed=no_failure, each=each)
    assert len(seen) == 6 == result.protocol["pictures"]
    assert max(alive) == 1


def test_each_picture_comes_with_its_rows_and_failed_ones_do_not_come() -> None:
    gray = Frame(np.full((20, 20), 9, np.uint8), name="gray.png")
    names: list[str] = []

    def each(measured: Measured) -> None:
        names.append(measured.name)
        assert list(measured.pictures) == list(measured.rows) == ["gray", "sepia", "truth"]
        assert measured.rows["sepia"]["picture"] == measured.name

    evaluate([gray, *frames(3)], [flat()], failed=lambda *_: None, each=each, origin=Origin())
    assert names == ["3.png"]


def test_a_model_that_cannot_measure_itself_fails_by_name() -> None:
    class Broken(Chooser):
        def metrics(self, batch: Batch) -> dict[str, Tensor]:
            return {"loss": torch.tensor(float("nan"))}

    failed: dict[str, LuvcolorError] = {}
    broken = Engine(TorchPredictor(Broken(), Card("broken", {}, 16)))
    with pytest.raises(PictureError, match="found none"):
        evaluate(frames(0), [broken], failed=failed.__setitem__)
    assert "'broken' was to answer with numbers" in str(failed["0.png"])
