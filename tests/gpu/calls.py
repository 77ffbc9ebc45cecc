"""Each kernel once, on torch's tensors: for tests that treat all alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import luvcolor_kernels as kernels
from tests.gpu.libraries import give

Run = Callable[..., Any]
SHAPE = (64, 128)


def inputs() -> dict[str, Any]:
    """Arrays on the GPU that all calls draw from."""
    rng = np.random.default_rng(1)
    return {
        "rgb": give("torch", rng.integers(0, 256, (*SHAPE, 3), np.uint8)),
        "luv": give("torch", (rng.random((*SHAPE, 3)) * 50 + 20).astype(np.float32)),
        "light": give("torch", (rng.random(SHAPE) * 100).astype(np.float32)),
        "uv": give("torch", rng.normal(0, 30, (2, 8, 16)).astype(np.float32)),
    }


CALLS: dict[str, Run] = {
    "rgb_to_luv": lambda at, **o: kernels.rgb_to_luv(at["rgb"], **o),
    "luv_to_rgb": lambda at, **o: kernels.luv_to_rgb(at["luv"], **o),
    "luminance": lambda at, **o: kernels.luminance(at["rgb"], **o),
    "luma_to_input": lambda at, **o: kernels.luma_to_input(at["rgb"], (16, 32), **o),
    "merge_chroma": lambda at, **o: kernels.merge_chroma(at["light"], at["uv"], **o),
    "chroma_to_rgb": lambda at, **o: kernels.chroma_to_rgb(at["light"], at["uv"], **o),
}
"""What runs a kernel on those arrays."""
MADE_BESIDE = {"chroma_to_rgb": 7 * 8 * 16 * 4}
"""Bytes that a call needs beside its result: its guide, and three pairs of small planes."""
