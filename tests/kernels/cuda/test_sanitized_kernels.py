"""Every kernel, an OS thread for each of its threads, under the sanitizers of the compiler."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from luvcolor_kernels import cuda_source
from luvcolor_kernels.gpu import Kernels, Variant
from tests.kernels.cuda.cases import CASES, RACING
from tests.kernels.cuda.emulation import NUMPY
from tests.kernels.cuda.replay import ADDRESSES, RACES, Recorded, RecordingEngine, replay
from tests.kernels.cuda.toolchain import Build

pytestmark = [pytest.mark.proof, pytest.mark.slow]


def launches(names: Iterable[str]) -> list[Recorded]:
    """Return what some of the small calls launch: all kernels."""
    engine = RecordingEngine()
    for name in names:
        CASES[name](Kernels(engine, lambda array: NUMPY))
    assert {kernel for kernel, _, _ in engine.launches} == set(cuda_source.KERNELS)
    return engine.recorded


def test_nothing_is_undefined_and_nothing_beside_an_array_is_touched() -> None:
    assert replay(launches(CASES), ADDRESSES) == ""


def test_no_two_threads_touch_what_one_of_them_writes() -> None:
    assert replay(launches(RACING), RACES) == ""


@pytest.mark.parametrize(
    ("build", "planted", "complaint"),
    [
        (ADDRESSES, ("length - i < 4 ? (int)(length - i) : 4", "4"), "heap-buffer-overflow"),
        (
            RACES,
            ("shared[i] = table[i];\n  __syncthreads();", "shared[i] = table[i];"),
            "data race",
        ),
    ],
    ids=["addresses", "races"],
)
def test_sanitizers_find_what_is_planted(
    build: Build, planted: tuple[str, str], complaint: str
) -> None:
    def source(kernel: str, variant: Variant) -> str:
        text = cuda_source.source(kernel, variant)
        assert planted[0] in text
        return text.replace(*planted)

    engine = RecordingEngine(source)
    engine.checked = False
    CASES["rgb_to_luv, RGBA"](Kernels(engine, lambda array: NUMPY))
    assert complaint in replay(engine.recorded, build)
