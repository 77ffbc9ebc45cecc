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
)
from luvcolor.devices import pick_device
from luvcolor.errors import PictureError, PluginError, UsageError
from luvcolor.frame import Frame, Metadata
from luvcolor.io.comments import RECEIPT_KEY
from luvcolor.model import Chroma
from luvcolor.runtimes.torch_runtime import TorchPredictor
from tests.fakes import Fake, engine, gray, sloped, tinted

SIZES = [(1, 1), (1, 100), (100, 1), (17, 23), (64, 48)]


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
    assert isinstance(made.predictor, TorchPredictor)
    assert isinstance(made.predictor.model, Fake)
    ((luma, temperature),) = made.predictor.model.seen
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
        (
            lambda x: Chroma(x.expand(-1, 2, -1, -1), x[..., :9]),
            r"with confidence of shape \(1, 1, 16, 24\), and answered with \(1, 1, 16, 9\)",
        ),
    ],
    ids=["raises", "nothing", "no-uv", "channels", "size", "nan", "confidence"],
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
    assert opened.sizes == [32]
    assert opened.mean_uv == (3.0, 4.0)
    several = ColorizeOptions(device="cpu", sizes=(48, 24, 48))
    assert Engine.open(checkpoint, several).sizes == [24, 48]


def test_a_card_may_choose_several_sizes() -> None:
    predictor = TorchPredictor(Fake(sloped), Card("fake", {}, 16, sizes=[16, 32]))
    assert Engine(predictor).sizes == [16, 32]
    assert Engine(predictor, ColorizeOptions(sizes=(24,))).sizes == [24]


def test_the_receipt_tells_how_the_colours_were_made(checkpoint: Path) -> None:
    options: dict[str, Any] = {"device": "cpu", "runtime": "torch", "saturation": 1.5}
    options["sizes"] = [24, 32]
    out = colorize(Frame(gray(30, 40)), checkpoint, **{**options, "sizes": (32, 24)})
    receipt = json.loads(out.metadata.text[RECEIPT_KEY])
    assert receipt["model"] == "regression"
    assert receipt["checkpoint"] == "small.safetensors"
    assert receipt["sha256"] == short_hash(checkpoint)
    assert receipt["note"] == "colours are synthetic"
    assert (receipt["memory"], receipt["recolor"]) == ([], [])
    assert not {"seed", "sample"} & set(receipt)
    assert {name: receipt[name] for name in options} == options


def test_the_same_frame_is_coloured_the_same_twice(checkpoint: Path) -> None:
    opened = Engine.open(checkpoint, ColorizeOptions(device="cpu"))
    first, again = (opened(Frame(gray(50, 70))).pixels for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_a_device_that_is_not_here_is_named() -> None:
    assert pick_device("cpu") == "cpu"
    assert pick_device("auto") in {"cpu", "cuda", "mps"}
    for name in ("cuda:99", "abacus"):
        with pytest.raises(UsageError, match=rf"found '{name}'.*luvcolor doctor"):
            pick_device(name)


def two_regions(scale: int = 8, small: tuple[int, int] = (16, 24)) -> tuple[Any, Any, Any]:
    """A dark field without chroma beside a light one with; the edge lies between small pixels.

    Returns luma, its chroma, and the chroma of a small size, which straddles the edge.
    """
    edge = small[1] // 2 * scale + 3
    luma = np.full((small[0] * scale, small[1] * scale), 30, np.float32)
    luma[:, edge:] = 75
    truth = np.zeros((2, *luma.shape), np.float32)
    truth[:, :, edge:] = np.array([30, 20])[:, None, None]
    return luma, truth, truth.reshape(2, small[0], scale, small[1], scale).mean((2, 4))


def uv_of(rgb: Any) -> Any:
    return np.moveaxis(kernels.rgb_to_luv(rgb)[..., 1:], -1, 0)


def test_chroma_stays_on_its_side_of_an_edge() -> None:
    luma, truth, uv = two_regions()
    followed = kernels.chroma_to_rgb(luma, uv, dtype=np.float32)
    plain = kernels.merge_chroma(luma, uv, dtype=np.float32)
    bleeding = np.abs(uv_of(followed) - truth).mean()
    assert bleeding < 0.25 * np.abs(uv_of(plain) - truth).mean()


def test_no_colour_bleeds_over_an_edge_and_none_rises_beside_it() -> None:
    """Coarse chroma straddles the edge; eight pixels of the picture to one of the model's."""
    luma, truth, uv = two_regions()
    light = kernels.merge_chroma(luma, np.zeros((2, 1, 1), np.float32), dtype=np.float32)
    small = torch.from_numpy(uv)[None]

    def answer(x: Tensor) -> Chroma:
        assert x.shape[-2:] == small.shape[-2:]
        return Chroma(small)

    out = uv_of(engine(answer)(Frame(light[..., 0])).pixels)
    edge = int(np.flatnonzero(luma[0] > 50)[0])
    amplitude = np.hypot(30, 20)
    error = np.hypot(*(out - truth))[40:-40] / amplitude
    beyond = np.abs(np.arange(luma.shape[1]) - edge + 0.5) > 2
    assert error.max() < 0.06  # of the change over the edge
    assert error[:, beyond].max() < 0.05
    length = np.hypot(*out)[40:-40] / amplitude
    assert length.max() < 1.01  # a halo would have more colour than there is


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_luma_of_random_pictures_is_untouched(dtype: str, channels: int) -> None:
    """The largest difference of L, over pictures of every tone; what remains is rounding."""
    largest = 0.0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        top = np.iinfo(dtype).max
        pixels = rng.integers(0, top + 1, (37 + seed, 53, channels), dtype)
        frame = Frame(pixels[..., 0] if channels == 1 else pixels)
        out = engine(sloped, saturation=1.0 + seed)(frame)
        apart = np.abs(kernels.luminance(out.pixels) - kernels.luminance(frame.pixels))
        largest = max(largest, float(apart.max()))
    assert largest < {"uint8": 0.5, "uint16": 0.01}[dtype]
