"""Measures models against pictures whose colours are known, beside what costs nothing."""

from luvcolor.evaluation.columns import GRAY, LOOKUP, MEAN, TRUTH
from luvcolor.evaluation.measurement import Evaluation, evaluate, origin_of
from luvcolor.evaluation.methods import Measured, methods_of

__all__ = [
    "GRAY",
    "LOOKUP",
    "MEAN",
    "TRUTH",
    "Evaluation",
    "Measured",
    "evaluate",
    "methods_of",
    "origin_of",
]
