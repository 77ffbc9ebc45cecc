"""Peers written with CuPy's elementwise kernels, from the formulae.

The usual way is two kernels, RGB to XYZ and XYZ to LUV, with all of XYZ in memory between them; the
better one is a single kernel. Both compute with the functions of CUDA's library, pixel by pixel.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from luvcolor_kernels import constants as c

LAYOUTS = {
    "interleaved": "3 * i + {c}",
    "planar": "i / plane * 3 * plane + i % plane + {c} * plane",
}
"""Index of channel c of pixel i."""


def _f(value: float) -> str:
    return f"{float(value)!r}f"


def _matrix(names: str, rows: Any, of: str) -> str:
    lines = []
    for name, row in zip(names, rows, strict=True):
        terms = " + ".join(f"{_f(x)} * {v}" for x, v in zip(row, of, strict=True))
        lines.append(f"float {name} = {terms};")
    return "\n".join(lines)


def _read(names: str, array: str, scale: str = "") -> str:
    return "\n".join(f"float {n} = {array}[AT{i}]{scale};" for i, n in enumerate(names))


def _write(names: str, array: str, convert: str = "({0})") -> str:
    return "\n".join(f"{array}[AT{i}] = {convert.format(n)};" for i, n in enumerate(names))


DECODE = "\n".join(
    f"{n} = {n} > {_f(c.SRGB_THRESHOLD)} ? powf(({n} + {_f(c.SRGB_OFFSET)}) / "
    f"{_f(1 + c.SRGB_OFFSET)}, {_f(c.SRGB_GAMMA)}) : {n} / {_f(c.SRGB_SLOPE)};"
    for n in "rgb"
)
ENCODE = "\n".join(
    f"{n} = fminf(fmaxf({n}, 0.0f), 1.0f);\n"
    f"{n} = {n} > {_f(c.SRGB_LINEAR_THRESHOLD)} ? {_f(1 + c.SRGB_OFFSET)} * powf({n}, "
    f"{_f(1 / c.SRGB_GAMMA)}) - {_f(c.SRGB_OFFSET)} : {n} * {_f(c.SRGB_SLOPE)};"
    for n in "rgb"
)
XYZ_TO_LUV = f"""
float w = fmaxf(x + 15.0f * y + 3.0f * z, 1e-9f);
float l = y > {_f(c.EPSILON)} ? 116.0f * cbrtf(y) - 16.0f : {_f(c.KAPPA)} * y;
float u = 13.0f * l * (4.0f * x / w - {_f(c.WHITE_U)});
float v = 13.0f * l * (9.0f * y / w - {_f(c.WHITE_V)});
"""
LUV_TO_XYZ = f"""
float f = (l + 16.0f) / 116.0f;
float y = l > {_f(c.KAPPA * c.EPSILON)} ? f * f * f : l / {_f(c.KAPPA)};
float s = 13.0f * fmaxf(l, 1e-9f);
float p = u / s + {_f(c.WHITE_U)}, q = v / s + {_f(c.WHITE_V)};
float x = 2.25f * y * p / q;
float z = y * (12.0f - 3.0f * p - 20.0f * q) / (4.0f * q);
"""
TO_XYZ = _matrix("xyz", c.RGB_TO_XYZ, "rgb")
TO_RGB = _matrix("rgb", c.XYZ_TO_RGB, "xyz")
READ_RGB = _read("rgb", "given", " * (1.0f / 255.0f)")
WRITE_RGB = _write("rgb", "made", "({0} * 255.0f + 0.5f)")
READ_XYZ, WRITE_XYZ = _read("xyz", "given"), _write("xyz", "made")
READ_LUV, WRITE_LUV = _read("luv", "given"), _write("luv", "made")

BODIES: dict[str, tuple[str, str, list[str]]] = {
    "rgb_to_xyz": ("uint8", "float32", [READ_RGB, DECODE, TO_XYZ, WRITE_XYZ]),
    "xyz_to_luv": ("float32", "float32", [READ_XYZ, XYZ_TO_LUV, WRITE_LUV]),
    "rgb_to_luv": ("uint8", "float32", [READ_RGB, DECODE, TO_XYZ, XYZ_TO_LUV, WRITE_LUV]),
    "luv_to_xyz": ("float32", "float32", [READ_LUV, LUV_TO_XYZ, WRITE_XYZ]),
    "xyz_to_rgb": ("float32", "uint8", [READ_XYZ, TO_RGB, ENCODE, WRITE_RGB]),
    "luv_to_rgb": ("float32", "uint8", [READ_LUV, LUV_TO_XYZ, TO_RGB, ENCODE, WRITE_RGB]),
}
"""Types of ``given`` and ``made``, and what turns pixel i of one into that of the other."""


def body(kernel: str, layout: str) -> str:
    """Return the C++ of a kernel for pixel ``i``, with places for a layout filled in."""
    text = "\n".join(BODIES[kernel][2])
    for channel in range(3):
        text = text.replace(f"AT{channel}", LAYOUTS[layout].format(c=channel))
    return text


@cache
def _kernel(name: str, layout: str) -> Any:
    import cupy

    source, target, _ = BODIES[name]
    return cupy.ElementwiseKernel(
        f"raw {source} given, int64 plane", f"raw {target} made", body(name, layout), f"peer_{name}"
    )


def convert(name: str, layout: str, array: Any, out: Any) -> Any:
    """Run one kernel over all pixels of a CuPy array (N, H, W, 3) or (N, 3, H, W)."""
    pixels = array.size // 3
    _kernel(name, layout)(array, pixels // array.shape[0], out, size=pixels)
    return out


def in_one(direction: tuple[str, str], layout: str, array: Any, out: Any) -> Any:
    """Convert in one launch; ``direction`` is such as ("rgb", "luv")."""
    return convert("_to_".join(direction), layout, array, out)


def in_two(direction: tuple[str, str], layout: str, array: Any, out: Any) -> Any:
    """Convert in two launches with XYZ between them."""
    import cupy

    first, last = direction
    xyz = convert(f"{first}_to_xyz", layout, array, cupy.empty(array.shape, "float32"))
    return convert(f"xyz_to_{last}", layout, xyz, out)
