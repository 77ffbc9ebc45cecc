"""Bugs to plant in numba's kernels of clustering, each with the tests that are to notice it."""

from __future__ import annotations

from typing import Final

from tests.kernels.numba.planting import Mutant

Row = tuple[Mutant, tuple[str, str]]
WRONG: Final = "Mismatched elements"
BARRIER: Final = "        cuda.syncthreads()\n"


def _sums(old: str, new: str, tests: str, symptom: str = WRONG, file: str = "assign") -> Row:
    return Mutant(f"numba_{file}", old, new, symptom), ("clustering", tests)


def _labels(old: str, new: str, tests: str, symptom: str = WRONG, file: str = "scan") -> Row:
    return Mutant(f"numba_{file}", old, new, symptom), ("labels", tests)


BORDER: Final = "border"
CLUSTERING: Final[dict[str, Row]] = {
    "sums read before all are there": _sums(BARRIER, "", "sums"),
    "a carry lost": _sums(" + ((before + part) >> 32)", "", "sums", file="exact"),
    "a point beyond the last": _sums("if i + n >= count:", "if False:", "sums"),
    "sums of one centre given to another": _sums("label == owner", "owner >= 0", "sums"),
    "equal neighbours counted once": _sums(
        "return number, kept[1] + weight", "return number, weight", "add_up", file="histogram"
    ),
    "a list out of order": _sums(
        f"{BARRIER}        step *= 2",
        "        step *= 2",
        "every_layout",
        "AssertionError",
        "histogram",
    ),
    "a weight before the part that was drawn": _sums(
        "rest >= weight", "rest > weight", "drawn", "AssertionError", "clouds"
    ),
    "a bit of squares lost": _sums(
        "<< split) - 1", "<< (split - 1)) - 1", "dimension", "AssertionError", "clouds"
    ),
    "bounds read before all are there": _sums(
        f"{BARRIER}        if cuda.threadIdx.x == 0:\n            for",
        "        if cuda.threadIdx.x == 0:\n            for",
        "dimension",
        "points must be finite",
        "clouds",
    ),
    "no doubt": _labels("not second - low > limit", "not second - low > ZERO", BORDER),
    "the second of other groups forgotten": _labels(
        "min(second, other), label", "second, label", BORDER
    ),
    "fewer centres than may be nearest": _labels("low + limit, not", "low, not", BORDER),
    "ties to the highest index": _labels("or gap < low", "or gap <= low", "ties"),
    "a group that is not filled up": _labels("if first + j < k:", "if True:", "brute", "beside"),
    "a tile overwritten while it is read": _labels(
        "        barrier()\n        count", "        count", "brute"
    ),
    "who is overtaken drops out": _labels(
        "return ahead if new[0] < ahead[0] else new", "return new", "those_of_the_cpu", file="soft"
    ),
}
