"""Protocols: what makes two results comparable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from luvcolor.errors import UsageError
from luvcolor.evaluation.protocol import Origin, Seen, read_result, refuse_other_protocol
from tests.conftest import noisy


def protocol(**changes: Any) -> dict[str, Any]:
    seen = Seen()
    seen.add(noisy(8, 9))
    return {**Origin("abc", "test").protocol(), **seen.protocol(), "luvcolor": "1"} | changes


def test_one_protocol_may_be_compared_whatever_the_models_and_versions() -> None:
    other = protocol(luvcolor="2", receipts={"unet": {}}, palettes={"unet": "24"})
    refuse_other_protocol(protocol(), json.loads(json.dumps(other)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"metrics": 2}, r"another version of the metrics \(earlier 1, now 2\)"),
        ({"dataset": None}, r"another dataset \(earlier abc, now none\)"),
        ({"split": "val"}, r"another split \(earlier test, now val\)"),
        ({"resampling": "area"}, r"another resampling \(earlier none: each .*, now area\)"),
        ({"pictures": 9}, r"another number of pictures \(earlier 1, now 9\)"),
        ({"sizes": ["1x1", "2x2"]}, r"sizes of the pictures \(earlier 9x8, now 1x1 to 2x2\)"),
        ({"fingerprint": "f"}, r"another fingerprint of the pictures \(earlier \w{16}, now f\)"),
    ],
)
def test_every_difference_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        refuse_other_protocol(protocol(), protocol(**change))


def test_all_differences_are_named_at_once() -> None:
    with pytest.raises(UsageError, match=r"another split .*, another number of pictures .*; meas"):
        refuse_other_protocol(protocol(), protocol(split="val", pictures=9))


def test_before_measuring_only_what_is_known_is_compared() -> None:
    refuse_other_protocol(protocol(), Origin("abc", "test").protocol())
    with pytest.raises(UsageError, match="another split"):
        refuse_other_protocol(protocol(), Origin("abc", "val").protocol())


def test_pictures_are_told_apart_by_pixels_shapes_and_order() -> None:
    def print_of(*pictures: Any) -> str:
        seen = Seen()
        for picture in pictures:
            seen.add(picture)
        return str(seen.protocol()["fingerprint"])

    a, b = noisy(4, 6), noisy(4, 6, 1)
    assert print_of(a, b) == print_of(a.copy(), b)
    assert len({print_of(*x) for x in ([a], [b], [a, b], [b, a], [a.reshape(6, 4, 3)])}) == 5


def test_sizes_are_those_of_the_smallest_and_the_largest() -> None:
    seen = Seen()
    for size in ((5, 4), (2, 3), (9, 9), (4, 4)):
        seen.add(np.zeros((*size, 3), np.uint8))
    assert seen.protocol()["sizes"] == ["3x2", "9x9"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "expected the JSON of an earlier result"),
        ("[]", "expected a result of format 1, found None"),
        ('{"format": 9}', "expected a result of format 1, found 9; measure anew"),
        ('{"format": 1, "protocol": {}}', "expected a result with a summary, found none"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "earlier.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=f"earlier.json: {words}"):
        read_result(path)


def test_a_result_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="found no such file"):
        read_result(tmp_path / "earlier.json")
