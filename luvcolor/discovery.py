"""Where plugins come from: luvcolor itself, and the entry points of installed distributions."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module, metadata
from typing import Any

from luvcolor.blame import blamed
from luvcolor.errors import PluginError
from luvcolor.hookspecs import PROJECT, CommandSpec, ModelSpec

__all__ = ["SELECTION", "Plugin", "builtin_plugins", "installed_plugins"]

BUILTINS = ("luvcolor_builtins",)
"""Modules that register what luvcolor itself brings, through the door that strangers use."""

SELECTION = "LUVCOLOR_PLUGINS"
"""Environment variable: the entry points to load, by comma; set but empty for none."""


@dataclass
class Plugin:
    """One plugin: where it comes from, what it brought, or why it was skipped.

    Attributes
    ----------
    name
        Of its entry point.
    distribution, version
        What was installed; both ``"unknown"`` where nothing was.
    load
        Imports it.
    models, commands
        What it registered.
    error
        Why it was skipped; None for a healthy one.
    module
        What was imported, once it has been.
    """

    name: str
    distribution: str
    version: str
    load: Callable[[], Any]
    models: list[ModelSpec] = field(default_factory=list)
    commands: list[CommandSpec] = field(default_factory=list)
    error: str | None = None
    module: Any = None

    def __str__(self) -> str:
        return f"plugin {self.name!r} ({self.distribution} {self.version})"


def builtin_plugins() -> Iterator[Plugin]:
    """Yield what luvcolor itself brings."""
    from luvcolor import __version__

    for module in BUILTINS:
        yield Plugin(module, PROJECT, __version__, partial(import_module, module))


def installed_plugins() -> Iterator[Plugin]:
    """Yield the plugins of installed distributions, as the environment selects them.

    A name in the selection that no distribution has comes as a plugin that cannot be loaded, and so
    does a distribution whose entry points cannot be read.
    """
    found = sorted(_all_installed(), key=lambda plugin: plugin.name)
    chosen = os.environ.get(SELECTION)
    if chosen is None:
        yield from found
        return
    wanted = {name for part in chosen.split(",") if (name := part.strip())}
    yield from (plugin for plugin in found if plugin.name in wanted)
    known = ", ".join(plugin.name for plugin in found) or "none"
    for name in sorted(wanted - {plugin.name for plugin in found} - set(BUILTINS)):
        reason = (
            f"{SELECTION} names it, and no distribution has an entry point of that name; "
            f"installed plugins: {known}; install it, or leave it out of {SELECTION}"
        )
        yield Plugin(name, "unknown", "unknown", partial(_refuse, reason))


def _all_installed() -> Iterator[Plugin]:
    """Yield every plugin on the path; of several distributions of one name, the first counts."""
    seen = set()
    for distribution in metadata.distributions():
        if not _has_plugins(distribution):  # asked first, for a name takes longer to find out
            continue
        name, version = distribution.name or "unknown", distribution.version or "unknown"
        if name not in seen or name == "unknown":
            seen.add(name)
            yield from _plugins_of(distribution, name, version)


def _has_plugins(distribution: metadata.Distribution) -> bool:
    try:
        return f"[{PROJECT}]" in (distribution.read_text("entry_points.txt") or "")
    except UnicodeDecodeError:
        return False


def _plugins_of(distribution: metadata.Distribution, name: str, version: str) -> Iterator[Plugin]:
    try:
        entries = [*distribution.entry_points.select(group=PROJECT)]
    except (TypeError, ValueError) as error:
        reason = f"its entry points cannot be read ({error}); install {name} anew"
        yield Plugin(name, name, version, partial(_refuse, reason))
        return
    for entry in entries:
        yield Plugin(entry.name, name, version, partial(_load, entry))


def _load(entry: metadata.EntryPoint) -> Any:
    """Import a plugin; what it prints goes to standard error, for the other carries pictures.

    Raises
    ------
    PluginError
        When it cannot be imported, or ends the interpreter.
    """
    if entry.pattern.match(entry.value) is None:
        raise PluginError(
            f"its entry point is to be written MODULE or MODULE:OBJECT, found {entry.value!r}"
        )
    try:
        with (
            redirect_stdout(sys.stderr),
            blamed(package=entry.module.split(".")[0], catching=BaseException),
        ):
            return entry.load()
    except PluginError as error:
        raise _in_other_words(error, entry) from error


def _in_other_words(error: PluginError, entry: metadata.EntryPoint) -> PluginError:
    """Say what to do about a module that is missing; other errors speak for themselves."""
    cause = error.__cause__
    missing = cause.name if isinstance(cause, ModuleNotFoundError) else None
    if missing is None:
        return error
    if f"{entry.module}.".startswith(f"{missing}."):
        return PluginError(
            f"its entry point names the module {entry.module!r}, and there is no {missing!r}; "
            "install it anew, or correct the entry point in its pyproject.toml"
        )
    return PluginError(f"{error}; install what brings {missing!r}")


def _refuse(reason: str) -> Any:
    raise PluginError(reason)
