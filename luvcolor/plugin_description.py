"""What can be said of a plugin: where it comes from, what it implements and brings, its health."""

from __future__ import annotations

import re
from importlib import metadata
from typing import Any

from luvcolor.registration import hooks_of
from luvcolor.registry import Plugin

__all__ = ["canonical", "describe_plugin", "licence_of"]


def describe_plugin(plugin: Plugin) -> dict[str, Any]:
    """Return what is known of a plugin, as JSON holds it.

    Returns
    -------
    dict
        ``name``, ``distribution``, ``version``, ``licence``, ``homepage`` (None where its
        distribution does not say), ``hooks`` (those it implements), ``hooks_version`` (None where
        it does not say), ``models``, ``commands``, ``health`` (``"ok"`` or ``"skipped"``) and
        ``reason`` (why it was skipped).

    Examples
    --------
    >>> from luvcolor.registry import registry
    >>> found = describe_plugin(registry().plugins[0])
    >>> found["name"], found["health"], found["hooks"]
    ('luvcolor_builtins', 'ok', ['luvcolor_register_models'])
    """
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "licence": licence_of(plugin.distribution),
        "homepage": _homepage(plugin.distribution),
        "hooks": hooks_of(plugin.module),
        "hooks_version": getattr(plugin.module, "luvcolor_hooks", None),
        "models": [spec.name for spec in plugin.models],
        "commands": [spec.name for spec in plugin.commands],
        "health": "skipped" if plugin.error else "ok",
        "reason": plugin.error,
    }


def canonical(distribution: str) -> str:
    """Return the one spelling of a distribution's name by which names are compared.

    Examples
    --------
    >>> canonical("Luvcolor_MyTint")
    'luvcolor-mytint'
    """
    return re.sub(r"[-_.]+", "-", distribution).lower()


def licence_of(distribution: str) -> str | None:
    """Return what a distribution says of its licence; the first line of one that tells it all."""
    about = _metadata(distribution)
    said = about.get("License-Expression") or about.get("License")
    return said.strip().splitlines()[0] if said else None


def _homepage(distribution: str) -> str | None:
    about = _metadata(distribution)
    pairs = [row.partition(",")[::2] for row in about.get_all("Project-URL", [])]
    urls = {re.sub(r"[^a-z]", "", label.lower()): url.strip() for label, url in pairs}
    labels = ("homepage", "repository", "source", "sourcecode", "github", "documentation")
    return about.get("Home-page") or next((urls[key] for key in labels if key in urls), None)


def _metadata(distribution: str) -> Any:
    """Return the metadata of a distribution; empty where it is not installed, but on the path."""
    try:
        return metadata.metadata(distribution)
    except metadata.PackageNotFoundError:
        from email.message import Message

        return Message()
