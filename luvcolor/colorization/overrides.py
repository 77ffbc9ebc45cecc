"""Colours of a model's palette that become others: "what would be red is to be navy"."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.errors import UsageError
from luvcolor.hints.colors import chroma_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Override", "read_overrides", "recolored"]


@dataclass(frozen=True)
class Override:
    """One change: which colours of the palette, and what they become.

    Colours are CSS names or ``#rrggbb``; of each only the chroma counts, u* and v*.

    Attributes
    ----------
    becomes
        The colour whose chroma they get.
    near
        Colours of the palette near this one ...
    radius
        ... that lie within so many units of u*, v*.
    bin
        Or the number of one colour of the palette, from 0.

    Examples
    --------
    >>> Override("navy", near="#aa2222", radius=20).to_json()
    {'near': '#aa2222', 'radius': 20, 'becomes': 'navy'}
    """

    becomes: str
    near: str | None = None
    radius: float | None = None
    bin: int | None = None

    def __post_init__(self) -> None:
        if (self.bin is None) == (self.near is None):
            raise UsageError(f"expected either a bin or near and radius, found {self.to_json()}")
        if self.bin is None and not (_is_number(self.radius) and (self.radius or 0) >= 0):
            raise UsageError(
                "expected a radius in units of u*, v*, such as 20, beside near; found "
                f"{self.radius!r}"
            )
        if self.bin is not None and (not _is_number(self.bin) or self.bin != int(self.bin)):
            raise UsageError(f"expected the number of a palette's colour, found {self.bin!r}")
        for name in (self.becomes, self.near):
            if name is not None:
                chroma_of(name)

    def to_json(self) -> dict[str, Any]:
        """Return it as the file holds it."""
        order = ("near", "radius", "bin", "becomes")
        given = asdict(self)
        return {name: given[name] for name in order if given[name] is not None}

    def bins(self, palette: NDArray[Any]) -> list[int]:
        """Return the numbers of the colours that it changes.

        Raises
        ------
        UsageError
            When the palette has no such colour.
        """
        if self.near is None:
            assert self.bin is not None
            if not 0 <= self.bin < len(palette):
                raise UsageError(
                    f"expected a bin of the palette, 0 to {len(palette) - 1}, found {self.bin}"
                )
            return [int(self.bin)]
        assert self.radius is not None
        apart = np.hypot(*(palette - chroma_of(self.near)).T)
        if apart.min() > self.radius:
            raise UsageError(
                f"expected colours of the palette within {self.radius:g} of {self.near}, found the "
                f"nearest, bin {apart.argmin()}, at {apart.min():.1f}; give a larger radius"
            )
        return np.flatnonzero(apart <= self.radius).tolist()


def read_overrides(path: Path) -> tuple[Override, ...]:
    """Read a JSON list such as ``[{"near": "#aa2222", "radius": 20, "becomes": "navy"}]``.

    Raises
    ------
    UsageError
        When there is no such file, or it is none of that kind.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "navy.json")
    ...     _ = path.write_text('[{"bin": 12, "becomes": "navy"}]')
    ...     read_overrides(path)
    (Override(becomes='navy', near=None, radius=None, bin=12),)
    """
    example = (
        '[{"near": "#aa2222", "radius": 20, "becomes": "navy"}, {"bin": 12, "becomes": "tan"}]'
    )
    try:
        entries = json.loads(path.read_text("utf-8"))
        if not isinstance(entries, list) or not entries:
            raise TypeError("no list of changes")
        return tuple(Override(**entry) for entry in entries)
    except OSError as error:
        raise UsageError(f"{path}: expected to read JSON, found {error.strerror!r}") from error
    except (ValueError, TypeError) as error:
        raise UsageError(f"{path}: expected JSON such as {example}, found {error}") from error
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def recolored(palette: NDArray[Any] | None, overrides: Sequence[Override]) -> NDArray[np.float32]:
    """Return a palette's chroma with some of it changed.

    Parameters
    ----------
    palette
        (k, 2) u*, v*; None for a model without one.
    overrides
        All look at the palette as it came; where two change the same colour, the later one does.

    Raises
    ------
    UsageError
        When there is no palette, or no such colour in it.

    Examples
    --------
    >>> palette = np.array([[0, 0], [120, 30]], np.float32)
    >>> np.abs(recolored(palette, [Override("gray", near="red", radius=60)])).round(1).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    if palette is None:
        raise UsageError(
            "colours can be changed in a model that chooses among those of a palette, and this one "
            "has none; use another model, such as the one that ships"
        )
    changed = np.array(palette, np.float32)
    for override in overrides:
        changed[override.bins(palette)] = chroma_of(override.becomes)
    return changed


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
