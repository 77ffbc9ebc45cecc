"""numba's kernels compile for three GPUs, to what they are meant to be."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest

from tests.kernels.cuda.gates import ARCHITECTURES, Report
from tests.kernels.numba.registers import RECORD, assembled, compiled
from tests.kernels.numba.variants import VARIANTS, name_of, widths

pytestmark = pytest.mark.proof

SLOW = re.compile(
    r"\.f64\b|\b(?:call|div\.(?:rn|full)|div\.s64|sqrt\.rn|rcp\.rn|ld\.local|st\.local)"
)
"""Twice the precision, calls, divisions and roots to the last bit, and memory for registers."""


@cache
def built(arch: str) -> tuple[dict[str, str], dict[str, Report]]:
    table = compiled(arch)
    return table, assembled(table, arch)


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_there_are_no_slow_instructions(arch: str) -> None:
    table, _ = built(arch)
    assert len(table) == len(VARIANTS)
    found = {name: SLOW.findall(ptx) for name, ptx in table.items()}
    assert {name: slow for name, slow in found.items() if slow} == {}


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_registers_are_those_on_record(arch: str) -> None:
    _, reports = built(arch)  # python -m tests.kernels.numba.registers records them anew
    assert {name: r for name, r in reports.items() if r.stack or r.spills} == {}
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))[arch]
    assert {name: r.registers for name, r in reports.items()} == recorded


def test_four_pixels_at_a_time_are_wide_accesses() -> None:
    _, reports = built("sm_90")
    for kernel, variant in VARIANTS:
        report = reports[name_of(kernel, variant)]
        for instruction, width in zip(("LDG", "STG"), widths(kernel, variant), strict=True):
            found = report.accesses(instruction)
            assert not width or found[8 * width], (kernel, variant, instruction, found)


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
