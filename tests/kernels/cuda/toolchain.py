"""Builds the CUDA kernels for the CPU, and keeps what it built on disk."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
_SIGNATURE = re.compile(r"KERNEL void __launch_bounds__\(256\)\n(\w+)\((.*?)\) \{", re.DOTALL)
_DEFINITION = re.compile(r"^#define (\w+) (\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kernel.

    Attributes
    ----------
    type
        Its C++ type, macros replaced: "int64", or that of the elements if it is a pointer.
    pointer, read_only
        Whether it is a pointer, and one to what the kernel only reads.
    """

    type: str
    pointer: bool
    read_only: bool


@dataclass(frozen=True)
class Build:
    """How kernels are compiled for the CPU."""

    name: str
    flags: tuple[str, ...] = ()


CHECKS = "alignment,bounds,signed-integer-overflow,integer-divide-by-zero,shift,float-cast-overflow"
FIBERS = (f"-fsanitize={CHECKS}", "-DFIBERS", "-fPIC", "-fvisibility=hidden")


def _fused() -> tuple[str, ...]:
    """Let a * b + c round once, as GPUs do, where the CPU can."""
    info = Path("/proc/cpuinfo")
    if not info.exists() or " fma " not in info.read_text(encoding="utf-8"):
        return ()
    return "-mfma", "-fexpensive-optimizations"  # -O1 alone fuses nothing


EXACT = Build("exact", FIBERS)
"""The approximate functions are the CPU's own, right to about half a unit in the last place."""

PESSIMISTIC = Build("pessimistic", (*FIBERS, "-DPESSIMISTIC", *_fused()))
"""They are as wrong as the PTX ISA allows, and products and sums are fused where the CPU can."""


def parameters(source: str) -> tuple[str, list[Parameter]]:
    """Return the name and the parameters of the kernel in a source."""
    (kernel,) = _SIGNATURE.findall(source)
    macros = dict(_DEFINITION.findall(source))
    found = []
    for text in kernel[1].split(","):
        words = text.replace("*", " * ").split()
        names = [word for word in words[:-1] if word not in ("const", "*", "__restrict__")]
        kind = macros.get(names[0], names[0])
        found.append(Parameter(kind, "*" in words, words[0] == "const"))
    return kernel[0], found


def library(source: str, build: Build) -> Path:
    """Compile one kernel and its fibers to a library with the function `run`."""
    text = unit(source, "run")
    path = _cache() / f"{_hash(text, build)}.so"
    if not path.exists():
        _compile(text, path, (*build.flags, "-O1", "-shared", str(_fibers())))
    return path


def program(sources: Iterable[str], build: Build) -> Path:
    """Compile kernels to a program that replays launches; see threads.cpp."""
    units = [unit(source, f"run_{i}") for i, source in enumerate(sources)]
    path = _cache() / f"{_hash(''.join(units), build)}.program"
    if not path.exists():
        flags = (*build.flags, "-g", "-c")  # more optimizing takes longer than it saves
        objects = [_cache() / f"{_hash(text, build)}.o" for text in units]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda text, to: _compile(text, to, flags), units, objects))
        _compile(_main(len(units)), path, (*build.flags, "-g", "-pthread", *map(str, objects)))
        for part in objects:
            part.unlink()
    return path


def unit(source: str, function: str) -> str:
    """Return C++ that exports a kernel as ``function``.

    The kernel is there twice: what is shared in a block is static here, so that two blocks that
    run at once need a kernel each.
    """
    name, found = parameters(source)
    arguments = ", ".join(
        f"*static_cast<{_spelled(parameter)}*>(values[{i}])" for i, parameter in enumerate(found)
    )
    thread = f"static void thread(void** values) {{ {name}({arguments}); }}"
    kernel = f"#line 1\n{source}\n{thread}\n"
    return (
        f'#include "emulation.h"\nnamespace first {{\n{kernel}}}\nnamespace second {{\n'
        f"#ifdef FIBERS\nusing first::thread;\n#else\n{kernel}#endif\n}}\n"
        f'extern "C" [[gnu::visibility("default")]] '
        f"const char* {function}(const Launch* launch, void** values) {{\n"
        "  return run_grid(*launch, first::thread, second::thread, values);\n}\n"
    )


def _spelled(parameter: Parameter) -> str:
    if not parameter.pointer:
        return parameter.type
    return f"{'const ' if parameter.read_only else ''}{parameter.type}*"


def _main(count: int) -> str:
    """Return the program around kernels: threads.cpp, and the table of them that it expects."""
    names = [f"run_{i}" for i in range(count)]
    declared = "".join(f'extern "C" Runner {name};\n' for name in names)
    table = f"Runner* const RUNNERS[] = {{{', '.join(names)}}};\n"
    threads = (FOLDER / "threads.cpp").read_text(encoding="utf-8")
    return f"{threads}\n{declared}{table}"


@cache
def _fibers() -> Path:
    """Compile the scheduler of the fibers, once."""
    text = (FOLDER / "fibers.cpp").read_text(encoding="utf-8")
    path = _cache() / f"{_hash(text, EXACT)}.o"
    if not path.exists():
        _compile(text, path, ("-O2", "-fPIC", "-fvisibility=hidden", "-c"))
    return path


def _compile(text: str, path: Path, flags: tuple[str, ...]) -> None:
    """Compile to a name of its own first, so that nobody finds half a file."""
    file, name = tempfile.mkstemp(dir=path.parent)
    os.close(file)
    command = [_compiler(), "-std=c++17", "-Wall", "-Wextra", "-Wno-unknown-pragmas"]
    command += ["-fno-strict-aliasing", f"-I{FOLDER}", "-x", "c++", "-", "-x", "none"]
    done = subprocess.run(
        [*command, *flags, "-o", name], input=text, text=True, capture_output=True, check=False
    )
    if done.returncode:
        Path(name).unlink()
        raise ValueError(f"g++ does not compile the kernel:\n{done.stderr[:4000]}")
    Path(name).replace(path)


def _compiler() -> str:
    found = shutil.which("g++")
    if found is None:
        raise FileNotFoundError("g++ runs the CUDA kernels on the CPU, and is not installed")
    return found


def _hash(text: str, build: Build) -> str:
    headers = "".join(
        (FOLDER / name).read_text(encoding="utf-8")
        for name in ("emulation.h", "fibers.cpp", "threads.cpp")
    )
    whole = "\0".join([text, headers, _version(), *build.flags])
    return hashlib.sha256(whole.encode()).hexdigest()[:24]


@cache
def _version() -> str:
    return subprocess.run(
        [_compiler(), "-dumpfullversion"], capture_output=True, text=True, check=True
    ).stdout


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "luvcolor" / "emulation"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
