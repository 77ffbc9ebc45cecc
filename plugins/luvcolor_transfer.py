"""Colours taken from a reference picture, by luma and by how much luma varies around a pixel.

Nothing is learned. A pixel is described by its luma and its texture, the standard deviation of luma
in a window (Welsh, Ashikhmin & Mueller, "Transferring color to greyscale images", SIGGRAPH 2002).
Samples of the reference, drawn on a jittered grid, are moved to where such pixels lie in the
picture; every pixel then gets the mean chroma of the samples nearest to its description.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, uniform_filter
from scipy.spatial import cKDTree
from torch import Tensor

from luvcolor.errors import UsageError
from luvcolor.model import Chroma, Colorizer, Hints
from luvcolor_kernels.threads import thread_count

Floats = NDArray[np.float64]

CLASSES = 16
"""Classes of texture, of equal share, in which luma is matched by rank."""
TABLE = (256, 64)
"""Luma by texture at which neighbours are looked for; pixels are read between, linearly."""
CLOSE = 1.0
"""Samples closer than about this, in units of L, count alike."""
DOUBT = 30.0
"""Where the samples' chroma is spread by so much of u*, v*, confidence is down to 1 / e."""
NOISE = 8.0
"""Changes of L below about this are texture, over which chroma is smoothed."""


class Samples(NamedTuple):
    """Pixels drawn from a picture: places (n, 2) of luma and texture, and chroma (n, 2)."""

    places: Floats
    chroma: Floats


@dataclass(frozen=True)
class TransferConfig:
    """Settings of `Transfer`."""

    method: str = "transport"
    """How samples find their place: ``transport`` by rank, ``samples`` by mean and deviation."""
    match: float = 1.0
    """How far they are moved there. 1 suits pictures faded or exposed unlike the reference, 0 those
    exposed alike."""
    samples: int = 4096
    """About how many pixels are drawn from a picture."""
    window: int = 5
    """The side, in pixels, of the window that texture is taken over."""
    neighbors: int = 16
    """How many samples a colour is the mean of."""
    smoothing: int = 8
    """Radius, in pixels, over which chroma is smoothed up to the edges of luma; 0 for not."""

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise UsageError(f"the method is one of {', '.join(METHODS)}; found {self.method!r}")
        if not 0 <= self.match <= 1:
            raise UsageError(f"match is expected between 0 and 1, found {self.match}")
        if min(self.samples, self.window, self.neighbors, self.smoothing + 1) < 1:
            raise UsageError(
                "samples, window and neighbors are at least 1, and smoothing 0; found "
                f"{self.samples}, {self.window}, {self.neighbors} and {self.smoothing}"
            )


class Transfer(Colorizer):
    """Chroma of a reference's pixels that are like those of the picture."""

    Config = TransferConfig
    config: TransferConfig
    uses = ("reference",)

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Predict chroma, on the CPU, from ``hints.reference``.

        Confidence is high where the reference's pixels of that luma and texture have one colour. It
        says how sure the reference is, not whether it is a picture of the same things.

        Raises
        ------
        UsageError
            When there is no reference, or one with NaN or infinity.
        """
        reference = _checked(hints)
        planes = luma.detach()[:, 0].cpu().double().nan_to_num(0, 1, 0).numpy()
        answers = np.stack([transfer(100 * L, reference, self.config) for L in planes])
        found = torch.as_tensor(answers, dtype=torch.float32, device=luma.device)
        return Chroma(found[:, :2], found[:, 2:])


def transfer(L: Floats, reference: Floats, config: TransferConfig) -> Floats:
    """Return u*, v* and confidence (3, H, W) for L (H, W), from a reference (3, h, w) in LUV.

    Examples
    --------
    >>> gray = np.array([[20.0, 80.0]])
    >>> reference = np.array([[[25.0, 75.0]], [[50.0, -10.0]], [[0.0, 30.0]]])
    >>> u, v, sure = transfer(gray, reference, TransferConfig(neighbors=1, smoothing=0))
    >>> u.tolist(), v.tolist()
    ([[50.0, -10.0]], [[0.0, 30.0]])
    """
    described = describe(L, config.window)
    own = drawn(described, np.zeros_like(described), config.samples)
    theirs = drawn(describe(reference[0], config.window), reference[1:], config.samples)
    theirs, goal = METHODS[config.method](theirs, own)
    moved = theirs.places + config.match * (goal - theirs.places)
    answer = averaged(described, Samples(moved, theirs.chroma), config.neighbors)
    return np.stack([*(smoothed(plane, L, config.smoothing) for plane in answer[:2]), answer[2]])


def describe(L: Floats, window: int) -> Floats:
    """Return luma and texture (2, H, W) of L (H, W), both in units of L.

    Examples
    --------
    >>> describe(np.array([[40.0, 60.0]]), 3)[1].round(1).tolist()
    [[9.4, 9.4]]
    """
    mean = uniform_filter(L, window, mode="nearest")
    square = uniform_filter(L * L, window, mode="nearest")
    return np.stack([L, np.sqrt(np.maximum(square - mean * mean, 0))])


def drawn(described: Floats, chroma: Floats, count: int) -> Samples:
    """Draw about `count` pixels, one from each cell of a grid, always the same ones."""
    height, width = described.shape[1:]
    rows = min(height, max(1, round((count * height / width) ** 0.5)))
    columns = min(width, max(1, round(count / rows)))
    jitter = np.random.default_rng(0).random((2, rows, columns))
    y = ((np.arange(rows)[:, None] + jitter[0]) * height / rows).astype(int)
    x = ((np.arange(columns) + jitter[1]) * width / columns).astype(int)
    return Samples(described[:, y, x].reshape(2, -1).T, chroma[:, y, x].reshape(2, -1).T)


def by_deviation(theirs: Samples, own: Samples) -> tuple[Samples, Floats]:
    """Give luma of the reference the mean and deviation of the picture's (Welsh et al. 2002)."""
    luma, target = theirs.places[:, 0], own.places[:, 0]
    scale = target.std() / luma.std() if luma.std() > 0 else 1.0
    goal = np.stack([target.mean() + scale * (luma - luma.mean()), scale * theirs.places[:, 1]], 1)
    return theirs, goal


