"""Every kernel compiles for every architecture, to machine code that wastes nothing."""

from __future__ import annotations

import json
import re

import pytest

pytest.importorskip("cupy", reason="the extra `proof` compiles the CUDA kernels")
pytest.importorskip("cuda.bindings.nvrtc", reason="the extra `proof` compiles the CUDA kernels")

from luvcolor_kernels import cuda_source
from luvcolor_kernels.runs import STRIDED
from luvcolor_kernels.views import ITEM_SIZES
from tests.kernels.cuda.gates import ARCHITECTURES, assemble, compile_cuda
from tests.kernels.cuda.variants import RECORD, Compiled, compile_all, compiled, variants

pytestmark = [pytest.mark.proof, pytest.mark.slow]

CEILINGS = {
    "luma_to_input": 80,
    "merge_chroma": 80,
    **dict.fromkeys(("assign", "measure_gaps", "nearest"), 80),
}
"""Registers of a thread: with 80, three blocks of 256 threads find room on a multiprocessor."""

DECIDING = {"assign", "measure_gaps", "nearest"}
"""Kernels with float64: it decides where float32 cannot tell which centre is nearer."""

CEILING = 64
"""Of the other kernels: four blocks."""

SLACK = 2
"""Registers by which a kernel may grow before registers.json has to say so."""


@pytest.fixture(scope="module")
def everything() -> dict[str, dict[str, Compiled]]:
    """Every variant on every architecture."""
    return compile_all()


def test_every_kernel_is_compiled(everything: dict[str, dict[str, Compiled]]) -> None:
    assert {name.partition(" ")[0] for name in everything} == set(cuda_source.KERNELS)
    for results in everything.values():
        assert set(results) == set(ARCHITECTURES)


def test_no_float64_comes_in(everything: dict[str, dict[str, Compiled]]) -> None:
    wide = {
        name.partition(" ")[0]
        for name, results in everything.items()
        if any(".f64" in r.ptx for r in results.values())
    }
    assert wide == DECIDING


def test_the_fast_functions_of_the_hardware_are_used() -> None:
    ptx = compiled(next(iter(variants())), "sm_90").ptx
    for function in ("lg2.approx.ftz.f32", "ex2.approx.ftz.f32", "rcp.approx.ftz.f32"):
        assert function in ptx


def test_nothing_is_kept_in_local_memory(everything: dict[str, dict[str, Compiled]]) -> None:
    for name, results in everything.items():
        for arch, result in results.items():
            assert (result.report.stack, result.report.spills) == (0, 0), (name, arch)


def test_registers_stay_below_their_ceiling(everything: dict[str, dict[str, Compiled]]) -> None:
    for name, results in everything.items():
        most = CEILINGS.get(name.partition(" ")[0], CEILING)
        found = {arch: result.report.registers for arch, result in results.items()}
        assert max(found.values()) <= most, (name, found)


def test_registers_are_those_on_record(everything: dict[str, dict[str, Compiled]]) -> None:
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    remedy = "if it is to be, run python -m tests.kernels.cuda.variants"
    assert set(record) == set(everything), remedy
    for name, results in everything.items():
        for arch, result in results.items():
            found, recorded = result.report.registers, record[name][arch]
            assert found <= recorded + SLACK, (name, arch, found, recorded, remedy)


