"""The variants of the kernels of clustering that are compiled as a proof."""

from __future__ import annotations

from itertools import product

from luvcolor_kernels.gpu import Variant
from luvcolor_kernels.runs import INTERLEAVED, PLANAR, STRIDED

Named = tuple[str, Variant]

LAYOUTS = (STRIDED, PLANAR, INTERLEAVED)
WEIGHTS = (("int32", 1), ("int64", 1), ("int32", 0))
"""Types, and whether there are any."""


def clusterings() -> list[Named]:
    """Return kernels and variants."""
    return [
        ("clear", {}),
        *_counts(),
        *_places(),
        *_made("gather", "IN", ("uint8",), ("uint16",), ("float16",), ("float32",)),
        *_clouds(),
        *_labels(),
    ]


def _made(kernel: str, keys: str, *rows: tuple[str | int, ...]) -> list[Named]:
    return [(kernel, dict(zip(keys.split(), row, strict=True))) for row in rows]


def _counts() -> list[Named]:
    plain = [("int32", 1, "uint8", 0, layout) for layout in LAYOUTS]
    others = [("int32", 0, "uint8", 0, 2), ("int32", 1, "int64", 1, 2), ("int64", 1, "int64", 1, 2)]
    return [
        *_made("count_colors", "COUNT BY_CELLS WEIGHT WEIGHTED IN_LAYOUT", *plain, *others),
        *_made("count_present", "COUNT", ("int32",), ("int64",)),
        *_made(
            "list_present",
            "COUNT OUT TOTAL",
            ("int32", "int32", "int32"),
            ("int64", "int32", "int64"),
            ("int32", "uint8", "int64"),
            ("int64", "uint8", "int64"),
        ),
    ]


def _places() -> list[Named]:
    spaces = ((0, 0), (1, 0), (1, 1))
    return [
        *_made("place_colors", "IN_LUV FIRST", *spaces),
        *_made("place_pixels", "IN_LUV FIRST", *spaces),
        *_made("place_points", "IN", ("float16",), ("float32",)),
        *_made("bound_points", "IN", ("float16",), ("float32",)),
    ]


def _clouds() -> list[Named]:
    rows = [(d, *weight) for d, weight in product((1, 2, 3, 5), WEIGHTS)]
    return [
        *_made("assign", "DIMENSIONS WEIGHT WEIGHTED", *rows),
        *_made("square_sum", "WEIGHT WEIGHTED", *WEIGHTS),
        *_made("sum_weights", "WEIGHT", ("int32",), ("int64",)),
        *_made("find_drawn", "WEIGHT", ("int32",), ("int64",)),
        *_made("measure_gaps", "DIMENSIONS", (1,), (2,), (3,), (5,)),
    ]


def _labels() -> list[Named]:
    types = [(t, "uint8", 3, 2, 1) for t in ("uint8", "uint16", "float16", "float32")]
    others = [("uint8", "int32", 3, 2, 1), ("uint8", "uint8", 3, 1, 1), ("uint8", "uint8", 3, 0, 0)]
    points = [("float32", "uint8", d, 0, 1) for d in (1, 2, 5)]
    keys = "IN OUT DIMENSIONS IN_LAYOUT OUT_LAYOUT"
    return [
        *_made("nearest", keys, *types, *others, *points),
        *_made(
            "soft_assign",
            "IN OUT DIMENSIONS NEIGHBORS",
            ("uint8", "uint8", 3, 5),
            ("uint16", "uint8", 3, 5),
            ("float16", "uint8", 2, 5),
            ("float32", "int32", 2, 5),
            ("float32", "uint8", 2, 10),
        ),
    ]
