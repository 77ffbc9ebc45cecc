"""What the package promises as a whole: cheap to import, documented, complete."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import luvcolor_kernels
from luvcolor_kernels import backends, cpu_math, reference

KERNELS = [name for name in luvcolor_kernels.__all__ if name.islower()]
MODULES = [module.name for module in pkgutil.iter_modules(luvcolor_kernels.__path__)]
TWINS_IN_TESTS = {"dither"}  # in plain Python, beside what it proves: test_dither.py
SECTIONS = ["Parameters", "Returns", "Raises", "Notes", "Examples"]


def run_python(code: str) -> str:
    roots = [str(Path(luvcolor_kernels.__file__).parents[1])]
    script = f"import sys; sys.path[:0] = {roots!r}\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_public_names() -> None:
    assert luvcolor_kernels.__all__ == [
        "BackendError",
        "KMeansResult",
        "chroma_to_rgb",
        "dither",
        "histogram",
        "kmeans",
        "luma_to_input",
        "luminance",
        "luv_to_rgb",
        "merge_chroma",
        "nearest",
        "rgb_to_luv",
        "soft_assign",
    ]


@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_has_a_reference_a_cpu_version_and_a_full_docstring(name: str) -> None:
    assert name in TWINS_IN_TESTS or callable(getattr(reference, name))
    assert callable(getattr(import_module(backends.BACKENDS["cpu"]), name))
    kernel = getattr(luvcolor_kernels, name)
    text = inspect.getdoc(kernel) or ""
    for section in SECTIONS:
        assert f"\n{section}\n---" in text, section
    assert "Source" in text
    assert ">>> " in text
    documented = text.partition("Parameters\n")[2].partition("Returns\n")[0]
    heads = [line for line in documented.splitlines() if not line.startswith(" ")]
    names = {name for head in heads for name in head.split(", ")}
    for parameter in inspect.signature(kernel).parameters:
        assert parameter in names


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    # The backends of a GPU import what is not installed everywhere.
    module = pytest.importorskip(f"luvcolor_kernels.{name}", exc_type=ImportError)
    assert doctest.testmod(module).failed == 0


def test_importing_it_loads_no_compiler() -> None:
    code = """
import luvcolor_kernels
heavy = {"numba", "llvmlite", "torch", "scipy", "skimage", "click", "luvcolor"}
print(sorted(heavy & sys.modules.keys()))
"""
    assert run_python(code) == "[]"


def test_running_it_loads_no_torch() -> None:
    code = """
import numpy, luvcolor_kernels
luvcolor_kernels.rgb_to_luv(numpy.zeros((2, 2, 3), "uint8"))
print(sorted({"torch", "click", "luvcolor"} & sys.modules.keys()))
"""
    assert run_python(code) == "[]"


def test_a_child_process_starts_threads_of_its_own() -> None:
    code = """
import os, numpy
os.environ["LUVCOLOR_THREADS"] = "2"
from luvcolor_kernels import rgb_to_luv
rgb = numpy.arange(400 * 500 * 3).astype("uint8").reshape(400, 500, 3)
luv = rgb_to_luv(rgb)
child = os.fork()
if child == 0:
    os._exit(0 if numpy.array_equal(rgb_to_luv(rgb), luv) else 1)
print(os.waitpid(child, 0)[1])
"""
    if sys.platform == "win32":
        pytest.skip("no fork")
    assert run_python(code) == "0"


def test_arrays_choose_their_backend() -> None:
    class Foreign:
        is_cuda = False
        device = "cpu"

    Foreign.__module__ = "torch"
    with pytest.raises(TypeError, match=r"pass tensor\.numpy\(\)"):
        backends.resolve(Foreign(), None)
    assert backends.resolve(np.zeros(3), None).__name__ == "luvcolor_kernels.cpu"
    with pytest.raises(ValueError, match="unknown backend 'gpu'; known are: cpu, numba, cupy"):
        backends.resolve(np.zeros(3), "gpu")


@pytest.mark.parametrize(
    "name", ["cpu_luv", "cpu_input", "cpu_guide", "cpu_merge", "cpu_kmeans", "cpu_histogram"]
)
def test_machine_code_on_disk_is_named_after_the_state_of_the_source(name: str) -> None:
    module = import_module(f"luvcolor_kernels.{name}")
    own = [
        value
        for value in vars(module).values()
        if getattr(value, "__module__", "") == module.__name__
    ]
    kernels = [value for value in own if getattr(value, "stats", None) and value.stats.cache_path]
    assert kernels
    assert all(kernel.__qualname__.endswith(cpu_math.FINGERPRINT) for kernel in kernels)
