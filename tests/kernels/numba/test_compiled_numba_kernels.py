"""numba's kernels compile for three GPUs, to what they are meant to be."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

from luvcolor_kernels.gpu_launches import KERNELS as EXACT
from tests.kernels.cuda.gates import ARCHITECTURES, Report, hot_loop
from tests.kernels.numba.registers import RECORD, assembled, compiled
from tests.kernels.numba.variants import VARIANTS, name_of, widths

pytestmark = pytest.mark.proof

SLOW = re.compile(
    r"\.f64\b|\b(?:call|div\.(?:rn|full)|div\.s64|sqrt\.rn|rcp\.rn|ld\.local|st\.local)"
)
"""Twice the precision, calls, divisions and roots to the last bit, and memory for registers."""

DECIDING = ("assign", "measure_gaps", "nearest")
MEANT = {
    **dict.fromkeys(DECIDING, frozenset({".f64"})),
    **dict.fromkeys(("place_colors", "place_pixels", "soft_assign"), frozenset({"div.rn"})),
}
"""What clustering takes for exactness: float64 decides, and shares are divided as on the CPU."""

FUSED = re.compile(r"\bfma\.rn\.f\d\d")
ROUNDED_OFF = re.compile(r"\b(?:add|sub|mul|div|min|max|fma)\.(?:\w+\.)?ftz\b")
"""Arithmetic that takes the smallest floats for zero."""

ATOMIC = re.compile(r"\b(?:atom|red)\.([\w.]+)")

NEAREST = "nearest DIMENSIONS=3 IN=uint8 IN_LAYOUT=2 OUT=uint8 OUT_LAYOUT=1"

Built = tuple[dict[str, str], dict[str, Report]]


def inexact(kernel: str, ptx: str) -> bool:
    """Say whether a kernel of clustering may round otherwise than the CPU does.

    Scores may: float64 decides where they matter.
    """
    fused = {*FUSED.findall(ptx)} - ({"fma.rn.f32"} if kernel in DECIDING else set())
    return bool(fused) or ROUNDED_OFF.search(ptx) is not None


@cache
def all_built() -> dict[str, Built]:
    """Every variant for every architecture, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        tables = pool.map(compiled, ARCHITECTURES)
        return {
            arch: (table, assembled(table, arch))
            for arch, table in zip(ARCHITECTURES, tables, strict=True)
        }


def built(arch: str) -> Built:
    return all_built()[arch]


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_there_are_no_slow_instructions(arch: str) -> None:
    table, _ = built(arch)
    assert len(table) == len(VARIANTS)
    found = {
        name: {*SLOW.findall(ptx)} - MEANT.get(name.partition(" ")[0], frozenset())
        for name, ptx in table.items()
    }
    assert {name: slow for name, slow in found.items() if slow} == {}


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_registers_are_those_on_record(arch: str) -> None:
    _, reports = built(arch)  # python -m tests.kernels.numba.registers records them anew
    assert {name: r for name, r in reports.items() if r.stack or r.spills} == {}
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))[arch]
    assert {name: r.registers for name, r in reports.items()} == recorded


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_clustering_rounds_as_the_cpu_does(arch: str) -> None:
    table, _ = built(arch)
    for name, ptx in table.items():
        kernel = name.partition(" ")[0]
        if kernel in EXACT:
            assert not inexact(kernel, ptx), name


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_additions_are_those_that_gpus_have(arch: str) -> None:
    """In shared memory of 32 bits only: others are tried again and again."""
    table, _ = built(arch)
    found = {addition for ptx in table.values() for addition in ATOMIC.findall(ptx)}
    assert found <= {"shared.add.u32", "global.add.u32", "global.add.u64"}
    assert "shared.add.u32" in found


def test_sixteen_distances_take_less_than_a_hundred_instructions() -> None:
    """As few as in CUDA C++: centres are read at once, and no index is of 64 bits."""
    _, reports = built("sm_90")
    for name in ("assign DIMENSIONS=3 WEIGHT=int32 WEIGHTED=1", NEAREST):
        loop = hot_loop(reports[name].sass)
        assert len(loop) <= 100
        assert sum("LDS.128" in line for line in loop) == 4


def test_four_pixels_at_a_time_are_wide_accesses() -> None:
    _, reports = built("sm_90")
    for kernel, variant in VARIANTS:
        report = reports[name_of(kernel, variant)]
        for instruction, width in zip(("LDG", "STG"), widths(kernel, variant), strict=True):
            if width:
                found = report.accesses(instruction)
                assert found[8 * width], (kernel, variant, instruction, found)


def test_floats_are_written_sixteen_bytes_at_a_time() -> None:
    table, reports = built("sm_90")
    name = name_of(*VARIANTS[0])
    assert "OUT=float32 OUT_LAYOUT=2" in name
    assert table[name].count("st.global.v4.f32") == 3
    assert reports[name].sass.count("STG.E.128") == 3


def test_powers_are_one_instruction() -> None:
    table, _ = built("sm_75")
    for kernel, variant in VARIANTS:
        if kernel == "luv_to_rgb":
            ptx = table[name_of(kernel, variant)]
            assert "ex2.approx.ftz.f32" in ptx
            assert "lg2.approx.ftz.f32" in ptx
