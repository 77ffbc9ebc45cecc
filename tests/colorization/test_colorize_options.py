"""What a user may choose."""

from __future__ import annotations

from typing import Any

import pytest

from luvcolor.colorization.options import ColorizeOptions
from luvcolor.errors import UsageError


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"sizes": (128, 15)}, r"sizes of at least 16 pixels, found \[128, 15\]"),
        ({"sizes": ()}, r"at least 16 pixels, found \[\]"),
        ({"saturation": -0.1}, "not negative; found -0.1"),
        ({"saturation": float("nan")}, "not negative"),
        ({"temperature": -1.0}, "found 1.0 and -1.0"),
        ({"samples": 0}, "at least 1 sample and a seed that is not negative; found 0 and None"),
        ({"seed": -3}, "found 1 and -3"),
        ({"runtime": "abacus"}, "one of auto, torch, onnx, openvino; found 'abacus'"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        ColorizeOptions(**options)


@pytest.mark.parametrize(
    ("options", "seeds"),
    [
        ({}, [None]),
        ({"seed": 4}, [4]),
        ({"samples": 3}, [0, 1, 2]),
        ({"samples": 2, "seed": 9}, [9, 10]),
    ],
)
def test_every_colouring_has_a_seed_of_its_own(
    options: dict[str, Any], seeds: list[int | None]
) -> None:
    assert ColorizeOptions(**options).seeds == seeds
