"""Functions of the items of tuples: numba goes through a tuple by searching for each item.

Here the calls are written one after the other, so that items stay in registers, for points of any
dimension as for four neighbours.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature, signature
from typing import Any

from numba.cuda import types
from numba.cuda.extending import intrinsic


def mapped(function: Any) -> Any:
    """Return what makes a tuple of f(item, ..., common), of the items of one tuple or more."""

    def typing(context: Any, *given: Any) -> Any:
        kind = context.resolve_value_type(function)
        calls = [
            kind.get_call_type(context, (*items, given[-1]), {})
            for items in zip(*given[:-1], strict=True)
        ]
        result = types.BaseTuple.from_types([call.return_type for call in calls])

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            *tuples, common = arguments
            values = [
                context.get_function(kind, call)(builder, [*_items(builder, tuples, k), common])
                for k, call in enumerate(calls)
            ]
            return context.make_tuple(builder, result, values)

        return result(*given), generate

    return _intrinsic(function, typing)


def folded(step: Any) -> Any:
    """Return what goes from a state to the next by step(state, item, ..., common)."""

    def typing(context: Any, first: Any, *given: Any) -> Any:
        kind, state, calls = context.resolve_value_type(step), first, []
        for items in zip(*given[:-1], strict=True):
            calls.append(kind.get_call_type(context, (state, *items, given[-1]), {}))
            state = calls[-1].return_type

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            value, *tuples, common = arguments
            for k, call in enumerate(calls):
                items = _items(builder, tuples, k)
                value = context.get_function(kind, call)(builder, [value, *items, common])
            return value

        return state(first, *given), generate

    return _intrinsic(step, typing)


def _items(builder: Any, tuples: list[Any], k: int) -> list[Any]:
    return [builder.extract_value(values, k) for values in tuples]


def _intrinsic(function: Any, typing: Callable[..., Any]) -> Any:
    """Make an intrinsic of as many parameters as the function has."""
    context = Parameter("context", Parameter.POSITIONAL_ONLY)
    parameters = [context, *signature(function.py_func).parameters.values()]
    typing.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    typing.__name__ = function.__name__
    return intrinsic(typing)
