"""The colour formulae for one pixel, in plain Python.

Every target compiles this same source: ``bind(jit)`` hands back compiled functions (numba's njit,
numba-cuda's device functions), and called as they are the functions run in plain Python, which is
how tests read them. A target may replace a function by a faster one of its own:
``bind(jit, cube_root=...)``.

All constants are float32, because one float64 constant turns a whole expression into float64.
The folded constants come from one idea: u* = 13 L (u' - u_n) = 13 L (4X - u_n D) / D with
D = X + 15Y + 3Z, and 4X - u_n D is, like D, one row of numbers times linear RGB.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any, cast

import numpy as np

from luvcolor_kernels import constants as c

Triple = tuple[float, float, float]


def _f32(value: float) -> float:
    """Round to float32; typed as float, which is what the formulae see."""
    return cast(float, np.float32(value))


def _row(values: c.Float64Array) -> Triple:
    first, second, third = (_f32(value) for value in values)
    return first, second, third


# rows of linear RGB: Y, D, 13 (4X - u_n D), 13 (9Y - v_n D)
_D = c.RGB_TO_XYZ[0] + 15.0 * c.RGB_TO_XYZ[1] + 3.0 * c.RGB_TO_XYZ[2]
Y_R, Y_G, Y_B = _row(c.RGB_TO_XYZ[1])
D_R, D_G, D_B = _row(_D)
U_R, U_G, U_B = _row(13.0 * (4.0 * c.RGB_TO_XYZ[0] - c.WHITE_U * _D))
V_R, V_G, V_B = _row(13.0 * (9.0 * c.RGB_TO_XYZ[1] - c.WHITE_V * _D))

# With a = 13 L u', b = 13 L v': X = 9/4 (a / b) Y and Z = (39 L - 3/4 a - 5 b) Y / b,
# so linear RGB is Y / b times rows of (a, b, L).
U_WHITE_13 = _f32(13.0 * c.WHITE_U)
V_WHITE_13 = _f32(13.0 * c.WHITE_V)
_A = 2.25 * c.XYZ_TO_RGB[:, 0] - 0.75 * c.XYZ_TO_RGB[:, 2]
_B = c.XYZ_TO_RGB[:, 1] - 5.0 * c.XYZ_TO_RGB[:, 2]
A_R, A_G, A_B = _row(_A)
B_R, B_G, B_B = _row(_B)
L_R, L_G, L_B = _row(39.0 * c.XYZ_TO_RGB[:, 2])

# Colour minus its gray: with u', v' measured from the gray's (u_g, v_g), b = 13 L v_g + v,
#   X / Y - X_g = 9/4 (u - v u_g / v_g) / b
#   Z / Y - Z_g = -(3 v / v_g + 3/4 (u - v u_g / v_g)) / b
# so linear RGB is Y + Y (K_u u + K_v v) / b: exactly gray at no chroma.
V_NEUTRAL_13 = _f32(13.0 * c.NEUTRAL_V)
KU_R, KU_G, KU_B = _row(_A)
_SKEW = c.NEUTRAL_U / c.NEUTRAL_V
KV_R, KV_G, KV_B = _row(-_SKEW * _A - 3.0 / c.NEUTRAL_V * c.XYZ_TO_RGB[:, 2])

ZERO, ONE, HALF, TINY = _f32(0.0), _f32(1.0), _f32(0.5), _f32(1e-20)
EPSILON, KAPPA, PER_KAPPA = _f32(c.EPSILON), _f32(c.KAPPA), _f32(1.0 / c.KAPPA)
L_THRESHOLD, L_MAX = _f32(c.KAPPA * c.EPSILON), _f32(100.0)
SIXTEEN, C116, PER_116, THIRD = _f32(16.0), _f32(116.0), _f32(1.0 / 116.0), _f32(1.0 / 3.0)
GAMMA, PER_GAMMA = _f32(c.SRGB_GAMMA), _f32(1.0 / c.SRGB_GAMMA)
SLOPE, PER_SLOPE = _f32(c.SRGB_SLOPE), _f32(1.0 / c.SRGB_SLOPE)
OFFSET, SCALE, PER_SCALE = (
    _f32(c.SRGB_OFFSET),
    _f32(1.0 + c.SRGB_OFFSET),
    _f32(1.0 / (1.0 + c.SRGB_OFFSET)),
)
PER_65535 = _f32(1.0 / 65535.0)
THRESHOLD, LINEAR_THRESHOLD = _f32(c.SRGB_THRESHOLD), _f32(c.SRGB_LINEAR_THRESHOLD)


def cube_root(x: float) -> float:
    """Cube root of x > 0."""
    return math.exp2(math.log2(x) * THIRD)


def decode(value: float) -> float:
    """Turn encoded sRGB 0..1 into linear light; beyond 0..1 the curve goes on."""
    base = max((value + OFFSET) * PER_SCALE, TINY)
    power = math.exp2(math.log2(base) * GAMMA)
    return power if value > THRESHOLD else value * PER_SLOPE


def encode(linear: float) -> float:
    """Linear light to encoded sRGB 0..1, clipped."""
    x = min(max(linear, ZERO), ONE)
    power = SCALE * math.exp2(math.log2(max(x, TINY)) * PER_GAMMA) - OFFSET
    return power if x > LINEAR_THRESHOLD else x * SLOPE


def lightness(y: float) -> float:
    """CIE 1976 lightness 0..100 of relative luminance 0..1."""
    root = cube_root(max(y, TINY))
    return C116 * root - SIXTEEN if y > EPSILON else KAPPA * y


def relative_luminance(light: float) -> float:
    """Relative luminance 0..1 of CIE 1976 lightness 0..100."""
    root = (light + SIXTEEN) * PER_116
    return root * root * root if light > L_THRESHOLD else light * PER_KAPPA


def linear_to_lightness(r: float, g: float, b: float) -> float:
    """Linear RGB to L."""
    return lightness(Y_R * r + Y_G * g + Y_B * b)


def linear_to_luv(r: float, g: float, b: float) -> Triple:
    """Linear RGB to L, u*, v*, with one division."""
    light = lightness(Y_R * r + Y_G * g + Y_B * b)
    share = light / (D_R * r + D_G * g + D_B * b + TINY)
    return light, (U_R * r + U_G * g + U_B * b) * share, (V_R * r + V_G * g + V_B * b) * share


def luv_to_linear(light: float, u: float, v: float) -> Triple:
    """L, u*, v* to linear RGB, in or out of the gamut, with one division."""
    a = u + U_WHITE_13 * light
    b = v + V_WHITE_13 * light
    share = relative_luminance(light) / (b if abs(b) > TINY else TINY)
    return (
        share * (A_R * a + B_R * b + L_R * light),
        share * (A_G * a + B_G * b + L_G * light),
        share * (A_B * a + B_B * b + L_B * light),
    )


def merge_to_linear(light: float, u: float, v: float) -> Triple:
    """L and chroma (from the gray axis) to linear RGB, chroma shortened until it is in the gamut.

    With chroma scaled by t, channel c is Y + t Y k_c / (b + t v), and b + t v stays positive
    wherever all channels do. Multiplied by it, 0 <= c <= 1 is linear in t:
    b + t (v + k_c) >= 0 and t (Y k_c - (1 - Y) v) <= (1 - Y) b.
    The smallest k binds the one, the largest k the other.
    """
    light = min(max(light, ZERO), L_MAX)
    y = relative_luminance(light)
    b = V_NEUTRAL_13 * light
    k_r = KU_R * u + KV_R * v
    k_g = KU_G * u + KV_G * v
    k_b = KU_B * u + KV_B * v
    smallest = min(k_r, min(k_g, k_b))
    largest = max(k_r, max(k_g, k_b))
    room = (ONE - y) * b
    above_zero = b / max(max(b, -(v + smallest)), TINY)
    below_one = room / max(max(room, y * largest - (ONE - y) * v), TINY)
    t = min(above_zero, below_one)
    share = t * y / max(b + t * v, TINY)
    return y + share * k_r, y + share * k_g, y + share * k_b


FORMULAE: tuple[Callable[..., Any], ...] = (
    cube_root,
    decode,
    encode,
    lightness,
    relative_luminance,
    linear_to_lightness,
    linear_to_luv,
    luv_to_linear,
    merge_to_linear,
)


def bind(jit: Callable[[Any], Any], **replacements: Any) -> SimpleNamespace:
    """Compile the formulae with ``jit``, calling one another and the given replacements.

    Parameters
    ----------
    jit
        A decorator: takes a Python function, gives back a compiled one.
    **replacements
        Compiled functions to use instead of those of the same name.

    Returns
    -------
    SimpleNamespace
        One attribute per formula.
    """
    scope: dict[str, Any] = {**globals(), **replacements}
    for formula in FORMULAE:
        name = formula.__name__
        if name not in replacements:
            scope[name] = jit(FunctionType(formula.__code__, scope, name))
    return SimpleNamespace(**{f.__name__: scope[f.__name__] for f in FORMULAE})
