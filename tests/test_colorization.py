"""Colouring a frame: luma kept, chroma along edges, models that misbehave."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import luvcolor_kernels as kernels
from luvcolor.checkpoint import Card, save, short_hash
from luvcolor.colorization import (
    ColorizeOptions,
    Engine,
    colorize,
    model_size,
    pick_device,
)
from luvcolor.errors import PictureError, PluginError, UsageError
from luvcolor.frame import Frame, Metadata
from luvcolor.io.comments import RECEIPT_KEY
from luvcolor.model import Chroma, Colorizer
from tests.conftest import noisy

SIZES = [(1, 1), (1, 100), (100, 1), (17, 23), (64, 48)]


class Fake(Colorizer):
    """Answers as it is told to."""

    Config = dict

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer
        self.seen: list[tuple[Tensor, float | None]] = []

    def predict(self, luma: Tensor, *, temperature: float | None = None, **_: Any) -> Any:
        self.seen.append((luma, temperature))
        return self.answer(luma)


def tinted(u: float, v: float) -> Any:
    """A model's answer of one chroma everywhere."""
    return lambda x: Chroma(torch.tensor([u, v]).view(1, 2, 1, 1).expand(-1, -1, *x.shape[-2:]))


def sloped(x: Tensor) -> Chroma:
    """A model's answer of much chroma that changes with place and luma."""
    ramp = torch.linspace(-60, 60, x.shape[-1]).expand_as(x)
    return Chroma(torch.cat([ramp + 40 * x, 50 - 80 * x], 1))


def engine(answer: Any, size: int = 16, **options: Any) -> Engine:
    return Engine(Fake(answer), size, ColorizeOptions(**options), {"model": "fake", "size": size})


def gray(height: int, width: int, dtype: str = "uint8") -> Any:
    picture = noisy(height, width)[..., 1].astype(np.float64) / 255
    top = {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    return (picture * top).astype(dtype)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out_in_colour(size: tuple[int, int], dtype: str) -> None:
    alpha = gray(*size, dtype)[::-1].copy()
    metadata = Metadata(dpi=(300, 300), icc=b"gray", text={"Title": "Dolls"})
    frame = Frame(gray(*size, dtype), alpha, "box/a.png", "png", metadata)
    out = engine(sloped)(frame)
    assert out.pixels.shape == (*size, 3)
    assert out.pixels.dtype == np.dtype(dtype)
    assert out.alpha is alpha
    assert (out.name, out.format, out.step) == ("box/a.png", "png", "colorize")
    assert list(out.steps()) == [frame, out]
    assert out.metadata.dpi == metadata.dpi
    assert out.metadata.text["Title"] == "Dolls"
    assert frame.metadata.text == {"Title": "Dolls"}
    assert not out.metadata.icc  # it was one of gray


@pytest.mark.parametrize(("dtype", "bound"), [("uint8", 0.5), ("uint16", 0.02), ("float32", 0.02)])
def test_the_luma_of_the_input_is_kept(dtype: str, bound: float) -> None:
    frame = Frame(gray(64, 48, dtype))
    out = engine(sloped)(frame)
    apart = np.abs(kernels.luminance(out.pixels) - kernels.luminance(frame.pixels))
    assert apart.max() < bound
    assert np.ptp(out.pixels.astype(np.float64), axis=-1).max() > 0


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_no_chroma_gives_the_gray_back_exactly(dtype: str) -> None:
    pixels = gray(64, 48, dtype)
    out = engine(tinted(0, 0))(Frame(pixels))
    np.testing.assert_array_equal(out.pixels, np.stack([pixels] * 3, -1))


def test_of_a_picture_in_colour_only_the_luma_counts(photograph: Frame) -> None:
    luma = kernels.luminance(photograph.pixels)
    colored = engine(sloped)(photograph).pixels
    without = kernels.merge_chroma(luma, np.zeros((2, 1, 1), np.float32), dtype=np.uint8)
    again = engine(sloped)(replace(photograph, pixels=without[..., 0])).pixels
    assert np.abs(colored.astype(int) - again).max() <= 4


def test_one_chroma_is_that_chroma_everywhere() -> None:
    out = engine(tinted(20, 30))(Frame(np.full((40, 40), 140, np.uint8)))
    luv = kernels.rgb_to_luv(out.pixels)
    np.testing.assert_allclose(luv[..., 1:], np.broadcast_to([20, 30], (40, 40, 2)), atol=1)


def test_saturation_is_a_factor_on_chroma() -> None:
    frame = Frame(np.full((20, 20), 140, np.uint16) * np.uint16(257))
    half = kernels.rgb_to_luv(engine(tinted(20, 30), saturation=0.5)(frame).pixels)
    np.testing.assert_allclose(half[0, 0, 1:], [10, 15], atol=0.05)
    none = engine(tinted(20, 30), saturation=0.0)(frame).pixels
    np.testing.assert_array_equal(none, np.stack([frame.pixels] * 3, -1))


def test_the_model_sees_small_luma_from_0_to_1_and_the_temperature() -> None:
    made = engine(sloped, temperature=0.7)
    made(Frame(np.full((64, 128), 255, np.uint8)))
    model = made.model
    assert isinstance(model, Fake)
    ((luma, temperature),) = model.seen
    assert luma.shape == (1, 1, 16, 32)
    assert temperature == 0.7
    torch.testing.assert_close(luma, torch.ones_like(luma))


def raising(x: Tensor) -> Chroma:
    raise ValueError("no idea")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (raising, r"'fake' failed on a 24x16 picture: ValueError: no idea"),
        (lambda x: None, "'fake' failed.*NoneType"),
        (lambda x: Chroma(None), "'fake' failed.*NoneType"),  # type: ignore[arg-type]
        (lambda x: Chroma(x), r"'fake' was to answer with .*\(1, 2, 16, 24\).*\(1, 1, 16, 24\)"),
        (lambda x: Chroma(x.expand(-1, 2, -1, -1)[..., :9]), r"answered with \(1, 2, 16, 9\)"),
        (tinted(float("nan"), 0), "'fake' was to answer with numbers, and answered with NaN"),
    ],
    ids=["raises", "nothing", "no-uv", "channels", "size", "nan"],
)
def test_a_model_that_breaks_its_contract_is_named(answer: Any, reason: str) -> None:
    with pytest.raises(PluginError, match=reason):
        engine(answer)(Frame(gray(16, 24)))


