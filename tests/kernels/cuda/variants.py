"""The variants of the kernels that are compiled as a proof: every type, and every wide layout.

As a program it writes registers.json anew: python -m tests.kernels.cuda.variants
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from luvcolor_kernels import cuda_source
from luvcolor_kernels.gpu import FLOATS, MODEL_FLOATS, RGB_TYPES, Variant
from luvcolor_kernels.runs import INTERLEAVED, PLANAR, STRIDED
from tests.kernels.cuda.clustering_variants import clusterings
from tests.kernels.cuda.gates import ARCHITECTURES, Report, compile_cuda

RECORD = Path(__file__).parent / "registers.json"


@dataclass(frozen=True)
class Compiled:
    """What a kernel became."""

    ptx: str
    report: Report


def variants() -> dict[str, tuple[str, Variant]]:
    """Return kernels and variants by a name that tells both."""
    found = [*_conversions(), *_luminances(), *_inputs(), *_merges(), *_slopes(), *clusterings()]
    return {name_of(kernel, variant): (kernel, variant) for kernel, variant in found}


def name_of(kernel: str, variant: Variant) -> str:
    return " ".join([kernel, *(f"{key}={value}" for key, value in variant.items())])


@cache
def compiled(name: str, arch: str) -> Compiled:
    """Compile a variant for an architecture, once in a process."""
    return Compiled(*compile_cuda(cuda_source.source(*variants()[name]), arch))


def compile_all() -> dict[str, dict[str, Compiled]]:
    """Compile every variant for every architecture; the compiler runs beside itself."""
    pairs = list(product(variants(), ARCHITECTURES))
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda pair: compiled(*pair), pairs))
    found: dict[str, dict[str, Compiled]] = {}
    for (name, arch), result in zip(pairs, results, strict=True):
        found.setdefault(name, {})[arch] = result
    return found


def _conversions() -> list[tuple[str, Variant]]:
    types = [(rgb, luv, INTERLEAVED, PLANAR) for rgb, luv in product(RGB_TYPES, FLOATS)]
    layouts = product((STRIDED, PLANAR, INTERLEAVED), repeat=2)
    plain = [("uint8", "float32", a, b) for a, b in layouts]
    rows = dict.fromkeys([*types, *plain])
    forward: list[tuple[str, Variant]] = [
        ("rgb_to_luv", {"IN": rgb, "OUT": luv, "IN_LAYOUT": a, "OUT_LAYOUT": b})
        for rgb, luv, a, b in rows
    ]
    backward: list[tuple[str, Variant]] = [
        ("luv_to_rgb", {"IN": luv, "OUT": rgb, "IN_LAYOUT": b, "OUT_LAYOUT": a})
        for rgb, luv, a, b in rows
    ]
    return forward + backward


def _luminances() -> list[tuple[str, Variant]]:
    wide = {1: PLANAR, 3: INTERLEAVED}
    found: list[tuple[str, Variant]] = [
        ("luminance", {"IN": dtype, "CHANNELS": n, "IN_LAYOUT": wide[n], "OUT_LAYOUT": PLANAR})
        for dtype, n in product(RGB_TYPES, wide)
    ]
    narrow: Variant = {"IN": "uint8", "CHANNELS": 3, "IN_LAYOUT": STRIDED, "OUT_LAYOUT": STRIDED}
    return [*found, ("luminance", narrow)]


def _inputs() -> list[tuple[str, Variant]]:
    pictures = [(dtype, "float32", n, 0) for dtype, n in product(RGB_TYPES, (1, 3))]
    results = [("uint8", dtype, 3, 0) for dtype in MODEL_FLOATS]
    lights = [(dtype, "float32", 1, 1) for dtype in (*RGB_TYPES, "bfloat16")]
    return [
        ("luma_to_input", {"IN": a, "OUT": b, "CHANNELS": n, "IS_LIGHT": light})
        for a, b, n, light in dict.fromkeys([*pictures, *results, *lights])
    ]


def _merges() -> list[tuple[str, Variant]]:
    wide = (PLANAR, INTERLEAVED)
    lights = [(light, "float16", "uint8", 1, *wide) for light in (*RGB_TYPES, "bfloat16")]
    chromas = [("uint8", uv, "uint8", follow, *wide) for uv in MODEL_FLOATS for follow in (0, 1)]
    results = [("float32", "float32", out, 1, PLANAR, PLANAR) for out in RGB_TYPES]
    narrow = [("uint8", "float32", "uint8", 1, STRIDED, STRIDED)]
    rows = dict.fromkeys([*lights, *chromas, *results, *narrow])
    keys = ("LIGHT", "UV", "OUT", "FOLLOW", "LIGHT_LAYOUT", "OUT_LAYOUT")
    return [("merge_chroma", dict(zip(keys, row, strict=True))) for row in rows]


def _slopes() -> list[tuple[str, Variant]]:
    return [
        (kernel, {"LIGHT": light, "UV": uv})
        for kernel in ("local_slope", "smooth_slope")
        for light, uv in (("float32", "float32"), ("float16", "float16"), ("float32", "bfloat16"))
    ]


def registers() -> dict[str, dict[str, int]]:
    """Return the registers of every variant on every architecture."""
    return {
        name: {arch: each.report.registers for arch, each in results.items()}
        for name, results in compile_all().items()
    }


if __name__ == "__main__":
    RECORD.write_text(json.dumps(registers(), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"wrote {RECORD.name}\n")
