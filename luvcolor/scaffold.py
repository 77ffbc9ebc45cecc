"""Writes the project of a new plugin, small and complete; it works as it stands.

The template is itself such a project, in ``luvcolor/template``, linted and typed by its own
settings; what differs from plugin to plugin are the few words in `Names.words`.
"""

from __future__ import annotations

import ast
import keyword
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources, util
from pathlib import Path

from luvcolor import __version__
from luvcolor.errors import OutputError, UsageError
from luvcolor.hookspecs import PROJECT
from luvcolor.io.atomic import atomic_path
from luvcolor.registration import TAKEN
from luvcolor.registry import registry

__all__ = ["Names", "new_plugin"]

NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
TEMPLATE = Path(str(resources.files("luvcolor") / "template"))
HIDDEN = "dot-"
"""How the template spells the dot of names that tools would act on where they lie."""


@dataclass(frozen=True)
class Names:
    """The names of a new plugin, from what a person typed.

    Attributes
    ----------
    plugin
        The name of the plugin.
    model
        The name of its model: ``luvcolor train -m NAME``.

    Examples
    --------
    >>> names = Names("warm-sepia", "sepia")
    >>> names.package, names.distribution, names.model_class
    ('warm_sepia', 'luvcolor-warm-sepia', 'Sepia')
    """

    plugin: str
    model: str

    @property
    def package(self) -> str:
        """The package that is imported."""
        return self.plugin.replace("-", "_")

    @property
    def distribution(self) -> str:
        """The distribution that is installed."""
        return f"{PROJECT}-{self.package.replace('_', '-')}"

    @property
    def model_class(self) -> str:
        """The class of the model."""
        return re.sub("[-_]", " ", self.model).title().replace(" ", "")

    @property
    def words(self) -> dict[str, str]:
        """What takes the place of the words of the template."""
        return {
            "luvcolor-my-package": self.distribution,
            "luvcolor>=0": f"luvcolor>={__version__}",
            "my_package": self.package,
            "my-model": self.model,
            "MyModel": self.model_class,
        }


def new_plugin(name: str, *, model: str | None = None, folder: Path | None = None) -> Path:
    """Write the project of a plugin called `name`; return its folder.

    Parameters
    ----------
    name
        What the plugin is called, such as ``"mytint"``.
    model
        What its model is called; as the plugin, unless given.
    folder
        Where the project goes; a folder of the plugin's name, here, unless given. It appears whole
        or not at all.

    Raises
    ------
    UsageError
        When a name cannot be used, or is taken.
    OutputError
        When there is something at `folder`, or it cannot be written.
    """
    names = Names(name, model or name)
    target = folder or Path(name)
    _check_plugin(names)
    _check_model(names)
    if target.exists() or target.is_symlink():
        raise OutputError(
            f"{target}: expected to make a new folder, found something of that name; "
            "give another with -o"
        )
    with atomic_path(target) as temporary:
        for source in _files():
            path = source.relative_to(TEMPLATE).as_posix().replace(HIDDEN, ".")
            _write(temporary / _filled(path, names), _filled(source.read_text("utf-8"), names))
    return target


def _files() -> Iterator[Path]:
    """Yield the template's files, without what tools left there."""
    for path in sorted(TEMPLATE.rglob("*")):
        parts = path.relative_to(TEMPLATE).parts
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in parts):
            yield path


def _filled(text: str, names: Names) -> str:
    words = names.words
    return re.sub("|".join(map(re.escape, words)), lambda found: words[found[0]], text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _check_plugin(names: Names) -> None:
    _check_spelling("plugin", names.plugin)
    package = names.package
    if package.startswith(PROJECT):
        raise UsageError(
            f"names that begin with {PROJECT} are its own; leave that out of {names.plugin!r}, "
            f"the distribution is called {PROJECT}-NAME anyhow"
        )
    if keyword.iskeyword(package) or package in sys.stdlib_module_names:
        raise UsageError(f"{package!r} belongs to Python itself; give the plugin another name")
    if package in {path.name for path in TEMPLATE.iterdir()} - {"my_package"}:
        raise UsageError(f"{package!r} is another folder of the project; give another name")
    _check_installed(package)


def _check_installed(package: str) -> None:
    for plugin in registry().plugins:
        if plugin.name == package:
            raise UsageError(f"{plugin} is installed already; give another name")
    found = util.find_spec(package)
    if found and found.origin:
        raise UsageError(
            f"a module {package!r} is installed ({found.origin}), and would be hidden or hide the "
            "plugin; give another name"
        )


def _check_model(names: Names) -> None:
    _check_spelling("model", names.model)
    known = registry().models
    if names.model in {*known, *TAKEN["model"]}:
        raise UsageError(
            f"{names.model!r} means something else already; give another name with --model; "
            f"known models: {', '.join(sorted(known))}"
        )
    if keyword.iskeyword(names.model_class) or names.model_class in _names_in_the_template():
        raise UsageError(
            f"the class of the model {names.model!r} would be {names.model_class!r}, which means "
            "something else in its file; give another name with --model"
        )


def _names_in_the_template() -> set[str]:
    """Return what the model's file calls by name, such as the classes that it imports."""
    tree = ast.parse((TEMPLATE / "my_package" / "model.py").read_text("utf-8"))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _check_spelling(kind: str, name: str) -> None:
    if not NAME.fullmatch(name):
        raise UsageError(
            f"a {kind} is called by lower-case letters and digits, with - or _ between, and a "
            f"letter first, such as warm-sepia; found {name!r}"
        )
