"""What the inputs of a command stand for: files, folders, globs, archives, standard input."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from luvcolor.errors import PictureError
from luvcolor.frame import Frame
from luvcolor.io.archives import archive_kind, read_members
from luvcolor.io.atomic import atomic_path, atomic_write
from luvcolor.io.codec import decode
from luvcolor.io.formats import SUFFIXES
from luvcolor.io.names import NameBook, clean_name, is_picture_name
from luvcolor.io.sinks import Sink, open_sink
from luvcolor.io.stream import decode_on_pipe, name_on_pipe, split

__all__ = ["Sink", "Source", "atomic_path", "atomic_write", "expand", "open_sink"]


@dataclass(frozen=True)
class Source:
    """One picture that can be read, or the reason why it cannot.

    Attributes
    ----------
    name
        The relative name its frame will have.
    read
        Returns the bytes of the picture, or raises PictureError. Safe to call on any thread.
    path
        The file it is, where it is one by itself.
    piped
        Whether the picture came on a pipe, and so may carry a name of its own.
    """

    name: str
    read: Callable[[], bytes]
    path: Path | None = None
    piped: bool = False

    def frame(self) -> Frame:
        """Read and decode the picture, or raise PictureError."""
        data = self.read()
        return decode_on_pipe(data, self.name) if self.piped else decode(data, name=self.name)


def expand(inputs: Sequence[str], *, stdin: BinaryIO | None = None) -> Iterator[Source]:
    """Yield the pictures that some inputs stand for, in order, each under a name of its own.

    Folders are searched recursively in sorted order, skipping hidden files and other suffixes
    than those of pictures; archives are read as they stream. Names are relative to the input:
    ``scans/box1/a.jpg`` of the input ``scans`` is ``box1/a.jpg``. Where two would be the same, the
    later one gets the name of its folder in front (``b/x.jpg``), or a number.

    What cannot be found comes as a Source whose `read` raises, so that the others go on.

    Parameters
    ----------
    inputs
        Files, folders, glob patterns, tar or zip archives, or ``-`` for standard input.
    stdin
        Read for ``-``; the process's standard input where None.

    Examples
    --------
    >>> [source.name for source in expand(["no-such-file.jpg"])]
    ['no-such-file.jpg']
    """
    book = NameBook()
    for text in inputs:
        found, root = _expand_one(text, stdin)
        for source in found:
            name = source.name if source.piped else book.enter(source.name, root)
            yield Source(name, source.read, source.path, source.piped)


def _expand_one(text: str, stdin: BinaryIO | None) -> tuple[Iterator[Source], str]:
    """Return the sources of one input, and the name that tells its root from others."""
    path = Path(text)
    if text == "-":
        return _from_stream(stdin or sys.stdin.buffer), ""
    if path.is_dir():
        return _from_folder(path), _label(path)
    if path.exists():
        if archive_kind(path.name):
            return _from_archive(path), path.name.split(".")[0]
        return iter([_from_file(path, path.name)]), _label(path.parent)
    if glob.has_magic(text):
        root = _glob_root(path)
        return _from_glob(text, root), _label(root)
    problem = f"{text}: expected a file, a folder or a glob, found nothing; check the name"
    return iter([_failure(path.name or text, problem)]), ""


def _from_stream(stream: BinaryIO) -> Iterator[Source]:
    number, pictures = 0, split(stream)
    while True:
        number += 1
        try:
            data = next(pictures, None)
        except PictureError as error:
            yield _failure(f"stdin-{number:04d}", str(error))
            return
        if data is None:
            return
        yield Source(name_on_pipe(data, number), _giver(data), piped=True)


def _from_file(path: Path, name: str) -> Source:
    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise PictureError(
                f"{path}: expected a readable file, found {error.strerror!r}; check its permissions"
            ) from error

    return Source(clean_name(name), read, path)


def _from_folder(folder: Path) -> Iterator[Source]:
    empty = True
    for path in _walk(folder):
        empty = False
        yield _from_file(path, path.relative_to(folder).as_posix())
    if empty:
        suffixes = ", ".join(SUFFIXES)
        problem = f"{folder}: expected pictures, found none; their suffixes are {suffixes}"
        yield _failure(_label(folder) or ".", problem)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "__MACOSX")
        yield from (Path(parent, file) for file in sorted(files) if is_picture_name(file))


def _from_glob(pattern: str, root: Path) -> Iterator[Source]:
    empty = True
    # Not Path.glob: it takes no absolute patterns, and shows hidden files.
    for text in sorted(glob.iglob(pattern, recursive=True)):  # noqa: PTH207
        path = Path(text)
        if path.is_file() and archive_kind(path.name):
            empty = False
            yield from _from_archive(path)
        elif path.is_file() and is_picture_name(path.name):
            empty = False
            yield _from_file(path, path.relative_to(root).as_posix())
    if empty:
        problem = f"{pattern}: expected pictures to match, found none; check the pattern"
        yield _failure(pattern, problem)


def _from_archive(path: Path) -> Iterator[Source]:
    empty = True
    for name, member in read_members(path):
        empty = False
        if isinstance(member, PictureError):
            yield _failure(name, str(member))
        else:
            yield Source(name, _giver(member))
    if empty:
        yield _failure(path.name, f"{path}: expected pictures in the archive, found none; look in")


def _glob_root(pattern: Path) -> Path:
    """Return the folder that a pattern starts from, before its first wildcard."""
    while glob.has_magic(str(pattern)):
        pattern = pattern.parent
    return pattern


def _label(folder: Path) -> str:
    return folder.name or folder.resolve().name


def _giver(data: bytes) -> Callable[[], bytes]:
    return lambda: data


def _failure(name: str, problem: str) -> Source:
    def read() -> bytes:
        raise PictureError(problem)

    return Source(name, read)
