"""Hints and references from files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from luvcolor.errors import UsageError
from luvcolor.frame import Frame
from luvcolor.hints import HintSet, Marks, Reference, read_hints, read_reference
from luvcolor.hints.colors import chroma_of
from luvcolor.hints.reference import MOST
from luvcolor.io.codec import encode
from tests.conftest import noisy


def layer(height: int, width: int, dtype: str = "uint8") -> Frame:
    """Navy in the left half; half-transparent in the top row, transparent at the right."""
    top = np.iinfo(dtype).max
    rgb = np.zeros((height, width, 3), dtype)
    rgb[..., 2] = round(128 / 255 * top)
    alpha = np.zeros((height, width), dtype)
    alpha[:, : width // 2] = top
    alpha[0, : width // 2] = top // 2
    return Frame(rgb, alpha)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_layer_gives_the_colours_of_what_is_more_than_half_opaque(
    tmp_path: Path, dtype: str
) -> None:
    path = tmp_path / "layer.png"
    path.write_bytes(encode(layer(6, 8, dtype), "png"))
    hints = read_hints(path)
    (pixels,) = hints.drawings
    found = pixels.drawn((6, 8))
    assert found.count == 5 * 4
    assert (found.places % 8).max() == 3
    assert found.places.min() == 8
    np.testing.assert_allclose(found.uv, np.tile(chroma_of("navy"), (20, 1)), atol=0.3)
    assert (hints.files, hints.kinds, hints.count) == (("layer.png",), ("colours",), 20)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "hints.json"
    path.write_text('{"points": [{"at": [7, 3], "color": "navy"}]}', "utf-8-sig")
    assert read_hints(path).count == 1


def test_a_layer_of_another_scale_is_scaled(tmp_path: Path) -> None:
    path = tmp_path / "layer.png"
    path.write_bytes(encode(layer(6, 8), "png"))
    (pixels,) = read_hints(path).drawings
    _, mask = pixels.drawn((60, 80)).planes()
    assert mask[0, 0, 10:, :40].all()
    assert mask.sum() == 50 * 40


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.json", None, "expected to read hints, found 'No such file"),
        ("none.png", None, "expected to read a picture, found 'No such file"),
        ("a.json", b"{", "expected JSON such as"),
        ("a.json", b"\xff\xfe", "expected JSON such as"),
        ("a.json", b"[1]", "found a list"),
        ("a.json", b"[" * 100_000, "expected JSON such as"),
        ("a.json", b"{}", "found none"),
        ("a.json", b'{"points": [{"at": [1, 2], "color": "rot"}]}', "found 'rot'"),
        ("a.png", b"hello", "expected a picture"),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=f"{name}: .*{said}"):
        read_hints(path)


def test_a_picture_without_transparency_is_no_layer(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encode(Frame(noisy(4, 4)), "png"))
    with pytest.raises(UsageError, match=r"photo\.png: .* without transparency; .* --reference"):
        read_hints(path)
    path.write_bytes(encode(Frame(noisy(4, 4), np.zeros((4, 4), np.uint8)), "png"))
    with pytest.raises(UsageError, match=r"photo\.png: .* found one that is transparent"):
        read_hints(path)


def test_a_reference_is_luv_and_shrunk_to_a_sensible_size(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(encode(Frame(noisy(700, 900)), "png"))
    hints = read_reference(path)
    assert (hints.kinds, hints.files) == (("reference",), ())
    assert hints.reference is not None
    luv = hints.reference.luv
    assert luv.dtype == np.float32
    assert 0.98 * MOST < luv.shape[2] * luv.shape[3] < 1.02 * MOST
    assert 0 <= luv[:, 0].min() <= luv[:, 0].max() <= 100
    small = Reference.of(Frame(noisy(30, 40)))
    assert small.luv.shape == (1, 3, 30, 40)
    assert small.fingerprint != hints.reference.fingerprint
    assert small.fingerprint == Reference.of(Frame(noisy(30, 40))).fingerprint


def test_a_gray_reference_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gray.png"
    path.write_bytes(encode(Frame(noisy(4, 4)[..., 0]), "png"))
    with pytest.raises(UsageError, match=r"gray\.png: .*in colour to take colours from.* a gray"):
        read_reference(path)
    with pytest.raises(UsageError, match=r"none\.png: expected to read a picture"):
        read_reference(tmp_path / "none.png")


def test_sets_add_up() -> None:
    marks = Marks.from_json({"points": [{"at": [1, 1], "color": "red"}]})
    reference = Reference.of(Frame(noisy(3, 3)))
    both = HintSet((marks,), files=("a",)) + HintSet(reference=reference, files=("a", "b"))
    assert both.kinds == ("colours", "reference")
    assert both.files == ("a", "b")
    planes = both.on(Frame(noisy(9, 9))).planes((3, 3))
    assert planes.reference is reference.luv
    assert planes.mask.sum() >= 1


def test_a_file_of_json_is_what_json_writes(tmp_path: Path) -> None:
    path = tmp_path / "hints.JSON"
    path.write_text(json.dumps({"strokes": [{"along": [[0, 0], [5, 5]], "color": "tan"}]}))
    assert read_hints(path).count == 1
