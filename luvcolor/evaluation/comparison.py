"""Two results of one protocol side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from luvcolor.evaluation.columns import BASELINES, TRUTH, Summary

__all__ = ["Pair", "compared"]

Means = Mapping[str, float | None]


class Pair(NamedTuple):
    """What a method reached earlier and now; None where it was measured only once."""

    method: str
    earlier: Means | None
    now: Means | None

    def difference(self, name: str) -> float | None:
        """Return now minus earlier, where a metric applies to both.

        Examples
        --------
        >>> round(Pair("unet", {"psnr": 22.0, "loss": None}, {"psnr": 22.5}).difference("psnr"), 6)
        0.5
        """
        before, after = (self.earlier or {}).get(name), (self.now or {}).get(name)
        return None if before is None or after is None else after - before


def compared(earlier: Summary, now: Summary) -> list[Pair]:
    """Pair the methods of two results by their names.

    Where one model alone is left over on either side, those two are a pair. Baselines and the truth
    are left out where they did not change.

    Examples
    --------
    >>> earlier = {"gray": {"psnr": 20.0}, "unet": {"psnr": 22.0}}
    >>> now = {"gray": {"psnr": 20.0}, "lite": {"psnr": 23.0}}
    >>> [(pair.method, pair.difference("psnr")) for pair in compared(earlier, now)]
    [('unet, now lite', 1.0)]
    """
    return [pair for pair in _paired(earlier, now) if not _is_idle(pair)]


def _paired(earlier: Summary, now: Summary) -> Iterator[Pair]:
    gone = [method for method in earlier if method not in now and _is_model(method)]
    new = [method for method in now if method not in earlier and _is_model(method)]
    replaced = dict(zip(gone, new, strict=True)) if len(gone) == len(new) == 1 else {}
    for method, means in earlier.items():
        if method in replaced:
            other = replaced[method]
            yield Pair(f"{method}, now {other}", means, now[other])
        else:
            yield Pair(method, means, now.get(method))
    for method, means in now.items():
        if method not in earlier and method not in replaced.values():
            yield Pair(method, None, means)


def _is_model(method: str) -> bool:
    return method not in BASELINES and method != TRUTH


def _is_idle(pair: Pair) -> bool:
    return not _is_model(pair.method) and pair.earlier == pair.now
