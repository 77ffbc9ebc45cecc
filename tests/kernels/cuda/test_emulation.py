"""The emulator itself: what breaks a rule of CUDA's is an error, also where a GPU says nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from luvcolor_kernels.libraries import Place
from tests.kernels.cuda.emulation import (
    NUMPY,
    ORDERS,
    EmulatedEngine,
    EmulationError,
    check_arguments,
    check_grid,
)
from tests.kernels.cuda.memory import empty, placed
from tests.kernels.cuda.toolchain import EXACT, PESSIMISTIC, Build, Parameter

pytestmark = pytest.mark.proof

RGB = np.zeros((4, 5, 3), np.uint8)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (np.int32(1), "argument 1 is to be int64, found int32"),
        (np.float32(1), "found float32"),
        (NUMPY.view(RGB), "found uint8"),
    ],
    ids=str,
)
def test_a_launch_of_wrong_types_is_an_error_here(argument: Any, message: str) -> None:
    expected = [Parameter("uint8", True, True), Parameter("int64", False, False)]
    check_arguments("kernel", expected, [NUMPY.view(RGB), np.int64(1)])
    with pytest.raises(EmulationError, match=message):
        check_arguments("kernel", expected, [NUMPY.view(RGB), argument])


def test_a_launch_of_a_wrong_length_or_element_type_is_an_error_here() -> None:
    expected = [Parameter("float", True, False)]
    with pytest.raises(EmulationError, match="takes 1 arguments, found 0"):
        check_arguments("kernel", expected, [])
    with pytest.raises(EmulationError, match=r"to be float32\*, found uint8"):
        check_arguments("kernel", expected, [NUMPY.view(RGB)])


@pytest.mark.parametrize("grid", [(0, 1), (1, 65536), (2**31, 1)], ids=str)
def test_a_grid_that_no_gpu_runs_is_an_error_here(grid: tuple[int, int]) -> None:
    with pytest.raises(EmulationError, match="no GPU runs"):
        check_grid(grid, (256, 1))


RULES = {
    "misaligned access": "struct alignas(16) Wide { float at[4]; }; *(Wide*)to = {};",
    "threads never come to a barrier": "if (threadIdx.x < 7) __syncthreads();",
    "some threads wait here": "if (threadIdx.x < 7)\n__syncthreads();\nelse __syncthreads();",
    "overflow of a sum": "int x = 0x7fffffff; to[0] = x + (int)blockDim.x;",
    "index beyond an array": "float at[4]; at[blockDim.x] = 1; to[0] = at[0];",
    "bytes that are not its output": "to[-1] = 1;",
}
"""Kernels that break a rule each, by what is said of them."""


def ruled(parameters: str, body: str) -> EmulatedEngine:
    """Return an engine whose one kernel is given here."""
    text = f"KERNEL void __launch_bounds__(256)\nrule({parameters}) {{\n{body}\n}}\n"
    return EmulatedEngine(source=lambda kernel, variant: text)


@pytest.mark.parametrize("message", RULES)
def test_a_broken_rule_is_an_error_here(message: str) -> None:
    to = NUMPY.view(empty((3,), "float32", misaligned=1))
    with pytest.raises(EmulationError, match=message):
        ruled("float* to", RULES[message]).run("rule", {}, (1, 1), (32, 1), [to], Place(0, 0))


def test_a_change_of_an_input_is_an_error_here() -> None:
    engine = ruled("const float* from, float* to", "*(float*)from = *to;")
    views = [NUMPY.view(placed(np.zeros(3, np.float32))), NUMPY.view(empty((3,), "float32"))]
    with pytest.raises(EmulationError, match="wrote 4 bytes that are not its output"):
        engine.run("rule", {}, (1, 1), (1, 1), views, Place(0, 0))


def test_shared_memory_holds_nothing_at_first() -> None:
    body = "__shared__ float at[1]; to[blockIdx.x] = at[0]; at[0] = 1.0f;"
    to = empty((3,), "float32")
    ruled("float* to", body).run("rule", {}, (3, 1), (1, 1), [NUMPY.view(to)], Place(0, 0))
    assert np.isnan(to).all()


@pytest.mark.parametrize("order", ORDERS)
def test_blocks_and_threads_take_their_turns_in_the_order_asked_for(order: str) -> None:
    body = "to[1 + (int)to[0]] = blockIdx.x * 4 + threadIdx.x; to[0] += 1;"
    engine = ruled("float* to", body)
    engine.order = order
    to = placed(np.zeros(17, np.float32))
    engine.run("rule", {}, (4, 1), (4, 1), [NUMPY.view(to)], Place(0, 0))
    turns = list(range(16))
    assert sorted(to[1:]) == turns
    expected = {"ascending": turns, "descending": turns[::-1]}
    assert list(to[1:]) == expected.get(order, list(to[1:]))
    assert (order == "shuffled") == (list(to[1:]) not in expected.values())


def test_pessimistic_functions_are_wrong_but_no_more_than_the_isa_allows() -> None:
    values = np.concatenate([np.geomspace(1e-20, 1e20, 20001), np.linspace(0.4, 2.1, 20000)])
    x = placed(values.astype(np.float32))
    body = (
        "for (int64 i = 0; i < 40001; i++) { logs[i] = log2_fast(from[i]);"
        " powers[i] = exp2_fast(logs[i]); shares[i] = reciprocal_fast(from[i]); }"
    )
    engine = ruled(
        "const float* from, float* logs, float* powers, float* shares",
        f"typedef long long int64; {body}",
    )
    engine.build = PESSIMISTIC
    logs, powers, shares = (empty(x.shape, "float32") for _ in range(3))
    views = [NUMPY.view(array) for array in (x, logs, powers, shares)]
    engine.run("rule", {}, (1, 1), (1, 1), views, Place(0, 0))
    exact = np.log2(x.astype(np.float64))
    most = np.where((x > 0.5) & (x < 2), 1.0, np.abs(exact)) * 2.0**-22
    used = np.abs(logs - exact) / (most + np.spacing(np.abs(logs)) / 2)
    assert 0.9 < used.max() <= 1
    used = np.abs(powers / np.exp2(logs.astype(np.float64)) - 1) / (2.0**-22 + 2.0**-24)
    assert 0.8 < used.max() <= 1
    used = np.abs(shares * x.astype(np.float64) - 1) / (2.0**-23 + 2.0**-24)
    assert 0.8 < used.max() <= 1


@pytest.mark.parametrize("build", [EXACT, PESSIMISTIC], ids=lambda build: build.name)
def test_products_and_sums_are_fused_only_where_they_may_be(build: Build) -> None:
    """(1 + e)^2 - (1 + 2 e) is e^2 if rounded once, and 0 if the product is rounded first."""
    x = placed(np.array([1 + 2.0**-12, -(1 + 2.0**-11)], np.float32))
    body = (
        "to[0] = from[0] * from[0] + from[1];\n"
        "to[1] = __fadd_rn(__fmul_rn(from[0], from[0]), from[1]);"
    )
    engine = ruled("const float* from, float* to", body)
    engine.build = build
    to = empty((2,), "float32")
    engine.run("rule", {}, (1, 1), (1, 1), [NUMPY.view(x), NUMPY.view(to)], Place(0, 0))
    fused = any(flag == "-mfma" for flag in build.flags)
    assert to.tolist() == [2.0**-24 if fused else 0.0, 0.0]
