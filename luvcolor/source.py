"""Reads what a class says of itself from its source: importing a model costs seconds of torch."""

from __future__ import annotations

import ast
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any

__all__ = ["class_constant"]


def class_constant(path: str, name: str) -> Any:
    """Return what a class, or the first of its bases that does, assigns to `name` in its body.

    Parameters
    ----------
    path
        The class, as ``"module:Class"``. Nothing of it is run, nor of its bases.
    name
        The attribute.

    Raises
    ------
    LookupError
        When the source is not to be found, or does not say it outright.

    Examples
    --------
    >>> class_constant("luvcolor.classify:PaletteColorizer", "uses")
    ()
    """
    module, _, class_name = path.partition(":")
    try:
        return _constant(module, class_name, name)
    except (OSError, SyntaxError, ValueError, RecursionError) as error:
        raise LookupError(f"{path} does not say what its {name} is") from error


def _constant(module: str, class_name: str, name: str) -> Any:
    module, found = _class(module, class_name)
    for statement in found.body:
        match statement:
            case ast.Assign([ast.Name(target)], value) | ast.AnnAssign(ast.Name(target), _, value):
                if target == name and value is not None:
                    return ast.literal_eval(value)
    for base in found.bases:
        if isinstance(base, ast.Name):
            try:
                return _constant(module, base.id, name)
            except LookupError:
                continue
    raise LookupError(name)


def _class(module: str, name: str) -> tuple[str, ast.ClassDef]:
    """Find a class where a module defines it, or where it imports it from."""
    tree, package = _parsed(module)
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef() if node.name == name:
                return module, node
            case ast.ImportFrom():
                source = "." * node.level + (node.module or "")
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return _class(util.resolve_name(source, package), alias.name)
    raise LookupError(name)


@cache
def _parsed(module: str) -> tuple[ast.Module, str]:
    """Return the syntax tree of a module, and the package that its imports are relative to."""
    file = _file(module)
    package = module if file.stem == "__init__" else module.rpartition(".")[0]
    return ast.parse(file.read_text("utf-8")), package


def _file(module: str) -> Path:
    """Find the file of a module; `find_spec` alone would import the packages above it."""
    root, *rest = module.split(".")
    spec = util.find_spec(root)
    if spec is None:
        raise LookupError(module)
    if not rest:
        return Path(spec.origin or "")
    for folder in spec.submodule_search_locations or ():
        path = Path(folder, *rest)
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
    raise LookupError(module)
