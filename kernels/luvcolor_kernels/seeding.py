"""Where k-means starts: greedy k-means++ and some iterations on a sample.

The sample is small, so its points are on the host whatever the backend, and all backends start
from the same centres.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from luvcolor_kernels import cpu_seeding, fixed_point
from luvcolor_kernels.lloyd import Fit, lloyd

if TYPE_CHECKING:
    from luvcolor_kernels.cpu_clouds import PointCloud

Array = npt.NDArray[Any]

SAMPLE = 1 << 14
SAMPLE_PER_CENTER = 64
SAMPLE_ITERATIONS = 20
SAMPLE_TOLERANCE = 2.0**-10


def sample_size(k: int) -> int:
    """Return how many points to draw for a start with k centres."""
    return max(SAMPLE, SAMPLE_PER_CENTER * k)


def start(sample: PointCloud, k: int, rng: np.random.Generator, iterations: int) -> Fit | int:
    """Return k centres after some iterations; how many different points there are if too few."""
    chosen = seeds(sample, k, rng)
    if len(chosen) < k:
        return len(chosen)
    centers = sample.planes[sample.rows, chosen].T * sample.unit + sample.middle
    tol = SAMPLE_TOLERANCE * sample.unit
    return lloyd(sample, centers, min(iterations, SAMPLE_ITERATIONS), tol)


def seeds(sample: PointCloud, k: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the indices of up to k different points, by greedy k-means++.

    Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", 2007; of 2 + log(k)
    candidates each time the one that helps most, as scikit-learn does.
    """
    points = np.ascontiguousarray(sample.planes[:, : sample.count])
    draws = rng.random((k, 2 + int(log(k))))
    chosen = np.zeros(k, np.int64)
    # squared distances are at most 4 |x|^2, and |x|^2 at most D times 256^2
    largest = 4.0 * fixed_point.REACH**2 * len(points)
    scale = np.float32(2.0 ** int(np.floor(np.log2(2.0**30 / largest))))
    found = cpu_seeding.seed_centers(points, _small(sample.weights), scale, draws, chosen)
    return chosen[:found]


def _small(weights: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """Return weights of a total below 2**31, none of them zero."""
    excess = max(0, int(weights.sum()).bit_length() - 30)
    small: npt.NDArray[np.int32] = np.maximum(weights >> excess, 1).astype(np.int32)
    return small
