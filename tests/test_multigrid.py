"""A cycle of multigrid is symmetric, repeats itself, and stays as good as pictures grow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import cg

from luvcolor.multigrid import multigrid


def laplacian(side: int, contrast: float) -> Any:
    """The equations of a square of pixels, whose ties differ by a factor of up to `contrast`."""
    rng, pixels = np.random.default_rng(0), np.arange(side * side).reshape(side, side)
    one = np.concatenate([pixels[:, 1:].ravel(), pixels[1:].ravel()])
    other = np.concatenate([pixels[:, :-1].ravel(), pixels[:-1].ravel()])
    ties = sparse.coo_array((contrast ** -rng.random(len(one)), (one, other)), (side**2,) * 2)
    both = (ties + ties.T).tocsr()
    return (sparse.diags_array(both.sum(axis=1) + 1e-4) - both).tocsr()


@pytest.mark.parametrize("side", [10, 40, 160])
@pytest.mark.parametrize("contrast", [1.0, 100.0])
def test_few_steps_suffice_for_any_size(side: int, contrast: float) -> None:
    matrix = laplacian(side, contrast)
    steps: list[Any] = []
    right = np.random.default_rng(1).normal(size=side * side)
    found, _ = cg(matrix, right, rtol=1e-6, M=multigrid(matrix), callback=steps.append)
    assert len(steps) <= 16
    np.testing.assert_allclose(matrix @ found, right, atol=1e-5 * float(np.linalg.norm(right)))


def test_a_cycle_is_symmetric_and_positive() -> None:
    inverse = multigrid(laplacian(40, 100.0))
    some, others = np.random.default_rng(2).normal(size=(2, 1600))
    assert others @ (inverse @ some) == pytest.approx(some @ (inverse @ others), rel=1e-8)
    assert some @ (inverse @ some) > 0


def test_the_same_matrix_gives_the_same_cycle() -> None:
    first, second = (multigrid(laplacian(40, 100.0)) for _ in range(2))
    np.testing.assert_array_equal(first @ np.ones(1600), second @ np.ones(1600))


def test_a_matrix_without_ties_is_divided_by() -> None:
    diagonal = np.linspace(1, 2, 900)
    inverse = multigrid(sparse.diags_array(diagonal).tocsr())
    np.testing.assert_allclose(inverse @ diagonal, np.ones(900))
