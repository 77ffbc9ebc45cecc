"""Hints: what a person adds to a picture, read once and drawn for any model at any size."""

from luvcolor.hints.hint_set import Hinted, HintSet
from luvcolor.hints.marks import Marks, Point, Stroke
from luvcolor.hints.pixels import HintPixels
from luvcolor.hints.planes import COLOURS, REFERENCE, HintPlanes
from luvcolor.hints.reading import layer_of, read_hints, read_reference
from luvcolor.hints.reference import Reference
from luvcolor.hints.report import HintReport
from luvcolor.hints.sources import HintFolder, HintSource, Together, open_hints

__all__ = [
    "COLOURS",
    "REFERENCE",
    "HintFolder",
    "HintPixels",
    "HintPlanes",
    "HintReport",
    "HintSet",
    "HintSource",
    "Hinted",
    "Marks",
    "Point",
    "Reference",
    "Stroke",
    "Together",
    "layer_of",
    "open_hints",
    "read_hints",
    "read_reference",
]
