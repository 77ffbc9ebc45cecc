"""Bytes to frames and back: pictures, pipes, folders, archives.

Importing this loads NumPy at most; Pillow, tifffile and imagecodecs come with the first picture.
"""

from luvcolor.io.atomic import atomic_path, atomic_write
from luvcolor.io.codec import decode, encode, known_format, suitable_format
from luvcolor.io.comments import NAME_KEY, RECEIPT_KEY
from luvcolor.io.depth import convert_depth
from luvcolor.io.files import Source, expand
from luvcolor.io.formats import FORMATS, SUFFIXES, format_of_suffix, identify
from luvcolor.io.parallel import ordered_map
from luvcolor.io.sinks import Sink, open_sink
from luvcolor.io.stream import read_frames, split, write_frame

__all__ = [
    "FORMATS",
    "NAME_KEY",
    "RECEIPT_KEY",
    "SUFFIXES",
    "Sink",
    "Source",
    "atomic_path",
    "atomic_write",
    "convert_depth",
    "decode",
    "encode",
    "expand",
    "format_of_suffix",
    "identify",
    "known_format",
    "open_sink",
    "ordered_map",
    "read_frames",
    "split",
    "suitable_format",
    "write_frame",
]
