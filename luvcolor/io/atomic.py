"""Files that appear whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from luvcolor.errors import OutputError

__all__ = ["atomic_path", "atomic_write", "refuse_existing"]


@contextmanager
def atomic_path(path: str | Path, force: bool = False) -> Iterator[Path]:
    """Lend a temporary path in the same folder, which becomes `path` if all goes well.

    The folder is made where it is missing. On an exception, the temporary file is removed and
    whatever was at `path` is left as it was. A link is followed: its target is what is replaced.

    Parameters
    ----------
    path
        The file to make; a folder works too, where there is none of that name yet.
    force
        Whether an existing file may be replaced.

    Raises
    ------
    OutputError
        If the file exists and `force` is not set, or it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with atomic_path(Path(folder, "card.json")) as temporary:
    ...         _ = temporary.write_text("{}")
    ...     [file.name for file in Path(folder).iterdir()]
    ['card.json']
    """
    asked, final = Path(path), Path(path)
    if final.is_symlink():
        final = final.resolve()
    refuse_existing(asked, force)
    # The temporary name keeps the suffix: some writers go by it.
    temporary = final.with_name(f".{final.stem[:100]}.{secrets.token_hex(6)}.part{final.suffix}")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        refuse_existing(asked, force)
        temporary.replace(final)
    except OSError as error:
        # Trouble with some other file, an input say, is for others to explain.
        if error.filename and not _concerns(Path(str(error.filename)), temporary, final):
            raise
        raise _explain(asked, error) from error
    finally:
        _remove(temporary)


def atomic_write(path: str | Path, data: bytes, force: bool = False) -> None:
    """Write a whole file, or leave everything as it was; see `atomic_path`.

    What exists and is no regular file, such as ``/dev/null`` or a named pipe, is written to as is.
    """
    target = Path(path)
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(data)
            return
    except OSError as error:
        raise _explain(target, error) from error
    # "x": made anew with the permissions that the umask leaves, or not at all.
    with atomic_path(target, force) as temporary, temporary.open("xb") as file:
        file.write(data)


def refuse_existing(path: Path, force: bool) -> None:
    """Raise OutputError if a file is in the way."""
    if path.is_dir():
        raise OutputError(f"{path}: expected a file name, found a folder; name a file in it")
    if not force and (path.exists() or path.is_symlink()):
        raise OutputError(
            f"{path}: expected to write a new file, found one of that name; "
            "use --force to replace it, or another name"
        )


def _concerns(path: Path, temporary: Path, final: Path) -> bool:
    ours = {temporary, final, *final.parents}
    return path in ours or temporary in path.parents


def _explain(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(
        f"{path}: expected to write it, found {reason!r}; check the folder and the space left"
    )


def _remove(temporary: Path) -> None:
    """Remove what was left behind; a folder, should the writer have made one."""
    from shutil import rmtree

    if temporary.is_dir():
        rmtree(temporary, ignore_errors=True)
    else:
        # Where the folder itself is at fault, there is nothing to remove either.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
