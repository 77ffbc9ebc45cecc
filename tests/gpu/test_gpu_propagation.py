"""Colours spread on a GPU come within a hair of the exact solution, on the caller's stream."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.gpu.libraries import give, library_of, take

pytestmark = pytest.mark.gpu

Array = npt.NDArray[Any]


@pytest.fixture
def propagation() -> Any:
    """The module, where what it needs is here."""
    for module in ("cupy", "scipy"):
        pytest.importorskip(module)
    return import_module("luvcolor.propagation")


def scene(height: int, width: int, hints: int) -> tuple[Array, Array, Array]:
    """Luma with an edge and noise, values, and where they are known."""
    rng = np.random.default_rng(0)
    edge = np.arange(width) > width // 2
    luma = (0.3 + 0.3 * edge + rng.normal(0, 0.01, (height, width))).astype(np.float32)
    mask = np.zeros(height * width, bool)
    mask[rng.choice(mask.size, hints, replace=False)] = True
    values = rng.normal(0, 40, (2, height, width)).astype(np.float32)
    return luma, values, mask.reshape(height, width)


def on_host(propagation: Any) -> Any:
    """Return SciPy in the place of CuPy."""
    modules = ("numpy", "scipy.sparse", "scipy.sparse.linalg")
    return propagation.without_order(*map(import_module, modules))


def exact(propagation: Any, luma: Array, values: Array, mask: Array) -> Array:
    """Solve the equations of the CPU by elimination."""
    known = np.where(mask, values, 0)
    matrix, right = propagation.system(on_host(propagation), luma, known, mask)
    solved: Array = np.linalg.solve(matrix.toarray(), right.T).T.reshape(values.shape)
    return np.where(mask, known, solved)


@pytest.mark.parametrize("library", ["torch", "cupy"])
@pytest.mark.parametrize("size", [(30, 41), (1, 9), (9, 2)])
def test_the_solution_is_exact(propagation: Any, library: str, size: tuple[int, int]) -> None:
    luma, values, mask = scene(*size, hints=min(size) + 2)
    given = [give(library, array) for array in (luma, values, mask)]
    found = propagation.propagate(*given, tolerance=1e-8)
    assert library_of(found) == library
    np.testing.assert_allclose(take(found), exact(propagation, luma, values, mask), atol=1e-2)


def test_work_of_another_stream_is_waited_for(propagation: Any) -> None:
    torch: Any = import_module("torch")
    luma, values, mask = scene(30, 41, hints=12)
    given = [give("torch", array) for array in (luma, values, mask)]
    torch.cuda.synchronize()
    with torch.cuda.stream(torch.cuda.Stream()):
        torch.cuda._sleep(200_000_000)
        late = given[1] * 2
        found = propagation.propagate(given[0], late, given[2], tolerance=1e-8)
        result = take(found)
    np.testing.assert_allclose(result, 2 * exact(propagation, luma, values, mask), atol=2e-2)


def test_a_megapixel_is_within_one_percent_of_the_least(propagation: Any) -> None:
    luma, values, mask = scene(1000, 1000, hints=4000)
    given = [give("cupy", array) for array in (luma, values, mask)]
    found, best = (take(propagation.propagate(*given, tolerance=t)) for t in (3e-4, 1e-7))
    tools, known = on_host(propagation), np.where(mask, values, 0).astype(float)
    matrix, right = propagation.system(tools, luma, known, mask)
    squares = propagation.system(tools, luma, known**2, mask)[1]
    gap, best = (np.where(mask, 0, x).reshape(2, -1).astype(float) for x in (found - best, best))
    # Both less what the hints differ among themselves.
    least = squares.sum() - (right * best).sum()
    assert (gap * (matrix @ gap.T).T).sum() <= 0.01 * least
