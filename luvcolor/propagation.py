"""Spreads values known at some pixels over the others, stopping where luma changes.

The least squares of Levin, Lischinski and Weiss: neighbours alike in luma are to be alike in value.
Multigrid by pyamg steps the conjugate gradients of SciPy; on a GPU those of CuPy go without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from math import inf
from typing import Any, NamedTuple

import numpy as np

from luvcolor.errors import UsageError

__all__ = ["check_options", "propagate"]

LEAST = 1e-5
"""What neighbours weigh however they differ: all pixels stay connected, and a region without a
hint takes what leaks from around it."""
STEPS = {4: ((0, 1), (1, 0)), 8: ((0, 1), (1, -1), (1, 0), (1, 1))}
"""From a pixel to the neighbours after it, rows first; those before it are the mirror images."""


def propagate(
    luma: Any,
    values: Any,
    mask: Any,
    *,
    decay: float = 0.0,
    sharpness: float = 1.0,
    neighbors: int = 8,
    tolerance: float = 3e-4,
) -> Any:
    """Spread values from the pixels of a mask over all others, along what is alike in luma.

    The result x keeps the values given, and elsewhere makes least the sum, over all pairs of
    neighbours r and s, of ``w(r, s) (x(r) - x(s))**2``, plus `decay` times the sum of all squares.
    The affinity w is ``exp(-sharpness |L(r) - L(s)|)``, L in 0..100.

    Parameters
    ----------
    luma
        (h, w) float, L / 100. A NumPy array, a torch tensor or a CuPy array; what is in the memory
        of a GPU is solved there.
    values
        (C, h, w) float, of the same kind: u* and v*, or differences of them. What lies outside
        `mask` is not looked at.
    mask
        (h, w) bool, of the same kind: where `values` are known.
    decay
        A pull toward zero. Where luma is constant, values fade to 1 / e over some
        ``sqrt(3 / decay)`` pixels with 8 neighbours, ``sqrt(1 / decay)`` with 4.
    sharpness
        By how much a unit of L keeps neighbours apart; 0 looks at nothing but distance.
    neighbors
        8, the window of 3 x 3, or 4.
    tolerance
        Norm of what is left of the equations, relative to their right side, at which to stop.

    Returns
    -------
    array
        (C, h, w) float32, of the kind of `luma`. Without decay no value lies outside the range of
        those given, but for the tolerance; where nothing is known, all are 0.

    Raises
    ------
    ValueError
        When shapes do not fit, or luma or a value is not finite.
    UsageError
        When an option is out of range, or the arrays are on a GPU and CuPy is not installed.

    Notes
    -----
    Levin, Lischinski and Weiss, "Colorization using optimization", 2004. There the affinity is
    normal in the difference, by the variance of luma around r alone, so that the equations are not
    symmetric. This one is symmetric, and came closer to the truth (`benchmarks/bench_scribble.py`).

    Examples
    --------
    Two colours, and an edge between them:

    >>> luma = np.array([[0.2, 0.2, 0.2, 0.7, 0.7, 0.7]], np.float32)
    >>> values = np.array([[[5, 0, 0, 0, 0, 9]]], np.float32)
    >>> propagate(luma, values, values[0] > 0).round(2).tolist()
    [[[5.0, 5.0, 5.0, 9.0, 9.0, 9.0]]]
    """
    check_options(decay, sharpness, neighbors, tolerance)
    options = {"decay": decay, "sharpness": sharpness, "neighbors": neighbors}
    if hasattr(luma, "__cuda_array_interface__"):
        return _propagate_on_gpu(luma, values, mask, tolerance, options)
    arrays = (np.asarray(given) for given in (luma, values, mask))
    return _like(luma, spread(on_cpu(), *arrays, tolerance=tolerance, **options))


def check_options(
    decay: float = 0.0, sharpness: float = 1.0, neighbors: int = 8, tolerance: float = 3e-4
) -> None:
    """Raise a UsageError when an option of `propagate` is out of range."""
    allowed = {
        "decay, 0 or more": (decay, 0 <= decay < inf),
        "sharpness, 0 or more": (sharpness, 0 <= sharpness < inf),
        "neighbors, 4 or 8": (neighbors, neighbors in STEPS),
        "tolerance, 1e-10 to 0.1": (tolerance, 1e-10 <= tolerance <= 0.1),
    }
    for name, (found, fits) in allowed.items():
        if not fits:
            raise UsageError(f"expected {name}, found {found}")


class Tools(NamedTuple):
    """Where the equations are solved: NumPy and SciPy, or CuPy, which follows them in its names.

    Attributes
    ----------
    xp, sparse, linalg
        The arrays, the sparse matrices and their solvers.
    preconditioner
        Called with the matrix; returns a linear operator near its inverse.
    share
        Of the tolerance: what is left of the equations says less of the solution where the
        preconditioner is weaker.
    """

    xp: Any
    sparse: Any
    linalg: Any
    preconditioner: Callable[[Any], Any]
    share: float = 1.0


def on_cpu() -> Tools:
    """Return the tools of the CPU: with multigrid, some six steps, however large the picture."""
    import scipy.sparse.linalg

    from luvcolor.multigrid import multigrid

    return Tools(np, scipy.sparse, scipy.sparse.linalg, multigrid)


def on_gpu() -> Tools:
    """Return the tools of a GPU, or raise a UsageError where CuPy is not installed."""
    try:
        cupy, sparse = import_module("cupy"), import_module("cupyx.scipy.sparse")
        return without_order(cupy, sparse, import_module("cupyx.scipy.sparse.linalg"))
    except ImportError as error:
        raise UsageError(
            "expected CuPy, to spread colours on a GPU, found none; install luvcolor[cuda13] or "
            "luvcolor[cuda12], or work on the CPU (--device cpu)"
        ) from error


def without_order(xp: Any, sparse: Any, linalg: Any) -> Tools:
    """Return tools that do nothing pixel after pixel, as multigrid's sweeps do: for a GPU.

    They divide by the diagonal: thousands of steps, each of them short there.
    """

    def jacobi(matrix: Any) -> Any:
        diagonal = matrix.diagonal()
        return linalg.LinearOperator(matrix.shape, lambda x: x / diagonal, dtype=matrix.dtype)

    return Tools(xp, sparse, linalg, jacobi, share=0.1)


def spread(
    tools: Tools, luma: Any, values: Any, mask: Any, *, tolerance: float, **options: Any
) -> Any:
    """Do what `propagate` does with arrays of `tools.xp`; `options` are those of `system`."""
    xp = tools.xp
    _check_arrays(xp, luma, values, mask)
    known = xp.where(mask, values, 0).astype(xp.float32)
    if bool(mask.all()) or not bool(mask.any()):
        return known
    matrix, right = system(tools, luma, known, mask, **options)
    inverse = tools.preconditioner(matrix)
    rtol = tolerance * tools.share
    solved = [tools.linalg.cg(matrix, b, rtol=rtol, M=inverse)[0] for b in right]
    return xp.where(mask, known, xp.stack(solved).reshape(known.shape)).astype(xp.float32)


def system(
    tools: Tools,
    luma: Any,
    known: Any,
    mask: Any,
    *,
    decay: float = 0.0,
    sharpness: float = 1.0,
    neighbors: int = 8,
) -> tuple[Any, Any]:
    """Return the equations of the pixels: a sparse matrix, and a right side for each plane.

    Pixels of the mask keep their places, with nothing on either side but the diagonal, so that
    the matrix is that of a whole picture; it is symmetric and positive definite.

    Parameters
    ----------
    tools
        Where to make them.
    luma, mask, decay, sharpness, neighbors
        As in `propagate`.
    known
        (C, h, w) float, 0 outside the mask.

    Returns
    -------
    tuple
        (h w, h w) CSR and (C, h w), float64.
    """
    xp, light, free = tools.xp, 100 * luma.astype(np.float64), ~mask
    middle = len(STEPS[neighbors])
    entries = xp.zeros((*luma.shape, 2 * middle + 1))
    entries[..., middle] = decay
    right = xp.zeros(known.shape)
    for place, (here, there) in enumerate(_pairs(luma.shape, neighbors), 1):
        weight = xp.maximum(xp.exp(-sharpness * xp.abs(light[here] - light[there])), LEAST)
        between = -weight * (free[here] & free[there])
        for one, other, side in ((here, there, place), (there, here, -place)):
            entries[*one, middle] += weight
            entries[*one, middle + side] = between
            right[:, *one] += weight * known[:, *other]
    return _matrix(tools, entries, neighbors), (right * free).reshape(len(known), -1)


def _matrix(tools: Tools, entries: Any, neighbors: int) -> Any:
    """Return entries (h, w, 9 or 5) as CSR; a neighbour that lies outside the picture has 0."""
    xp, (height, width, wide) = tools.xp, entries.shape
    side = height * width
    after = [row * width + column for row, column in STEPS[neighbors]]
    places = xp.asarray([-step for step in after[::-1]] + [0, *after], np.int32)
    columns = (xp.arange(side, dtype=np.int32)[:, None] + places).clip(0, side - 1)
    ends = xp.arange(side + 1, dtype=np.int32) * wide
    matrix = tools.sparse.csr_array((entries.ravel(), columns.ravel(), ends), shape=(side, side))
    matrix.eliminate_zeros()
    return matrix


def _pairs(shape: tuple[int, int], neighbors: int) -> Iterator[tuple[Any, Any]]:
    """Yield, for each step, where it starts and where it ends, as slices of a picture."""
    height, width = shape
    for row, column in STEPS[neighbors]:
        left, right = max(0, -column), max(0, column)
        here = slice(0, height - row), slice(left, max(left, width - right))
        there = slice(row, height), slice(right, max(right, width - left))
        yield here, there


def _propagate_on_gpu(
    luma: Any, values: Any, mask: Any, tolerance: float, options: dict[str, Any]
) -> Any:
    """Solve where the arrays are, on the caller's current stream."""
    from luvcolor_kernels.libraries import library_of

    place, tools = library_of(luma).place(luma), on_gpu()
    cuda = tools.xp.cuda
    with cuda.Device(place.device), cuda.Stream.from_external(place):
        arrays = (tools.xp.asarray(given) for given in (luma, values, mask))
        return _like(luma, spread(tools, *arrays, tolerance=tolerance, **options))


def _like(given: Any, result: Any) -> Any:
    """Return a result as a tensor, without a copy, where a tensor was given."""
    if type(given).__module__.partition(".")[0] != "torch":
        return result
    import torch

    return torch.as_tensor(result, device=given.device)


def _check_arrays(xp: Any, luma: Any, values: Any, mask: Any) -> None:
    if luma.ndim != 2 or values.shape[1:] != luma.shape or mask.shape != luma.shape:
        raise ValueError(
            "expected luma (h, w), values (C, h, w) and mask (h, w) of one size, found "
            f"{luma.shape}, {values.shape} and {mask.shape}"
        )
    if mask.dtype != bool:
        raise ValueError(f"expected a mask of bool, found {mask.dtype}")
    if not bool(xp.isfinite(luma).all() and xp.isfinite(values[:, mask]).all()):
        raise ValueError("expected luma and values that are finite; replace what is not")
