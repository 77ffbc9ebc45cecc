"""The picture, the timer and the measure of error that all benchmarks share."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Array = npt.NDArray[Any]
Call = Callable[[], Any]

SECONDS = 2.0
ROUNDS = (3, 15)
SLOW = 4.0
"""A call that takes longer than this is timed once."""


@cache
def photograph(height: int, width: int) -> Array:
    """Four of scikit-image's photographs side by side, enlarged, with noise of two levels."""
    data, transform = import_module("skimage.data"), import_module("skimage.transform")
    photos = [data.astronaut(), data.coffee(), data.chelsea(), data.astronaut()[:, ::-1]]
    size = ((height + 1) // 2, (width + 1) // 2)
    tiles = [transform.resize(p, size, order=1, preserve_range=True) for p in photos]
    whole = np.block([[[tiles[0]], [tiles[1]]], [[tiles[2]], [tiles[3]]]])[:height, :width]
    noise = np.random.default_rng(0).normal(0, 2, whole.shape)
    return np.clip(np.rint(whole + noise), 0, 255).astype(np.uint8)


@cache
def lattice() -> Array:
    """64 x 64 x 64 uint8 colours that span the cube: where errors are measured."""
    levels = np.rint(np.linspace(0, 255, 64)).astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    return grid.reshape(512, 512, 3)


def need(module: str) -> Any:
    """Import a peer, or skip its benchmark and say why."""
    return pytest.importorskip(module, reason=f"{module} is not installed")


def measure(benchmark: Any, call: Call, case: str, peer: str, pixels: int, **facts: Any) -> Any:
    """Time ``call`` and note what the report needs; returns its result."""
    begin = time.perf_counter()
    result = call()
    once = time.perf_counter() - begin
    rounds = 1 if once > SLOW else int(np.clip(SECONDS / once, *ROUNDS))
    del result
    wall, cpu = time.perf_counter(), time.process_time()
    result = benchmark.pedantic(call, rounds=rounds, iterations=1, warmup_rounds=int(once <= SLOW))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    benchmark.extra_info.update(
        case=case, peer=peer, pixels=pixels, cpu_over_wall=round(cpu / wall, 2), **facts
    )
    return result
