"""The protocol of an evaluation, and the receipts of its models, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from luvcolor.hints import COLOURS

__all__ = ["protocol_words", "receipt_words"]


def protocol_words(protocol: Mapping[str, Any]) -> dict[str, str]:
    """Return what a person wants to know of a protocol, by title.

    Examples
    --------
    >>> words = protocol_words({"pictures": 9, "sizes": ["32x32", "32x32"], "luvcolor": "0.1.0"})
    >>> words["Pictures"]
    '9, of 32x32 pixels'
    """
    sizes = list(dict.fromkeys(protocol.get("sizes", ())))
    of = f", of {' to '.join(sizes)} pixels" if sizes else ""
    words = {
        "Pictures": f"{protocol.get('pictures')}{of}",
        "From": _source(protocol),
        "Fingerprint of the pictures": protocol.get("fingerprint"),
        "Resampling": protocol.get("resampling"),
        "Luma lookup": _lookup(protocol.get("luma_lookup")),
        "Revealed": _revealed(protocol.get("reveal"), protocol.get("hints") or {}),
        "Reference picture": _with("fingerprint", protocol.get("reference")),
        "Palettes behind the accuracy": _palettes(protocol.get("palettes") or {}),
        "Metrics": f"definitions of version {protocol.get('metrics')}",
        "Measured by": f"luvcolor {protocol.get('luvcolor')}",
    }
    return {title: str(value) for title, value in words.items() if value}


def receipt_words(receipt: Mapping[str, Any]) -> str:
    """Return in a sentence how a model's colours were made.

    Examples
    --------
    >>> receipt_words({"checkpoint": "a.safetensors", "sizes": [32], "temperature": None})
    'a.safetensors; sees pictures at 32 pixels on the short side; temperature its own'
    """
    sizes = ", ".join(map(str, receipt.get("sizes", ())))
    temperature = receipt.get("temperature")
    parts = [
        receipt.get("checkpoint"),
        _settings(receipt.get("settings")),
        _with("SHA-256 begins with", receipt.get("sha256")),
        f"sees pictures at {sizes} pixels on the short side" if sizes else None,
        f"temperature {'its own' if temperature is None else temperature}",
        _with("saturation", receipt.get("saturation")),
        _with("on", receipt.get("device")),
        _with("with", receipt.get("runtime")),
        *receipt.get("memory", ()),
        receipt.get("note"),
    ]
    return "; ".join(str(part) for part in parts if part)


def _source(protocol: Mapping[str, Any]) -> str:
    if protocol.get("dataset") is None:
        return "pictures"
    return f"the {protocol.get('split')} split of the dataset {protocol['dataset']}"


def _lookup(pictures: int | None) -> str | None:
    if pictures is None:
        return None
    return f"mean chroma at each of 256 levels of luma in {pictures} pictures of the train split"


def _revealed(count: int | None, given: Mapping[str, list[str]]) -> str | None:
    """Say how many pixels were revealed, and to which models."""
    if count is None:
        return None
    told = [method for method, kinds in given.items() if COLOURS in kinds]
    return f"{count} pixels of each picture, to {', '.join(told) or 'no model: none uses them'}"


def _palettes(palettes: Mapping[str, str]) -> str:
    return "; ".join(f"{method}: {palette}" for method, palette in palettes.items())


def _settings(settings: Mapping[str, Any] | None) -> str | None:
    if settings is None:
        return None
    return ", ".join(f"{name}={value}" for name, value in settings.items()) or "no weights"


def _with(word: str, value: object) -> str | None:
    return None if value in (None, "") else f"{word} {value}"