def by_rank(theirs: Samples, own: Samples) -> tuple[Samples, Floats]:
    """Transport the reference's samples onto the picture's: classes of texture, in them luma.

    The class of the smoothest pixels goes to that of the smoothest, and in it the darkest to the
    darkest; so that all of the picture is reached by all of the reference, and contrast and
    brightness of either change nothing.

    Notes
    -----
    Source: the rearrangement of Knothe, a limit of optimal transport in which one coordinate counts
    for much more than the other (Carlier, Galichon & Santambrogio, "From Knothe's transport to
    Brenier's map", SIAM Journal on Mathematical Analysis 41(6), 2010); here in `CLASSES` steps.
    """
    most = min(CLASSES, len(theirs.places), len(own.places))
    pairs = [_paired(a, b) for a, b in zip(_ranked(theirs, most), _ranked(own, most), strict=True)]
    source, target = (np.concatenate(indices) for indices in zip(*pairs, strict=True))
    return Samples(theirs.places[source], theirs.chroma[source]), own.places[target]


METHODS = {"transport": by_rank, "samples": by_deviation}


def averaged(described: Floats, samples: Samples, neighbors: int) -> Floats:
    """Return the mean chroma and the confidence (3, H, W) of the samples near every pixel.

    They are looked for on a table of luma by texture, and read from it.
    """
    low, high = (bound(described.reshape(2, -1), axis=1) for bound in (np.min, np.max))
    axes = [np.linspace(*ends) for ends in zip(low, high, TABLE, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    table = _mean_and_confidence(points, samples, neighbors).T.reshape(3, *TABLE)
    steps = (np.array(TABLE) - 1) / np.where(high > low, high - low, 1)
    places = (described - low[:, None, None]) * steps[:, None, None]
    return np.stack([map_coordinates(plane, places, order=1, mode="nearest") for plane in table])


def smoothed(plane: Floats, L: Floats, radius: int) -> Floats:
    """Smooth a plane up to the edges of L: a guided filter.

    Notes
    -----
    Source: He, Sun & Tang, "Guided image filtering", IEEE TPAMI 35(6), 2013.
    """

    def mean(x: Floats) -> Floats:
        return np.asarray(uniform_filter(x, 2 * radius + 1, mode="nearest"))

    light, chroma = mean(L), mean(plane)
    covariance, variance = mean(L * plane) - light * chroma, mean(L * L) - light**2
    slope = covariance / (np.maximum(variance, 0) + NOISE**2)
    return mean(slope) * L + mean(chroma - slope * light)


def _checked(hints: Hints | None) -> Floats:
    """Return the reference (3, h, w), or say what is missing."""
    if hints is None or hints.reference is None:
        raise UsageError(
            "the model 'transfer' takes its colours from a picture in colour, and found none; "
            "give one with --reference PICTURE"
        )
    reference: Floats = hints.reference[0].detach().cpu().double().numpy()
    if not np.isfinite(reference).all():
        raise UsageError(
            "the reference was expected to hold numbers, and holds NaN or infinity; "
            "give another picture with --reference"
        )
    return reference


def _ranked(samples: Samples, classes: int) -> list[NDArray[np.intp]]:
    """Return indices of samples in classes from smooth to rough, each from dark to light."""
    luma, texture = samples.places.T
    parts = np.array_split(np.argsort(texture, kind="stable"), classes)
    return [part[np.argsort(luma[part], kind="stable")] for part in parts]


def _paired(a: NDArray[np.intp], b: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pair two rankings of any lengths, all of either taking part."""
    count = np.arange(max(len(a), len(b)))
    return a[count * len(a) // len(count)], b[count * len(b) // len(count)]


def _mean_and_confidence(points: Floats, samples: Samples, neighbors: int) -> Any:
    """Return u*, v* and confidence (n, 3) at points (n, 2) of luma and texture."""
    places, chroma, squares, counts = _merged(samples)
    k = min(neighbors, len(places))
    nearest = cKDTree(places).query(points, k=k, workers=thread_count())
    distance, index = (x.reshape(-1, k) for x in nearest)
    before = counts[index].cumsum(1) - counts[index]
    weight = (neighbors - before).clip(0, counts[index]) / (distance + CLOSE)
    weight /= weight.sum(1, keepdims=True)
    mean = np.einsum("nk,nkc->nc", weight, chroma[index])
    variance = (weight * squares[index]).sum(1) - (mean**2).sum(1)
    confidence = np.exp(-np.sqrt(np.maximum(variance, 0)) / DOUBT)
    return np.concatenate([mean, confidence[:, None]], 1)


def _merged(samples: Samples) -> tuple[Floats, Floats, Floats, Floats]:
    """Return places, mean chroma, mean squared chroma and counts, of which no two places are one.

    A flat sky or a blown-out wall gives many samples one place; all of them are to count there.
    """
    places, label = np.unique(samples.places, axis=0, return_inverse=True)
    counts = np.bincount(label.ravel()).astype(np.float64)

    def mean(values: Floats) -> Floats:
        return np.bincount(label.ravel(), values) / counts

    u, v = samples.chroma.T
    return places, np.stack([mean(u), mean(v)], 1), mean(u * u + v * v), counts
