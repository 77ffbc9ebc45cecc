"""Prediction within the memory there is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from luvcolor.checkpoint import Card
from luvcolor.colorization.thrift import AT_ONCE, Thrifty
from luvcolor.colorization.tiling import SMALLEST
from luvcolor.errors import OutOfMemoryError, PluginError
from luvcolor.runtimes import Prediction


class Narrow:
    """A predictor that refuses more than so many pixels at once, in some runtime's words."""

    runtime, digest, palette = "torch", "", None
    uses: tuple[str, ...] = ()
    own_size = False

    def __init__(self, most: int, device: str = "cuda", words: str = "out of memory") -> None:
        self.card = Card("narrow", {}, 64)
        self.most, self.device, self.words = most, device, words
        self.seen: list[tuple[int, ...]] = []

    def repainted(self, chroma: Any) -> Narrow:
        raise NotImplementedError

    def __call__(self, luma: Any, **asked: Any) -> Prediction:
        self.seen.append(tuple(luma.shape))
        if luma.size > self.most:
            raise RuntimeError(self.words)
        assert isinstance(luma, np.ndarray)
        return Prediction(np.concatenate([luma, -luma], 1), luma)


def luma(count: int, height: int, width: int) -> Any:
    return np.random.default_rng(0).random((count, 1, height, width), np.float32)


def ask(network: Thrifty, x: Any, seed: int | None = None) -> Prediction:
    return network(x, temperature=None, seed=seed)


def assert_right(found: Prediction, x: Any) -> None:
    np.testing.assert_allclose(found.uv, np.concatenate([x, -x], 1), atol=1e-5)
    assert found.confidence is not None
    np.testing.assert_allclose(found.confidence, x, atol=1e-5)


def test_with_memory_enough_one_call_takes_all() -> None:
    predictor = Narrow(10**9)
    network = Thrifty(predictor)
    x = luma(5, 64, 96)
    assert_right(ask(network, x), x)
    assert predictor.seen == [(5, 1, 64, 96)]
    assert network.steps == []


def test_no_call_has_more_pixels_than_the_limit() -> None:
    predictor = Narrow(10**9, "cpu")
    network = Thrifty(predictor)
    assert network.limit == AT_ONCE
    ask(network, luma(3, 512, 1024))
    ask(network, luma(1, 192, 5760))
    assert max(int(np.prod(shape)) for shape in predictor.seen) <= AT_ONCE
    assert network.steps == []  # that is care, not want


def test_first_fewer_pictures_then_smaller_tiles_then_the_cpu() -> None:
    cpu = Narrow(10**9, "cpu")
    said: list[str] = []
    network = Thrifty(Narrow(100), on_cpu=lambda: cpu, say=said.append)
    x = luma(6, 160, 256)
    assert_right(ask(network, x), x)
    assert network.steps == [
        "3 of 256x160 pixels at once, not 6",
        "1 of 256x160 pixels at once, not 3",
        "tiles of 128x128 pixels",
        "the network runs on the CPU",
    ]
    assert said == [f"memory is full: from now on {step}" for step in network.steps]
    assert network.predictor is cpu
    assert cpu.seen == [(6, 1, 160, 256)]


def test_what_was_learned_is_kept_for_the_next_pictures() -> None:
    predictor = Narrow(2 * 64 * 96)
    network = Thrifty(predictor)
    ask(network, luma(8, 64, 96))
    steps = list(network.steps)
    predictor.seen.clear()
    ask(network, luma(8, 64, 96))
    assert network.steps == steps
    assert {shape[0] for shape in predictor.seen} == {2}


def test_tiles_shrink_to_a_floor_and_then_it_is_an_error() -> None:
    predictor = Narrow(100)
    network = Thrifty(predictor)
    with pytest.raises(OutOfMemoryError, match=r"'narrow' expected memory on cuda for 16384"):
        ask(network, luma(1, 512, 512))
    assert network.limit == SMALLEST
    assert [step.split()[0] for step in network.steps] == ["tiles"] * 3


def test_what_is_to_be_seen_whole_goes_to_the_cpu_and_not_into_tiles() -> None:
    cpu = Narrow(256 * 256, "cpu")
    network = Thrifty(Narrow(100), on_cpu=lambda: cpu, limit=SMALLEST, whole=True)
    x = luma(1, 256, 256)
    assert_right(ask(network, x), x)
    assert network.steps == ["the network runs on the CPU"]
    with pytest.raises(OutOfMemoryError, match="for 131072 pixels at once"):
        ask(network, luma(1, 256, 512))


def test_strict_fails_at_the_first_want() -> None:
    predictor = Narrow(100)
    network = Thrifty(predictor, strict=True)
    with pytest.raises(OutOfMemoryError, match=r"for 2 of 96x64 pixels.*without --strict"):
        ask(network, luma(2, 64, 96))
    assert len(predictor.seen) == 1


def test_a_seed_draws_for_every_picture_alone() -> None:
    predictor = Narrow(10**9)
    ask(Thrifty(predictor), luma(3, 32, 32), seed=4)
    assert predictor.seen == [(1, 1, 32, 32)] * 3


def test_another_failure_is_not_want_of_memory() -> None:
    network = Thrifty(Narrow(100, words="no idea"))
    with pytest.raises(PluginError, match="no idea"):
        ask(network, luma(2, 64, 96))
    assert network.steps == []


def test_on_the_cpu_tensors_come_in_and_go_out_as_they_were() -> None:
    network = Thrifty(Narrow(100), on_cpu=lambda: Narrow(10**9, "cpu"))
    ask(network, luma(1, 128, 128))
    found = ask(network, torch.from_numpy(luma(2, 32, 48)))
    assert isinstance(found.uv, torch.Tensor)
    assert isinstance(found.confidence, torch.Tensor)
