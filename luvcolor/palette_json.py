"""The JSON of a palette: written so that a person can change it, read trusting nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from luvcolor.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from luvcolor.palette import Palette

__all__ = ["dump_palette", "parse_palette"]

_FORMAT = "luvcolor-palette"
_VERSION = 1


def dump_palette(palette: Palette, weights: NDArray[np.float64] | None = None) -> str:
    """Return the JSON text of a palette, one colour a line, with a weight of each where given."""
    rows = zip(palette.hex, palette.share.tolist(), palette.centers.tolist(), strict=True)
    colors = [{"hex": h, "share": share, "center": center} for h, share, center in rows]
    if weights is not None:
        for color, weight in zip(colors, weights.tolist(), strict=True):
            color["weight"] = round(weight, 6)
    lines = ",\n".join("    " + json.dumps(color) for color in colors)
    head = f'  "format": "{_FORMAT}",\n  "version": {_VERSION},\n  "space": "{palette.space}",'
    return f'{{\n{head}\n  "colors": [\n{lines}\n  ]\n}}\n'


def parse_palette(text: str) -> dict[str, Any]:
    """Return what a palette's JSON says: ``colors``, ``space``, and ``share`` and ``centers``.

    The last two are None where the text leaves them out; weights follow from shares, and are not
    read.

    Raises
    ------
    UsageError
        If the text is not JSON, or its shape is not that of a palette.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"a palette is JSON text, found something else: {error}") from error
    _check_keys(data, {"format", "version", "space", "colors"}, {"space", "colors"}, "a palette")
    found = (data.get("format", _FORMAT), data.get("version", _VERSION))
    if found != (_FORMAT, _VERSION):
        raise UsageError(f"expected {_FORMAT} of version {_VERSION}, found {found[0]} {found[1]}")
    entries = data["colors"]
    if not isinstance(entries, list) or not entries:
        raise UsageError("the colors of a palette are a list of at least 1, found none")
    for entry in entries:
        _check_keys(entry, {"hex", "share", "center", "weight"}, {"hex"}, "a colour of a palette")
    return {
        "colors": [entry["hex"] for entry in entries],
        "space": data["space"],
        "share": _all_or_none(entries, "share"),
        "centers": _all_or_none(entries, "center"),
    }


def _check_keys(data: object, known: set[str], needed: set[str], what: str) -> None:
    """Refuse anything but an object with the needed keys and no unknown ones."""
    if not isinstance(data, dict):
        raise UsageError(f"{what} is a JSON object, found {type(data).__name__}")
    if missing := sorted(needed - data.keys()):
        raise UsageError(f"{what} needs {', '.join(missing)}; found {', '.join(data) or 'nothing'}")
    if unknown := sorted(data.keys() - known):
        raise UsageError(
            f"{what} has no {', '.join(unknown)}; known keys: {', '.join(sorted(known))}"
        )


def _all_or_none(entries: list[dict[str, Any]], key: str) -> list[Any] | None:
    """Return a key of every colour, or None where no colour has it."""
    values = [entry[key] for entry in entries if key in entry]
    if values and len(values) != len(entries):
        raise UsageError(
            f"either all colours of a palette have a {key} or none has; "
            f"found {len(values)} of {len(entries)}"
        )
    return values or None
