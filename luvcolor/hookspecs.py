"""The plugin door: what a plugin may implement, and the words it says it in.

This module is all that a plugin needs at registration, and imports nothing heavy, so that listing
models stays instant. A plugin is a module with functions marked `hookimpl`, found through the
entry-point group ``luvcolor``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pluggy

__all__ = ["HOOKS_VERSION", "CommandSpec", "Hooks", "ModelSpec", "hookimpl"]

PROJECT = "luvcolor"
HOOKS_VERSION = 1
"""The version of these specifications; a plugin that sets ``luvcolor_hooks`` must name this one."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True)
class ModelSpec:
    """What the registry knows of a model before it imports anything.

    Attributes
    ----------
    name
        What people type: ``luvcolor train -m NAME``.
    summary
        One line for the list of models.
    factory
        Where the `luvcolor.model.Colorizer` subclass lives, as ``"module:Class"``: a string, so
        that listing models does not import torch.
    citation
        The paper or report it comes from; empty where there is none.
    licence
        The SPDX expression of the code.
    learns
        Whether it needs weights: False for a model that colours without any, from what a person
        gives it.

    Examples
    --------
    >>> ModelSpec("tint", "One colour for everything.", "mytint:Tint").factory
    'mytint:Tint'
    """

    name: str
    summary: str
    factory: str
    citation: str = ""
    licence: str = ""
    learns: bool = True


@dataclass(frozen=True)
class CommandSpec:
    """A click command that a plugin adds to the command line, imported when it is called.

    Attributes
    ----------
    name
        What people type: ``luvcolor NAME``.
    summary
        One line for ``luvcolor --help``.
    factory
        Where the click command lives, as ``"module:attribute"``.
    """

    name: str
    summary: str
    factory: str


class Hooks:
    """The hooks a plugin may implement."""

    @hookspec
    def luvcolor_register_models(self, register: Callable[[ModelSpec], None]) -> None:
        """Call `register` once for every model that the plugin brings."""

    @hookspec
    def luvcolor_register_commands(self, register: Callable[[CommandSpec], None]) -> None:
        """Call `register` once for every command that the plugin brings."""
