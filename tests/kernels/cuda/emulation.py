"""The CUDA kernels on the CPU, under the host code that launches them on a GPU."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from luvcolor_kernels import cuda_source
from luvcolor_kernels.gpu import Argument, Kernels, Variant
from luvcolor_kernels.libraries import Place
from luvcolor_kernels.views import View
from tests.kernels.cuda.memory import Array, NumpyLibrary, root_of, same_place
from tests.kernels.cuda.toolchain import EXACT, Build, Parameter, library, parameters

ORDERS = {"ascending": 0, "descending": 1, "shuffled": 20}
NUMPY = NumpyLibrary()


class EmulationError(Exception):
    """A kernel, or the host code that launches it, breaks a rule of CUDA's."""


class _Size(ctypes.Structure):
    _fields_ = (("x", ctypes.c_uint), ("y", ctypes.c_uint))


class _Launch(ctypes.Structure):
    _fields_ = (
        ("grid", _Size),
        ("block", _Size),
        ("start", _Size),
        ("stop", _Size),
        ("order", ctypes.c_int),
    )


@dataclass
class EmulatedEngine:
    """See luvcolor_kernels.gpu.Engine.

    Attributes
    ----------
    build
        How kernels are compiled.
    order
        One of ORDERS: whose turn it is, of blocks and of the threads of a block.
    most_blocks
        What the GPU is kept busy by; kernels walk on from there.
    source
        Where the source of a kernel comes from.
    checked
        Whether the memory around arrays and of inputs is watched; huge arrays are too large.
    only
        The index of the one block to run, from the end of the grid if negative; None runs all.
    launches
        The kernels that were run, with their variants and grids.
    """

    build: Build = EXACT
    order: str = "ascending"
    most_blocks: int = 4
    source: Callable[[str, Variant], str] = cuda_source.source
    checked: bool = True
    only: tuple[int, int] | None = None
    launches: list[tuple[str, Variant, tuple[int, int]]] = field(default_factory=list)

    def blocks(self, place: Place) -> int:
        """See Engine."""
        return self.most_blocks

    def run(
        self,
        kernel: str,
        variant: Variant,
        grid: tuple[int, int],
        block: tuple[int, int],
        arguments: Sequence[Argument],
        place: Place,
    ) -> None:
        """See Engine; but wait, and check what the kernel wrote."""
        self.launches.append((kernel, variant, grid))
        source = self.source(kernel, variant)
        _, expected = parameters(source)
        check_arguments(kernel, expected, arguments)
        check_grid(grid, block)
        launch = _Launch(_Size(*grid), _Size(*block), *self._part(grid), ORDERS[self.order])
        outputs = [
            a.owner
            for a, parameter in zip(arguments, expected, strict=True)
            if isinstance(a, View) and not parameter.read_only
        ]
        before = _snapshot(arguments) if self.checked else []
        problem = _function(library(source, self.build))(ctypes.byref(launch), _packed(arguments))
        if problem:
            raise EmulationError(f"{kernel}: {problem.decode()}{_quoted(problem.decode(), source)}")
        for root, copy in before:
            _check_untouched(kernel, root, copy, outputs)

    def _part(self, grid: tuple[int, int]) -> tuple[_Size, _Size]:
        if self.only is None:
            return _Size(0, 0), _Size(*grid)
        start = [index % size for index, size in zip(self.only, grid, strict=True)]
        return _Size(*start), _Size(*(index + 1 for index in start))


def emulated(**settings: Any) -> tuple[Kernels, EmulatedEngine]:
    """Return the kernels on the CPU, and the engine below them."""
    engine = EmulatedEngine(**settings)
    return Kernels(engine, lambda array: NUMPY), engine


def check_arguments(kernel: str, expected: list[Parameter], found: Sequence[Argument]) -> None:
    """Compare a launch with the kernel's parameters; CUDA itself would read what is not there."""
    if len(found) != len(expected):
        raise EmulationError(f"{kernel} takes {len(expected)} arguments, found {len(found)}")
    for index, (parameter, argument) in enumerate(zip(expected, found, strict=True)):
        name = argument.dtype if isinstance(argument, View) else type(argument).__name__
        kind = "float32" if parameter.type == "float" else parameter.type
        if isinstance(argument, View) != parameter.pointer or name != kind:
            star = "*" if parameter.pointer else ""
            raise EmulationError(f"{kernel}: argument {index} is to be {kind}{star}, found {name}")


def check_grid(grid: tuple[int, int], block: tuple[int, int]) -> None:
    """Check the limits that every GPU has, and the one that kernels are compiled for."""
    fits = 1 <= grid[0] < 2**31 and 1 <= grid[1] <= 65535 and 1 <= block[0] * block[1] <= 256
    if not fits:
        raise EmulationError(f"no GPU runs a grid of {grid} blocks of {block}")


@cache
def _function(path: Path) -> Callable[..., bytes | None]:
    function = ctypes.CDLL(str(path)).run
    function.restype = ctypes.c_char_p
    run: Callable[..., bytes | None] = function
    return run


def _packed(arguments: Sequence[Argument]) -> Any:
    """Return the addresses of the arguments, as a launch takes them."""
    values: list[Any] = []
    for argument in arguments:
        if isinstance(argument, View):
            values.append(ctypes.c_void_p(argument.address))
        elif isinstance(argument, np.int64):
            values.append(ctypes.c_longlong(int(argument)))
        else:
            values.append(ctypes.c_float(float(argument)))
    addresses = [ctypes.cast(ctypes.pointer(value), ctypes.c_void_p) for value in values]
    return (ctypes.c_void_p * len(values))(*addresses)


def _snapshot(arguments: Sequence[Argument]) -> list[tuple[Array, Array]]:
    """Return all memory that a kernel could touch, each with a copy of it."""
    owners = [argument.owner for argument in arguments if isinstance(argument, View)]
    roots = {root.ctypes.data: root for root in map(root_of, owners)}
    return [(root, root.copy()) for root in roots.values()]


def _check_untouched(kernel: str, root: Array, copy: Array, outputs: list[Array]) -> None:
    """Check that nothing but the outputs has changed."""
    for output in outputs:
        if root_of(output).ctypes.data == root.ctypes.data:
            same_place(output, root, copy)[...] = output
    changed = np.flatnonzero(root != copy)
    if changed.size:
        raise EmulationError(f"{kernel} wrote {changed.size} bytes that are not its output")


def _quoted(problem: str, source: str) -> str:
    """Return the line of the source that a problem names."""
    _, _, rest = problem.partition("line ")
    number = rest.partition(":")[0]
    return f"\n    {source.splitlines()[int(number) - 1].strip()}" if number.isdigit() else ""
