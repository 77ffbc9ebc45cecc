"""Colouring with hints: models that use them, models that do not, models without weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import luvcolor_kernels as kernels
from luvcolor import colorize
from luvcolor.checkpoint import Card
from luvcolor.colorization import ColorizeOptions, Engine
from luvcolor.colorization.hinting import uses_of
from luvcolor.colorization.thrift import WHOLE, Thrifty
from luvcolor.colorization.tiling import SMALLEST, tiled
from luvcolor.colorization.views import model_size, view
from luvcolor.errors import PictureError, UsageError
from luvcolor.frame import Frame
from luvcolor.hints import HintFolder, HintPlanes, HintSet, Marks, Point, Reference, Stroke
from luvcolor.io.comments import RECEIPT_KEY
from luvcolor.model import Chroma
from luvcolor.runtimes import Prediction
from luvcolor.runtimes.torch_runtime import TorchPredictor
from luvcolor.weightless import WeightlessModel, find_model
from tests.conftest import Exported, noisy
from tests.fakes import Fake, engine, tinted
from tests.hinted_models import plug_in


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)


def points(*places: tuple[float, float], color: str = "#a06060", radius: float = 0) -> HintSet:
    return HintSet((Marks([Point(place, color, radius) for place in places]),), files=("a.json",))


def gray(height: int, width: int, level: int = 140) -> Frame:
    return Frame(np.full((height, width), level, np.uint8), name="a.png")


def opened(name: str, hints: Any = None, **options: Any) -> Engine:
    return Engine.open(find_model(name), ColorizeOptions(device="cpu", hints=hints, **options))


def receipt_of(frame: Frame) -> dict[str, Any]:
    receipt: dict[str, Any] = json.loads(frame.metadata.text[RECEIPT_KEY])
    return receipt


def seen_by(made: Engine) -> Any:
    """The hints that the model `both` was asked with."""
    predictor: Any = made.predictor
    return predictor.model.seen


CHROMA = kernels.rgb_to_luv(np.array([[[0xA0, 0x60, 0x60]]], np.uint8))[0, 0, 1:]


def test_a_model_that_uses_hints_gets_them_at_its_size() -> None:
    made = opened("both", points((30, 10), (200, 150)))
    made(gray(200, 300))
    (hints,) = seen_by(made)
    assert hints.mask.shape == (1, 1, 64, 96)
    assert hints.mask.sum() == 2
    np.testing.assert_allclose(hints.uv[0, :, 3, 9], CHROMA, atol=1e-3)


def test_it_colours_and_says_how_near_it_came() -> None:
    (colored,) = opened("dabs", points((10, 5))).many([gray(20, 30)], failed=_never)
    luv = kernels.rgb_to_luv(colored.frame.pixels)
    np.testing.assert_allclose(luv[..., 1:], np.broadcast_to(CHROMA, (20, 30, 2)), atol=1)
    assert colored.hints is not None
    assert colored.hints.ciede2000 is not None
    assert colored.hints.ciede2000.largest < 0.7
    told = receipt_of(colored.frame)["hints"]
    assert told == colored.hints.to_json()
    assert (told["files"], told["count"], told["forced"]) == (["a.json"], 1, False)


def test_its_receipt_has_settings_and_no_checkpoint() -> None:
    out = colorize(gray(20, 30), "dabs", hints=points((3, 3)), settings={"strength": 0.5})
    receipt = receipt_of(out)
    assert (receipt["model"], receipt["settings"]) == ("dabs", {"strength": 0.5})
    assert not {"checkpoint", "sha256"} & set(receipt)
    assert receipt["runtime"] == "torch"
    luv = kernels.rgb_to_luv(out.pixels)
    np.testing.assert_allclose(luv[10, 10, 1:], CHROMA / 2, atol=1)


def test_a_program_may_name_a_file(tmp_path: Any) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"points": [{"at": [3, 3], "color": "#a06060"}]}')
    by_name = colorize(gray(20, 30), "dabs", hints=str(path), device="cpu").pixels
    np.testing.assert_array_equal(by_name, colorize(gray(20, 30), "dabs", hints=path).pixels)
    assert np.ptp(by_name[0, 0]) > 10


@pytest.mark.parametrize(
    ("size", "seen"), [((20, 30), (20, 30)), ((64, 9), (64, 9)), ((128, 200), (64, 100))]
)
def test_a_model_without_weights_sees_small_pictures_as_they_are(
    size: tuple[int, int], seen: tuple[int, int]
) -> None:
    made = opened("both", points((3, 3)))
    made(gray(*size))
    assert seen_by(made)[0].mask.shape[-2:] == seen
    assert model_size(size, 64, grow=False) == seen
    assert view(gray(*size).pixels, 64, grow=False).shape[-2:] == seen


def test_sizes_that_are_asked_for_are_kept() -> None:
    made = opened("both", points((3, 3)), sizes=(32, 48))
    made(gray(20, 30))
    shapes = [tuple(h.mask.shape[-2:]) for h in seen_by(made)]
    assert shapes == [(32, 48), (48, 72)]


def test_a_model_without_weights_sees_a_whole_picture() -> None:
    made = opened("both", points((3, 3)))
    assert made.network.limit == WHOLE
    made.network.limit = SMALLEST
    made(gray(64, 512))
    assert [hints.mask.shape[-2:] for hints in seen_by(made)] == [(64, 512)]


def test_a_reference_reaches_the_model_that_uses_it() -> None:
    blue = Frame(np.full((9, 9, 3), (70, 90, 160), np.uint8), name="sea.jpg")
    hints = HintSet(reference=Reference.of(blue))
    (colored,) = opened("likeness", hints).many([gray(20, 30)], failed=_never)
    luv = kernels.rgb_to_luv(colored.frame.pixels)[5, 5]
    np.testing.assert_allclose(luv[1:], kernels.rgb_to_luv(blue.pixels)[0, 0, 1:], atol=1)
    told = receipt_of(colored.frame)["hints"]
    assert (told["reference"], told["ciede2000"]) == ("sea.jpg", None)


def test_pictures_with_hints_come_alone_and_those_without_as_ever(tmp_path: Any) -> None:
    (tmp_path / "b.json").write_text('{"points": [{"at": [3, 3], "color": "#a06060"}]}')
    made = opened("both", HintFolder(tmp_path))
    frames = [Frame(gray(20, 30).pixels, name=f"{name}.png") for name in "abc"]
    colored = list(made.many(frames, failed=_never, batch=3))
    assert [one.frame.name for one in colored] == ["a.png", "b.png", "c.png"]
    assert [one.hints is not None for one in colored] == [False, True, False]
    assert [hints is not None for hints in seen_by(made)] == [False, True, False]
    assert "hints" not in receipt_of(colored[0].frame)
    assert np.ptp(colored[0].frame.pixels) == 0
    assert np.ptp(colored[1].frame.pixels) > 0


def test_hints_that_do_not_fit_fail_their_picture_alone(tmp_path: Any) -> None:
    (tmp_path / "b.json").write_text('{"points": [{"at": [300, 3], "color": "red"}]}')
    (tmp_path / "c.json").write_text("{")
    failures: dict[str, str] = {}
    frames = [Frame(gray(20, 30).pixels, name=f"{name}.png") for name in "abc"]
    many = opened("dabs", HintFolder(tmp_path)).many(
        frames, failed=lambda name, error: failures.__setitem__(name, str(error)), batch=3
    )
    assert [one.frame.name for one in many] == ["a.png"]
    assert "expected hints inside the picture of 30x20 pixels" in failures["b.png"]
    assert "c.json: expected JSON" in failures["c.png"]
    with pytest.raises(PictureError, match=r"a\.png: expected hints inside"):
        opened("dabs", points((300, 3)))(gray(20, 30))


@pytest.mark.parametrize(
    ("name", "hints", "said"),
    [
        (
            "likeness",
            points((1, 1)),
            r"no use of colours at pixels; use one that does: .*both, dabs",
        ),
        ("dabs", HintSet(reference=Reference.of(Frame(noisy(3, 3)))), "does: .*both, likeness"),
        ("default", points((1, 1)), "'lite' makes no use of colours .* with --force-hints"),
    ],
)
def test_a_model_that_cannot_use_hints_names_those_that_can(
    name: str, hints: HintSet, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        opened(name, hints)


def test_a_reference_cannot_be_forced() -> None:
    reference = HintSet(reference=Reference.of(Frame(noisy(3, 3))))
    with pytest.raises(UsageError, match="no use of a reference picture"):
        opened("dabs", reference + points((1, 1)), force_hints=True)


def test_a_graph_says_that_torch_may(regression_graph: Exported) -> None:
    options = ColorizeOptions(hints=points((1, 1)), device="cpu")
    with pytest.raises(UsageError, match="try --runtime torch"):
        Engine.open(regression_graph.alone, options)
    assert uses_of(regression_graph.checkpoint) == ()
    assert Engine.open(find_model("dabs"), options).receipt["runtime"] == "torch"


def test_a_model_that_uses_colours_is_not_forced() -> None:
    assert not opened("dabs", points((1, 1)), force_hints=True).forces_hints


def _never(name: str, error: Exception) -> None:
    raise AssertionError(f"{name}: {error}")


Force = Callable[..., tuple[Any, Any]]


def two_fields() -> Frame:
    """A dark field at the left, a light one at the right."""
    pixels = np.full((48, 64), 90, np.uint8)
    pixels[:, 32:] = 190
    return Frame(pixels, name="fields.png")


def forced(hints: HintSet, **options: Any) -> tuple[Any, Any]:
    """Chroma without hints and with them laid over, for a model of one chroma."""
    plain = engine(tinted(10, 20), **options)(two_fields()).pixels
    made = engine(tinted(10, 20), hints=hints, force_hints=True, **options)
    assert made.forces_hints
    after = made(two_fields()).pixels
    return kernels.rgb_to_luv(plain)[..., 1:], kernels.rgb_to_luv(after)[..., 1:]


def test_forced_hints_change_their_thing_and_not_what_lies_beyond_its_edge() -> None:
    before, after = forced(points((10, 24), radius=2))
    np.testing.assert_allclose(after[24, 10], CHROMA, atol=1)
    change = np.hypot(*np.moveaxis(after - before, -1, 0))
    assert change[:, :30].mean() > 10 * change[:, 34:].mean()
    assert change[24, 10] > change[24, 25] > 1


def test_forced_hints_are_kept_whatever_the_saturation() -> None:
    for factor in (0.0, 1.5):
        _, after = forced(points((10, 24), radius=2), saturation=factor)
        np.testing.assert_allclose(after[24, 10], CHROMA, atol=1)


def test_forced_hints_that_say_what_the_model_says_change_nothing() -> None:
    before, _ = forced(points((10, 24)))
    rgb = engine(tinted(10, 20))(two_fields()).pixels[24, 10]
    _, after = forced(points((10, 24), color="#{:02x}{:02x}{:02x}".format(*rgb)))
    np.testing.assert_allclose(after, before, atol=1.5)


def test_forcing_does_not_show_in_the_model() -> None:
    made = engine(tinted(10, 20), hints=points((10, 24)), force_hints=True)
    (colored,) = made.many([two_fields()], failed=_never)
    assert isinstance(made.predictor, TorchPredictor)
    assert isinstance(made.predictor.model, Fake)
    assert len(seen_by(made)) == 1
    assert receipt_of(colored.frame)["hints"]["forced"]


def test_without_hints_for_a_picture_forcing_changes_nothing(tmp_path: Any) -> None:
    (tmp_path / "other.json").write_text('{"points": [{"at": [3, 3], "color": "red"}]}')
    made = engine(tinted(10, 20), hints=HintFolder(tmp_path), force_hints=True)
    plain = engine(tinted(10, 20))(two_fields()).pixels
    np.testing.assert_array_equal(made(two_fields()).pixels, plain)


class Told(TorchPredictor):
    """Answers with the hints that it is given, and gray elsewhere."""

    def __init__(self) -> None:
        super().__init__(Fake(lambda x: Chroma(x)), Card("told", {}, 64))
        self.shapes: list[tuple[Any, Any]] = []

    def __call__(self, luma: Any, *, hints: HintPlanes | None = None, **_: Any) -> Prediction:
        assert hints is not None
        assert hints.mask.shape[-2:] == luma.shape[-2:]
        assert hints.reference is not None
        self.shapes.append((luma.shape[-2:], hints.reference.shape[-2:]))
        uv = np.where(hints.mask, hints.uv, 0).astype(np.float32)
        return Prediction(uv if isinstance(luma, np.ndarray) else torch.from_numpy(uv), None)


def hints_for(height: int, width: int) -> HintPlanes:
    rng = np.random.default_rng(0)
    mask = rng.random((1, 1, height, width)) < 0.3
    uv = np.where(mask, rng.normal(0, 50, (1, 2, height, width)), 0).astype(np.float32)
    return HintPlanes(uv, mask, np.zeros((1, 3, 7, 9), np.float32))


def test_tiles_get_their_part_of_the_hints_and_the_whole_reference() -> None:
    predictor = Told()
    luma = np.zeros((1, 1, 200, 400), np.float32)
    hints = hints_for(200, 400)
    network = Thrifty(predictor, limit=SMALLEST)
    found = network(luma, temperature=None, seed=None, hints=hints)
    np.testing.assert_allclose(found.uv, hints.uv, atol=1e-3)
    assert len(predictor.shapes) > 4
    assert {reference for _, reference in predictor.shapes} == {(7, 9)}


def test_tensors_are_tiled_with_hints_as_arrays_are() -> None:
    luma, hints = torch.zeros(1, 1, 150, 260), hints_for(150, 260)
    predictor = Told()
    found = tiled(lambda x, h: predictor(x, hints=h), luma, SMALLEST, hints)
    np.testing.assert_allclose(found.uv, hints.uv, atol=1e-3)


def test_strokes_of_a_large_picture_reach_a_small_view() -> None:
    hints = HintSet((Marks(strokes=[Stroke([(100, 900), (1500, 900)], "#a06060", 3)]),))
    made = opened("both", hints)
    made(gray(1000, 1600))
    (seen,) = seen_by(made)
    rows, columns = np.nonzero(seen.mask[0, 0].numpy())
    assert len(set(rows)) <= 2
    assert len(set(columns)) == columns.max() - columns.min() + 1 >= 89


def test_the_engine_takes_a_model_without_weights() -> None:
    assert Engine.open(WeightlessModel("dabs"), ColorizeOptions(device="cpu")).sizes == [64]


def test_a_hint_laid_over_is_never_crossed_to_its_opposite() -> None:
    """Gray on a thing that the model coloured unevenly leaves the model's hues or none."""

    def uneven(x: torch.Tensor) -> Chroma:
        u = torch.linspace(10, 60, x.shape[-1]).expand_as(x)
        return Chroma(torch.cat([u, torch.zeros_like(u)], 1))

    hints = points((60, 10), color="gray")
    out = engine(uneven, hints=hints, force_hints=True)(gray(20, 64)).pixels
    u = kernels.rgb_to_luv(out)[..., 1]
    assert u[10, 60] == pytest.approx(0, abs=0.5)
    assert u.min() > -1


def test_a_receipt_names_a_file_of_the_settings_and_not_its_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = opened("dabs", points((3, 3)))
    monkeypatch.setitem(made.predictor.card.config, "file", "/home/me/secret/tiny.onnx")
    monkeypatch.setitem(made.predictor.card.data, "about", {"sha256": "12ab"})
    receipt = made.receipt
    assert receipt["settings"]["file"] == "tiny.onnx"
    assert receipt["about"] == {"sha256": "12ab"}
