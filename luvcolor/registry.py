"""Finds plugins and what they bring; keeps a broken one from breaking the rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module, metadata
from typing import Any, TypeVar

import pluggy

from luvcolor.errors import LuvcolorError, PluginError, UsageError
from luvcolor.hookspecs import HOOKS_VERSION, PROJECT, CommandSpec, Hooks, ModelSpec

__all__ = ["Plugin", "Registry", "build_registry", "registry"]

BUILTINS = ("luvcolor_builtins",)
"""Modules that register what luvcolor itself brings, through the door that strangers use."""

SELECTION = "LUVCOLOR_PLUGINS"
"""Environment variable: the entry points to load, by comma; set but empty for none."""

Spec = TypeVar("Spec", ModelSpec, CommandSpec)


@dataclass
class Plugin:
    """One plugin: where it comes from, what it brought, or why it was skipped."""

    name: str
    distribution: str
    version: str
    load: Callable[[], Any]
    models: list[ModelSpec] = field(default_factory=list)
    commands: list[CommandSpec] = field(default_factory=list)
    error: str | None = None

    def __str__(self) -> str:
        return f"plugin {self.name!r} ({self.distribution} {self.version})"


@dataclass
class Registry:
    """Every plugin found, and the models and commands of the healthy ones by name."""

    plugins: list[Plugin] = field(default_factory=list)
    models: dict[str, ModelSpec] = field(default_factory=dict)
    commands: dict[str, CommandSpec] = field(default_factory=dict)

    @property
    def broken(self) -> list[Plugin]:
        """The plugins that were skipped; each says why in `error`."""
        return [plugin for plugin in self.plugins if plugin.error]

    def model(self, name: str) -> ModelSpec:
        """Return the specification of the model called `name`.

        Raises
        ------
        UsageError
            When no plugin registered that name; the message lists the known ones.
        """
        if name in self.models:
            return self.models[name]
        raise UsageError(
            f"no model is called {name!r}; known models: {_listed(self.models)}{self.skipped}"
        )

    @property
    def skipped(self) -> str:
        """The end of a sentence that names the plugins that were skipped; empty without any."""
        reasons = "; ".join(f"{plugin}: {plugin.error}" for plugin in self.broken)
        return f"; skipped {reasons}" if reasons else ""

    def model_class(self, name: str) -> type[Any]:
        """Import and return the Colorizer class of the model called `name`.

        Raises
        ------
        UsageError
            When the name is unknown.
        PluginError
            When the plugin's own code fails; the message names the plugin.
        """
        spec = self.model(name)
        owner = next(plugin for plugin in self.plugins if spec in plugin.models)
        found: type[Any] = _imported(spec.factory, f"model {name!r} of {owner}")
        if not (isinstance(found, type) and hasattr(found, "predict") and hasattr(found, "Config")):
            raise PluginError(
                f"model {name!r} of {owner} is to be a Colorizer with a Config; {spec.factory!r} "
                "is none"
            )
        return found

    def command(self, name: str) -> Any:
        """Import and return the click command called `name`; KeyError when there is none."""
        spec = self.commands[name]
        owner = next(plugin for plugin in self.plugins if spec in plugin.commands)
        return _imported(spec.factory, f"command {name!r} of {owner}")


def build_registry(plugins: Iterable[Plugin], *, strict: bool = False) -> Registry:
    """Load `plugins` one by one; one that fails is kept with its error, and the rest go on.

    Raises
    ------
    PluginError
        At the first failure, when `strict`.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    found = Registry()
    for plugin in plugins:
        found.plugins.append(plugin)
        try:
            _load(plugin, manager, found)
        except Exception as error:
            plugin.models, plugin.commands = [], []
            plugin.error = str(error) if isinstance(error, LuvcolorError) else _described(error)
            if strict:
                raise PluginError(f"{plugin}: {plugin.error}") from error
        found.models |= {spec.name: spec for spec in plugin.models}
        found.commands |= {spec.name: spec for spec in plugin.commands}
    return found


@cache
def registry(*, strict: bool = False) -> Registry:
    """Return the registry of this process, built once from the built-ins and the installed."""
    return build_registry([*builtin_plugins(), *installed_plugins()], strict=strict)


def builtin_plugins() -> Iterator[Plugin]:
    """Yield what luvcolor itself brings."""
    from luvcolor import __version__

    for module in BUILTINS:
        yield Plugin(module, PROJECT, __version__, partial(import_module, module))


def installed_plugins() -> Iterator[Plugin]:
    """Yield the plugins of installed distributions, as the environment selects them."""
    chosen = os.environ.get(SELECTION)
    wanted = None if chosen is None else {name.strip() for name in chosen.split(",")}
    for entry in sorted(metadata.entry_points(group=PROJECT), key=lambda entry: entry.name):
        if wanted is None or entry.name in wanted:
            dist = entry.dist
            name, version = (dist.name, dist.version) if dist else ("unknown", "unknown")
            yield Plugin(entry.name, name, version, entry.load)


def _load(plugin: Plugin, manager: pluggy.PluginManager, found: Registry) -> None:
    module = plugin.load()
    wanted = getattr(module, "luvcolor_hooks", HOOKS_VERSION)
    if wanted != HOOKS_VERSION:
        raise PluginError(
            f"it was written for version {wanted} of the hooks, and this luvcolor has version "
            f"{HOOKS_VERSION}; install versions of both that agree"
        )
    manager.register(module, plugin.name)
    try:
        manager.check_pending()
        others = [other for other in manager.get_plugins() if other is not module]
        _collect(plugin.models, manager, "luvcolor_register_models", others)
        _collect(plugin.commands, manager, "luvcolor_register_commands", others)
        _refuse_duplicates("model", plugin.models, found.models, found.plugins)
        _refuse_duplicates("command", plugin.commands, found.commands, found.plugins)
    except Exception:
        manager.unregister(module)
        raise


def _collect(into: list[Spec], manager: pluggy.PluginManager, hook: str, others: list[Any]) -> None:
    """Call one hook of one plugin alone, so that a failure can only be its own."""
    manager.subset_hook_caller(hook, remove_plugins=others)(register=into.append)


def _refuse_duplicates(
    kind: str, new: list[Spec], known: dict[str, Spec], plugins: list[Plugin]
) -> None:
    seen: set[str] = set()
    for spec in new:
        if spec.name in seen:
            raise PluginError(f"it registers the {kind} {spec.name!r} twice; give each one name")
        seen.add(spec.name)
        if spec.name in known:
            clash = known[spec.name]
            owner = next(p for p in plugins if clash in p.models or clash in p.commands)
            raise PluginError(
                f"its {kind} {spec.name!r} is already registered by {owner}; "
                "rename one, or leave one out with LUVCOLOR_PLUGINS"
            )


def _imported(path: str, what: str) -> Any:
    module, _, attribute = path.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except Exception as error:
        raise PluginError(f"{what} cannot be loaded from {path!r}: {_described(error)}") from error


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
