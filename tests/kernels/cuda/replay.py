"""Runs launches once more, in a program of its own that a sanitizer watches."""

from __future__ import annotations

import ctypes
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from luvcolor_kernels import cuda_source
from luvcolor_kernels.gpu import Argument, Variant
from luvcolor_kernels.libraries import Place
from luvcolor_kernels.views import View
from tests.kernels.cuda.emulation import EmulatedEngine
from tests.kernels.cuda.toolchain import Build, program

_RECOVER = "-fno-sanitize-recover=all"
ADDRESSES = Build("addresses", ("-fsanitize=address,undefined", _RECOVER))
"""Finds reads and writes beside an array, and what C++ leaves undefined."""

RACES = Build("races", ("-fsanitize=thread",))
"""Finds memory that two threads touch, one of them writing, with no barrier in between."""


@dataclass(frozen=True)
class Recorded:
    """A launch, with the bytes of its arrays before and after."""

    source: str
    grid: tuple[int, int]
    block: tuple[int, int]
    arguments: tuple[bytes, ...]
    before: tuple[bytes, ...]
    after: tuple[bytes, ...]

    def packed(self, kernel: int) -> bytes:
        """Return the launch as threads.cpp reads it."""
        head = struct.pack("<6q", kernel, *self.grid, *self.block, len(self.arguments))
        pairs = zip(self.arguments, self.before, strict=True)
        return head + b"".join(argument + memory for argument, memory in pairs)


class RecordingEngine(EmulatedEngine):
    """Runs kernels as EmulatedEngine does, and keeps all that a launch depends on."""

    def __init__(self, source: Callable[[str, Variant], str] = cuda_source.source) -> None:
        super().__init__(source=source, most_blocks=3)
        self.recorded: list[Recorded] = []

    def run(
        self,
        kernel: str,
        variant: Variant,
        grid: tuple[int, int],
        block: tuple[int, int],
        arguments: Sequence[Argument],
        place: Place,
    ) -> None:
        """See Engine."""
        before = tuple(map(_memory, arguments))
        super().run(kernel, variant, grid, block, arguments, place)
        packed, after = tuple(map(_packed, arguments)), tuple(map(_memory, arguments))
        source = self.source(kernel, variant)
        self.recorded.append(Recorded(source, grid, block, packed, before, after))


def replay(launches: Sequence[Recorded], build: Build) -> str:
    """Run launches in a program of the given build.

    Returns
    -------
    str
        What it complains of; nothing if all is well. A result other than that of the fibers is a
        complaint as well.
    """
    sources = list(dict.fromkeys(launch.source for launch in launches))
    executable = program(sources, build)
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "launches", Path(folder) / "results"
        packed = [launch.packed(sources.index(launch.source)) for launch in launches]
        given.write_bytes(struct.pack("<q", len(launches)) + b"".join(packed))
        command = [*_fixed_addresses(), str(executable), str(given), str(made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            return done.stderr or f"it ended with status {done.returncode}"
        expected = b"".join(memory for launch in launches for memory in launch.after)
        return "" if made.read_bytes() == expected else "results differ from those of the fibers"


def _fixed_addresses() -> list[str]:
    """Return the command that keeps addresses where the thread sanitizer expects them."""
    command = ["setarch", "-R"]
    if not shutil.which("setarch"):
        return []
    works = subprocess.run([*command, "true"], capture_output=True, check=False)
    return [] if works.returncode else command


def _memory(argument: Argument) -> bytes:
    """Return the bytes between the first and the last element of an array."""
    if not isinstance(argument, View):
        return b""
    low, high = argument.span()
    root = np.ctypeslib.as_array(_pointer(low), (high - low,))
    return root.tobytes()


def _packed(argument: Argument) -> bytes:
    if isinstance(argument, View):
        low, high = argument.span()
        return struct.pack("<4q", 1, high - low, low % 64, argument.address - low)
    if isinstance(argument, np.int64):
        return struct.pack("<2q", 0, int(argument))
    return struct.pack("<qf4x", 0, float(argument))


def _pointer(address: int) -> ctypes._Pointer[ctypes.c_uint8]:
    return ctypes.cast(address, ctypes.POINTER(ctypes.c_uint8))
