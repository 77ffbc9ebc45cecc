"""Colour constants, typed once, with their sources.

Sources
-------
* IEC 61966-2-1:1999 (sRGB): primaries, white point and transfer function.
* CIE 15:2004, "Colorimetry": CIE 1976 L*u*v*, D65, 2 degree standard observer.

The digits are those of scikit-image (``skimage.color.rgb2luv``), the outside authority the tests
compare with: its matrix has six digits, and epsilon and kappa are the rounded 0.008856 and 903.3
rather than 216/24389 and 24389/27. The exact fractions would move L by up to 1e-4 near black, so
mixing the two conventions would show up as an error that is none.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]

RGB_TO_XYZ: Final[Float64Array] = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
XYZ_TO_RGB: Final[Float64Array] = np.linalg.inv(RGB_TO_XYZ).astype(np.float64)
D65_WHITE: Final[Float64Array] = np.array([0.95047, 1.0, 1.08883])

EPSILON: Final = 0.008856
"""Relative luminance Y below which CIE lightness is linear in Y."""
KAPPA: Final = 903.3
"""Slope of CIE lightness in Y below EPSILON."""

SRGB_GAMMA: Final = 2.4
SRGB_OFFSET: Final = 0.055
SRGB_SLOPE: Final = 12.92
SRGB_THRESHOLD: Final = 0.04045
"""Encoded value up to which sRGB is linear."""
SRGB_LINEAR_THRESHOLD: Final = 0.0031308
"""The same threshold in linear light."""


def chromaticity(xyz: Float64Array) -> tuple[float, float]:
    """Return the CIE 1976 chromaticity (u', v') of one XYZ colour."""
    x, y, z = (float(value) for value in xyz)
    weight = x + 15.0 * y + 3.0 * z
    return 4.0 * x / weight, 9.0 * y / weight


WHITE_U, WHITE_V = chromaticity(D65_WHITE)
"""Chromaticity of D65: the origin of u*, v* in rgb_to_luv and luv_to_rgb."""

NEUTRAL_U, NEUTRAL_V = chromaticity(RGB_TO_XYZ.sum(axis=1))
"""Chromaticity of R = G = B. The six-digit matrix misses D65 by 6e-6, that is 0.008 in v* at
white: nothing to an eye, but three levels of 16-bit gray. merge_chroma measures chroma from here,
so that no chroma is exactly gray."""
