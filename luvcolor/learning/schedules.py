"""How the learning rate goes over a run, as a factor on the rates that a model asks for.

Each depends on nothing but how far the run has come, so that a resumed run goes on where it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["SCHEDULES", "constant", "cosine", "one_cycle"]

WARM_UP = 0.05
"""Share of a run in which the cosine's rate rises."""
RISE = 0.3
"""Share of a run in which the rate of one cycle rises."""
FIRST, LAST = 1 / 25, 1 / 250_000
"""What one cycle begins and ends with."""


def cosine(progress: float) -> float:
    """Rise quickly, then fall along a cosine to nothing (Loshchilov & Hutter, SGDR, 2017).

    Examples
    --------
    >>> [round(cosine(progress), 2) for progress in (0, 0.05, 0.5, 1)]
    [0.02, 0.99, 0.5, 0.0]
    """
    return min(1.0, progress / WARM_UP + 0.02) * 0.5 * (1 + math.cos(math.pi * progress))


def one_cycle(progress: float) -> float:
    """Rise for a third of the run, fall far below the start (Smith & Topin, 2018).

    Their "Super-convergence"; with cosines for straight lines, and without cycling momentum. It
    bears a higher peak than the others.

    Examples
    --------
    >>> [round(one_cycle(progress), 2) for progress in (0, 0.3, 0.65, 1)]
    [0.04, 1.0, 0.5, 0.0]
    """
    if progress < RISE:
        return _between(FIRST, 1.0, progress / RISE)
    return _between(1.0, LAST, (progress - RISE) / (1 - RISE))


def constant(progress: float) -> float:
    """Stay as it is: for a run whose end is not known, with patience.

    Examples
    --------
    >>> constant(0.7)
    1.0
    """
    return 1.0


def _between(start: float, stop: float, share: float) -> float:
    """Go from one to the other along half a cosine."""
    return stop + (start - stop) * 0.5 * (1 + math.cos(math.pi * share))


SCHEDULES: dict[str, Callable[[float], float]] = {
    "cosine": cosine,
    "one-cycle": one_cycle,
    "constant": constant,
}
