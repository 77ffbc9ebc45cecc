"""Colours frames with any model: luma in full size, chroma from the model, merged along edges."""

from luvcolor.colorization.engine import Colored, Engine, colorize
from luvcolor.colorization.options import ColorizeOptions

__all__ = ["Colored", "ColorizeOptions", "Engine", "colorize"]
