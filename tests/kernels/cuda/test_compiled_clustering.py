"""The machine code of clustering: native atomics, wide loads, float64 only to decide."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("cupy", reason="the extra `proof` compiles the CUDA kernels")
pytest.importorskip("cuda.bindings.nvrtc", reason="the extra `proof` compiles the CUDA kernels")

from luvcolor_kernels.gpu_launches import KERNELS
from tests.kernels.cuda.clustering_variants import clusterings
from tests.kernels.cuda.gates import ARCHITECTURES, compile_cuda, hot_loop
from tests.kernels.cuda.variants import compiled, name_of

pytestmark = [pytest.mark.proof, pytest.mark.slow]

ASSIGN = "assign DIMENSIONS=3 WEIGHT=int32 WEIGHTED=1"
NEAREST = "nearest IN=uint8 OUT=uint8 DIMENSIONS=3 IN_LAYOUT=2 OUT_LAYOUT=1"
AGAIN = re.compile(r"\bATOMS?\.\S*CAS")
"""Compare and swap: what becomes of an addition that the hardware does not have."""


def test_the_launcher_knows_every_kernel() -> None:
    assert tuple(sorted({kernel for kernel, _ in clusterings()})) == KERNELS


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_no_addition_is_tried_again_and_again(arch: str) -> None:
    for kernel, variant in clusterings():
        assert not AGAIN.search(compiled(name_of(kernel, variant), arch).report.sass), kernel


@pytest.mark.parametrize("kind", ["float", "unsigned long long"])
def test_the_gate_sees_additions_that_are_tried_again(kind: str) -> None:
    source = (
        f'extern "C" __global__ void f({kind}* x) {{\n'
        f"  __shared__ {kind} sum;\n  sum = 0;\n  __syncthreads();\n"
        "  atomicAdd(&sum, x[threadIdx.x]);\n  __syncthreads();\n  x[0] = sum;\n}\n"
    )
    assert AGAIN.search(compile_cuda(source, "sm_90")[1].sass)


@pytest.mark.parametrize("name", [ASSIGN, NEAREST])
@pytest.mark.parametrize("arch", ["sm_75", "sm_90"])
def test_a_centre_is_read_at_once_for_four_points(name: str, arch: str) -> None:
    assert compiled(name, arch).report.accesses("LDS")[128] >= 4


def test_points_are_read_four_at_a_time() -> None:
    assert compiled(ASSIGN, "sm_90").report.accesses("LDG")[128] == 3
    wide = compiled(NEAREST, "sm_90").report.accesses("LDG")
    assert wide[32] >= 3


@pytest.mark.parametrize("name", [ASSIGN, NEAREST])
def test_sixteen_distances_take_a_hundred_instructions(name: str) -> None:
    assert len(hot_loop(compiled(name, "sm_90").report.sass)) <= 104
