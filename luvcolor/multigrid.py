"""A multigrid cycle for the equations of a picture, of pyamg's parts.

Smoothed aggregation (Vanek, Mandel and Brezina, 1996), as pyamg's own solver does it, but that the
matrices of all levels stay CSR, which halves the time, and that smoothing weighs by the sums of
rows, where the solver's default starts from a random vector.
"""

from __future__ import annotations

from typing import Any

from pyamg.aggregation.aggregate import standard_aggregation
from pyamg.multilevel import MultilevelSolver
from pyamg.relaxation.smoothing import change_smoothers
from pyamg.strength import symmetric_strength_of_connection
from scipy import sparse

__all__ = ["multigrid"]

STRONG = 0.05
"""Neighbours tied by less than this, relative to their diagonals, are not joined."""
STEP = 4 / 3
"""How far the interpolation is smoothed."""
FEW = 500
"""Unknowns that are solved for directly."""


def multigrid(matrix: Any) -> Any:
    """Return a linear operator near the inverse of a matrix: one cycle, symmetric.

    Parameters
    ----------
    matrix
        (n, n) CSR, float64, symmetric and positive definite, of the kind of a graph's Laplacian.

    Examples
    --------
    >>> from scipy.sparse.linalg import cg
    >>> line = sparse.diags_array([2.0, -1, -1], offsets=[0, 1, -1], shape=(2000, 2000)).tocsr()
    >>> x = cg(line, [1.0] * 2000, M=multigrid(line), maxiter=20)[0]
    >>> bool(abs(line @ x - 1).max() < 1e-3)
    True
    """
    levels = [_level(matrix)]
    while levels[-1].A.shape[0] > FEW:
        finer = levels[-1]
        finer.P = _interpolation(finer.A)
        finer.R = finer.P.T.tocsr()
        levels.append(_level(finer.R @ finer.A @ finer.P))
    solver = MultilevelSolver(levels)
    sweeps = (("gauss_seidel", {"sweep": sweep}) for sweep in ("forward", "backward"))
    change_smoothers(solver, *sweeps)
    return solver.aspreconditioner()


def _level(matrix: Any) -> Any:
    level = MultilevelSolver.Level()
    level.A = matrix
    return level


def _interpolation(matrix: Any) -> Any:
    """Return how values of groups of unknowns become values of unknowns, (n, groups) CSR."""
    strong = symmetric_strength_of_connection(matrix, theta=STRONG)
    groups = standard_aggregation(strong)[0].astype(matrix.dtype)
    weights = sparse.diags_array(STEP / abs(matrix).sum(axis=1))
    smoothed: Any = groups - weights @ (matrix @ groups)
    return smoothed.tocsr()
