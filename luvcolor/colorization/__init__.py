"""Colours frames with any model: luma in full size, chroma from the model, merged along edges."""

from luvcolor.colorization.engine import Colored, Engine
from luvcolor.colorization.options import ColorizeOptions
from luvcolor.colorization.shortcut import colorize

__all__ = ["Colored", "ColorizeOptions", "Engine", "colorize"]
