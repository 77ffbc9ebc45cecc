"""The source of a CUDA kernel, whole: its variant, the constants of pixel.py, and its headers.

All is put into one text, so that the text alone tells one state of a kernel from another: compilers
that keep machine code on disk look at nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import pixel, reference

FOLDER = Path(__file__).parent / "cuda"
KERNELS = tuple(sorted(path.stem for path in FOLDER.glob("*.cu")))
_INCLUDE = re.compile(r'^#include "(\w+\.cuh)"$', re.MULTILINE)


def source(kernel: str, variant: Mapping[str, str | int]) -> str:
    """Return the source of a kernel, with a macro for each entry of its variant."""
    macros = "".join(f"#define {name} {value}\n" for name, value in sorted(variant.items()))
    return macros + _flat(f"{kernel}.cu", set())


@cache
def constants() -> str:
    """Return the constants of pixel.py and the tables of uint8, as CUDA source."""
    names = sorted(name for name, value in vars(pixel).items() if isinstance(value, np.float32))
    lines = [f"constexpr float {name} = {_literal(getattr(pixel, name))};" for name in names]
    return "\n".join([*lines, *_tables()]) + "\n"


def _tables() -> list[str]:
    levels = reference.decode(np.arange(256, dtype=np.uint8))
    tables = {"LINEAR_TABLE": levels, "LIGHTNESS_TABLE": reference.lightness(levels)}
    return [
        f"[[maybe_unused]] static __device__ const float {name}[256] = {{{_row(table)}}};"
        for name, table in tables.items()
    ]


def _row(table: npt.NDArray[np.float64]) -> str:
    return ", ".join(_literal(value) for value in table.astype(np.float32))


def _literal(value: np.float32) -> str:
    return f"{float(value).hex()}f"


def _flat(name: str, seen: set[str]) -> str:
    """Return a file with every header in the place where it is first included."""
    seen.add(name)
    text = constants() if name == "constants.cuh" else (FOLDER / name).read_text(encoding="utf-8")

    def replace(match: re.Match[str]) -> str:
        return "" if match[1] in seen else _flat(match[1], seen)

    return _INCLUDE.sub(replace, text).replace("#pragma once\n", "")
