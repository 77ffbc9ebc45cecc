"""Pictures in tar and zip archives, read and written one after the other, never on disk."""

from __future__ import annotations

import io
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from luvcolor.errors import PictureError
from luvcolor.io.formats import SUFFIXES
from luvcolor.io.names import clean_name, is_picture_name

__all__ = ["ARCHIVE_SUFFIXES", "archive_kind", "new_archive", "read_members"]

ARCHIVE_SUFFIXES = {
    ".tar": "tar",
    ".tar.gz": "tar.gz",
    ".tgz": "tar.gz",
    ".tar.xz": "tar.xz",
    ".txz": "tar.xz",
    ".tar.bz2": "tar.bz2",
    ".tbz2": "tar.bz2",
    ".zip": "zip",
}

# A zip of a few kilobytes can claim members of terabytes.
_MAX_MEMBER = 1 << 33


def archive_kind(name: str) -> str | None:
    """Return what kind of archive a name stands for, or None.

    Examples
    --------
    >>> archive_kind("scans.TGZ"), archive_kind("a.png")
    ('tar.gz', None)
    """
    lower = name.lower()
    return next((kind for end, kind in ARCHIVE_SUFFIXES.items() if lower.endswith(end)), None)


def read_members(path: Path) -> Iterator[tuple[str, bytes | PictureError]]:
    """Yield the clean name and the bytes of each picture in an archive.

    A member that cannot be read comes as its error; an archive that cannot be read any further
    ends with one under the archive's own name.
    """
    members = _zip_members if archive_kind(path.name) == "zip" else _tar_members
    try:
        yield from members(path)
    # A broken archive raises much more than its own error: zlib's, lzma's, EOFError, ...
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        yield (
            path.name,
            PictureError(f"{path}: expected a whole archive, found {reason}; get a complete copy"),
        )


@contextmanager
def new_archive(path: Path, name: str) -> Iterator[Callable[[str, bytes], None]]:
    """Make an archive at `path`, of the kind that `name` stands for; lend what adds a member."""
    kind = archive_kind(name) or "tar"
    with path.open("xb") as file:
        if kind == "zip":
            with zipfile.ZipFile(file, "w") as zipped:
                yield lambda member, data: _add_to_zip(zipped, member, data)
            return
        compression = kind.partition(".")[2]
        # The pictures are compressed already: gzip and its like are here for the suffix's sake.
        level = {"gz": {"compresslevel": 1}, "xz": {"preset": 0}}.get(compression, {})
        with tarfile.open(fileobj=file, mode=f"w:{compression}", **level) as tar:  # type: ignore[call-overload]
            yield lambda member, data: _add_to_tar(tar, member, data)


def _add_to_tar(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = len(data), int(time.time())
    archive.addfile(info, io.BytesIO(data))


def _add_to_zip(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    # PNM and BMP are the only formats that have not been compressed already.
    bare = SUFFIXES.get(PurePosixPath(name).suffix.lower()) in ("pnm", "bmp")
    archive.writestr(name, data, zipfile.ZIP_DEFLATED if bare else zipfile.ZIP_STORED)


def _tar_members(path: Path) -> Iterator[tuple[str, bytes | PictureError]]:
    # "r|*": forward only, any compression. A plain "r" would seek through all of it first.
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.isfile() and is_picture_name(member.name):
                name = clean_name(member.name)
                if member.size > _MAX_MEMBER:
                    yield name, _too_large(name, member.size)
                elif (file := archive.extractfile(member)) is not None:
                    yield name, file.read()


def _zip_members(path: Path) -> Iterator[tuple[str, bytes | PictureError]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if not info.is_dir() and is_picture_name(info.filename):
                yield clean_name(info.filename), _zip_member(archive, info)


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | PictureError:
    name = info.filename
    if info.flag_bits & 1:
        return PictureError(f"{name}: expected a plain member, found an encrypted one; unzip first")
    if info.file_size > _MAX_MEMBER:
        return _too_large(name, info.file_size)
    try:
        return archive.read(info)
    except Exception as error:
        return PictureError(f"{name}: expected a whole member, found {error}; get a complete copy")


def _too_large(name: str, size: int) -> PictureError:
    return PictureError(
        f"{name}: expected at most {_MAX_MEMBER:,} bytes, found {size:,}; unpack it first"
    )
