"""Checks of a model's Config."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import Any

from luvcolor.configuration import from_mapping, parse_settings, to_mapping
from luvcolor.testing.subject import Subject
from luvcolor.testing.words import expecting, require

__all__ = ["check_config"]


def check_config(subject: Subject) -> None:
    """Check that `Config` is frozen, has defaults, and comes back from JSON and ``--set``."""
    config_class: Any = subject.model_class.Config
    parameters = getattr(config_class, "__dataclass_params__", None)
    require(
        parameters is not None and parameters.frozen,
        expected="Config to be a frozen dataclass",
        found=f"{config_class!r}",
        advice="Write `@dataclass(frozen=True)` above it: a checkpoint says what it was.",
    )
    bare = [f.name for f in fields(config_class) if f.default is f.default_factory is MISSING]
    require(
        not bare,
        expected="a default for every field of Config",
        found=f"none for {', '.join(bare)}",
        advice="Give one, such as `width: int = 32`; it tells --set the type, and people where to "
        "start.",
    )
    advice = "Let the defaults be settings that work."
    with expecting("a Config of defaults", package=subject.package, advice=advice):
        default = config_class()
    for config in (default, subject.config):
        _check_round_trip(subject, config)
    require(
        subject.new().config == subject.config,
        expected="the model to keep its Config as self.config",
        found=f"{getattr(subject.new(), 'config', None)!r}",
        advice="Begin __init__ with `super().__init__(config)`.",
    )


def _check_round_trip(subject: Subject, config: Any) -> None:
    expected = f"{config!r} to come back from JSON and from --set"
    advice = "Use fields of type int, float, bool, str or tuple, and the dataclass's own `==`."
    with expecting(expected, package=subject.package, advice=advice):
        mapping = to_mapping(config)
        words = [f"{name}={json.dumps(value)}" for name, value in mapping.items()]
        ways = (json.loads(json.dumps(mapping)), parse_settings(words))
        found = [from_mapping(type(config), way) for way in ways]
    for each in found:
        require(each == config, expected=expected, found=repr(each), advice=advice)
