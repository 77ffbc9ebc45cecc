"""Lloyd's algorithm, but for the work on points, which is a backend's: see Cloud.

What happens here is done with a few numbers per centre, in float64 and in a fixed order. With the
whole-number sums of a cloud, every backend gets the same result, bit for bit.
"""

from __future__ import annotations

from math import fsum
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Float64Array = npt.NDArray[np.float64]
Sums = npt.NDArray[np.int64]


class Cloud(Protocol):
    """Points with weights, where a backend keeps them.

    Attributes
    ----------
    dimensions, count, total
        D, the number of points, and the sum of their weights, which are whole numbers.
    middle, unit, bits
        Where coordinates are measured from (D,), in which unit, and how many bits they have after
        the point: see fixed_point.
    """

    dimensions: int
    count: int
    total: int
    middle: Float64Array
    unit: float
    bits: int

    def assign(self, centers: Float64Array) -> Sums:
        """Return, for the points nearest to each centre (k, D), the sums (k, 1 + D).

        The weights, and the weighted coordinates times 2**bits. Ties go to the lowest index.
        """
        ...

    def square_sum(self) -> int:
        """Return the sum of weight times squared coordinates, times 2 ** (2 bits), exactly."""
        ...

    def farthest(self, centers: Float64Array, number: int) -> tuple[Array, Float64Array]:
        """Return the points (number, D) farthest from their centres, and the squared distances.

        The farthest first, of equals the first. Fewer if there are no more points.
        """
        ...


class Fit(NamedTuple):
    """Centres in the units of the cloud's space, and the inertia before and after every move."""

    centers: Float64Array
    history: list[float]


def lloyd(cloud: Cloud, centers: Float64Array, max_iter: int, tol: float) -> Fit:
    """Move centres (k, D) to the means of their points until they rest.

    A centre without points is moved to the point farthest from its centre; that, too, never
    raises the inertia.
    """
    center = (centers - cloud.middle) / cloud.unit
    squares = cloud.square_sum() / 4**cloud.bits
    history: list[float] = []
    while True:
        sums = cloud.assign(center)
        mass = sums[:, 0].astype(np.float64)
        moment = sums[:, 1:].astype(np.float64) * 2.0**-cloud.bits
        inertia = _inertia(squares, center, mass, moment) / cloud.total
        # beyond rounding it cannot rise
        history.append(min([max(0.0, inertia), *history[-1:]]))
        if len(history) > max_iter:
            break
        moved = _moved(cloud, center, mass, moment)
        if _largest_step(center, moved) * cloud.unit <= tol:
            break
        center = moved
    return Fit(center * cloud.unit + cloud.middle, [inertia * cloud.unit**2 for inertia in history])


def _inertia(squares: float, center: Float64Array, mass: Float64Array, moment: Float64Array) -> Any:
    """Sum of |x - c|^2 = |x|^2 - 2 c.x + |c|^2 over all points, rounded once."""
    crossed = -2.0 * center * moment
    own = center * center * mass[:, None]
    return fsum([squares, *crossed.ravel().tolist(), *own.ravel().tolist()])


def _moved(
    cloud: Cloud, center: Float64Array, mass: Float64Array, moment: Float64Array
) -> Float64Array:
    empty = np.flatnonzero(mass <= 0.0)
    moved: Float64Array = moment / np.where(mass > 0.0, mass, 1.0)[:, None]
    if empty.size:
        points, gaps = cloud.farthest(center, empty.size)
        moved[empty] = center[empty]
        useful = int((gaps > 0.0).sum())
        moved[empty[:useful]] = points[:useful]
    return moved


def _largest_step(center: Float64Array, moved: Float64Array) -> float:
    step = moved - center
    square = step[:, 0] * step[:, 0]
    for d in range(1, step.shape[1]):
        square = square + step[:, d] * step[:, d]
    return float(np.sqrt(square.max()))
