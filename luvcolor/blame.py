"""Says whose code failed: a plugin's, and where in it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from luvcolor.errors import LuvcolorError, PluginError
from luvcolor.runtimes.memory import is_out_of_memory

__all__ = ["blamed", "described"]


@contextmanager
def blamed(
    what: str = "", package: str = "", *, catching: type[BaseException] = Exception
) -> Iterator[None]:
    """Turn what a plugin's code raises into a `PluginError` that says what failed.

    Parameters
    ----------
    what
        What failed, to stand before the reason.
    package
        The package of that code; the place in it is named.
    catching
        `BaseException` where a plugin that ends the interpreter is to end alone. An interrupt
        always passes; so do want of memory and luvcolor's own errors, which are in words already.

    Examples
    --------
    >>> with blamed("the model 'tint' failed"):
    ...     {}["levels"]
    Traceback (most recent call last):
    luvcolor.errors.PluginError: the model 'tint' failed: KeyError: 'levels'
    """
    try:
        yield
    except (LuvcolorError, KeyboardInterrupt):
        raise
    except catching as error:
        if is_out_of_memory(error):
            raise
        reason = described(error, package)
        raise PluginError(f"{what}: {reason}" if what else reason) from error


def described(error: BaseException, package: str = "") -> str:
    """Return the kind and the words of an exception, and where in `package` it came from.

    Examples
    --------
    >>> described(ValueError("no such level"))
    'ValueError: no such level'
    """
    kind, words = type(error).__name__, " ".join(str(error).split())
    return (f"{kind}: {words}" if words else kind) + _place(error, package)


def _place(error: BaseException, package: str) -> str:
    """Return the innermost line of `package` that `error` came through; empty without any."""
    lines = [
        f" ({module}, line {line})"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if package and (module := frame.f_globals.get("__name__", "")).split(".")[0] == package
    ]
    return lines[-1] if lines else ""
