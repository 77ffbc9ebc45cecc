"""One picture: what goes in comes out, and what is broken says so."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from luvcolor.errors import PictureError, UsageError
from luvcolor.frame import Frame, Metadata
from luvcolor.io import decode, encode, format_of_suffix, identify, known_format, suitable_format
from luvcolor.io import exif as exif_blocks
from luvcolor.io.comments import XMP_KEY
from luvcolor.io.formats import FORMATS
from tests.io.pictures import exif_block, frame, pixels, saved, smooth

LOSSLESS = [
    (kind.name, dtype, colour, alpha)
    for kind in FORMATS.values()
    if kind.name != "jpeg"
    for dtype in kind.dtypes
    for colour in (False, True)
    for alpha in (False, True)
    if kind.alpha or not alpha
]
ORIENTED = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}


class TestRoundTrip:
    @pytest.mark.parametrize(("format", "dtype", "colour", "alpha"), LOSSLESS)
    def test_lossless_formats_keep_every_bit(
        self, format: str, dtype: str, colour: bool, alpha: bool
    ) -> None:
        before = frame(dtype, colour, alpha)
        data = encode(before, format)
        after = decode(data, name="x")
        assert identify(data) == format == after.format
        assert after.pixels.flags.writeable
        assert after.pixels.flags.c_contiguous
        assert after.pixels.dtype == dtype
        # WebP knows no gray: there it comes back as three equal channels.
        gray_as_colour = format == "webp" and not colour
        wanted = np.dstack([before.pixels] * 3) if gray_as_colour else before.pixels
        np.testing.assert_array_equal(after.pixels, wanted)
        if alpha:
            assert after.alpha is not None
            assert before.alpha is not None
            np.testing.assert_array_equal(after.alpha, before.alpha)
        else:
            assert after.alpha is None

    @pytest.mark.parametrize("colour", [False, True])
    def test_jpeg_stays_close_and_keeps_its_kind(self, colour: bool) -> None:
        source = smooth() if colour else smooth()[..., 0]
        after = decode(encode(Frame(source), "jpeg"))
        assert after.pixels.shape == source.shape
        assert np.abs(after.pixels.astype(int) - source).mean() < 2

    def test_jpeg_keeps_chroma_at_full_resolution(self) -> None:
        with Image.open(io.BytesIO(encode(Frame(smooth()), "jpeg"))) as image:
            assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]

    @pytest.mark.parametrize("format", sorted(FORMATS))
    @pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1)])
    @pytest.mark.parametrize("colour", [False, True])
    def test_smallest_pictures(self, format: str, size: tuple[int, int], colour: bool) -> None:
        assert decode(encode(Frame(pixels("uint8", colour, size)), format)).size == size

    @pytest.mark.parametrize("format", ["jpeg", "webp", "bmp"])
    def test_sixteen_bits_are_rounded_for_eight_bit_formats(self, format: str) -> None:
        source = np.full((8, 8), 32768 + 127, np.uint16)
        after = decode(encode(Frame(source), format)).pixels
        assert after.dtype == np.uint8
        assert set(np.unique(after)) == {128}

    def test_float_is_rounded_to_sixteen_bits_for_png(self) -> None:
        after = decode(encode(Frame(np.array([[0, 0.5, 1]], np.float32)), "png")).pixels
        assert after.tolist() == [[0, 32768, 65535]]

    def test_quality_is_heeded(self) -> None:
        noisy = frame()
        assert len(encode(noisy, "jpeg", quality=30)) < len(encode(noisy, "jpeg", quality=95))
        assert len(encode(noisy, "webp", quality=30)) < len(encode(noisy, "webp"))

    def test_noncontiguous_pixels_are_written_as_they_look(self) -> None:
        turned = pixels("uint8", True)[::-1, ::2]
        np.testing.assert_array_equal(decode(encode(Frame(turned), "png")).pixels, turned)


class TestRefusals:
    @pytest.mark.parametrize("format", ["jpeg", "bmp"])
    def test_transparency_is_never_dropped(self, format: str) -> None:
        with pytest.raises(PictureError, match=r"a\.png: expected an opaque picture.*png"):
            encode(frame(alpha=True, name="a.png"), format)

    @pytest.mark.parametrize("format", ["jpeg", "bmp"])
    def test_opaque_alpha_is_no_obstacle(self, format: str) -> None:
        opaque = Frame(smooth(), np.full((48, 64), 255, np.uint8))
        assert decode(encode(opaque, format)).alpha is None

    def test_unknown_format_lists_the_known(self) -> None:
        with pytest.raises(UsageError, match=r"bmp, jpeg, png, pnm, tiff, webp, found 'gif'"):
            encode(frame(), "gif")

    @pytest.mark.parametrize("quality", [0, 101])
    def test_quality_out_of_range(self, quality: int) -> None:
        with pytest.raises(UsageError, match="expected 1 to 100"):
            encode(frame(), "jpeg", quality=quality)

    def test_pixels_of_another_kind(self) -> None:
        with pytest.raises(PictureError, match="float64"):
            encode(Frame(np.zeros((2, 2))), "png")

    @pytest.mark.parametrize(
        ("data", "found"),
        [
            (b"", "an empty file"),
            (b"Dear Sir", "text that begins 'Dear Sir'"),
            (b"GIF89a" + bytes(40), "a GIF picture"),
            (b"\x00\x01\x02", "unknown bytes 00 01 02"),
        ],
    )
    def test_what_is_no_picture(self, data: bytes, found: str) -> None:
        with pytest.raises(PictureError) as caught:
            decode(data, name="x.jpg")
        message = str(caught.value)
        assert message.startswith("x.jpg: expected a picture")
        assert found in message
        assert "\n" not in message

    @pytest.mark.parametrize("format", sorted(FORMATS))
    def test_truncation_is_an_error_not_half_a_picture(self, format: str) -> None:
        data = encode(Frame(smooth(), name="x"), format)
        for end in range(0, len(data) - 2, 50):
            with pytest.raises(PictureError, match=r"^x: expected"):
                decode(data[:end], name="x")

    @pytest.mark.parametrize("format", ["png", "pnm", "bmp"])
    def test_absurd_dimensions(self, format: str) -> None:
        if format == "png":
            head = struct.pack(">IIBBBBB", 1 << 20, 1 << 20, 8, 2, 0, 0, 0)
            crc = struct.pack(">I", zlib.crc32(b"IHDR" + head))
            data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + crc
            data += b"\0\0\0\0IEND\xaeB`\x82"
        elif format == "pnm":
            data = b"P6 1000000 1000000 255\nabc"
        else:
            data = bytearray(encode(frame(), "bmp"))  # type: ignore[assignment]
            data[18:26] = struct.pack("<ii", 1 << 20, 1 << 20)  # type: ignore[index]
        with pytest.raises(PictureError, match="at most 1,073,741,824 pixels"):
            decode(bytes(data))

    def test_damage_in_a_comment_costs_the_comment_not_the_picture(
        self, capfd: pytest.CaptureFixture[str]
    ) -> None:
        data = encode(Frame(smooth(), metadata=Metadata(text={"Comment": "by the sea"})), "png")
        after = decode(data.replace(b"by the sea", b"by the Sea"))
        np.testing.assert_array_equal(after.pixels, smooth())
        assert after.metadata.text == {}
        assert capfd.readouterr() == ("", "")

    def test_jpeg_with_far_too_little_data_is_not_filled_with_gray(self) -> None:
        data = bytearray(encode(Frame(smooth()), "jpeg"))
        at = data.index(b"\xff\xc0")
        data[at + 5 : at + 9] = struct.pack(">HH", 20_000, 20_000)
        with pytest.raises(PictureError, match="expected data for 20000 x 20000 pixels"):
            decode(bytes(data))

    def test_tiff_with_strips_missing_is_not_filled_with_black(self) -> None:
        data = bytearray(_tiff(smooth()[..., 0], rowsperstrip=48))
        directory = struct.unpack_from("<I", data, 4)[0]
        # ImageLength, the entry of tag 257, is made a hundred times what it was.
        at = data.index(struct.pack("<H", 257), directory)
        struct.pack_into("<H", data, at + 8, 4800)
        with pytest.raises(PictureError, match="found only some"):
            decode(bytes(data))

    @settings(
        max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    @given(
        st.sampled_from(sorted(FORMATS)),
        st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8),
    )
    def test_damage_never_raises_anything_else(
        self, format: str, changes: list[tuple[int, int]]
    ) -> None:
        metadata = Metadata(exif=exif_block(6), dpi=(300, 300), text={"Comment": "x"})
        data = bytearray(encode(Frame(smooth((16, 16)), metadata=metadata), format))
        for at, value in changes:
            data[at % len(data)] = value
        try:
            result = decode(bytes(data))
        except PictureError as error:
            assert "\n" not in str(error)  # noqa: PT017
        else:
            assert result.pixels.dtype.name in ("uint8", "uint16", "float32")


class TestMetadata:
    TEXT = {"Comment": "two\nlines", "luvcolor:receipt": '{"model": "unet"}', "Author": "Zoë"}  # noqa: RUF012

    @pytest.mark.parametrize("format", ["png", "jpeg", "tiff", "webp", "pnm"])
    def test_comments_survive(self, format: str) -> None:
        metadata = Metadata(text=self.TEXT)
        assert decode(encode(Frame(smooth(), metadata=metadata), format)).metadata.text == self.TEXT

    @pytest.mark.parametrize("format", ["png", "jpeg", "tiff", "webp"])
    def test_exif_survives_beside_comments(self, format: str) -> None:
        metadata = Metadata(exif=exif_block(1), text=self.TEXT, dpi=(300, 150))
        after = decode(encode(Frame(smooth(), metadata=metadata), format)).metadata
        assert after.exif is not None
        assert exif_blocks.read(after.exif).text(0x010F) == b"Camera"
        assert after.dpi == pytest.approx((300, 150), abs=0.01)
        assert after.text == self.TEXT

    @pytest.mark.parametrize("format", ["png", "jpeg", "tiff", "webp"])
    def test_pillow_reads_the_exif(self, format: str) -> None:
        image = Image.new("RGB", (4, 4))
        source = image.getexif()
        source[0x010F] = "Camera"
        source.get_ifd(0x8769)[0x9003] = "2001:02:03 04:05:06"
        before = decode(saved(image, "JPEG", exif=source))
        with Image.open(io.BytesIO(encode(before, format))) as after:
            assert after.getexif()[0x010F] == "Camera"
            assert after.getexif().get_ifd(0x8769)[0x9003] == "2001:02:03 04:05:06"

    @pytest.mark.parametrize("format", ["png", "jpeg", "tiff", "webp"])
    def test_xmp_survives_upright(self, format: str) -> None:
        packet = '<x tiff:Orientation="6"/>'
        metadata = Metadata(text={XMP_KEY: packet})
        after = decode(encode(Frame(smooth(), metadata=metadata), format)).metadata
        assert after.text == {XMP_KEY: '<x tiff:Orientation="1"/>'}

    @pytest.mark.parametrize("format", ["jpeg", "png", "webp", "tiff"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_orientation_is_applied_and_reset(self, format: str, orientation: int) -> None:
        source = smooth((24, 40))
        if format == "tiff":
            data = _tiff(source, photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
        else:
            options: dict[str, Any] = {"lossless": True} if format == "webp" else {}
            block = exif_block(orientation, order="<" if orientation % 2 else ">")
            prefixed = b"Exif\0\0" + block if format == "jpeg" else block
            data = saved(Image.fromarray(source), format.upper(), exif=prefixed, **options)
        after = decode(data)
        wanted = ORIENTED[orientation](source)
        assert after.pixels.shape == wanted.shape
        assert np.abs(after.pixels.astype(int) - wanted).mean() < 4
        if after.metadata.exif:
            assert exif_blocks.normalize(after.metadata.exif)[1] == 1

    def test_orientation_turns_alpha_and_resolution_too(self) -> None:
        before = frame(alpha=True, metadata=Metadata(exif=exif_block(6), dpi=(300, 150)))
        after = decode(encode(before, "png"))
        assert after.alpha is not None
        assert before.alpha is not None
        np.testing.assert_array_equal(after.alpha, np.rot90(before.alpha, -1))
        assert after.metadata.dpi == pytest.approx((150, 300), abs=0.02)

    def test_thumbnail_of_the_old_picture_is_unlinked(self) -> None:
        block = exif_block(1, thumbnail=encode(Frame(smooth((8, 8))), "jpeg"))
        assert block[34:38] == struct.pack(">I", 46)
        after, _ = exif_blocks.normalize(block)
        assert after is not None
        assert after[34:38] == bytes(4)

    def test_broken_exif_costs_the_exif_not_the_picture(self) -> None:
        data = saved(Image.new("L", (8, 8)), "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xff")
        assert decode(data).metadata.exif is None

    def test_foreign_comments(self) -> None:
        text = decode(saved(Image.new("L", (8, 8)), "JPEG", comment=b"by the sea")).metadata.text
        assert text == {"Comment": "by the sea"}
        assert decode(b"P5\n# Created by GIMP\n1 1\n255\na").metadata.text == {
            "Comment": "Created by GIMP"
        }
        assert decode(_tiff(smooth()[..., 0], description="a church")).metadata.text == {
            "Description": "a church"
        }

    def test_compressed_png_comments(self) -> None:
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_text("Comment", "squeezed", zip=True)
        info.add_itxt("Title", "Zoë", zip=True)
        data = saved(Image.new("L", (4, 4)), "PNG", pnginfo=info)
        assert decode(data).metadata.text == {"Comment": "squeezed", "Title": "Zoë"}

    def test_comment_too_long_for_jpeg_is_an_error(self) -> None:
        with pytest.raises(PictureError, match="65,533 bytes"):
            encode(Frame(smooth(), metadata=Metadata(text={"Comment": "x" * 70_000})), "jpeg")

    def test_carried_name_gives_way_to_the_given_one(self) -> None:
        data = encode(Frame(smooth(), metadata=Metadata(text={"luvcolor:name": "a/b.jpg"})), "png")
        assert decode(data).name == "a/b.jpg"
        assert decode(data, name="c.png").name == "c.png"
        assert decode(data).metadata.text == {}


class TestKinds:
    def test_palette_with_transparency(self) -> None:
        image = Image.new("P", (3, 1))
        image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
        image.putdata([0, 1, 2])
        after = decode(saved(image, "PNG", transparency=bytes([255, 0, 128])))
        assert after.pixels.tolist() == [[[255, 0, 0], [0, 255, 0], [0, 0, 255]]]
        assert after.alpha is not None
        assert after.alpha.tolist() == [[255, 0, 128]]

    @pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF"])
    def test_palette_of_grays_is_gray(self, format: str) -> None:
        image = Image.new("P", (2, 1))
        image.putpalette([9, 9, 9, 200, 200, 200])
        image.putdata([0, 1])
        assert decode(saved(image, format)).pixels.tolist() == [[9, 200]]

    @pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM"])
    def test_one_bit_becomes_black_and_white(self, format: str) -> None:
        image = Image.new("1", (11, 2), 1)
        image.putpixel((3, 1), 0)
        after = decode(saved(image, format)).pixels
        assert after.shape == (2, 11)
        assert (after == 0).sum() == 1
        assert after[1, 3] == 0
        assert after.max() == 255

    @pytest.mark.parametrize("format", ["JPEG", "TIFF"])
    def test_cmyk_becomes_rgb(self, format: str) -> None:
        image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
        after = decode(saved(image, format)).pixels
        assert after.shape == (16, 16, 3)
        assert np.abs(after.astype(int) - [255, 0, 0]).max() < 6

    def test_sixteen_bit_transparent_colour(self) -> None:
        image = Image.fromarray(np.array([[1, 2]], np.uint16))
        data = saved(image, "PNG")
        chunk = b"tRNS\x00\x02"
        data = data[:33] + b"\0\0\0\x02" + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]
        after = decode(data)
        assert after.pixels.tolist() == [[1, 2]]
        assert after.alpha is not None
        assert after.alpha.tolist() == [[65535, 0]]

    @pytest.mark.parametrize(
        ("data", "wanted"),
        [
            (b"P1 3 1 101", [[0, 255, 0]]),
            (b"P1\n3 1\n1 0\n1\n", [[0, 255, 0]]),
            (b"P4 3 1\n\xa0", [[0, 255, 0]]),
            (b"P2 # c\n2 1 255 7 # d\n 9\n", [[7, 9]]),
            (b"P2 2 1 15 0 15", [[0, 255]]),
            (b"P2 2 1 1023 0 1023", [[0, 65535]]),
            (b"P3 1 1 255 1 2 3", [[[1, 2, 3]]]),
            (b"P5 2 1 65535 \x01\x02\x03\x04", [[0x0102, 0x0304]]),
            (b"P6 1 1 255 abc", [[[97, 98, 99]]]),
            (b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\na", [[97]]),
        ],
    )
    def test_pnm_variants(self, data: bytes, wanted: Any) -> None:
        assert decode(data).pixels.tolist() == wanted

    @pytest.mark.parametrize(
        "data",
        [b"P5 x 1 255 a", b"P5 2 2 99999 abcd", b"P2 2 1 5 1 9", b"P2 2 1 5 1 z", b"P7\nENDHDR\n"],
    )
    def test_broken_pnm(self, data: bytes) -> None:
        with pytest.raises(PictureError, match=r"^picture: expected"):
            decode(data)

    def test_tiff_white_is_zero(self) -> None:
        data = _tiff(np.array([[0, 255, 100]], np.uint8), photometric="miniswhite")
        assert decode(data).pixels.tolist() == [[255, 0, 155]]

    def test_tiff_separate_planes(self) -> None:
        source = smooth()
        data = _tiff(np.moveaxis(source, -1, 0), photometric="rgb", planarconfig="separate")
        np.testing.assert_array_equal(decode(data).pixels, source)

    def test_tiff_multiplied_alpha_is_undone(self) -> None:
        data = _tiff(np.array([[[50, 0, 25, 128]]], np.uint8), extrasamples=["assocalpha"])
        assert decode(data).pixels.tolist() == [[[100, 0, 50]]]

    def test_tiff_first_page(self) -> None:
        data = _tiff(np.stack([pixels("uint8", False), pixels("uint8", False, seed=5)]))
        np.testing.assert_array_equal(decode(data).pixels, pixels("uint8", False))

    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
    def test_tiff_float_is_stretched_and_says_so(self, dtype: str) -> None:
        after = decode(_tiff(np.array([[-2, 0, 6]], dtype)))
        assert after.pixels.dtype == np.float32
        assert after.pixels.tolist() == [[0, 0.25, 1]]
        assert after.metadata.text == {"luvcolor:range": "-2 6"}

    def test_tiff_float_overshoot_is_clipped_and_gaps_are_black(self) -> None:
        after = decode(_tiff(np.array([[-0.01, 1.02, 0.5, np.nan]], np.float32)))
        assert after.pixels.tolist() == [[0, 1, 0.5, 0]]
        assert after.metadata.text == {}

    def test_tiff_of_other_numbers_is_an_error(self) -> None:
        with pytest.raises(PictureError, match="found int32"):
            decode(_tiff(np.zeros((2, 2), np.int32)))
        with pytest.raises(PictureError, match="no finite number"):
            decode(_tiff(np.full((2, 2), np.nan, np.float32)))

    def test_names_of_formats(self) -> None:
        assert format_of_suffix(".jpg") == "jpeg"
        assert format_of_suffix("dir.x/a.TIFF") == "tiff"
        assert known_format("JPG") == "jpeg"
        with pytest.raises(UsageError, match=r"\.webp"):
            format_of_suffix(".gif")

    def test_suitable_format_keeps_the_pixels(self) -> None:
        assert suitable_format(frame(format="jpeg")) == "jpeg"
        assert suitable_format(frame(alpha=True, format="jpeg")) == "png"
        assert suitable_format(frame("uint16", format="webp")) == "png"
        assert suitable_format(frame("float32", format="png")) == "tiff"
        assert suitable_format(frame(format="video")) == "png"


class TestProfiles:
    def test_srgb_is_left_alone_and_kept(self) -> None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        after = decode(encode(Frame(smooth(), metadata=Metadata(icc=profile)), "png"))
        np.testing.assert_array_equal(after.pixels, smooth())
        assert after.metadata.icc == profile

    @pytest.mark.parametrize("format", ["png", "jpeg", "tiff", "webp"])
    def test_foreign_profile_is_brought_to_srgb(self, format: str) -> None:
        # Linear light: half of it is 188 in sRGB.
        before = Frame(np.full((16, 16, 3), 128, np.uint8), metadata=Metadata(icc=linear_profile()))
        after = decode(encode(before, format))
        assert np.abs(after.pixels.astype(int) - 188).max() <= 2
        assert after.metadata.icc is None

    def test_gray_in_a_foreign_profile_stays_gray(self) -> None:
        data = saved(Image.new("L", (8, 8), 128), "JPEG", icc_profile=linear_profile())
        after = decode(data)
        assert after.pixels.shape == (8, 8)
        assert np.abs(after.pixels.astype(int) - 188).max() <= 2

    def test_deep_pixels_keep_profile_and_values(self) -> None:
        before = frame("uint16", metadata=Metadata(icc=linear_profile()))
        after = decode(encode(before, "png"))
        np.testing.assert_array_equal(after.pixels, before.pixels)
        assert after.metadata.icc == linear_profile()

    def test_broken_profile_is_dropped(self) -> None:
        data = saved(Image.fromarray(smooth()), "PNG", icc_profile=b"nonsense" * 30)
        after = decode(data)
        np.testing.assert_array_equal(after.pixels, smooth())
        assert after.metadata.icc is None

    def test_profile_of_another_kind_is_not_embedded(self) -> None:
        before = Frame(smooth()[..., 0], metadata=Metadata(icc=linear_profile()))
        assert decode(encode(before, "png")).metadata.icc is None


def linear_profile() -> bytes:
    """sRGB's own profile with its three curves replaced by straight lines."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", data, 128)[0]
    for number in range(count):
        tag, at, _ = struct.unpack_from(">4sII", data, 132 + 12 * number)
        if tag in (b"rTRC", b"gTRC", b"bTRC"):
            # A parametric curve of type 0, y = x ** 1.0.
            data[at : at + 16] = b"para" + bytes(4) + struct.pack(">HHi", 0, 0, 1 << 16)
    return bytes(data)


def _tiff(array: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    options.setdefault("photometric", "rgb" if "extrasamples" in options else "minisblack")
    tifffile.imwrite(buffer, array, metadata=None, **options)
    return buffer.getvalue()
