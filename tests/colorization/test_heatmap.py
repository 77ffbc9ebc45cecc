"""Confidence as a picture."""

from __future__ import annotations

import numpy as np

from luvcolor.colorization.heatmap import heat_map
from luvcolor.frame import Frame, Metadata
from luvcolor_kernels import luminance


def test_it_is_a_picture_of_the_frames_size_name_and_resolution() -> None:
    metadata = Metadata(dpi=(300, 300), icc=b"gray", text={"Title": "Dolls"})
    frame = Frame(np.zeros((31, 47), np.uint16), name="box/a.tif", metadata=metadata)
    found = heat_map(np.full((8, 12), 0.5, np.float32), frame)
    assert found.size == (31, 47)
    assert found.pixels.dtype == np.uint8
    assert found.name == "box/a.tif"
    assert (found.metadata.dpi, found.metadata.icc, found.metadata.text) == ((300, 300), None, {})


def test_the_surer_the_brighter() -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None]
    light = luminance(heat_map(ramp, Frame(np.zeros((1, 256), np.uint8))).pixels)[0]
    assert (np.diff(light) > -0.2).all()
    assert light[0] < 20
    assert light[-1] > 85
    assert 40 < light[64] < 60  # one quarter sure lies in the middle
