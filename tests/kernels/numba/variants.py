"""The variants of numba's kernels that the gates compile: every type, layout and branch once."""

from __future__ import annotations

from typing import Final

from luvcolor_kernels.gpu import Variant
from luvcolor_kernels.runs import INTERLEAVED, PLANAR, STRIDED
from luvcolor_kernels.views import ITEM_SIZES

_LAYOUTS = {"strided": STRIDED, "planar": PLANAR, "interleaved": INTERLEAVED}


def _convert(kernel: str, text: str) -> tuple[str, Variant]:
    source, layout, target, out_layout = text.split()
    return kernel, {
        "IN": source,
        "IN_LAYOUT": _LAYOUTS[layout],
        "OUT": target,
        "OUT_LAYOUT": _LAYOUTS[out_layout],
    }


def _luminance(channels: int, text: str) -> tuple[str, Variant]:
    kernel, variant = _convert("luminance", text)
    del variant["OUT"]
    return kernel, {**variant, "CHANNELS": channels}


def _input(source: str, target: str, channels: int, is_light: int = 0) -> tuple[str, Variant]:
    return "luma_to_input", {
        "IN": source,
        "OUT": target,
        "CHANNELS": channels,
        "IS_LIGHT": is_light,
    }


def _merge(follow: int, text: str) -> tuple[str, Variant]:
    light, layout, uv, target, out_layout = text.split()
    return "merge_chroma", {
        "LIGHT": light,
        "LIGHT_LAYOUT": _LAYOUTS[layout],
        "UV": uv,
        "OUT": target,
        "OUT_LAYOUT": _LAYOUTS[out_layout],
        "FOLLOW": follow,
    }


def _made(kernel: str, keys: str, *rows: str) -> list[tuple[str, Variant]]:
    """Return variants of a kernel of clustering; whole numbers and layouts are numbers there."""
    found = []
    for row in rows:
        values = [_LAYOUTS.get(v, int(v) if v.isdecimal() else v) for v in row.split()]
        found.append((kernel, dict(zip(keys.split(), values, strict=True))))
    return found


CLUSTERING: Final[list[tuple[str, Variant]]] = [
    ("clear", {}),
    *_made(
        "count_colors",
        "COUNT BY_CELLS WEIGHT WEIGHTED IN_LAYOUT",
        "int32 1 uint8 0 interleaved",
        "int32 0 int64 1 planar",
        "int64 1 int64 1 strided",
    ),
    *_made("count_present", "COUNT", "int32", "int64"),
    *_made("list_present", "COUNT OUT TOTAL", "int32 int32 int32", "int64 uint8 int64"),
    *_made("place_colors", "IN_LUV FIRST", "0 0", "1 1"),
    *_made("place_pixels", "IN_LUV FIRST", "1 0"),
    *_made("place_points", "IN", "float16"),
    *_made("bound_points", "IN", "float32"),
    *_made("gather", "IN", "uint8", "float16"),
    *_made(
        "assign",
        "DIMENSIONS WEIGHT WEIGHTED",
        "1 int32 1",
        "2 int64 1",
        "3 int32 1",
        "3 int32 0",
        "5 int64 1",
    ),
    *_made("square_sum", "WEIGHT WEIGHTED", "int64 1", "int32 0"),
    *_made("sum_weights", "WEIGHT", "int32"),
    *_made("find_drawn", "WEIGHT", "int64"),
    *_made("measure_gaps", "DIMENSIONS", "3", "5"),
    *_made(
        "nearest",
        "IN OUT DIMENSIONS IN_LAYOUT OUT_LAYOUT",
        "uint8 uint8 3 interleaved planar",
        "uint16 int32 3 planar planar",
        "float16 uint8 2 strided planar",
        "float32 uint8 5 strided strided",
    ),
    *_made(
        "soft_assign",
        "IN OUT DIMENSIONS NEIGHBORS",
        "uint8 uint8 3 5",
        "float16 uint8 2 10",
        "float32 int32 2 1",
    ),
]
"""Those of clustering."""

VARIANTS: Final[list[tuple[str, Variant]]] = [
    _convert("rgb_to_luv", "uint8 interleaved float32 interleaved"),
    _convert("rgb_to_luv", "uint8 interleaved float32 planar"),
    _convert("rgb_to_luv", "uint16 planar float16 planar"),
    _convert("rgb_to_luv", "float16 planar float32 interleaved"),
    _convert("rgb_to_luv", "float32 strided float32 strided"),
    _convert("luv_to_rgb", "float32 interleaved uint8 interleaved"),
    _convert("luv_to_rgb", "float32 planar uint8 interleaved"),
    _convert("luv_to_rgb", "float16 interleaved uint16 planar"),
    _convert("luv_to_rgb", "float32 planar float16 planar"),
    _convert("luv_to_rgb", "float32 strided float32 strided"),
    _luminance(3, "uint8 interleaved float32 planar"),
    _luminance(1, "uint8 planar float32 planar"),
    _luminance(3, "float32 planar float32 planar"),
    _luminance(1, "uint16 strided float32 strided"),
    _input("uint8", "float32", 3),
    _input("uint8", "float16", 1),
    _input("float16", "bfloat16", 3),
    _input("uint16", "float32", 1, 1),
    _input("bfloat16", "float32", 1, 1),
    ("local_slope", {"LIGHT": "float32", "UV": "float32"}),
    ("local_slope", {"LIGHT": "float16", "UV": "bfloat16"}),
    ("smooth_slope", {"LIGHT": "float32", "UV": "float32"}),
    ("smooth_slope", {"LIGHT": "bfloat16", "UV": "float16"}),
    _merge(0, "uint8 planar float32 uint8 interleaved"),
    _merge(1, "uint8 planar float32 uint8 interleaved"),
    _merge(0, "float32 planar float16 uint8 planar"),
    _merge(1, "float16 planar float16 float32 planar"),
    _merge(1, "uint16 planar bfloat16 uint16 interleaved"),
    _merge(0, "bfloat16 strided bfloat16 float16 strided"),
    *CLUSTERING,
]


def name_of(kernel: str, variant: Variant) -> str:
    """Return a name for a variant."""
    return f"{kernel} {' '.join(f'{k}={v}' for k, v in sorted(variant.items()))}"


def widths(kernel: str, variant: Variant) -> tuple[int, int]:
    """Bytes of the reads and writes of four pixels at a time that there must be; 0 for none."""
    if kernel == "count_colors":
        return 0 if variant["IN_LAYOUT"] == STRIDED else 4, 0
    source, target = ("LIGHT" if kernel == "merge_chroma" else "IN"), variant.get("OUT", "float32")
    reads, writes = variant.get(f"{source}_LAYOUT", STRIDED), variant.get("OUT_LAYOUT", STRIDED)
    return (
        0 if reads == STRIDED else 4 * ITEM_SIZES[str(variant[source])],
        0 if writes == STRIDED else 4 * ITEM_SIZES[str(target)],
    )
