"""The instructions that numba_instructions writes, compiled for the CPU.

All but powers and halves, which are instructions that only a GPU has.
"""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from llvmlite import binding, ir

from tests.kernels.cuda.memory import Array, numpy_type, to_bfloat16

pytestmark = pytest.mark.proof
instructions = pytest.importorskip("luvcolor_kernels.numba_instructions", exc_type=ImportError)

LONG, FLOAT = ir.IntType(64), ir.FloatType()


def _tuple(builder: Any, kind: Any, values: list[Any]) -> Any:
    """Make what a tuple is to numba."""
    result = ir.Constant(ir.ArrayType(values[0].type, len(values)), ir.Undefined)
    for i, value in enumerate(values):
        result = builder.insert_value(result, value, i)
    return result


CONTEXT = SimpleNamespace(make_tuple=_tuple, get_dummy_value=lambda: None)


def written(function: Any, builder: Any, *arguments: Any) -> Any:
    """Write the instructions of an intrinsic where ``builder`` is."""
    signature, generate = function._defn(*[None] * (1 + len(arguments)))
    return generate(CONTEXT, builder, signature, arguments)


def compiled(
    arguments: list[ir.Type], result: ir.Type, write: Callable[[Any, Any], Any], kind: Any
) -> Any:
    """Compile a function for this machine, its instructions written by ``write``."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(result, arguments), "f")
    builder = ir.IRBuilder(function.append_basic_block())
    value = write(builder, function.args)
    builder.ret(value) if value is not None else builder.ret_void()
    target = binding.Target.from_default_triple().create_target_machine()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(str(module)), target)
    engine.finalize_object()
    call = kind(engine.get_function_address("f"))
    call.engine = engine  # owns the machine code
    return call


def copied(values: Array, source: str, target: str, count: int) -> Array:
    """Read elements of one type and write them as those of another, so many at a time."""

    def write(builder: Any, arguments: Any) -> None:
        loaded = written(instructions.loader(source, count), builder, arguments[0])
        written(instructions.storer(target, count), builder, arguments[1], loaded)

    function = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64)
    copy = compiled([LONG, LONG], ir.VoidType(), write, function)
    result = np.empty(len(values), numpy_type(target))
    for i in range(0, len(values), count):
        copy(values[i:].ctypes.data, result[i:].ctypes.data)
    return result


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("pair", [("uint8", "uint16"), ("uint16", "uint8"), ("uint16", "uint16")])
def test_levels_go_to_memory_and_back(pair: tuple[str, str], count: int) -> None:
    values = np.arange(256).astype(pair[0])
    np.testing.assert_array_equal(copied(values, *pair, count), values)


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("dtype", ["int32", "int64", "float64"])
def test_what_sums_are_made_of_goes_to_memory_and_back(dtype: str, count: int) -> None:
    values = (np.array([0, 1, -1, 7, -(2**31), 2**31 - 1, 12, -5]) * 1).astype(dtype)
    np.testing.assert_array_equal(copied(values, dtype, dtype, count), values)
    if dtype == "int32":
        np.testing.assert_array_equal(copied(values, dtype, "int64", count), values)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_sums_in_memory(dtype: str) -> None:
    add = compiled(
        [LONG, LONG],
        ir.VoidType(),
        lambda builder, arguments: written(instructions.adder(dtype), builder, *arguments) and None,
        ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64),
    )
    values = np.array([5, 6, 7], dtype)
    add(values[1:].ctypes.data, -8)
    assert values.tolist() == [5, -2, 7]


@pytest.mark.parametrize("value", [0.0, 1.5, -2.25e-30])
def test_bits_and_floats(value: float) -> None:
    there = compiled(
        [FLOAT],
        ir.IntType(32),
        lambda builder, arguments: written(instructions.bits_of, builder, *arguments),
        ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_float),
    )
    back = compiled(
        [ir.IntType(32)],
        FLOAT,
        lambda builder, arguments: written(instructions.float_of, builder, *arguments),
        ctypes.CFUNCTYPE(ctypes.c_float, ctypes.c_int32),
    )
    assert there(value) == int(np.float32(value).view(np.int32))
    assert back(there(value)) == float(np.float32(value))


@pytest.mark.parametrize("count", [2, 4, 6, 7])
def test_neighbors_are_read_in_order(count: int) -> None:
    _, generate = instructions.neighbors(count)._defn(None, None, None)

    def write(builder: Any, arguments: Any) -> Any:
        array = SimpleNamespace(data=builder.inttoptr(arguments[0], FLOAT.as_pointer()))
        context = SimpleNamespace(make_tuple=_tuple, make_array=lambda _: lambda *_: array)
        signature = SimpleNamespace(args=[None], return_type=None)
        found = generate(context, builder, signature, [None, arguments[1]])
        return builder.extract_value(found, count - 1)

    kind = ctypes.CFUNCTYPE(ctypes.c_float, ctypes.c_int64, ctypes.c_int64)
    last = compiled([LONG, LONG], FLOAT, write, kind)
    room = np.zeros(64, np.float32)
    first = -room.ctypes.data % 16 // 4  # aligned as in shared memory
    room[first : first + 3 * count] = np.arange(3 * count)
    assert last(room[first:].ctypes.data, 2 * count) == 3 * count - 1


class Subtract:
    """Stands in for a compiled function: 10 a - b + common."""

    __name__ = "subtract"

    def py_func(self, a: int, b: int, common: int) -> int:
        return 10 * a - b + common

    def get_call_type(self, context: Any, arguments: Any, named: Any) -> Any:
        assert len(arguments) == 3
        return SimpleNamespace(return_type=instructions.types.int64)

    def write(self, builder: Any, arguments: Any) -> Any:
        a, b, common = arguments
        return builder.add(builder.sub(builder.mul(a, LONG(10)), b), common)


def of_tuples(function: Any, types: list[Any], arguments: list[Any]) -> Any:
    """Run an intrinsic of numba_tuples on whole numbers, and tuples of them."""
    context = SimpleNamespace(
        resolve_value_type=lambda given: given,
        get_function=lambda kind, call: kind.write,
        make_tuple=_tuple,
    )
    _, generate = function._defn(context, *types)

    def write(builder: Any, _: Any) -> Any:
        constants = [
            _tuple(builder, None, [LONG(x) for x in a]) if isinstance(a, tuple) else LONG(a)
            for a in arguments
        ]
        found = generate(context, builder, None, constants)
        if found.type == LONG:
            return found
        first, second = (builder.extract_value(found, k) for k in (0, 1))
        return builder.add(builder.mul(first, LONG(1000)), second)

    return compiled([], LONG, write, ctypes.CFUNCTYPE(ctypes.c_int64))()


def test_functions_of_items_of_tuples() -> None:
    one = instructions.types.int64
    mapped, folded = instructions.mapped(Subtract()), instructions.folded(Subtract())
    found = of_tuples(mapped, [(one, one), (one, one), one], [(7, 9), (1, 2), 5])
    assert found == 74 * 1000 + 93
    found = of_tuples(folded, [one, (one, one, one), one], [1, (2, 3, 4), 5])
    assert found == 10 * (10 * (10 - 2 + 5) - 3 + 5) - 4 + 5


@pytest.mark.parametrize("count", [1, 4])
def test_bfloat16_is_read_exactly(count: int) -> None:
    bits = np.arange(0, 0x10000, 1 if count == 4 else 7, dtype=np.uint16)
    found = copied(bits.view(numpy_type("bfloat16")), "bfloat16", "float32", count)
    np.testing.assert_array_equal(found.view(np.uint32), bits.astype(np.uint32) << 16)


@pytest.mark.parametrize("count", [1, 4])
def test_bfloat16_is_rounded_to_the_nearest_and_ties_to_even(count: int) -> None:
    upper = np.r_[0:0x7F7F:61, 0x8000:0xFF7F:61].astype(np.uint32) << 16
    lower = np.array([0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x1234, 0xC000], np.uint32)
    values = (upper[:, None] | lower).ravel().view(np.float32)
    np.testing.assert_array_equal(copied(values, "float32", "bfloat16", count), to_bfloat16(values))


@pytest.mark.parametrize("a", [0, 1, 7, 2**31 + 5, 2**53 + 1, 2**62])
@pytest.mark.parametrize("b", [1, 3, 2**31, 2**53 + 1])
def test_quotients_are_whole(a: int, b: int) -> None:
    function = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
    divide = compiled(
        [LONG, LONG],
        LONG,
        lambda builder, arguments: written(instructions.quotient, builder, *arguments),
        function,
    )
    assert divide(a, b) == a // b


@pytest.mark.parametrize("value", [0.0, 0.99, 255.5, 65535.5])
@pytest.mark.parametrize(("name", "bits"), [("level", 32), ("whole", 64)])
def test_fractions_are_cut_off(value: float, name: str, bits: int) -> None:
    result = ctypes.c_int32 if bits == 32 else ctypes.c_int64
    cut = compiled(
        [FLOAT],
        ir.IntType(bits),
        lambda builder, arguments: written(getattr(instructions, name), builder, *arguments),
        ctypes.CFUNCTYPE(result, ctypes.c_float),
    )
    assert cut(value) == int(value)


class Configured:
    """Warns when it is configured, as kernels of numba do."""

    def __getitem__(self, configuration: Any) -> Any:
        warnings.warn("Grid size 1 will likely result in GPU under-utilization", stacklevel=1)
        return configuration


def test_small_grids_are_no_cause_for_warnings() -> None:
    """All warnings are errors here."""
    assert instructions.launcher(Configured(), (1, 1), (256, 1), 0) == ((1, 1), (256, 1), 0)


def test_constants_are_read_by_their_index() -> None:
    values = np.array([0.1, 2.5, 3e-9, 7.0], np.float32)
    constant = instructions.constants("some", values)
    read = compiled(
        [LONG],
        FLOAT,
        lambda builder, arguments: written(constant, builder, *arguments),
        ctypes.CFUNCTYPE(ctypes.c_float, ctypes.c_int64),
    )
    assert [read(i) for i in range(4)] == values.tolist()
