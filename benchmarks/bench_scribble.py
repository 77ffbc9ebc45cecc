"""Colours of 20 strokes spread over a picture, beside SciPy's solvers on the same equations.

By hand, how near two affinities come to the truth: ``python -m benchmarks.bench_scribble FOLDER``
reveals 50 pixels of every picture, at random, and prints the mean PSNR of what is made of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage, sparse
from scipy.sparse import linalg

import luvcolor_kernels as kernels
from benchmarks.common import Array, photograph
from benchmarks.measuring import measure
from luvcolor import propagation
from luvcolor.multigrid import multigrid

SIZES = {"224 x 224": (224, 224), "512 x 512": (512, 512), "1 Mpixel": (1000, 1000)}
STROKES, LENGTH, WIDTH = 20, 0.1, 5
TOLERANCE, REVEALED = 3e-4, 50
Spread = Callable[[Array, Array, Array], Any]


def equations(luma: Array, uv: Array, mask: Array) -> tuple[Any, Array]:
    return propagation.system(propagation.on_cpu(), luma, np.where(mask, uv, 0), mask)


def spread_ours(luma: Array, uv: Array, mask: Array) -> Any:
    return propagation.propagate(luma, uv, mask, tolerance=TOLERANCE)


def spread_ours_of_four(luma: Array, uv: Array, mask: Array) -> Any:
    return propagation.propagate(luma, uv, mask, tolerance=TOLERANCE, neighbors=4)


def spread_jacobi(luma: Array, uv: Array, mask: Array) -> Any:
    matrix, right = equations(luma, uv, mask)
    inverse = sparse.diags_array(1 / matrix.diagonal())
    return [linalg.cg(matrix, b, rtol=TOLERANCE, M=inverse)[0] for b in right]


def spread_plain(luma: Array, uv: Array, mask: Array) -> Any:
    matrix, right = equations(luma, uv, mask)
    return [linalg.cg(matrix, b, rtol=TOLERANCE)[0] for b in right]


def spread_direct(luma: Array, uv: Array, mask: Array) -> Any:
    matrix, right = equations(luma, uv, mask)
    return linalg.spsolve(matrix.tocsc(), right.T).T


SPREAD: dict[str, Spread] = {
    "luvcolor": spread_ours,
    "SciPy, CG, Jacobi": spread_jacobi,
    "SciPy, CG": spread_plain,
    "SciPy, spsolve": spread_direct,
}


def strokes(height: int, width: int, seed: int = 0) -> Array:
    """Return where straight strokes of some pixels' width lie."""
    rng, (y, x) = np.random.default_rng(seed), np.mgrid[:height, :width]
    mask, length = np.zeros((height, width), bool), LENGTH * np.sqrt(height * width)
    for _ in range(STROKES):
        (top, left), angle = rng.random(2) * (height, width), rng.random() * 2 * np.pi
        down, right = np.sin(angle), np.cos(angle)
        along = np.clip((y - top) * down + (x - left) * right, 0, length)
        mask |= np.hypot(y - top - along * down, x - left - along * right) <= WIDTH / 2
    return mask


def inputs(rgb: Array, mask: Array) -> tuple[Array, Array, Array]:
    """Return luma / 100, u* and v*, and where they are known."""
    luv = kernels.rgb_to_luv(rgb)
    return luv[..., 0] / 100, np.moveaxis(luv[..., 1:], -1, 0), mask


def quality(found: Any, luma: Array, uv: Array, mask: Array) -> str:
    """Say how far a solution is from the exact one, which is found to 1e-10 by multigrid."""
    matrix, right = equations(luma, uv, mask)
    inverse = multigrid(matrix)
    best = np.stack([linalg.cg(matrix, b, rtol=1e-10, M=inverse)[0] for b in right])
    rows = np.where(mask, 0, np.asarray(found, float).reshape(uv.shape)).reshape(best.shape)
    gap, known = rows - best, np.where(mask, uv, 0).astype(float)
    # Both less what the hints differ among themselves, which no solution can change.
    squares = propagation.system(propagation.on_cpu(), luma, known**2, mask)[1]
    least = squares.sum() - (right * best).sum()
    above = (gap * (matrix @ gap.T).T).sum() / least
    left = np.linalg.norm(right - (matrix @ rows.T).T) / np.linalg.norm(right)
    return f"objective {above:.1e} above the least, residual {left:.1e}"


