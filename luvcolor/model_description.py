"""What can be said of models: the list of them all, and everything on one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from luvcolor.checkpoint import SUFFIX, Card, read_card, shipped
from luvcolor.configuration import describe_settings
from luvcolor.errors import CheckpointError, PluginError, UsageError
from luvcolor.hookspecs import ModelSpec
from luvcolor.plugin_description import licence_of
from luvcolor.registry import registry
from luvcolor.source import class_constant

__all__ = ["describe_model", "list_models"]


def list_models() -> dict[str, dict[str, Any]]:
    """Return every model by name, as JSON holds it, without importing any.

    Returns
    -------
    dict of dict
        Each with ``summary``, ``citation``, ``licence``, ``learns``, ``hints`` (those it uses;
        None where its source does not say), ``factory``, ``plugin``, ``distribution``, ``version``.

    Examples
    --------
    >>> list_models()["unet"]["plugin"]
    'luvcolor_builtins'
    """
    return {
        name: {**_known(spec), "hints": _stated_hints(spec)}
        for name, spec in registry().models.items()
    }


def describe_model(name: str, folder: Path | None = None) -> dict[str, Any]:
    """Return everything on one model, as JSON holds it. Imports it.

    Parameters
    ----------
    name
        Its registered name.
    folder
        Where to look for checkpoints of it, beside those that ship; the current one unless given.

    Returns
    -------
    dict
        As in `list_models`, and ``name``, ``settings`` (each with ``name``, ``kind``, ``default``
        and ``meaning``) and ``checkpoints`` (each with ``path``, ``ships`` and its card).

    Raises
    ------
    UsageError
        When no plugin brings such a model; the message lists the known ones, or says whose
        checkpoint is called so.
    PluginError
        When the plugin's own code fails.
    """
    found = registry()
    _refuse_checkpoint(name)
    spec = found.model(name)
    model_class = found.model_class(name)
    try:
        settings = [setting._asdict() for setting in describe_settings(model_class.Config)]
        hints = list(model_class.uses)
    except Exception as error:
        raise PluginError(
            f"the model {name!r} of {found.owner(spec)}: expected a Colorizer whose Config is a "
            f"dataclass with defaults, found {type(error).__name__}: {error}"
        ) from error
    checkpoints = [
        {"path": str(path), "ships": ships, **asdict(card)}
        for path, ships, card in _checkpoints(name, folder or Path())
    ]
    return {**_known(spec), "hints": hints, "settings": settings, "checkpoints": checkpoints}


def _refuse_checkpoint(name: str) -> None:
    """Say whose checkpoint it is, where one that ships is called so and no model is."""
    path = shipped().get(name)
    if path and name not in registry().models:
        model = read_card(path).model
        raise UsageError(
            f"expected a model, found {name!r}, a checkpoint of the model {model!r}; "
            f"see `luvcolor models {model}`"
        )


def _known(spec: ModelSpec) -> dict[str, Any]:
    owner = registry().owner(spec)
    assert owner is not None
    return {
        **asdict(spec),
        "licence": spec.licence or licence_of(owner.distribution) or "",
        "plugin": owner.name,
        "distribution": owner.distribution,
        "version": owner.version,
    }


def _stated_hints(spec: ModelSpec) -> list[str] | None:
    try:
        return list(class_constant(spec.factory, "uses"))
    except LookupError:
        return None


def _checkpoints(name: str, folder: Path) -> Iterator[tuple[Path, bool, Card]]:
    """Yield the checkpoints of a model: those that ship, and those in a folder."""
    places = [(path, True) for path in shipped().values()]
    places += [(path, False) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    for path, ships in places:
        try:
            card = read_card(path)
        except CheckpointError:  # weights of something else
            continue
        if card.model == name:
            yield path, ships, card
