"""The plugins of this process and what they bring; a broken one does not break the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from luvcolor.blame import blamed, described
from luvcolor.discovery import SELECTION, Plugin, builtin_plugins, installed_plugins
from luvcolor.errors import LuvcolorError, PluginError, UsageError
from luvcolor.hookspecs import CommandSpec, ModelSpec
from luvcolor.registration import register

__all__ = [
    "SELECTION",
    "Plugin",
    "Registry",
    "build_registry",
    "builtin_plugins",
    "installed_plugins",
    "model_and_plugin",
    "model_at_work",
    "registry",
]

Specs = Iterable[ModelSpec | CommandSpec]


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

    @property
    def skipped(self) -> str:
        """The end of a sentence that names the plugins that were skipped; empty without any."""
        reasons = "; ".join(f"{plugin}: {plugin.error}" for plugin in self.broken)
        return f"; skipped {reasons}" if reasons else ""

    def refuse_broken(self) -> None:
        """Raise PluginError where there is a broken plugin; the message names the first."""
        for plugin in self.broken:
            raise PluginError(f"{plugin}: {plugin.error}")

    def owner(self, spec: ModelSpec | CommandSpec) -> Plugin | None:
        """Return the plugin that registered `spec`; None where none did."""
        return next((p for p in self.plugins if spec in (*p.models, *p.commands)), None)

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
        what = f"model {name!r} of {self.owner(spec)}"
        found: type[Any] = _imported(spec.factory, what)
        if not (isinstance(found, type) and hasattr(found, "predict") and hasattr(found, "Config")):
            raise PluginError(
                f"{what} is to be a Colorizer with a Config; {spec.factory!r} is none"
            )
        return found

    def command(self, name: str) -> Any:
        """Import and return the click command called `name`; KeyError when there is none."""
        spec = self.commands[name]
        return _imported(spec.factory, f"command {name!r} of {self.owner(spec)}")


def build_registry(plugins: Iterable[Plugin]) -> Registry:
    """Load `plugins` one by one; one that fails is kept with its error, and the rest go on."""
    found = Registry()
    for plugin in plugins:
        found.plugins.append(plugin)
        try:
            register(plugin)
            _refuse_known("model", plugin.models, found.models, found)
            _refuse_known("command", plugin.commands, found.commands, found)
        except Exception as error:
            plugin.models, plugin.commands = [], []
            plugin.error = str(error) if isinstance(error, LuvcolorError) else described(error)
        found.models |= {spec.name: spec for spec in plugin.models}
        found.commands |= {spec.name: spec for spec in plugin.commands}
    return found


class _Once:
    """Gives the registry of this process, which is built when it is first asked for."""

    def __init__(self) -> None:
        self._built: Registry | None = None

    def __call__(self, *, strict: bool = False) -> Registry:
        """Return the registry of the built-in plugins and the installed ones.

        Raises
        ------
        PluginError
            When `strict`, and one of them is broken.
        """
        if self._built is None:
            self._built = build_registry([*builtin_plugins(), *installed_plugins()])
        if strict:
            self._built.refuse_broken()
        return self._built

    def cache_clear(self) -> None:
        """Forget it, so that it is built anew; what has been imported stays."""
        self._built = None


registry = _Once()


def model_and_plugin(name: str) -> str:
    """Return how a message names a model whose own code went wrong.

    Examples
    --------
    >>> model_and_plugin("unet").rpartition(" ")[0]
    "the model 'unet' of plugin 'luvcolor_builtins' (luvcolor"
    >>> model_and_plugin("of no plugin")
    "the model 'of no plugin'"
    """
    spec = registry().models.get(name)
    owner = registry().owner(spec) if spec else None
    return f"the model {name!r}" + (f" of {owner}" if owner else "")


@contextmanager
def model_at_work(name: str, doing: str) -> Iterator[None]:
    """Let what the model's own code raises name the model, its plugin, and the line.

    Want of memory, and luvcolor's own errors, pass as they are.

    Parameters
    ----------
    name
        The registered name.
    doing
        What it does, as in "failed in losses".

    Raises
    ------
    PluginError
        In place of what the code raises.

    Examples
    --------
    >>> with model_at_work("tint", "in losses"):
    ...     {}["levels"]
    Traceback (most recent call last):
    luvcolor.errors.PluginError: the model 'tint' failed in losses: KeyError: 'levels'
    """
    spec = registry().models.get(name)
    package = spec.factory.split(".")[0].split(":")[0] if spec else ""
    with blamed(f"{model_and_plugin(name)} failed {doing}", package):
        yield


def _refuse_known(
    kind: str, new: Specs, known: Mapping[str, ModelSpec | CommandSpec], found: Registry
) -> None:
    for spec in new:
        if spec.name in known:
            raise PluginError(
                f"its {kind} {spec.name!r} is already registered by "
                f"{found.owner(known[spec.name])}; rename one, or leave one out with {SELECTION}"
            )


def _imported(path: str, what: str) -> Any:
    module, _, attribute = path.partition(":")
    package = module.split(".")[0]
    with blamed(f"{what} cannot be loaded from {path!r}", package, catching=BaseException):
        return getattr(import_module(module), attribute)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
