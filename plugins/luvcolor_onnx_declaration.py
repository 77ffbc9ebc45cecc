"""What a small JSON file says of the ONNX file beside it: what goes in, and what comes out.

`docs/onnx.md` explains every field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from luvcolor.errors import UsageError

__all__ = ["LAYOUTS", "Declaration", "Input", "Output", "read_declaration"]

Floats = NDArray[np.float32]
Kind = TypeVar("Kind")

LARGEST = float(np.finfo(np.float32).max)
"""What a graph computes with goes no further."""
LAYOUTS = {"NCHW": (0, 1, 2, 3), "NHWC": (0, 3, 1, 2)}
"""Where a tensor has its axes N, C, H, W."""


@dataclass(frozen=True)
class Side:
    """What the input and the output of a graph have in common."""

    channels: str
    """What the channels mean, one of `KNOWN`."""
    mean: float | list[float] = 0.0
    """A tensor holds (channel - mean) / std; one number, or one for each channel."""
    std: float | list[float] = 1.0
    layout: str = "NCHW"
    """The order of the axes, one of `LAYOUTS`."""

    KNOWN: ClassVar[dict[str, int]] = {}
    """What channels may mean, and how many they are then."""

    def __post_init__(self) -> None:
        _expect(self.channels in [*self.KNOWN], "channels", _one_of(self.KNOWN), self.channels)
        _expect(self.layout in [*LAYOUTS], "layout", _one_of(LAYOUTS), self.layout)
        for name in ("mean", "std"):
            value = getattr(self, name)
            fits = _is_numbers(value, self.count) and (name == "mean" or bool(np.all(value)))
            numbers = f"a number or a list of {self.count}{', not 0' if name == 'std' else ''}"
            _expect(fits, name, numbers, value)

    @property
    def count(self) -> int:
        """How many channels there are."""
        return self.KNOWN[self.channels]

    @property
    def scaling(self) -> tuple[Floats, Floats]:
        """`mean` and `std` as arrays beside (N, C, H, W)."""
        mean, std = (np.array(x, np.float32).reshape(-1, 1, 1) for x in (self.mean, self.std))
        return mean, std


@dataclass(frozen=True)
class Input(Side):
    """What the graph sees."""

    size: int | list[int] | None = None
    """The short side a picture is brought to, or height and width; None for its own size."""
    multiple: int = 1
    """Height and width are filled up to multiples of this."""

    KNOWN: ClassVar[dict[str, int]] = {"L": 1, "gray": 1, "rgb": 3}

    def __post_init__(self) -> None:
        super().__post_init__()
        sides = self.size if isinstance(self.size, list) else [self.size, self.size]
        fits = self.size is None or (len(sides) == 2 and all(map(_is_count, sides)))
        _expect(fits, "size", "a short side in pixels, or [height, width]", self.size)
        _expect(_is_count(self.multiple), "multiple", "a whole number from 1", self.multiple)


@dataclass(frozen=True)
class Output(Side):
    """What the graph answers with."""

    tensor: str = ""
    """The name of the graph's output, where there are several."""

    KNOWN: ClassVar[dict[str, int]] = {"uv": 2, "ab": 2, "rgb": 3, "bgr": 3}

    def __post_init__(self) -> None:
        super().__post_init__()
        _expect(isinstance(self.tensor, str), "tensor", "text", self.tensor)


@dataclass(frozen=True)
class Declaration:
    """What the JSON file beside a graph says."""

    name: str
    licence: str
    input: Input
    output: Output
    citation: str = ""

    def __post_init__(self) -> None:
        for name in ("name", "licence", "citation"):
            _expect(isinstance(getattr(self, name), str), name, "text", getattr(self, name))


def read_declaration(path: Path) -> Declaration:
    """Read the JSON file beside a graph.

    Raises
    ------
    UsageError
        When it is missing, no JSON, or has fields that are unknown, missing or of another kind.
    """
    try:
        raw = json.loads(path.read_text("utf-8"))
        sides = {"input": Input, "output": Output}
        if isinstance(raw, dict):
            raw |= {name: _filled(kind, raw[name]) for name, kind in sides.items() if name in raw}
        return _filled(Declaration, raw)
    except (OSError, ValueError, RecursionError) as error:
        reason = "found no such file" if isinstance(error, FileNotFoundError) else str(error)
        raise UsageError(
            f"{path}: expected the declaration of an ONNX file: {reason}; see docs/onnx.md"
        ) from None


def _filled(kind: type[Kind], raw: Any) -> Kind:
    """Build a dataclass from a JSON object; ValueError for unknown and missing fields."""
    _expect(isinstance(raw, dict), kind.__name__.lower(), "an object", raw)
    known = {field.name: field.default is MISSING for field in fields(kind)}  # type: ignore[arg-type]
    missing = [name for name, needed in known.items() if needed and name not in raw]
    unknown = sorted(set(raw) - set(known))
    where = f"the fields {', '.join(known)} in {kind.__name__.lower()}"
    if missing:
        raise ValueError(f"expected {where}, found no {missing[0]!r}")
    if unknown:
        raise ValueError(f"expected {where}, found {unknown[0]!r}")
    return kind(**raw)


def _expect(fits: bool, name: str, expected: str, found: Any) -> None:
    if not fits:
        raise ValueError(f"{name} is to be {expected}, found {found!r}")


def _one_of(names: Iterable[str]) -> str:
    return f"one of {', '.join(names)}"


def _is_numbers(value: Any, count: int) -> bool:
    listed = value if isinstance(value, list) else [value] * count
    numbers = all(type(x) in (int, float) and abs(x) <= LARGEST for x in listed)
    return len(listed) == count and numbers


def _is_count(value: Any) -> bool:
    return type(value) is int and value > 0
