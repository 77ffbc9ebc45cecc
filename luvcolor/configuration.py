"""Frozen dataclasses of settings from and to words and JSON: ``--set width=48`` and cards."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from itertools import pairwise
from typing import Any, NamedTuple

from luvcolor.errors import UsageError

__all__ = [
    "Setting",
    "attribute_docstrings",
    "describe_settings",
    "from_mapping",
    "parse_settings",
    "to_mapping",
]


class Setting(NamedTuple):
    """One field of a dataclass of settings.

    Attributes
    ----------
    name, kind, default
        As they are written: ``name: kind = default``.
    meaning
        The string beneath the field, on one line; empty where there is none.
    """

    name: str
    kind: str
    default: Any
    meaning: str


def parse_settings(words: Iterable[str]) -> dict[str, Any]:
    """Read ``name=value`` words; values are JSON where they parse, else plain text.

    Examples
    --------
    >>> parse_settings(["width=48", "space=uv", "flip=true"])
    {'width': 48, 'space': 'uv', 'flip': True}
    """
    settings = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"a setting is written NAME=VALUE, such as width=48; found {word!r}")
        try:
            settings[name] = json.loads(value)
        except json.JSONDecodeError:
            settings[name] = value
    return settings


def from_mapping(config: type[Any], settings: Mapping[str, Any]) -> Any:
    """Build the dataclass `config` from `settings`; fields not named keep their defaults.

    Raises
    ------
    UsageError
        For an unknown name or a value of another type than the default's.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Config:
    ...     width: int = 32
    >>> from_mapping(Config, {"width": 48})
    Config(width=48)
    """
    defaults = to_mapping(config())
    unknown = sorted(set(settings) - set(defaults))
    if unknown:
        raise UsageError(f"no setting is called {unknown[0]!r}; known: {', '.join(defaults)}")
    return config(**{name: _checked(name, value, defaults) for name, value in settings.items()})


def to_mapping(config: Any) -> dict[str, Any]:
    """Return the fields of a dataclass instance by name, in order."""
    return {f.name: asdict(config)[f.name] for f in fields(config)}


def describe_settings(config: type[Any]) -> list[Setting]:
    """Return the fields of the dataclass `config`, each with what is written beneath it.

    Examples
    --------
    >>> from luvcolor.training import TrainingOptions
    >>> describe_settings(TrainingOptions)[0][:3]
    ('epochs', 'int', 20)
    """
    meanings: dict[str, str] = {}
    for base in reversed(config.__mro__[:-1]):
        meanings |= dict(attribute_docstrings(base))
    defaults = to_mapping(config())
    return [
        Setting(f.name, _spelled(f.type), defaults[f.name], meanings.get(f.name, ""))
        for f in fields(config)
    ]


def attribute_docstrings(owner: type[Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, string beneath it) of annotated attributes; it is nowhere but in the source."""
    try:
        source = inspect.getsource(owner)
    except (OSError, TypeError):  # made by a program
        return
    (body,) = ast.parse(textwrap.dedent(source)).body
    for pair in pairwise(getattr(body, "body", ())):
        match pair:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(text))):
                yield name, " ".join(text.split())


def _spelled(kind: Any) -> str:
    """Return a type as it is written; with postponed annotations it is a string already."""
    return kind if isinstance(kind, str) else inspect.formatannotation(kind)


def _checked(name: str, value: Any, defaults: Mapping[str, Any]) -> Any:
    default = defaults[name]
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(default, tuple) and isinstance(value, list):
        return tuple(value)  # JSON has no tuples
    if default is not None and type(value) is not type(default):
        raise UsageError(
            f"setting {name!r} is a {type(default).__name__}, such as {default!r}; found {value!r}"
        )
    return value