@pytest.mark.parametrize("peer", SPREAD)
@pytest.mark.parametrize("size", SIZES)
def bench_scribble(benchmark: Any, size: str, peer: str) -> None:
    case = f"{STROKES} strokes spread, {size}"
    given = inputs(photograph(*SIZES[size]), strokes(*SIZES[size]))

    def call() -> Any:
        return SPREAD[peer](*given)

    beside = None if peer == "luvcolor" else lambda: spread_ours(*given)
    note = quality(call(), *given)
    measure(benchmark, call, case, peer, given[0].size, beside, note=note)


def spread_levin(luma: Array, uv: Array, mask: Array) -> Array:
    """Spread by the affinity of the paper: normal, by the variance of luma around a pixel."""
    light, places = luma.astype(float), np.arange(luma.size).reshape(luma.shape)
    mean = ndimage.uniform_filter(light, 3)
    variance = np.maximum(ndimage.uniform_filter(light**2, 3) - mean**2, 1e-6).ravel()
    around = np.pad(places, 1, constant_values=-1)
    steps = [(row, column) for row in range(3) for column in range(3) if (row, column) != (1, 1)]
    height, width = luma.shape
    near = np.stack([around[r : r + height, c : c + width].ravel() for r, c in steps])
    here = np.broadcast_to(places.ravel(), near.shape)[near >= 0]
    there, flat = near[near >= 0], light.ravel()
    weight = np.exp(-((flat[here] - flat[there]) ** 2) / (2 * variance[here]))
    affinity = sparse.csr_array((weight, (here, there)), shape=(luma.size, luma.size))
    matrix = sparse.diags_array(affinity.sum(1)) - affinity
    free, known = ~mask.ravel(), np.where(mask, uv, 0).reshape(2, -1).astype(float)
    right = affinity.tocsr()[free][:, ~free] @ known[:, ~free].T
    known[:, free] = linalg.spsolve(matrix.tocsr()[free][:, free].tocsc(), right).T
    return known.reshape(uv.shape)


def closeness(rgb: Array, seed: int) -> dict[str, float]:
    """Return the PSNR in dB of gray, and of what 50 pixels tell."""
    mask = np.zeros(rgb.shape[:2], bool)
    mask.flat[np.random.default_rng(seed).choice(mask.size, REVEALED, replace=False)] = True
    luma, uv, mask = inputs(rgb, mask)
    made = {
        "gray": 0 * uv,
        "luvcolor": spread_ours(luma, uv, mask),
        "luvcolor, 4 neighbours": spread_ours_of_four(luma, uv, mask),
        "Levin et al.": spread_levin(luma, uv, mask),
    }
    light = np.ascontiguousarray(100 * luma)
    pictures = {
        name: kernels.merge_chroma(light, np.ascontiguousarray(plane, np.float32))
        for name, plane in made.items()
    }
    return {
        name: float(10 * np.log10(255**2 / np.square(rgb.astype(float) - picture).mean()))
        for name, picture in pictures.items()
    }


def main(paths: Iterable[Path]) -> None:
    from luvcolor.io import decode

    found = [closeness(decode(path.read_bytes()).pixels, seed) for seed, path in enumerate(paths)]
    for name in found[0]:
        print(f"{name}: {np.mean([one[name] for one in found]):.2f} dB, {len(found)} pictures")


if __name__ == "__main__":
    main(sorted(Path(sys.argv[1]).iterdir()))
