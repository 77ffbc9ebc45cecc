"""Colour and clustering kernels: CIELUV, palettes, and nothing else.

Importing this package is cheap: compilers load at the first call.
"""

from luvcolor_kernels.backends import BackendError
from luvcolor_kernels.clustering import KMeansResult, histogram, kmeans, nearest, soft_assign
from luvcolor_kernels.color import luminance, luv_to_rgb, rgb_to_luv
from luvcolor_kernels.dithering import dither
from luvcolor_kernels.fused import chroma_to_rgb, luma_to_input, merge_chroma

__all__ = [
    "BackendError",
    "KMeansResult",
    "chroma_to_rgb",
    "dither",
    "histogram",
    "kmeans",
    "luma_to_input",
    "luminance",
    "luv_to_rgb",
    "merge_chroma",
    "nearest",
    "rgb_to_luv",
    "soft_assign",
]