def test_what_luvcolor_says_itself_comes_through_as_it_is() -> None:
    def refuse(x: Tensor) -> Chroma:
        raise UsageError("give hints")

    with pytest.raises(UsageError, match=r"^give hints$"):
        engine(refuse)(Frame(gray(16, 24)))


def test_a_picture_without_pixels_is_refused_by_name() -> None:
    with pytest.raises(PictureError, match=r"none\.png: expected pixels, found none"):
        engine(sloped)(Frame(np.zeros((0, 5), np.uint8), name="none.png"))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    from luvcolor_regression import Regression, RegressionConfig

    torch.manual_seed(0)
    path = tmp_path / "small.safetensors"
    config = {"width": 2, "depth": 1}
    card = Card("regression", config, 32, data={"mean_uv": [3.0, 4.0]})
    save(path, Regression(RegressionConfig(**config)), card)
    return path


def test_a_checkpoint_brings_its_size_and_mean_chroma(checkpoint: Path) -> None:
    opened = Engine.open(checkpoint, ColorizeOptions(device="cpu"))
    assert opened.size == 32
    assert opened.mean_uv == (3.0, 4.0)
    assert Engine.open(checkpoint, ColorizeOptions(device="cpu", size=48)).size == 48


def test_the_receipt_tells_how_the_colours_were_made(checkpoint: Path) -> None:
    options = {"device": "cpu", "saturation": 1.5, "size": 24}
    out = colorize(Frame(gray(30, 40)), checkpoint, **options)
    receipt = json.loads(out.metadata.text[RECEIPT_KEY])
    assert receipt["model"] == "regression"
    assert receipt["checkpoint"] == "small.safetensors"
    assert receipt["sha256"] == short_hash(checkpoint)
    assert receipt["note"] == "colours are synthetic"
    assert {name: receipt[name] for name in options} == options


def test_the_same_frame_is_coloured_the_same_twice(checkpoint: Path) -> None:
    opened = Engine.open(checkpoint, ColorizeOptions(device="cpu"))
    first, again = (opened(Frame(gray(50, 70))).pixels for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"size": 15}, "at least 16 pixels, not 15"),
        ({"saturation": -0.1}, "not negative; found -0.1"),
        ({"saturation": float("nan")}, "not negative"),
        ({"temperature": -1.0}, "found 1.0 and -1.0"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        ColorizeOptions(**options)


def test_a_device_that_is_not_here_is_named() -> None:
    assert pick_device("cpu") == "cpu"
    assert pick_device("auto") in {"cpu", "cuda", "mps"}
    for name in ("cuda:99", "abacus"):
        with pytest.raises(UsageError, match=rf"found '{name}'.*luvcolor doctor"):
            pick_device(name)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((300, 400), (16, 21)), ((1000, 30), (533, 16)), ((10, 200), (10, 200)), ((16, 16), (16, 16))],
)
def test_the_short_side_decides_and_nothing_is_enlarged(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert model_size(size, 16) == expected


def test_chroma_stays_on_its_side_of_an_edge() -> None:
    """A dark field without chroma meets a light one with; the edge lies between small pixels."""
    scale, small_width = 8, 24
    edge = 12 * scale + 3
    luma = np.full((16 * scale, small_width * scale), 30, np.float32)
    luma[:, edge:] = 75
    truth = np.zeros((2, *luma.shape), np.float32)
    truth[:, :, edge:] = np.array([30, 20])[:, None, None]
    small = luma.reshape(16, scale, small_width, scale).mean((1, 3))
    uv = truth.reshape(2, 16, scale, small_width, scale).mean((2, 4))

    def bleeding(rgb: Any) -> float:
        got = np.moveaxis(kernels.rgb_to_luv(rgb)[..., 1:], -1, 0)
        return float(np.abs(got - truth).mean())

    followed = kernels.chroma_to_rgb(luma, uv, guide=small, dtype=np.float32)
    assert bleeding(followed) < 0.25 * bleeding(kernels.merge_chroma(luma, uv, dtype=np.float32))