@pytest.mark.parametrize("arch", ["sm_75", "sm_90"])
@pytest.mark.parametrize(
    ("kernel", "read", "written"),
    [
        ("rgb_to_luv IN=uint8 OUT=float32 IN_LAYOUT=2 OUT_LAYOUT=1", (3, 32), (3, 128)),
        ("rgb_to_luv IN=uint8 OUT=float32 IN_LAYOUT=1 OUT_LAYOUT=2", (3, 32), (3, 128)),
        ("rgb_to_luv IN=uint16 OUT=float16 IN_LAYOUT=2 OUT_LAYOUT=1", (3, 64), (3, 64)),
        ("rgb_to_luv IN=float32 OUT=float32 IN_LAYOUT=2 OUT_LAYOUT=1", (3, 128), (3, 128)),
        ("luv_to_rgb IN=float32 OUT=uint8 IN_LAYOUT=1 OUT_LAYOUT=2", (3, 128), (3, 32)),
        ("luv_to_rgb IN=float32 OUT=uint8 IN_LAYOUT=2 OUT_LAYOUT=1", (3, 128), (3, 32)),
        ("luv_to_rgb IN=float16 OUT=uint16 IN_LAYOUT=1 OUT_LAYOUT=2", (3, 64), (3, 64)),
        ("luminance IN=uint8 CHANNELS=1 IN_LAYOUT=1 OUT_LAYOUT=1", (1, 32), (1, 128)),
        ("luminance IN=float16 CHANNELS=3 IN_LAYOUT=2 OUT_LAYOUT=1", (3, 64), (1, 128)),
        (
            "merge_chroma LIGHT=float32 UV=float32 OUT=float32 FOLLOW=1 "
            "LIGHT_LAYOUT=1 OUT_LAYOUT=1",
            (1, 128),
            (3, 128),
        ),
        (
            "merge_chroma LIGHT=float32 UV=float16 OUT=uint8 FOLLOW=1 LIGHT_LAYOUT=1 OUT_LAYOUT=2",
            (1, 128),
            (3, 32),
        ),
    ],
)
def test_four_pixels_move_at_a_time_where_they_are_neighbours(
    kernel: str, read: tuple[int, int], written: tuple[int, int], arch: str
) -> None:
    report = compiled(kernel, arch).report
    assert report.accesses("LDG")[read[1]] >= read[0]
    assert report.accesses("STG")[written[1]] >= written[0]


@pytest.mark.parametrize("kernel", ["rgb_to_luv", "luv_to_rgb"])
def test_no_more_than_an_element_moves_at_a_time_where_pixels_are_strided(kernel: str) -> None:
    layouts = f"IN_LAYOUT={STRIDED} OUT_LAYOUT={STRIDED}"
    (name,) = (name for name in variants() if name.startswith(kernel) and layouts in name)
    types = re.findall(r"\b(?:IN|OUT)=(\w+)", name)
    report = compiled(name, "sm_90").report
    for instruction, dtype in zip(("LDG", "STG"), types, strict=True):
        found = set(report.accesses(instruction)) - {32}  # tables are read as floats
        assert found <= {8 * ITEM_SIZES[dtype]}


def test_ptx_alone_is_assembled_to_the_same_machine_code() -> None:
    for name in list(variants())[::17]:
        result = compiled(name, "sm_80")
        assembled = assemble(result.ptx, "sm_80")
        assert assembled.registers == result.report.registers
        assert assembled.sass == result.report.sass


def test_the_gates_see_what_they_are_to_see() -> None:
    double = 'extern "C" __global__ void f(double* x) { *x = sqrt(*x); }'
    assert ".f64" in compile_cuda(double, "sm_80")[0]
    spilling = (
        'extern "C" __global__ void __launch_bounds__(1024, 2) f(float* x) {\n'
        "  float y[96];\n"
        "  for (int i = 0; i < 96; i++) y[i] = x[i * 7];\n"
        "  __syncthreads();\n"
        "  for (int i = 0; i < 96; i++) x[i * 7] = y[i] * y[95 - i] + y[(i * 5) % 96];\n"
        "}\n"
    )
    report = compile_cuda(spilling, "sm_80")[1]
    assert report.spills + report.stack > 0
    assert report.accesses("STL").total() > 0
    with pytest.raises(ValueError, match="undefined"):
        compile_cuda('extern "C" __global__ void f() { missing(); }', "sm_80")
    with pytest.raises(ValueError, match="ptxas"):
        assemble(".version 9.0\n.target sm_80\nnonsense", "sm_80")
