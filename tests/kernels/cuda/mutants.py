"""Bugs to plant in the kernels, each with the check that is to notice it.

As a program it takes the name of one, and ends well only if the bug goes unnoticed; in a process
of its own, because some bugs end the process.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from luvcolor_kernels import cuda_source, gpu, runs
from luvcolor_kernels.gpu import Kernels
from tests.kernels.cuda import clustering_mutants
from tests.kernels.cuda import test_emulated_conversion as conversion
from tests.kernels.cuda import test_emulated_huge_arrays as huge
from tests.kernels.cuda import test_emulated_input as shrinking
from tests.kernels.cuda import test_emulated_merge as merging
from tests.kernels.cuda.cases import CASES
from tests.kernels.cuda.emulation import NUMPY
from tests.kernels.cuda.replay import ADDRESSES, RACES, RecordingEngine, replay
from tests.kernels.cuda.toolchain import EXACT, Build

SOUND, SURVIVED = "the check passes without the bug", "the bug goes unnoticed"

Check = Callable[[], None]


@dataclass(frozen=True)
class Mutant:
    """A bug: what to replace in a file by what, and the check that fails then."""

    file: str
    right: str
    wrong: str
    check: Check


def _sanitized(build: Build, *names: str) -> Check:
    def check() -> None:
        engine = RecordingEngine()
        engine.checked = False
        for name in names:
            CASES[name](Kernels(engine, lambda array: NUMPY))
        assert replay(engine.recorded, build) == ""

    return check


def _patched(check: Callable[[pytest.MonkeyPatch], None]) -> Check:
    def run() -> None:
        with pytest.MonkeyPatch.context() as patch:
            check(patch)

    return run


def _layouts(name: str) -> Check:
    return lambda: conversion.test_the_layout_of_either_side_changes_no_bit(name, "planar", 13)


def _ratio(name: str) -> Check:
    return lambda: shrinking.test_it_matches_float64_at_every_ratio(name, 3, EXACT)


def _bisection(size: tuple[int, int], follow: bool) -> Check:
    return lambda: merging.test_it_matches_bisection_in_float64(size, follow, EXACT)


_TABLE = ("pixel.cuh", "shared[i] = table[i];\n  __syncthreads();", "shared[i] = table[i];")
_FIRST = ("sums[threadIdx.x + k * 256] = sum[k];\n      __syncthreads();",)
_SECOND = ("      __syncthreads();\n    }\n    if (column < right)",)

MUTANTS: dict[str, Mutant] = {
    "no barrier after the table": Mutant(
        *_TABLE, conversion.test_the_order_of_threads_changes_no_bit
    ),
    "no barrier after the table, as a race": Mutant(
        *_TABLE, _sanitized(RACES, "rgb_to_luv, interleaved")
    ),
    "a barrier that some threads pass by": Mutant(
        "merge_chroma.cu",
        "if (Is<LIGHT>::byte) fill_table",
        "if (Is<LIGHT>::byte && 4 * (blockIdx.x * blockDim.x + threadIdx.x) < width) fill_table",
        lambda: merging.test_no_chroma_gives_back_every_gray_exactly("uint8", "float32", EXACT),
    ),
    "the last pixels dropped": Mutant(
        "rgb_to_luv.cu",
        "i < length; i += stride",
        "i + 3 < length; i += stride",
        lambda: conversion.test_every_length_is_converted_to_its_end(5, -1),
    ),
    "pixels twice": Mutant(
        "luv_to_rgb.cu",
        "int64 stride = 4 *",
        "int64 stride = 2 *",
        _sanitized(RACES, "luv_to_rgb, many"),
    ),
    "elements of a group in reverse": Mutant(
        "types.cuh",
        "= parts[i / 4].at[i % 4]",
        "= parts[i / 4].at[3 - i % 4]",
        _layouts("interleaved"),
    ),
    "wide accesses to planes that are not aligned": Mutant(
        "runs.py",
        "    return PLANAR if pixel == 1 and channel % 4 == 0 else STRIDED\n",
        "    return PLANAR if pixel == 1 else STRIDED\n",
        _layouts("planar"),
    ),
    "wide accesses to misaligned memory": Mutant(
        "runs.py",
        "if view.address % (4 * view.item_size) or any(",
        "if any(",
        _layouts("interleaved, misaligned"),
    ),
    "wide accesses to rows that are not aligned": Mutant(
        "runs.py",
        "or any(step % 4 for step in steps)",
        "or False",
        _layouts("crop"),
    ),
    "the wrong plane": Mutant(
        "merge_chroma.cu",
        "sample(small + plane, columns, near",
        "sample(small + columns, columns, near",
        _bisection((13, 17), False),
    ),
    "columns read once that are too far apart for it": Mutant(
        "merge_chroma.cu",
        "bool near = 3 * columns <= width",
        "bool near = 2 * columns <= width",
        _bisection((13, 17), False),
    ),
    "pictures of a batch mixed up": Mutant(
        "merge_chroma.cu",
        "uv + 2 * p * plane",
        "uv + p * plane",
        _patched(
            lambda patch: merging.test_batches_are_merged_picture_by_picture((3, 8, 12), -1, patch)
        ),
    ),
    "an overlap one too large": Mutant(
        "luma_to_input.cu", "? to - from : 0", "? to - from + 1 : 0", _ratio("smaller")
    ),
    "no barrier before the sums are read": Mutant(
        "luma_to_input.cu",
        _FIRST[0],
        _FIRST[0].replace("\n      __syncthreads();", ""),
        shrinking.test_the_order_of_threads_changes_no_bit,
    ),
    "no barrier after the sums were read": Mutant(
        "luma_to_input.cu",
        _SECOND[0],
        _SECOND[0].replace("      __syncthreads();\n", ""),
        shrinking.test_the_order_of_threads_changes_no_bit,
    ),
    "no barrier after the sums were read, as a race": Mutant(
        "luma_to_input.cu",
        _SECOND[0],
        _SECOND[0].replace("      __syncthreads();\n", ""),
        _sanitized(RACES, "luma_to_input, chunks of columns"),
    ),
    "a column beyond the picture": Mutant(
        "luma_to_input.cu",
        "if (k * 256 < room)",
        "if (k * 256 <= room)",
        _sanitized(ADDRESSES, "luma_to_input, smaller"),
    ),
    "an index of 32 bits": Mutant(
        "rgb_to_luv.cu",
        "int64 first = 4 * ((int64)blockIdx.x",
        "int first = 4 * (blockIdx.x",
        lambda: huge.test_colors_beyond_two_billion_elements_are_converted(-1),
    ),
    "a distance of 32 bits": Mutant(
        "merge_chroma.cu",
        "rgb + p * rgb_step + row * rgb_pitch",
        "rgb + (int)(p * rgb_step + row * rgb_pitch)",
        huge.test_pictures_beyond_two_billion_pixels_are_merged,
    ),
    "a constant off by a thousandth": Mutant(
        "pixel.cuh",
        "C116 * root - SIXTEEN",
        "C116 * root - 1.001f * SIXTEEN",
        lambda: conversion.test_luminance_matches_float64("uint16", 3, EXACT),
    ),
    "no rounding": Mutant(
        "pixel.cuh",
        "encode(linear) * 255.0f + HALF",
        "encode(linear) * 255.0f",
        lambda: conversion.test_inverse_matches_float64("float32", "uint8", EXACT),
    ),
    "chroma shortened on one side only": Mutant(
        "pixel.cuh",
        "float t = fminf(above_zero, below_one);",
        "float t = above_zero;",
        _bisection((13, 17), False),
    ),
    "chroma half a pixel aside": Mutant(
        "merge_chroma.cu",
        "(2 * at + 1) * old - size",
        "2 * at * old",
        _bisection((13, 17), True),
    ),
    "a window over the right edge": Mutant(
        "local_slope.cu",
        "min(max(x + dx, 0), (int)width - 1)",
        "max(x + dx, 0)",
        lambda: merging.test_chroma_follows_lightness_as_in_float64(1, True, EXACT),
    ),
    "a window over the upper edge": Mutant(
        "smooth_slope.cu",
        "min(max(y + dy, 0), (int)height - 1)",
        "min(y + dy, (int)height - 1)",
        _sanitized(ADDRESSES, "chroma_to_rgb, guided"),
    ),
    "NaN rounded to a number": Mutant(
        "types.cuh",
        "value != value ?",
        "false ?",
        lambda: shrinking.test_nan_touches_only_the_results_that_cover_it("bfloat16"),
    ),
}

MUTANTS |= {name: Mutant(*row) for name, row in clustering_mutants.rows(_sanitized).items()}


def plant(mutant: Mutant, folder: Path) -> None:
    """Put the bug in the place of what is right, for this process."""
    if mutant.file == "runs.py":
        module = ModuleType("planted")
        sys.modules["planted"] = module
        exec(_planted(mutant, Path(runs.__file__)), module.__dict__)
        vars(gpu).update(common_runs=module.common_runs, rows_of=module.rows_of)
        return
    copy = folder / "cuda"
    shutil.copytree(cuda_source.FOLDER, copy)
    text = _planted(mutant, copy / mutant.file)
    (copy / mutant.file).write_text(text, encoding="utf-8")
    cuda_source.FOLDER = copy


def _planted(mutant: Mutant, path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.right) != 1:
        raise ValueError(f"{path.name} has {text.count(mutant.right)} times: {mutant.right}")
    return text.replace(mutant.right, mutant.wrong)


def main(name: str) -> None:
    """Run a check without the bug and with it."""
    mutant = MUTANTS[name]
    with tempfile.TemporaryDirectory() as folder:
        mutant.check()
        sys.stdout.write(f"{SOUND}\n")
        sys.stdout.flush()
        plant(mutant, Path(folder))
        mutant.check()
    sys.stdout.write(f"{SURVIVED}\n")


if __name__ == "__main__":
    main(sys.argv[1])
