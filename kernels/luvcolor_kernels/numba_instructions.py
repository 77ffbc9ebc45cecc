"""Instructions of the GPU that numba has no name for: wide memory accesses, fast powers, sums.

Memory is taken by address. An array would cost more to pass to a kernel than most kernels run for,
and numba reads and writes arrays one element at a time.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from math import gcd
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import cuda
from numba.cuda import cgutils, types
from numba.cuda.cudadrv.driver import LinkerError
from numba.cuda.cudadrv.error import CCSupportError, CudaDriverError
from numba.cuda.extending import intrinsic

from luvcolor_kernels.numba_tuples import folded as folded
from luvcolor_kernels.numba_tuples import mapped as mapped
from luvcolor_kernels.views import ITEM_SIZES

# Without optimization at link time: all is one module already, and the code stays what tests saw.
OPTIONS: Final = {"fastmath": True, "lto": False}
EXACT: Final = {**OPTIONS, "fastmath": False}
UNSUPPORTED: Final = (ImportError, CudaDriverError, LinkerError, CCSupportError)

GLOBAL: Final = 1
"""Number of the address space that arrays lie in."""
ALIGNMENT: Final = 16
BYTE, SHORT, INT, LONG = (ir.IntType(bits) for bits in (8, 16, 32, 64))
FLOAT, DOUBLE = ir.FloatType(), ir.DoubleType()

device: Callable[[Callable[..., Any]], Any] = cuda.jit(device=True, fastmath=True, forceinline=True)
exact: Callable[[Callable[..., Any]], Any] = cuda.jit(device=True, fastmath=False, forceinline=True)


@lru_cache(maxsize=1024)
def launcher(function: Any, grid: tuple[int, int], block: tuple[int, int], stream: int) -> Any:
    """Return what launches a kernel on the stream of an address, 0 being the default one.

    numba warns of grids that do not fill a GPU. Small pictures have no other.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function[grid, block, cuda.external_stream(stream) if stream else 0]


@dataclass(frozen=True)
class Element:
    """How a type lies in memory, and what kernels see of it.

    Attributes
    ----------
    memory
        The type in memory.
    value
        The type in a kernel: int32 or float32, and 64 bits where sums are made.
    widen, narrow
        Write the instructions from the one to the other and back.
    """

    memory: ir.Type
    value: types.Type
    widen: Callable[[Any, Any], Any]
    narrow: Callable[[Any, Any], Any]


def _widen_bfloat(builder: Any, bits: Any) -> Any:
    return builder.bitcast(builder.shl(builder.zext(bits, INT), INT(16)), FLOAT)


def _narrow_bfloat(builder: Any, value: Any) -> Any:
    """To the nearest, ties to even: the instruction for it is younger than sm_75."""
    bits = builder.bitcast(value, INT)
    odd = builder.and_(builder.lshr(bits, INT(16)), INT(1))
    rounded = builder.add(bits, builder.add(odd, INT(0x7FFF)))
    return builder.trunc(builder.lshr(rounded, INT(16)), SHORT)


def _same(builder: Any, value: Any) -> Any:
    return value


def _unsigned(memory: ir.Type) -> Element:
    return Element(
        memory, types.int32, lambda b, x: b.zext(x, INT), lambda b, x: b.trunc(x, memory)
    )


ELEMENTS: Final[dict[str, Element]] = {
    "uint8": _unsigned(BYTE),
    "uint16": _unsigned(SHORT),
    # As bits and by these instructions: a compiler that knows of halves takes four one by one.
    "float16": Element(
        SHORT,
        types.float32,
        lambda b, x: _call(b, "cvt.f32.f16", "=f,h", FLOAT, x),
        lambda b, x: _call(b, "cvt.rn.f16.f32", "=h,f", SHORT, x),
    ),
    "bfloat16": Element(SHORT, types.float32, _widen_bfloat, _narrow_bfloat),
    "float32": Element(FLOAT, types.float32, _same, _same),
    "int32": Element(INT, types.int64, lambda b, x: b.sext(x, LONG), lambda b, x: b.trunc(x, INT)),
    "int64": Element(LONG, types.int64, _same, _same),
    "float64": Element(DOUBLE, types.float64, _same, _same),
}


