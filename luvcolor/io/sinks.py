"""Where results go: standard output, a file, a folder, an archive."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from luvcolor.errors import OutputError, UsageError
from luvcolor.frame import Frame
from luvcolor.io.archives import ARCHIVE_SUFFIXES, archive_kind, new_archive
from luvcolor.io.atomic import atomic_path, atomic_write, refuse_existing
from luvcolor.io.codec import encode, known_format, suitable_format
from luvcolor.io.formats import SUFFIXES, format_of_suffix
from luvcolor.io.names import clean_name, with_format_suffix
from luvcolor.io.stream import encode_for_pipe, write_bytes

__all__ = ["Sink", "open_sink"]


class Sink:
    """Takes frames one by one; use it in a `with` statement.

    `write` is `put` after `encode`. Callers that encode on several threads call `encode` there,
    and `put` on one thread, in order.
    """

    def __init__(self, format: str | None, quality: int | None) -> None:
        self.format = format
        self.quality = quality

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish; after an exception, leave nothing half done."""

    def encode(self, frame: Frame) -> bytes:
        """Return the bytes that `put` wants for a frame. Safe to call on any thread."""
        return encode(frame, self.format_of(frame), quality=self.quality)

    def put(self, frame: Frame, data: bytes) -> str:
        """Store an encoded frame; return where it went, in words for a person."""
        raise NotImplementedError

    def write(self, frame: Frame) -> str:
        """Encode and store a frame; return where it went, in words for a person."""
        return self.put(frame, self.encode(frame))

    def holds(self, name: str) -> bool:
        """Return whether a picture that comes under `name` has been written by an earlier run."""
        return False

    def format_of(self, frame: Frame) -> str:
        """Return the format a frame is written in."""
        return self.format or suitable_format(frame)


class StreamSink(Sink):
    """Writes pictures to a pipe, one after the other, each with its name inside it."""

    def __init__(self, stream: BinaryIO, format: str | None, quality: int | None) -> None:
        super().__init__(format or "png", quality)
        self._stream = stream
        self._written = 0

    def encode(self, frame: Frame) -> bytes:
        """Return the bytes of a picture that carries its name."""
        return encode_for_pipe(frame, self.format, quality=self.quality)

    def put(self, frame: Frame, data: bytes) -> str:
        """Write and flush."""
        if self.format == "tiff" and self._written:
            raise OutputError(
                "standard output: expected one TIFF, found a second, which no reader could tell "
                "from the first; choose --format png, or a folder"
            )
        write_bytes(self._stream, data)
        self._written += 1
        return "standard output"


class FileSink(Sink):
    """Writes one picture to one file."""

    def __init__(self, path: Path, format: str | None, force: bool, quality: int | None) -> None:
        super().__init__(format, quality)
        self._path, self._force, self._written = path, force, False

    def put(self, frame: Frame, data: bytes) -> str:
        """Write the file; a second frame is refused."""
        if self._written:
            raise OutputError(
                f"{self._path}: expected one picture for one file, found a second "
                f"({frame.name or 'unnamed'}); give a folder, such as {self._path.stem}/"
            )
        atomic_write(self._path, data, self._force)
        self._written = True
        return str(self._path)


class NamingSink(Sink):
    """A sink that holds many pictures and must keep their names apart."""

    def __init__(self, place: str, format: str | None, quality: int | None) -> None:
        super().__init__(format, quality)
        self._place = place
        self._names: set[str] = set()
        self._unnamed = 0

    def name_for(self, frame: Frame) -> str:
        """Return the relative name for a frame; raise OutputError if this run has used it."""
        name = with_format_suffix(self._base_name(frame), self.format_of(frame))
        if name in self._names:
            raise OutputError(
                f"{self._place}/{name}: expected a name of its own for every picture, found one "
                "written in this run already; rename an input, or write to two folders"
            )
        return name

    def _base_name(self, frame: Frame) -> str:
        if name := clean_name(frame.name):
            return name
        self._unnamed += 1
        return f"frame-{self._unnamed:04d}"


