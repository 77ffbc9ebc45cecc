"""How the kit says that a model does not keep its contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from luvcolor.blame import described

__all__ = ["BrokenContractError", "expecting", "require"]


class BrokenContractError(AssertionError):
    """A model does not keep its contract; says what was expected, what was found, what to do.

    Examples
    --------
    >>> print(BrokenContractError("a loss", "none", "Yield one."))
    expected  a loss
    found     none
    to do     Yield one.
    """

    def __init__(self, expected: str, found: str, advice: str) -> None:
        super().__init__(expected, found, advice)
        self.expected, self.found, self.advice = expected, found, advice

    def __str__(self) -> str:
        rows = (("expected", self.expected), ("found", self.found), ("to do", self.advice))
        return "\n".join(f"{title:<9} {text}" for title, text in rows)


def require(kept: object, *, expected: str, found: object, advice: str) -> None:
    """Raise `BrokenContractError` unless `kept`."""
    if not kept:
        raise BrokenContractError(expected, str(found), advice)


@contextmanager
def expecting(expected: str, *, package: str, advice: str) -> Iterator[None]:
    """Turn whatever a model's code raises into words that name the line of `package`."""
    try:
        yield
    except BrokenContractError:
        raise
    except Exception as error:
        raise BrokenContractError(expected, described(error, package), advice) from error
