"""Colouring many frames: batches, draws, confidence, other colours, little memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import luvcolor_kernels as kernels
from luvcolor.checkpoint import Card, card_of, save
from luvcolor.colorization import (
    ColorizeOptions,
    Engine,
)
from luvcolor.colorization.overrides import Override
from luvcolor.errors import OutOfMemoryError, UsageError
from luvcolor.frame import Frame
from luvcolor.io.comments import RECEIPT_KEY
from luvcolor.model import Chroma
from luvcolor.runtimes import Prediction, open_predictor
from luvcolor.runtimes.torch_runtime import TorchPredictor
from tests.fakes import Fake, engine, gray, sloped, tinted


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    from luvcolor_regression import Regression, RegressionConfig

    torch.manual_seed(0)
    path = tmp_path / "small.safetensors"
    config = {"width": 2, "depth": 1}
    card = Card("regression", config, 32, data={"mean_uv": [3.0, 4.0]})
    save(path, Regression(RegressionConfig(**config)), card)
    return path


def named(*sizes: tuple[int, int]) -> list[Frame]:
    return [Frame(gray(*size), name=f"{number}.png") for number, size in enumerate(sizes)]


def refused(name: str, error: Exception) -> None:
    raise AssertionError(f"{name}: {error}")


MIXED = [(40, 60), (60, 40), (20, 30), (33, 47), (80, 120), (1, 9)]


def test_pictures_of_mixed_sizes_come_out_of_a_batch_as_one_by_one() -> None:
    made = engine(sloped, sizes=(16, 32))
    together = list(made.many(named(*MIXED), failed=refused, batch=4))
    for frame, colored in zip(named(*MIXED), together, strict=True):
        assert colored.frame.name == frame.name
        np.testing.assert_array_equal(colored.frame.pixels, made(frame).pixels)


def test_pictures_of_one_network_size_are_predicted_together() -> None:
    made = engine(sloped)
    list(made.many(named((40, 60), (20, 20), (80, 120), (40, 60)), failed=refused, batch=3))
    assert isinstance(made.predictor, TorchPredictor)
    assert isinstance(made.predictor.model, Fake)
    shapes = [tuple(luma.shape) for luma, _ in made.predictor.model.seen]
    assert shapes == [(2, 1, 16, 24), (1, 1, 16, 16), (1, 1, 16, 24)]


def test_a_batch_draws_no_more_pictures_than_it_holds() -> None:
    drawn = []

    def frames() -> Any:
        for frame in named(*MIXED):
            drawn.append(frame.name)
            yield frame

    for batch in (1, 3):
        drawn.clear()
        colored = engine(sloped).many(frames(), failed=refused, batch=batch)
        next(colored)
        assert len(drawn) == batch


def test_one_failure_in_a_batch_is_that_frames_alone() -> None:
    def no_black(x: Tensor) -> Chroma:
        if x.min() == 0:
            raise ValueError("black")
        return sloped(x)

    frames = named((40, 60), (40, 60), (40, 60), (0, 7))
    frames[1].pixels[:] = 0
    for frame in (frames[0], frames[2]):
        frame.pixels[:] |= 1
    failures: dict[str, str] = {}
    many = engine(no_black).many(
        frames, failed=lambda name, error: failures.__setitem__(name, str(error)), batch=4
    )
    assert [colored.frame.name for colored in many] == ["0.png", "2.png"]
    assert "ValueError: black" in failures["1.png"]
    assert "expected pixels" in failures["3.png"]


def drawing(x: Tensor, generator: torch.Generator | None) -> Chroma:
    """One chroma for the picture, which depends on the generator alone."""
    draw = torch.zeros(2) if generator is None else torch.rand(2, generator=generator)
    return Chroma((60 * draw).view(1, 2, 1, 1).expand(len(x), -1, *x.shape[-2:]))


class Drawing(Fake):
    """Draws where it is given a generator."""

    def predict(self, luma: Tensor, *, generator: Any = None, **_: Any) -> Any:
        return drawing(luma, generator)


def draws(**options: Any) -> list[Frame]:
    made = Engine(TorchPredictor(Drawing(None), Card("fake", {}, 16)), ColorizeOptions(**options))
    frames = [Frame(np.full((20, 30), 140, np.uint8), name=f"a/{n}.png") for n in range(2)]
    return [colored.frame for colored in made.many(frames, failed=refused)]


def test_samples_are_several_colourings_of_every_picture_under_names_of_their_own() -> None:
    found = draws(samples=3, seed=5)
    expected = [f"a/{number}-{sample}.png" for number in range(2) for sample in (1, 2, 3)]
    assert [frame.name for frame in found] == expected
    receipts = [json.loads(frame.metadata.text[RECEIPT_KEY]) for frame in found]
    assert [(r["sample"], r["seed"]) for r in receipts[:3]] == [(1, 5), (2, 6), (3, 7)]
    assert len({frame.pixels.tobytes() for frame in found}) == 3  # a picture like the other


def test_a_seed_draws_the_same_again_and_alone_what_it_drew_among_samples() -> None:
    samples = draws(samples=3)
    for seed in range(3):
        (first, second) = draws(seed=seed)
        assert (first.name, second.name) == ("a/0.png", "a/1.png")
        np.testing.assert_array_equal(first.pixels, samples[seed].pixels)


def test_a_model_that_draws_nothing_says_so() -> None:
    with pytest.raises(UsageError, match="'fake' predicts one colouring and draws none by a seed"):
        engine(sloped, seed=1)(Frame(gray(20, 30)))


def test_confidence_is_the_models_own_at_the_size_it_saw() -> None:
    def sure(x: Tensor) -> Chroma:
        return Chroma(sloped(x).uv, torch.full_like(x, 0.25))

    (colored,) = engine(sure).many([Frame(gray(40, 60))], failed=refused)
    assert colored.confidence is not None
    np.testing.assert_array_equal(colored.confidence, np.full((16, 24), 0.25, np.float32))


def test_sizes_that_disagree_lower_the_confidence() -> None:
    def by_size(x: Tensor) -> Chroma:
        return tinted(float(x.shape[-1]), 0)(x)  # type: ignore[no-any-return]

    frame = Frame(gray(40, 60))
    (alone,) = engine(by_size).many([frame], failed=refused)
    (apart,) = engine(by_size, sizes=(16, 32)).many([frame], failed=refused)
    assert alone.confidence is None
    assert apart.confidence is not None
    np.testing.assert_allclose(apart.confidence, np.exp(-12 / 30), rtol=1e-5)


def test_colours_of_the_palette_become_others(checkpoint_with_palette: Path) -> None:
    frame = Frame(gray(40, 60))
    names = [Override("navy", bin=number) for number in range(4)]
    options = ColorizeOptions(device="cpu", recolor=tuple(names))
    out = Engine.open(checkpoint_with_palette, options)(frame)
    luv = kernels.rgb_to_luv(out.pixels)
    assert np.ptp(luv[15:25, 20:40, 2]) > 0  # what navy is cut to depends on the luma
    u, v = kernels.rgb_to_luv(np.array([[[0, 0, 128]]], np.uint8))[0, 0, 1:]
    np.testing.assert_allclose(luv[..., 1] * v, luv[..., 2] * u, atol=120)  # the hue does not
    assert json.loads(out.metadata.text[RECEIPT_KEY])["recolor"][1] == {"bin": 1, "becomes": "navy"}


def test_a_model_without_a_palette_cannot_be_recoloured(checkpoint: Path) -> None:
    options = ColorizeOptions(device="cpu", recolor=(Override("navy", bin=0),))
    with pytest.raises(UsageError, match=r"those of a palette, and this one has none"):
        Engine.open(checkpoint, options)


@pytest.fixture
def checkpoint_with_palette(tmp_path: Path) -> Path:
    from luvcolor_unet import UNet, UNetConfig

    torch.manual_seed(0)
    model = UNet(UNetConfig(width=2, depth=1, colors=4))
    model.palette.chroma.copy_(torch.tensor([[80.0, 20], [0, 60], [-60, 30], [0, -70]]))
    path = tmp_path / "palette.safetensors"
    save(path, model, card_of(model, "unet", 32))
    return path


class Narrow(TorchPredictor):
    """Refuses more than so many pixels at once, on a device that it only says it has."""

    def __init__(self, most: int, device: str = "mps") -> None:
        super().__init__(Fake(sloped), Card("narrow", {}, 64))
        self.most, self.said, self.calls = most, device, 0

    @property
    def device(self) -> str:
        return self.said

    def __call__(self, luma: Any, **rest: Any) -> Any:
        self.calls += 1
        if luma.size > self.most:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        uv = np.concatenate([100 * luma - 50, 30 - 60 * luma], 1)
        return Prediction(uv, None)


def test_out_of_memory_still_gives_colours_and_the_receipt_says_how() -> None:
    said: list[str] = []
    frames = named(*[(128, 256)] * 4)
    free = Engine(Narrow(10**9), ColorizeOptions(sizes=(128,)))
    made = Engine(
        Narrow(20_000),
        ColorizeOptions(sizes=(128,)),
        on_cpu=lambda: Narrow(10**9, "cpu"),
        say=said.append,
    )
    for expected, colored in zip(
        free.many(frames, failed=refused), made.many(frames, failed=refused), strict=True
    ):
        apart = np.abs(colored.frame.pixels.astype(int) - expected.frame.pixels)
        assert apart.max() <= 1
        receipt = json.loads(colored.frame.metadata.text[RECEIPT_KEY])
        assert receipt["device"] == "mps"
        assert receipt["memory"] == [
            "2 of 256x128 pixels at once, not 4",
            "1 of 256x128 pixels at once, not 2",
            "tiles of 128x128 pixels",
        ]
    assert said == [f"memory is full: from now on {step}" for step in receipt["memory"]]


def test_strict_fails_where_memory_is_short() -> None:
    made = Engine(Narrow(1000), ColorizeOptions(sizes=(128,)), strict=True)
    with pytest.raises(OutOfMemoryError, match=r"'narrow' expected memory on mps for 1 of 256x"):
        made(Frame(gray(128, 256)))
    assert made.network.steps == []


def test_a_network_that_does_not_fit_on_the_device_goes_to_the_cpu(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def full(path: Path, runtime: str, device: str) -> Any:
        opened.append(device)
        if device != "cpu":
            raise OutOfMemoryError("full")
        return open_predictor(path, runtime, device)

    monkeypatch.setattr("luvcolor.colorization.engine.open_predictor", full)
    made = Engine.open(checkpoint, ColorizeOptions(device="auto"))
    assert opened == ["auto", "cpu"]
    assert made.receipt["memory"] == ["the network runs on the CPU"]
    with pytest.raises(OutOfMemoryError):
        Engine.open(checkpoint, ColorizeOptions(device="auto"), strict=True)
