"""What a plugin registers, and whether it does so as the hooks say."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import Any, NamedTuple, TypeVar

import pluggy

from luvcolor.blame import blamed
from luvcolor.commands import COMMANDS
from luvcolor.discovery import Plugin
from luvcolor.errors import PluginError
from luvcolor.hookspecs import HOOKS_VERSION, PROJECT, CommandSpec, Hooks, ModelSpec

__all__ = ["hooks_of", "register"]

PREFIX = f"{PROJECT}_"
"""What the name of every hook begins with; in a plugin, functions of such names are hooks."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
FACTORY = re.compile(r"[\w.]+:\w+")
TAKEN = {"model": ("default",), "command": tuple(COMMANDS)}
"""Names that mean something else already: the weights that ship, what luvcolor itself can do."""

Spec = TypeVar("Spec", ModelSpec, CommandSpec)


class _Implementation(NamedTuple):
    """A function of a plugin that is a hook, or is named as one."""

    hook: str
    parameters: list[str]
    marked: bool
    optional: bool


def register(plugin: Plugin) -> None:
    """Import a plugin and fill in what it brings.

    Raises
    ------
    PluginError
        When its code fails, or does not fit the hooks.
    """
    plugin.module = plugin.load()
    _check_version(getattr(plugin.module, "luvcolor_hooks", HOOKS_VERSION))
    _check_hooks(plugin.module)
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    manager.register(plugin.module)
    package = getattr(plugin.module, "__name__", "").split(".")[0]
    with redirect_stdout(sys.stderr), blamed(package=package, catching=BaseException):
        manager.hook.luvcolor_register_models(register=_into(plugin.models, ModelSpec))
        manager.hook.luvcolor_register_commands(register=_into(plugin.commands, CommandSpec))
    _refuse_twice("model", plugin.models)
    _refuse_twice("command", plugin.commands)


def hooks_of(module: Any) -> list[str]:
    """Return the names of the hooks that a plugin's module implements.

    Examples
    --------
    >>> import luvcolor_builtins
    >>> hooks_of(luvcolor_builtins)
    ['luvcolor_register_models']
    """
    known = _known_hooks()
    return sorted({found.hook for found in _hooks_in(module) if found.marked} & set(known))


def _check_version(wanted: Any) -> None:
    if wanted == HOOKS_VERSION:
        return
    newer = isinstance(wanted, int) and wanted > HOOKS_VERSION
    raise PluginError(
        f"it was written for version {wanted} of the hooks, and this luvcolor has version "
        f"{HOOKS_VERSION}; install a newer version of {'luvcolor' if newer else 'it'}"
    )


def _check_hooks(module: Any) -> None:
    """Refuse functions that are called as hooks are, and are none or other ones."""
    known = _known_hooks()
    for found in _hooks_in(module):
        if found.hook not in known and not found.optional:
            raise PluginError(
                f"it implements {found.hook}, which is no hook; those there are: "
                f"{', '.join(known)}; correct the name, or name the function otherwise"
            )
        if not found.marked:
            raise PluginError(f"its {found.hook} is never called; mark it with @hookimpl")
        if found.hook in known:
            _check_parameters(found.hook, known[found.hook], found.parameters)


def _check_parameters(name: str, known: list[str], found: list[str]) -> None:
    unknown = [parameter for parameter in found if parameter not in known]
    if unknown:
        raise PluginError(
            f"its {name} was to take {', '.join(known)}, and takes {', '.join(found)}; "
            f"rename {', '.join(unknown)}"
        )


def _hooks_in(module: Any) -> Iterator[_Implementation]:
    """Yield the functions of `module` that are marked as hooks, or named as if they were."""
    for name in dir(module):
        static = inspect.getattr_static(module, name)
        function = getattr(static, "__func__", static)  # of a static or class method
        mark = getattr(function, f"{PROJECT}_impl", None)
        if inspect.isfunction(function) and (mark or name.startswith(PREFIX)):
            options = mark or {"specname": None, "optionalhook": False}
            hook = options["specname"] or name
            yield _Implementation(hook, _names(function), bool(mark), options["optionalhook"])


def _known_hooks() -> dict[str, list[str]]:
    """Return what each hook takes, by its name."""
    hooks = inspect.getmembers(Hooks, inspect.isfunction)
    return {name: _names(function) for name, function in hooks}


def _names(function: Callable[..., Any]) -> list[str]:
    """Return the names of a function's parameters, but for the one that is the object itself."""
    return [name for name in inspect.signature(function).parameters if name not in {"self", "cls"}]


def _into(into: list[Spec], kind: type[Spec]) -> Callable[[Any], None]:
    """Return what a plugin registers with: it puts a specification among the others, if it is one.

    It raises in the plugin's own call, so that a debugger shows which.
    """

    def register(spec: Any) -> None:
        _check_spec(spec, kind)
        into.append(spec)

    return register


def _check_spec(spec: Any, kind: type[Spec]) -> None:
    if not isinstance(spec, kind):
        raise PluginError(f"it was to register a {kind.__name__}, and registers {spec!r}")
    what = kind.__name__.removesuffix("Spec").lower()
    if not (isinstance(spec.name, str) and NAME.fullmatch(spec.name)):
        raise PluginError(
            f"a {what} is called by letters, digits, - and _, and not {spec.name!r}; rename it"
        )
    if spec.name in TAKEN[what]:
        raise PluginError(
            f"{spec.name!r} is luvcolor's own word, and cannot be its {what}'s name; rename it"
        )
    if not (isinstance(spec.factory, str) and FACTORY.fullmatch(spec.factory)):
        raise PluginError(
            f"the factory of its {what} {spec.name!r} is written 'module:name', and not "
            f"{spec.factory!r}: a string, so that listing it imports nothing"
        )
    if not isinstance(spec.summary, str):
        raise PluginError(
            f"the summary of its {what} {spec.name!r} is one line of text, and not {spec.summary!r}"
        )


def _refuse_twice(kind: str, specs: list[Spec]) -> None:
    names = [spec.name for spec in specs]
    for name in names:
        if names.count(name) > 1:
            raise PluginError(f"it registers the {kind} {name!r} twice; give each one name")
