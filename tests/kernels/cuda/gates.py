"""Compiles CUDA C++ and PTX to machine code where there is no GPU, and tells what came of it.

Everything it takes comes with the extra `proof`: NVRTC compiles CUDA C++ as CuPy lets it, ptxas
assembles the PTX that numba writes, nvdisasm shows the machine code of either.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ARCHITECTURES = ("sm_75", "sm_80", "sm_90")
"""The oldest GPU that CUDA 13 knows, and two that data centres have."""

ADDED_BY_CUPY = ("-ftz=true", "--device-as-default-execution-space")
"""What RawKernel adds to its caller's options: floats below 2 ** -126 become 0, among others."""

_FRAME = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
_REGISTERS = re.compile(r"Used (\d+) registers")
_ACCESS = re.compile(r"\b(LDG|STG|LDL|STL|LDS|STS)\.?([\w.]*)")
_WIDTHS = {"U8": 8, "S8": 8, "U16": 16, "S16": 16, "64": 64, "128": 128}


@dataclass(frozen=True)
class Report:
    """What the assembler says of one kernel.

    Attributes
    ----------
    registers
        Of a thread.
    stack, spills
        Bytes of a thread's local memory: its frame, and what is written and read for want of
        registers. Both are to be 0.
    cubin
        The machine code.
    """

    registers: int
    stack: int
    spills: int
    cubin: bytes

    @cached_property
    def sass(self) -> str:
        """The machine code as text."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "kernel.cubin"
            path.write_bytes(self.cubin)
            return _run("nvdisasm", "-c", str(path))[0]

    def accesses(self, instruction: str) -> Counter[int]:
        """Count instructions by the bits that they move for a thread.

        LDG and STG are for global memory, LDS and STS for shared, LDL and STL for local.
        """
        found = Counter[int]()
        for match in _ACCESS.finditer(self.sass):
            if match[1] == instruction:
                found[_width(match[2])] += 1
        return found


def compile_cuda(source: str, arch: str) -> tuple[str, Report]:
    """Compile the CUDA C++ of one kernel with the options that CuPy is given.

    Returns
    -------
    ptx, report
        What the machine code was made from, and what came of it.

    Raises
    ------
    ValueError
        If it does not compile, or has a warning; the message is the compiler's.
    """
    from cuda.bindings import nvrtc

    from luvcolor_kernels.cupy_cuda import OPTIONS

    named = [f"--gpu-architecture={arch}", "--ptxas-options=-v", *OPTIONS, *ADDED_BY_CUPY]
    options = [option.encode() for option in named]
    program = _checked(nvrtc.nvrtcCreateProgram(source.encode(), b"kernel.cu", 0, [], []))
    (status,) = nvrtc.nvrtcCompileProgram(program, len(options), options)
    log = _text(nvrtc, "ProgramLog", program).decode()
    if status != nvrtc.nvrtcResult.NVRTC_SUCCESS or "warning" in log:
        raise ValueError(log)
    ptx, cubin = (_text(nvrtc, what, program) for what in ("PTX", "CUBIN"))
    return ptx.rstrip(b"\0").decode(), _report(log, cubin)


def assemble(ptx: str, arch: str) -> Report:
    """Assemble the PTX of one kernel for an architecture such as "sm_90".

    Raises
    ------
    ValueError
        If ptxas does not take it.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kernel.ptx"
        path.write_text(ptx.rstrip("\0"), encoding="utf-8")
        cubin = path.with_suffix(".cubin")
        _, log = _run("ptxas", "-v", f"--gpu-name={arch}", str(path), "-o", str(cubin))
        return _report(log, cubin.read_bytes())


def hot_loop(sass: str) -> list[str]:
    """Return the loop over centres: four centres, four points. Nothing else takes as long."""
    (hot,) = [loop for loop in _loops(sass) if sum("FFMA" in line for line in loop) == 48]
    assert not any(re.search(r"\bD(ADD|MUL|FMA|SETP)", line) for line in hot)
    return hot


def _loops(sass: str) -> list[list[str]]:
    """Return the instructions of every loop with no other in it."""
    loops: list[list[str]] = []
    started: dict[str, int] = {}
    lines = [line for line in sass.splitlines() if "/*" in line or line.startswith(".L_x_")]
    for number, line in enumerate(lines):
        if line.startswith(".L_x_"):
            started = {line.strip(": \n"): number}
        target = re.search(r"BRA\S*.*`\((\.L_x_\d+)\)", line)
        if target and target[1] in started:
            loops.append(lines[started[target[1]] + 1 : number + 1])
    return loops


def tool(name: str) -> Path:
    """Find a program among the wheels of the extra `proof`.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    """
    spec = find_spec("nvidia")  # a namespace: every wheel adds a folder to it
    for folder in spec.submodule_search_locations or [] if spec else []:
        path = Path(folder) / "cu13" / "bin" / name
        if path.exists():
            return path
    raise FileNotFoundError(f"{name} is in none of the installed wheels; pip install -e '.[proof]'")


def _run(name: str, *arguments: str) -> tuple[str, str]:
    done = subprocess.run([tool(name), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"{name}: {done.stderr or done.stdout}")
    return done.stdout, done.stderr


def _report(log: str, cubin: bytes) -> Report:
    frames, registers = _FRAME.findall(log), _REGISTERS.findall(log)
    if len(frames) != 1 or len(registers) != 1:
        raise ValueError(f"expected one kernel, found {len(registers)}:\n{log}")
    stack, stores, loads = map(int, frames[0])
    return Report(int(registers[0]), stack, stores + loads, cubin)


def _width(modifiers: str) -> int:
    """Bits that an instruction moves; those that say nothing move 32."""
    return next((_WIDTHS[part] for part in modifiers.split(".") if part in _WIDTHS), 32)


def _checked(answer: tuple[Any, ...]) -> Any:
    status, value = answer
    if status.value:
        raise ValueError(f"NVRTC: {status.name}")
    return value


def _text(nvrtc: Any, what: str, program: Any) -> bytes:
    """Return one of the texts that belong to a program; the compiler writes into our bytes."""
    text = b" " * int(_checked(getattr(nvrtc, f"nvrtcGet{what}Size")(program)))
    getattr(nvrtc, f"nvrtcGet{what}")(program, text)
    return text