class FolderSink(NamingSink):
    """Writes pictures below a folder under their relative names."""

    def __init__(self, folder: Path, format: str | None, force: bool, quality: int | None) -> None:
        super().__init__(str(folder), format, quality)
        self._folder, self._force = folder, force

    def holds(self, name: str) -> bool:
        """Look for a file of that name, with the suffix that is asked for or its own."""
        name = clean_name(name)
        kind = self.format or SUFFIXES.get(Path(name).suffix.lower())
        return kind is not None and (self._folder / with_format_suffix(name, kind)).exists()

    def put(self, frame: Frame, data: bytes) -> str:
        """Write one file; folders are made as they are needed."""
        name = self.name_for(frame)
        path = self._folder / name
        _refuse_escape(self._folder, path)
        atomic_write(path, data, self._force)
        self._names.add(name)
        return str(path)


class ArchiveSink(NamingSink):
    """Writes pictures into a tar or zip archive, which appears when all are in."""

    def __init__(self, path: Path, format: str | None, force: bool, quality: int | None) -> None:
        super().__init__(str(path), format, quality)
        refuse_existing(path, force)
        self._path, self._force = path, force
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        temporary = self._stack.enter_context(atomic_path(self._path, self._force))
        self._add = self._stack.enter_context(new_archive(temporary, self._path.name))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close and put the archive in its place; remove it when nothing, or not all, is in it."""
        if error is None and not self._names:
            error = OutputError(f"{self._path}: expected pictures to archive, found none")
        self._stack.__exit__(type(error) if error else None, error, trace)

    def put(self, frame: Frame, data: bytes) -> str:
        """Add one member."""
        name = self.name_for(frame)
        self._add(name, data)
        self._names.add(name)
        return f"{self._path}/{name}"


def open_sink(
    output: str | None,
    *,
    format: str | None = None,
    force: bool = False,
    quality: int | None = None,
    many: bool | None = None,
    stdout: BinaryIO | None = None,
) -> Sink:
    """Return the sink that an output stands for; a context manager with `write(frame)`.

    Parameters
    ----------
    output
        ``-`` or None: standard output. An archive suffix: that archive. A picture suffix: that
        file. An existing folder, a name that ends in ``/`` or has no suffix: a folder.
    format
        The format to write; None for what the file's suffix says, else each frame's own.
    force
        Whether files from before may be replaced. Two pictures of one run never share a name.
    quality
        See `encode`.
    many
        True where more than one picture is sure to come: a single file is refused at once.
    stdout
        Written to for ``-``; the process's standard output where None.

    Raises
    ------
    UsageError
        If the suffix is unknown, or contradicts `format`.
    OutputError
        If something is in the way.

    Examples
    --------
    >>> import numpy as np
    >>> from io import BytesIO
    >>> with open_sink("-", stdout=BytesIO()) as sink:
    ...     sink.write(Frame(np.zeros((2, 2), np.uint8), name="a.png"))
    'standard output'
    """
    kind = known_format(format) if format else None
    if output is None or output == "-":
        return StreamSink(stdout or sys.stdout.buffer, kind, quality)
    path = Path(output)
    if archive_kind(path.name) and not path.is_dir():
        return ArchiveSink(path, kind, force, quality)
    if _means_folder(output, path):
        return FolderSink(path, kind, force, quality)
    if path.suffix:
        kind = _agreed_format(path, kind)
    if many:
        raise OutputError(
            f"{output}: expected a folder or an archive for many pictures, found one file name; "
            f"give a folder, such as {path.stem}/"
        )
    if not path.exists() or path.is_file():
        refuse_existing(path, force)
    return FileSink(path, kind, force, quality)


def _means_folder(output: str, path: Path) -> bool:
    if path.exists():
        return path.is_dir()
    return output.endswith(("/", "\\")) or not path.suffix


def _agreed_format(path: Path, kind: str | None) -> str | None:
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        said = format_of_suffix(suffix)
        if kind not in (None, said):
            raise UsageError(
                f"{path}: expected one format, found {said} by its suffix and {kind} by --format; "
                "leave one out"
            )
        return said
    if kind is None:
        known = ", ".join([*SUFFIXES, *ARCHIVE_SUFFIXES])
        raise UsageError(
            f"{path}: expected a known suffix, found {suffix!r}; use one of {known}, "
            "or end the name of a folder with /"
        )
    return kind


def _refuse_escape(folder: Path, path: Path) -> None:
    """Names are clean, but a link below the folder may still lead out of it."""
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise OutputError(
            f"{path}: expected a place below {folder}, found a link that leads out of it; remove it"
        )
