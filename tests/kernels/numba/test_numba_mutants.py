"""Bugs planted in numba's kernels, each of which a proof must find."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.kernels.cuda.gates import assemble
from tests.kernels.numba.clustering_mutants import CLUSTERING
from tests.kernels.numba.lint import faults
from tests.kernels.numba.planting import Mutant, planted
from tests.kernels.numba.processes import FOLDER, KERNELS, simulate
from tests.kernels.numba.registers import compiled
from tests.kernels.numba.test_compiled_numba_kernels import SLOW, inexact
from tests.kernels.numba.variants import VARIANTS, name_of, widths

pytestmark = [pytest.mark.proof, pytest.mark.slow]


BARRIER = "        cuda.syncthreads()\n"
SIMULATED = {
    "table read before it is full": (
        Mutant("numba_luv", BARRIER, "", "AssertionError"),
        ("conversion", "every_layout"),
    ),
    "rest without its last pixel": (
        Mutant("numba_luv", "range(length - i)", "range(length - i - 1)", "bytes of the result"),
        ("conversion", "every_layout"),
    ),
    "rest with one pixel more": (
        Mutant("numba_luv", "range(length - i)", "range(length - i + 1)", "beside the arrays"),
        ("conversion", "every_layout"),
    ),
    "groups that overlap": (
        Mutant("numba_luv", "i += GROUP * threads", "i += threads", "written before"),
        ("conversion", "more_pictures"),
    ),
    "the third channel from the second": (
        Mutant("numba_memory", "load(address + 2 * step)", "load(address + step)", "Mismatch"),
        ("conversion", "every_layout"),
    ),
    "wide access wherever": (
        Mutant("runs", "if view.address % (4 * view.item_size)", "if False", "not aligned"),
        ("conversion", "every_layout"),
    ),
    "overlap one too long": (
        Mutant("numba_input", "other_low), 0)", "other_low) + 1, 0)", "Mismatch"),
        ("input", "sizes"),
    ),
    "a column beyond the last": (
        Mutant("numba_input", "min(column, end - 1)", "min(column, end)", "beside the arrays"),
        ("input", "sizes"),
    ),
    "sums replaced before they are read": (
        Mutant(
            "numba_input",
            "                cuda.syncthreads()\n                start +=",
            "                start +=",
            "Mismatch",
        ),
        ("input", "sizes"),
    ),
    "float64 in a result": (
        Mutant("numba_input", "total * area", "np.float64(total) * area", "float32"),
        ("input", "sizes"),
    ),
    "slope of the other channel": (
        Mutant("numba_merge", "sample(slope + plane * size,", "sample(slope,", "AssertionError"),
        ("merge", "follows"),
    ),
    "chroma beyond the last column": (
        Mutant("numba_merge", "min(low + 1, old - 1)", "low + 1", "beside the arrays"),
        ("merge", "every_size"),
    ),
    "a window that is not clamped": (
        Mutant("numba_guide", "min(max(place + offset, 0), size - 1)", "place + offset", "beside"),
        ("merge", "follows"),
    ),
    **CLUSTERING,
}


Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def simulations(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Future[Done]]:
    """Every mutant that is asked for in a process of its own, two at a time."""
    pool = ThreadPoolExecutor(2)
    asked = {item.name for item in request.session.items}

    def run(name: str) -> Done:
        mutant, (file, tests) = SIMULATED[name]
        files, folder = [FOLDER / f"simulated_{file}.py"], tmp_path_factory.mktemp("mutant")
        return simulate("-x", "-k", tests, files=files, kernels=planted(mutant, folder))

    names = [name for name in SIMULATED if f"test_the_simulator_finds[{name}]" in asked]
    return {name: pool.submit(run, name) for name in names}


@pytest.mark.parametrize("name", SIMULATED)
def test_the_simulator_finds(name: str, simulations: dict[str, Future[Done]]) -> None:
    done = simulations[name].result()
    assert done.returncode == 1, done.stdout + done.stderr
    assert SIMULATED[name][0].symptom in done.stdout, done.stdout


def _slow(kernel: str, folder: Path) -> bool:
    return any(SLOW.search(ptx) for ptx in compiled("sm_90", kernel, source=folder).values())


def _narrow(kernel: str, folder: Path) -> bool:
    table = compiled("sm_90", kernel, source=folder)
    wanted = [(name_of(*v), widths(*v)[1]) for v in VARIANTS if v[0] == kernel]
    return any(
        width and not assemble(table[name], "sm_90").accesses("STG")[8 * width]
        for name, width in wanted
    )


def _rounds(kernel: str, folder: Path) -> bool:
    return any(inexact(kernel, ptx) for ptx in compiled("sm_90", kernel, source=folder).values())


COMPILED: dict[str, tuple[Mutant, str, Callable[[str, Path], bool]]] = {
    "a float64 literal": (
        Mutant("numba_input", "area = ONE /", "area = 1.0 /", ".f64"),
        "luma_to_input",
        _slow,
    ),
    "a range that divides by its step": (
        Mutant(
            "numba_luv",
            "        i = GROUP * thread\n        while i < length:",
            "        for i in range(GROUP * thread, length, GROUP * threads):",
            "div.s64",
        ),
        "luminance",
        _slow,
    ),
    "planes written one by one": (
        Mutant(
            "numba_memory",
            'writes a full group to (address, channel, pixel)."""\n    if layout == STRIDED',
            'writes."""\n    if True',
            "STG",
        ),
        "rgb_to_luv",
        _narrow,
    ),
    "a product fused": (
        Mutant("numba_exact", "product(b, color[2])", "b * color[2]", "fma"),
        "place_pixels",
        _rounds,
    ),
    "arithmetic that need not be exact": (
        Mutant("numba_cuda", "EXACT if kernel in CLUSTERING else OPTIONS", "OPTIONS", "ftz"),
        "place_points",
        _rounds,
    ),
    "distances that are fused": (
        Mutant("numba_exact", "product(gap, gap)", "gap * gap", "fma"),
        "measure_gaps",
        _rounds,
    ),
}


@pytest.mark.parametrize("name", COMPILED)
def test_the_gates_find(name: str, tmp_path: Path) -> None:
    mutant, kernel, found = COMPILED[name]
    assert not found(kernel, KERNELS)
    assert found(kernel, planted(mutant, tmp_path))


def test_the_reader_of_the_source_finds_a_barrier_after_a_return(tmp_path: Path) -> None:
    mutant = Mutant(
        "numba_merge",
        "        table = cuda.shared",
        "        if cuda.threadIdx.x > width:\n            return\n        table = cuda.shared",
        "barrier",
    )
    path = planted(mutant, tmp_path) / "luvcolor_kernels" / "numba_merge.py"
    assert any("barrier after a return" in fault for fault in faults(path.read_text()))


def test_the_reader_of_the_source_finds_an_addition_that_is_not_atomic(tmp_path: Path) -> None:
    old = "add_shared(high, at, np.uint32(rest))"
    mutant = Mutant("numba_exact", old, "high[at] += np.uint32(rest)", "not atomic")
    path = planted(mutant, tmp_path) / "luvcolor_kernels" / "numba_exact.py"
    assert any(mutant.symptom in fault for fault in faults(path.read_text()))
