"""Where pictures lie while the kernels work on them."""

from __future__ import annotations

import numpy as np
import pytest

from luvcolor.checkpoint import Card
from luvcolor.colorization.place import Place
from luvcolor.colorization.thrift import Thrifty
from luvcolor.errors import OutOfMemoryError
from luvcolor.runtimes.torch_runtime import TorchPredictor
from tests.fakes import Fake, sloped


class Elsewhere(TorchPredictor):
    """Says that it is on a GPU."""

    device = "cuda:0"


@pytest.fixture
def network() -> Thrifty:
    return Thrifty(Elsewhere(Fake(sloped), Card("fake", {}, 16)))


@pytest.fixture
def place(network: Thrifty, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place on a GPU that has a backend of the kernels."""
    monkeypatch.setattr("luvcolor.colorization.place.gpu_backend", lambda: "cupy")
    return Place(network)


def test_without_a_gpu_pixels_stay_as_they_are() -> None:
    place = Place(Thrifty(TorchPredictor(Fake(sloped), Card("fake", {}, 16))))
    pixels = np.zeros((2, 3), np.uint8)
    assert not place.on_gpu
    assert place.put(pixels) is pixels
    assert place.bring(pixels) is pixels


def test_a_gpu_without_a_backend_of_the_kernels_leaves_them_on_the_cpu(
    network: Thrifty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luvcolor.colorization.place.gpu_backend", lambda: None)
    assert not Place(network).on_gpu


def test_work_that_a_gpu_has_no_memory_for_is_done_on_the_cpu(
    place: Place, network: Thrifty
) -> None:
    tried = []

    def work() -> str:
        tried.append(place.on_gpu)
        if place.on_gpu:
            raise MemoryError
        return "done"

    assert place.run(work) == "done"
    assert place.run(work) == "done"
    assert tried == [True, False, False]
    assert network.steps == ["pictures stay on the CPU, and only what the model sees leaves it"]


def test_where_the_cpu_has_none_either_it_is_an_error(place: Place) -> None:
    def work() -> None:
        raise MemoryError

    with pytest.raises(OutOfMemoryError, match=r"in full size, found too little"):
        place.run(work)


def test_strict_fails_at_once(place: Place, network: Thrifty) -> None:
    def work() -> None:
        raise MemoryError

    network.strict = True
    with pytest.raises(OutOfMemoryError):
        place.run(work)
    assert place.on_gpu


def test_other_failures_come_through(place: Place) -> None:
    def work() -> None:
        raise ValueError("no idea")

    with pytest.raises(ValueError, match="no idea"):
        place.run(work)
