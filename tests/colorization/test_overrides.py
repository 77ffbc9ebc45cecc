"""Colours of a palette that become others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import luvcolor_kernels as kernels
from luvcolor.colorization.overrides import Override, read_overrides, recolored
from luvcolor.errors import UsageError
from luvcolor.hints.colors import chroma_of

PALETTE = np.array([[0, 0], [120, 30], [100, 25], [-10, -100]], np.float32)


def test_a_colour_is_named_or_in_hexadecimal() -> None:
    np.testing.assert_array_equal(chroma_of("navy"), chroma_of("#000080"))
    expected = kernels.rgb_to_luv(np.array([[[170, 34, 34]]], np.uint8))[0, 0, 1:]
    np.testing.assert_array_equal(chroma_of("#aa2222"), expected)


def test_near_changes_all_within_the_radius_and_no_other() -> None:
    near = Override("navy", near="#d02020", radius=45)
    assert near.bins(PALETTE) == [1, 2]
    changed = recolored(PALETTE, [near])
    np.testing.assert_array_equal(changed[1:3], [chroma_of("navy")] * 2)
    np.testing.assert_array_equal(changed[[0, 3]], PALETTE[[0, 3]])


def test_a_later_change_goes_over_an_earlier_one_and_looks_at_the_palette_as_it_came() -> None:
    changes = [Override("navy", bin=1), Override("tan", bin=1), Override("red", bin=3)]
    changed = recolored(PALETTE, changes)
    np.testing.assert_array_equal(changed[1], chroma_of("tan"))
    np.testing.assert_array_equal(PALETTE[1], [120, 30])


def test_a_file_holds_a_list(tmp_path: Path) -> None:
    entries = [
        {"near": "#aa2222", "radius": 20, "becomes": "#000080"},
        {"bin": 2, "becomes": "tan"},
    ]
    path = tmp_path / "changes.json"
    path.write_text(json.dumps(entries))
    assert [override.to_json() for override in read_overrides(path)] == entries


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not json", r"expected JSON such as \[\{"),
        ("{}", "found no list of changes"),
        ("[]", "found no list of changes"),
        ("[3]", "expected JSON such as"),
        ('[{"near": "red", "becomes": "tan"}]', "expected a radius in units of u"),
        ('[{"near": "red", "radius": "9", "becomes": "tan"}]', "found '9'"),
        ('[{"near": "red", "radius": -1, "becomes": "tan"}]', "found -1"),
        ('[{"becomes": "tan"}]', "expected either a bin or near and radius"),
        ('[{"bin": 1, "near": "red", "radius": 3, "becomes": "tan"}]', "expected either a bin"),
        ('[{"bin": 1.5, "becomes": "tan"}]', "expected the number of a palette's colour"),
        ('[{"bin": true, "becomes": "tan"}]', "found True"),
        ('[{"bin": 1}]', "missing 1 required"),
        ('[{"bin": 1, "becomes": "teeal"}]', "such as navy or #000080, found 'teeal'"),
        ('[{"bin": 1, "becomes": 7}]', "found 7"),
        ('[{"bin": 1, "becomes": "tan", "shade": 2}]', "unexpected keyword argument 'shade'"),
    ],
)
def test_what_is_no_such_file_is_explained(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "changes.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=reason) as found:
        read_overrides(path)
    assert str(found.value).startswith(f"{path}: ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.json: expected to read JSON"):
        read_overrides(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("palette", "override", "reason"),
    [
        (PALETTE, {"bin": 4}, "a bin of the palette, 0 to 3, found 4"),
        (PALETTE, {"bin": -1}, "0 to 3, found -1"),
        (PALETTE, {"near": "lime", "radius": 5}, r"within 5 of lime.*bin 0, at 1\d\d\.\d"),
        (None, {"bin": 0}, "those of a palette, and this one has none"),
    ],
)
def test_a_palette_without_such_a_colour_is_explained(
    palette: Any, override: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        recolored(palette, [Override("navy", **override)])
