"""Colour and clustering kernels: CIELUV, palettes, and nothing else.

Importing this package is cheap: compilers load at the first call.
"""

from luvcolor_kernels.backends import BackendError
from luvcolor_kernels.clustering import KMeansResult, histogram, kmeans, nearest
from luvcolor_kernels.color import luminance, luv_to_rgb, merge_chroma, rgb_to_luv

__all__ = [
    "BackendError",
    "KMeansResult",
    "histogram",
    "kmeans",
    "luminance",
    "luv_to_rgb",
    "merge_chroma",
    "nearest",
    "rgb_to_luv",
]