@cache
def loader(dtype: str, count: int) -> Any:
    """Return what reads 1 or 4 neighbours at an address: a tuple of their values."""
    element = ELEMENTS[dtype]
    signature = types.UniTuple(element.value, count)(types.int64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(builder, arguments[0], element, count)
        vector = builder.load(pointer, align=count * ITEM_SIZES[dtype])
        parts = [builder.extract_element(vector, INT(k)) for k in range(count)]
        values = [element.widen(builder, part) for part in parts]
        return context.make_tuple(builder, signature.return_type, values)

    return intrinsic(_named(f"load_{dtype}_{count}", lambda _, address: (signature, generate)))


@cache
def storer(dtype: str, count: int) -> Any:
    """Return what writes a tuple of 1 or 4 neighbours to an address."""
    element = ELEMENTS[dtype]
    signature = types.void(types.int64, types.UniTuple(element.value, count))

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = ir.Constant(ir.VectorType(element.memory, count), ir.Undefined)
        for k, value in enumerate(cgutils.unpack_tuple(builder, arguments[1], count)):
            vector = builder.insert_element(vector, element.narrow(builder, value), INT(k))
        pointer = _pointer(builder, arguments[0], element, count)
        builder.store(vector, pointer, align=count * ITEM_SIZES[dtype])
        return context.get_dummy_value()

    return intrinsic(
        _named(f"store_{dtype}_{count}", lambda _, address, values: (signature, generate))
    )


@cache
def adder(dtype: str) -> Any:
    """Return what adds an int64 to an int32 or int64 at an address, whoever else does."""
    element = ELEMENTS[dtype]

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, value = arguments
        pointer = builder.inttoptr(address, ir.PointerType(element.memory, addrspace=GLOBAL))
        builder.atomic_rmw("add", pointer, element.narrow(builder, value), "monotonic")
        return context.get_dummy_value()

    signature = types.void(types.int64, types.int64)
    return intrinsic(_named(f"add_{dtype}", lambda _, address, value: (signature, generate)))


@cache
def neighbors(count: int) -> Any:
    """Return what reads so many neighbours of an aligned array, at a multiple of ``count``."""
    vector = ir.VectorType(FLOAT, count)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.bitcast(builder.gep(array.data, [arguments[1]]), vector.as_pointer())
        values = builder.load(place, align=ITEM_SIZES["float32"] * gcd(count, 4))
        parts = [builder.extract_element(values, INT(k)) for k in range(count)]
        return context.make_tuple(builder, signature.return_type, parts)

    result = types.UniTuple(types.float32, count)
    return intrinsic(
        _named(f"neighbors_{count}", lambda _, array, at: (result(array, types.int64), generate))
    )


def _pointer(builder: Any, address: Any, element: Element, count: int) -> Any:
    vector = ir.VectorType(element.memory, count)
    return builder.inttoptr(address, ir.PointerType(vector, addrspace=GLOBAL))


def constants(name: str, values: npt.NDArray[np.float32]) -> Any:
    """Return what reads one of some float32 constants by its index.

    They lie where neighbouring threads read neighbours at once; what CUDA calls constant memory
    serves one address at a time.
    """
    array = ir.ArrayType(FLOAT, len(values))
    content = ir.Constant(array, [ir.Constant(FLOAT, float(value)) for value in values])
    signature = types.float32(types.int64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        variable = builder.module.globals.get(f"luvcolor_{name}")
        if variable is None:
            variable = ir.GlobalVariable(builder.module, array, f"luvcolor_{name}", GLOBAL)
            variable.linkage, variable.global_constant = "internal", True
            variable.initializer = content
        place = builder.gep(variable, [INT(0), arguments[0]], inbounds=True)
        return builder.load(place, align=ITEM_SIZES["float32"])

    return intrinsic(_named(name, lambda _, index: (signature, generate)))


def _named(name: str, typing: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function the name by which numba's errors call it."""
    typing.__name__ = name
    return typing


def _call(builder: Any, name: str, constraint: str, result: ir.Type, *arguments: Any) -> Any:
    """Write one instruction by its name."""
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    places = ", ".join(f"${k}" for k in range(1 + len(arguments)))
    return builder.call(ir.InlineAsm(kind, f"{name} {places};", constraint), arguments)


def _instruction(name: str) -> Any:
    """Return a function of float32 that is one instruction."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _call(builder, name, "=f,f", FLOAT, arguments[0])

    return intrinsic(_named(name, lambda _, x: (types.float32(types.float32), generate)))


log2 = _instruction("lg2.approx.ftz.f32")
exp2 = _instruction("ex2.approx.ftz.f32")
rounded = _instruction("cvt.rni.f32.f32")


def _multiply(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    wide = signature.return_type == types.float64
    name, constraint = ("mul.rn.f64", "=d,d,d") if wide else ("mul.rn.f32", "=f,f,f")
    return _call(builder, name, constraint, DOUBLE if wide else FLOAT, *arguments)


def _divide(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.udiv(*arguments)


def _truncate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.fptosi(arguments[0], ir.IntType(signature.return_type.bitwidth))


# Python's // rounds down and watches for 0 and -1, which are more instructions than the division.
quotient: Any = intrinsic(
    _named("quotient", lambda _, a, b: (types.int64(types.int64, types.int64), _divide))
)
level: Any = intrinsic(_named("level", lambda _, x: (types.int32(types.float32), _truncate)))
whole: Any = intrinsic(_named("whole", lambda _, x: (types.int64(types.float32), _truncate)))

# Compilers fuse a product with the sum that it goes into, but not one that is spelled out.
product: Any = intrinsic(_named("product", lambda _, a, b: (a(a, a), _multiply)))
bits_of: Any = intrinsic(
    _named(
        "bits_of",
        lambda _, x: (types.int32(types.float32), lambda c, b, s, a: b.bitcast(a[0], INT)),
    )
)
float_of: Any = intrinsic(
    _named(
        "float_of",
        lambda _, x: (types.float32(types.int32), lambda c, b, s, a: b.bitcast(a[0], FLOAT)),
    )
)
barrier: Any = cuda.syncthreads
add_shared: Any = exact(lambda array, at, value: cuda.atomic.add(array, at, value))
