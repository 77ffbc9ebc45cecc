"""PNG of few colours: indexed, in as few bits as there need to be, and the same when read."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from luvcolor.frame import Frame, Metadata
from luvcolor.io import decode, encode
from luvcolor.io.indexed import index_colors
from tests.io.pictures import pixels, saved

RNG = np.random.default_rng(0)


def of_colors(count: int, size: tuple[int, int] = (40, 61), alphas: int = 0) -> tuple[Any, Any]:
    """A picture with every one of so many colours; alpha in steps, 0 among them, where asked."""
    codes = np.sort(RNG.choice(1 << 24, count, replace=False))
    palette = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], -1).astype(np.uint8)
    labels = RNG.permutation(np.arange(size[0] * size[1]) % count).reshape(size)
    alpha = (labels % alphas * (255 // (alphas - 1))).astype(np.uint8) if alphas else None
    return palette[labels], alpha


def chunks(data: bytes) -> dict[bytes, bytes]:
    found, at = dict[bytes, bytes](), 8
    while at < len(data):
        (length,), kind = struct.unpack_from(">I", data, at), data[at + 4 : at + 8]
        found[kind] = data[at + 8 : at + 8 + length]
        at += 12 + length
    return found


@pytest.mark.parametrize(
    ("count", "bits"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8), (256, 8)]
)
@pytest.mark.parametrize("alphas", [0, 5])
@pytest.mark.parametrize("width", [61, 64])
def test_few_colours_are_indexed_and_come_back(
    count: int, bits: int, alphas: int, width: int
) -> None:
    rgb, alpha = of_colors(count, (40, width), alphas)
    data = encode(Frame(rgb, alpha), "png")
    back, parts = decode(data), chunks(data)
    assert (parts[b"IHDR"][8], parts[b"IHDR"][9]) == (bits, 3)
    assert len(parts[b"PLTE"]) == 3 * count
    np.testing.assert_array_equal(back.pixels, rgb)
    assert (back.alpha is None) == (alpha is None)
    if alpha is not None:
        np.testing.assert_array_equal(back.alpha, alpha)
    with Image.open(BytesIO(data)) as image:
        image.load()
        np.testing.assert_array_equal(np.asarray(image.convert("RGBA"))[..., :3], rgb)


def test_more_colours_are_not_indexed() -> None:
    assert index_colors(of_colors(257)[0], None) is None
    rgb, _ = of_colors(200)
    assert index_colors(rgb, RNG.integers(0, 256, rgb.shape[:2], np.uint8)) is None
    # where they come late, behind what is looked at first
    late = np.zeros((700, 700, 3), np.uint8)
    late[-1, :, 0], late[-1, :, 1] = np.arange(700) % 251, np.arange(700) % 11
    assert index_colors(late, None) is None


def test_a_palette_goes_from_dark_to_light_behind_what_is_not_opaque() -> None:
    rgb, alpha = of_colors(12, alphas=3)
    found = index_colors(rgb, alpha)
    assert found is not None
    opaque = found.alphas == 255
    assert np.all(np.diff(opaque.astype(int)) >= 0)
    luma = found.palette @ np.array([299, 587, 114])
    assert np.all(np.diff(luma[opaque]) >= 0)
    assert len(chunks(encode(Frame(rgb, alpha), "png"))[b"tRNS"]) == (~opaque).sum()


def test_opaque_alpha_stays() -> None:
    rgb, _ = of_colors(5)
    back = decode(encode(Frame(rgb, np.full(rgb.shape[:2], 255, np.uint8)), "png"))
    assert back.alpha is not None
    assert (back.alpha == 255).all()


@pytest.mark.parametrize("levels", [[0, 255], [0, 7, 99], list(range(0, 160, 10))])
def test_gray_of_few_levels_takes_few_bits_and_stays_gray(levels: Any) -> None:
    gray = RNG.choice(np.array(levels, np.uint8), (90, 61))
    data = encode(Frame(gray), "png")
    assert chunks(data)[b"IHDR"][8] < 8
    np.testing.assert_array_equal(decode(data).pixels, gray)
    assert len(data) < len(encode(Frame(gray, metadata=Metadata(icc=gray_profile())), "png"))


def gray_profile() -> bytes:
    """What says of itself that it is for gray; no palette may stand beside it."""
    profile = bytearray(132)
    profile[0:4], profile[16:20], profile[36:40] = struct.pack(">I", 132), b"GRAY", b"acsp"
    return bytes(profile)


def test_gray_with_a_profile_keeps_it() -> None:
    gray = RNG.choice(np.array([0, 255], np.uint8), (90, 61))
    parts = chunks(encode(Frame(gray, metadata=Metadata(icc=gray_profile())), "png"))
    assert parts[b"IHDR"][9] == 0


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_deeper_pixels_are_never_indexed(dtype: str) -> None:
    deep = np.zeros((40, 40, 3), dtype)
    assert chunks(encode(Frame(deep), "png"))[b"IHDR"][8:10] == bytes([16, 2])


def test_grays_in_three_channels_keep_them() -> None:
    gray = RNG.choice(np.array([0, 80, 255], np.uint8), (40, 61))
    data = encode(Frame(np.dstack([gray] * 3)), "png")
    assert chunks(data)[b"IHDR"][8:10] == bytes([2, 3])
    np.testing.assert_array_equal(decode(data).pixels, np.dstack([gray] * 3))


def test_a_palette_that_costs_more_than_it_saves_is_left_out() -> None:
    assert index_colors(pixels("uint8", True), None) is None


def test_metadata_stands_before_the_palette() -> None:
    rgb, _ = of_colors(5)
    profile = bytearray(gray_profile())
    profile[16:20] = b"RGB "
    metadata = Metadata(icc=bytes(profile), dpi=(300, 300), text={"Title": "few"})
    order = list(chunks(encode(Frame(rgb, metadata=metadata), "png")))
    assert order == [b"IHDR", b"iCCP", b"pHYs", b"tEXt", b"PLTE", b"IDAT", b"IEND"]


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_indexed_pictures_of_others_are_read(bits: int) -> None:
    rgb, _ = of_colors(1 << bits)
    image = Image.fromarray(rgb).convert("P", palette=Image.Palette.ADAPTIVE, colors=1 << bits)
    data = saved(image, "png", bits=bits, transparency=bytes([0, 128]))
    back = decode(data)
    assert chunks(data)[b"IHDR"][8] == bits
    expected = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(back.pixels, expected)
    np.testing.assert_array_equal(
        back.alpha, np.array([0, 128] + [255] * 254, np.uint8)[np.asarray(image)]
    )
