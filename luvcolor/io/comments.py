"""Text comments as lines, for formats that have room for a note but no keys.

A note is made of lines ``key=value``; a value of several lines repeats its key, one line each.
Lines of another shape are somebody's plain words and belong to one key (`plain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["NAME_KEY", "RECEIPT_KEY", "XMP_KEY", "from_lines", "to_bytes", "to_lines", "to_text"]

NAME_KEY = "luvcolor:name"
"""The key under which a picture on a pipe carries its name."""

RECEIPT_KEY = "luvcolor:receipt"
"""The key of the record that says how a picture was made."""

XMP_KEY = "XML:com.adobe.xmp"
"""The key under which an XMP packet is kept; the name PNG gives it."""

_LINE = re.compile(r"([A-Za-z][\w:.-]*(?: [\w:.-]+)*)=(.*)", re.DOTALL)


def to_lines(text: dict[str, str], plain: str) -> list[str]:
    """Return the lines of a note; the value of the key `plain` comes first and bare.

    Examples
    --------
    >>> to_lines({"Comment": "by the sea", "luvcolor:name": "a.jpg"}, plain="Comment")
    ['by the sea', 'luvcolor:name=a.jpg']
    """
    lines = _rows(text[plain]) if plain in text else []
    for key, value in text.items():
        if key in (plain, XMP_KEY):
            continue
        if not _LINE.fullmatch(f"{key}="):
            key = re.sub(r"[^\w:.-]+", "-", f"text-{key}")
        lines += [f"{key}={row}" for row in _rows(value)]
    return lines


def from_lines(lines: Iterable[str], plain: str) -> dict[str, str]:
    """Return the comments that a note holds.

    Examples
    --------
    >>> from_lines(["by the sea", "luvcolor:name=a.jpg"], plain="Comment")
    {'Comment': 'by the sea', 'luvcolor:name': 'a.jpg'}
    """
    found: dict[str, list[str]] = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        key, value = (match[1], match[2]) if match else (plain, line)
        found.setdefault(key, []).append(value)
    return {key: "\n".join(rows) for key, rows in found.items()}


def to_bytes(text: str) -> bytes:
    """Return text as UTF-8; a NUL, which would end it early, becomes a space."""
    return text.replace("\0", " ").encode("utf-8", "replace")


def to_text(data: bytes) -> str:
    """Return bytes as text: UTF-8 where they are, else Latin-1, which reads anything."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _rows(value: str) -> list[str]:
    return value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
