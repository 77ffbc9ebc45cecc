"""Checks of what a model does with hints, and without."""

from __future__ import annotations

import torch

from luvcolor.errors import UsageError
from luvcolor.testing.pictures import hints_for, luma_of
from luvcolor.testing.subject import Subject
from luvcolor.testing.words import BrokenContractError, require

__all__ = ["check_hints"]

KNOWN = ("colours", "reference")


def check_hints(subject: Subject) -> None:
    """Check `uses`, and that a model which needs no weights goes by the hints it is given."""
    uses = subject.model_class.uses
    unknown = [use for use in uses if use not in KNOWN] if isinstance(uses, tuple) else [uses]
    require(
        not unknown,
        expected=f"uses to be a tuple of {' and '.join(map(repr, KNOWN))}, or empty",
        found=repr(uses),
        advice="Write `uses = ('colours',)` in the class; predict gets no other hints.",
    )
    _check_without(subject)
    if uses and not subject.spec.learns:
        _check_difference(subject, uses)


def _check_without(subject: Subject) -> None:
    """Without hints, a model answers, or says in words that it needs some."""
    model = subject.fitted()
    try:
        with torch.inference_mode():
            model.predict(luma_of(1, 16, 16), hints=None, temperature=None, generator=None)
    except UsageError as error:
        if not subject.model_class.uses:
            raise BrokenContractError(
                "an answer without hints, for uses is empty",
                f"UsageError: {error}",
                "Name in uses what it cannot do without.",
            ) from error
    except Exception as error:
        raise BrokenContractError(
            "an answer without hints, or a luvcolor.errors.UsageError that says which it needs",
            f"{type(error).__name__}: {error}",
            "Begin predict with `if hints is None: raise UsageError(...)`.",
        ) from error


def _check_difference(subject: Subject, uses: tuple[str, ...]) -> None:
    """Other hints give other chroma."""
    model, luma = subject.fitted(), luma_of(1, 24, 24)
    one, other = (
        subject.answer(model, luma, hints=hints_for(luma, uses, turned=turned)).uv
        for turned in (False, True)
    )
    require(
        (one - other).abs().max() > 1,
        expected=f"other chroma for other hints, for it uses {' and '.join(uses)}",
        found="the same chroma",
        advice="Look at hints.uv where hints.mask is set, and at hints.reference; or take out of "
        "uses what it makes no use of.",
    )
