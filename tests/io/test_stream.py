"""Many pictures on one pipe, cut apart and put together."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from luvcolor.errors import OutputError, PictureError
from luvcolor.frame import Frame, Metadata
from luvcolor.io import decode, encode, open_sink, read_frames, split, write_frame
from tests.io.pictures import exif_block, frame, multi_picture, saved, smooth


def _jpeg_with_thumbnail() -> bytes:
    block = exif_block(1, thumbnail=encode(Frame(smooth((16, 16))), "jpeg"))
    return saved(Image.fromarray(smooth()), "JPEG", exif=b"Exif\0\0" + block)


PICTURES = {
    "png": encode(Frame(smooth()), "png"),
    "jpeg with a thumbnail": _jpeg_with_thumbnail(),
    "progressive jpeg": saved(Image.fromarray(smooth()), "JPEG", progressive=True),
    "jpeg with restarts": saved(Image.fromarray(smooth()), "JPEG", restart_marker_blocks=2),
    "noisy jpeg": encode(frame(), "jpeg", quality=100),
    "pgm": encode(frame(colour=False), "pnm"),
    "ppm 16": encode(frame("uint16"), "pnm"),
    "pam": encode(frame(alpha=True), "pnm"),
    "pbm": b"P4\n9 2\n\xff\x80\x00\x00",
    "plain pbm": b"P1 # 101\n3 2\n101 #0\n010",
    "plain pgm": b"P2\n3 1\n255\n0 # 7\n 128 255",
    "plain ppm": b"P3 1 1 255 10 20 30",
    "webp": encode(frame(), "webp"),
    "odd webp": encode(Frame(smooth(), metadata=Metadata(text={"Comment": "x"})), "webp"),
    "bmp": encode(frame(), "bmp"),
    "multi-picture jpeg": multi_picture([encode(frame(), "jpeg"), encode(frame(), "jpeg")]),
}
TEXT = (b"P1", b"P2", b"P3")
ALL = b"".join(data + b"\n" * data.startswith(TEXT) for data in PICTURES.values())


class Dribble(io.RawIOBase):
    """A stream that gives as many bytes at a time as it is told, and cannot seek."""

    def __init__(self, data: bytes, next_size: Callable[[], int]) -> None:
        self._left, self._next_size = data, next_size
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        count = max(1, min(self._next_size(), size if size > 0 else len(self._left)))
        chunk, self._left = self._left[:count], self._left[count:]
        self.given += len(chunk)
        return chunk


def dribble(data: bytes, next_size: Callable[[], int]) -> BinaryIO:
    return cast("BinaryIO", Dribble(data, next_size))


class TestSplit:
    @pytest.mark.parametrize("kind", PICTURES)
    def test_a_picture_alone_is_given_back_whole(self, kind: str) -> None:
        assert list(split(io.BytesIO(PICTURES[kind]))) == [PICTURES[kind]]
        assert decode(PICTURES[kind]).pixels.size

    @pytest.mark.parametrize("kind", PICTURES)
    def test_a_picture_ends_where_the_next_begins(self, kind: str) -> None:
        stream = PICTURES[kind] + b"\n" * PICTURES[kind].startswith(TEXT) + PICTURES["png"]
        assert list(split(io.BytesIO(stream))) == [PICTURES[kind], PICTURES["png"]]

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
    def test_mixed_formats_in_small_pieces(self, size: int) -> None:
        assert list(split(dribble(ALL, lambda: size))) == list(PICTURES.values())

    @settings(max_examples=15, deadline=None, derandomize=True)
    @given(st.integers(0, 2**32))
    def test_mixed_formats_in_random_pieces(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        pieces = dribble(ALL, lambda: int(rng.integers(1, 5000)))
        assert list(split(pieces)) == list(PICTURES.values())

    def test_a_tiff_takes_the_rest(self) -> None:
        tiff = encode(frame(), "tiff")
        assert list(split(io.BytesIO(PICTURES["png"] + tiff))) == [PICTURES["png"], tiff]

    def test_each_is_yielded_before_more_is_read(self) -> None:
        stream = Dribble(PICTURES["png"] * 3, lambda: 10)
        assert next(split(cast("BinaryIO", stream))) == PICTURES["png"]
        assert stream.given <= len(PICTURES["png"]) + 10

    def test_an_empty_stream_has_no_pictures(self) -> None:
        assert list(split(io.BytesIO(b""))) == []
        assert list(split(io.BytesIO(b"\n"))) == []

    def test_words_between_pictures_are_named_with_their_place(self) -> None:
        pictures = split(io.BytesIO(PICTURES["pbm"] + b"warning: disk full"))
        assert next(pictures) == PICTURES["pbm"]
        with pytest.raises(PictureError, match=r"at byte 11, found text that begins 'warning: d"):
            next(pictures)

    @pytest.mark.parametrize("kind", [k for k in PICTURES if k != "multi-picture jpeg"])
    def test_cut_short_after_a_whole_one(self, kind: str) -> None:
        data = PICTURES[kind]
        cuts = range(20, len(data) - 4, max(1, len(data) // 20))
        for end in cuts:
            pictures = split(io.BytesIO(PICTURES["png"] + data[:end]))
            assert next(pictures) == PICTURES["png"]
            with pytest.raises(PictureError, match=r"expected a whole \w+ picture at byte"):
                next(pictures)

    def test_pictures_dropped_by_an_editor_are_not_waited_for(self) -> None:
        joined = multi_picture([encode(frame(), "jpeg"), encode(frame(), "jpeg")])
        first = joined[: -len(encode(frame(), "jpeg"))]
        assert list(split(io.BytesIO(first + PICTURES["png"]))) == [first, PICTURES["png"]]

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=5))
    def test_damage_raises_nothing_else(self, changes: list[tuple[int, int]]) -> None:
        data = bytearray(ALL)
        for at, value in changes:
            data[at % len(data)] = value
        try:
            assert sum(map(len, split(io.BytesIO(bytes(data))))) <= len(data)
        except PictureError as error:
            assert "standard input" in str(error)  # noqa: PT017


class TestFrames:
    def test_names_travel_inside_the_pictures(self) -> None:
        pipe = io.BytesIO()
        for name, format in (
            ("a/b.jpg", None),
            ("c.jpg", "jpeg"),
            ("d.pgm", "pnm"),
            ("e.webp", "webp"),
        ):
            write_frame(pipe, frame(name=name), format)
        pipe.seek(0)
        found = [f for f in read_frames(pipe) if isinstance(f, Frame)]
        assert [f.name for f in found] == ["a/b.jpg", "c.jpg", "d.pgm", "e.webp"]
        assert [f.format for f in found] == ["png", "jpeg", "pnm", "webp"]
        assert all(f.metadata.text == {} for f in found)

    def test_the_nameless_are_numbered(self) -> None:
        found = read_frames(io.BytesIO(PICTURES["png"] + PICTURES["bmp"]))
        assert [f.name for f in found if isinstance(f, Frame)] == [
            "stdin-0001.png",
            "stdin-0002.bmp",
        ]

    def test_names_from_a_pipe_cannot_lead_out(self) -> None:
        pipe = io.BytesIO()
        write_frame(pipe, frame(name="../../etc/a.png"))
        pipe.seek(0)
        assert [f.name for f in read_frames(pipe) if isinstance(f, Frame)] == ["etc/a.png"]

    def test_a_bad_picture_does_not_end_the_stream(self) -> None:
        bad = bytearray(PICTURES["png"])
        bad[60] ^= 0xFF
        found = list(read_frames(io.BytesIO(bytes(bad) + PICTURES["bmp"] + b"rest")))
        assert [type(f) for f in found] == [PictureError, Frame, PictureError]
        assert str(found[0]).startswith("stdin-0001.png: expected")

    def test_a_raw_stream_may_take_little_at_a_time(self) -> None:
        class Sip(io.BytesIO):
            def write(self, data: Any) -> int:
                return super().write(bytes(data)[:100])

        pipe = Sip()
        write_frame(pipe, frame())
        assert decode(pipe.getvalue()).size == (13, 17)

    def test_standard_output_refuses_a_second_tiff(self) -> None:
        with open_sink("-", format="tiff", stdout=io.BytesIO()) as sink:
            sink.write(frame())
            with pytest.raises(OutputError, match="no reader could tell"):
                sink.write(frame())

    def test_standard_output_is_png_unless_asked(self) -> None:
        pipe = io.BytesIO()
        with open_sink(None, stdout=pipe) as sink:
            sink.write(replace(frame(), format="bmp", name="a.bmp"))
        assert decode(pipe.getvalue()).format == "png"
        assert decode(pipe.getvalue()).name == "a.bmp"
