"""Relative names of pictures: kept, made safe, and kept apart."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from luvcolor.io.formats import FORMATS, SUFFIXES

__all__ = ["NameBook", "clean_name", "is_picture_name", "with_format_suffix"]


def clean_name(name: str) -> str:
    r"""Return a name that stays below the folder it is put in.

    Drives, roots and ``..`` are dropped, and backslashes count as slashes.

    Examples
    --------
    >>> clean_name("/etc/../scans/a.jpg"), clean_name("C:\\x\\b.png")
    ('etc/scans/a.jpg', 'x/b.png')
    """
    slashed = re.sub(r"[\x00-\x1f\x7f]", "", name).replace("\\", "/")
    slashed = re.sub(r"^[A-Za-z]:(?=/)", "", slashed)
    return "/".join(part for part in slashed.split("/") if part.strip() not in ("", ".", ".."))


def is_picture_name(name: str) -> bool:
    """Whether a name looks like a picture's: not hidden, not Finder's leavings, a known suffix.

    Examples
    --------
    >>> [is_picture_name(n) for n in ("a/b.JPG", "a/notes.txt", ".git/x.png", "__MACOSX/._a.jpg")]
    [True, False, False, False]
    """
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") and part not in (".", "..") for part in path.parts)
    return not hidden and "__MACOSX" not in path.parts and path.suffix.lower() in SUFFIXES


def with_format_suffix(name: str, format: str) -> str:
    """Return a name with the suffix of a format, unless it already has one of its suffixes.

    Examples
    --------
    >>> with_format_suffix("a/b.JPG", "jpeg"), with_format_suffix("a/b.jpg", "png")
    ('a/b.JPG', 'a/b.png')
    """
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if SUFFIXES.get(suffix) == format:
        return name
    stem = name[: -len(suffix)] if suffix in SUFFIXES else name
    return stem + FORMATS[format].suffixes[0]


class NameBook:
    """Gives every picture of a run a name of its own.

    Examples
    --------
    >>> book = NameBook()
    >>> [book.enter("x.jpg", root) for root in ("a", "b", "b")]
    ['x.jpg', 'b/x.jpg', 'b/x-2.jpg']
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def enter(self, name: str, root: str) -> str:
        """Return `name`; where it is taken, with the name of its root before it, then numbered."""
        chosen = name
        if chosen in self._taken and root:
            chosen = f"{root}/{name}"
        stem, number = PurePosixPath(chosen), 2
        while chosen in self._taken:
            chosen = str(stem.with_name(f"{stem.stem}-{number}{stem.suffix}"))
            number += 1
        self._taken.add(chosen)
        return chosen
