"""Bits of floats and words of arrays, for kernels on the CPU."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


def _generate_bits(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return builder.bitcast(args[0], ir.IntType(32))


def _generate_float(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return builder.bitcast(args[0], ir.FloatType())


def _generate_word(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    memory = context.make_array(signature.args[0])(context, builder, args[0])
    place = builder.gep(memory.data, [args[1]])
    word = builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()))
    word.align = 1
    return word


# An intrinsic is called without its first parameter, which checkers do not know: hence Any.
bits_of: Any = intrinsic(lambda _, x: (types.int32(types.float32), _generate_bits))
"""The bits of a float32 as int32."""
float_of: Any = intrinsic(lambda _, bits: (types.float32(types.int32), _generate_float))
"""The float32 that has the bits of an int32."""
word_at: Any = intrinsic(lambda _, array, i: (types.uint64(array, types.int64), _generate_word))
"""Eight bytes of a contiguous array as one number, from element ``i`` on."""
