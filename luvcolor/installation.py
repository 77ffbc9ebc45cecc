"""Installs and removes plugins with pip, in the environment that luvcolor itself runs in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Collection, Sequence
from importlib import metadata, util
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from luvcolor.errors import OutputError, PluginError, UsageError
from luvcolor.hookspecs import PROJECT
from luvcolor.plugin_description import canonical
from luvcolor.registry import SELECTION

__all__ = ["install", "plugins_now", "uninstall"]

PYTHON = (sys.executable, "-P", "-m")
"""Runs an installed module: with -P, not what lies in the current folder under its name."""

Say = Callable[[str], None]
Row = dict[str, Any]
"""A plugin, as `luvcolor.plugin_description.describe_plugin` tells it."""


def install(wanted: Sequence[str], *, editable: bool = False, say: Say) -> list[Row]:
    """Install plugins; return what is known of each, as a fresh interpreter finds it.

    Parameters
    ----------
    wanted
        What pip takes: names of distributions, files, addresses, and folders, which come first
        where a distribution has the same name.
    editable
        Leave the sources where they are, so that changes to them count at once.
    say
        Gets what pip complains of, a line at a time.

    Raises
    ------
    OutputError
        When there is no pip, the environment is not the person's to change, or pip fails.
    PluginError
        When what was installed is no plugin; what is new of that is removed again.
    """
    before = {canonical(found.name) for found in metadata.distributions() if found.name}
    arguments = [word for each in wanted for word in _argument(each, editable)]
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        _pip(["install", "--report", str(report), *arguments], say)
        installed = json.loads(report.read_text("utf-8"))["install"]
    asked = {row["metadata"]["name"] for row in installed if row["requested"]}
    asked = {canonical(name) for name in asked | {*map(_present, wanted)} if name}
    found = [row for row in plugins_now() if canonical(row["distribution"]) in asked]
    strangers = asked - {canonical(row["distribution"]) for row in found}
    if strangers:
        _refuse(sorted(strangers), before, say)
    return found


def uninstall(wanted: Sequence[str], *, say: Say) -> list[Row]:
    """Remove the distributions of plugins; return what is known of the plugins that went.

    Parameters
    ----------
    wanted
        Names of plugins, or of their distributions.
    say
        Gets what pip complains of, a line at a time.

    Raises
    ------
    UsageError
        When a name is luvcolor's own, or no plugin's; the message names those there are.
    OutputError
        When there is no pip, the environment is not the person's to change, or pip fails.
    """
    known = [row for row in plugins_now() if canonical(row["distribution"]) != PROJECT]
    distributions = {_distribution(name, known) for name in wanted}
    gone = [row for row in known if row["distribution"] in distributions]
    _pip(["uninstall", "--yes", *sorted(distributions)], say)
    left = {row["name"] for row in plugins_now()} & {row["name"] for row in gone}
    if left:
        raise OutputError(
            f"pip left {', '.join(sorted(left))} where it is, outside of the environment "
            f"{sys.prefix}; remove it with what installed it there"
        )
    return gone


def plugins_now() -> list[Row]:
    """Return what a fresh interpreter finds: in this one, what was imported stays as it was.

    Raises
    ------
    PluginError
        When luvcolor itself does not start there.
    """
    environment = {key: value for key, value in os.environ.items() if key != SELECTION}
    words = [*PYTHON, PROJECT, "plugins", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise PluginError(
            f"expected luvcolor to list its plugins, found {done.stderr.strip()!r}; "
            f"run {' '.join(words)!r}"
        )
    rows: list[Row] = json.loads(done.stdout)
    return rows


def _argument(wanted: str, editable: bool) -> list[str]:
    """Return one thing to install as pip takes it: a folder never for a distribution's name."""
    path, extras = _path_and_extras(wanted)
    word = f"{path.resolve()}{extras}" if path.exists() else wanted
    return ["--editable", word] if editable else [word]


def _present(wanted: str) -> str | None:
    """Return the name of a distribution that pip, having it already, leaves out of its report."""
    path, _ = _path_and_extras(wanted)
    if path.exists():
        return path.name.partition("-")[0] if path.suffix == ".whl" else None
    found = re.fullmatch(r"([A-Za-z0-9][\w.-]*?)\s*(\[.*\])?\s*([=<>!~;@].*)?", wanted)
    return found[1] if found else None


def _path_and_extras(wanted: str) -> tuple[Path, str]:
    """Split ``mytint[test]`` before the bracket."""
    path, bracket, rest = wanted.partition("[")
    return Path(path), bracket + rest


def _refuse(strangers: list[str], before: Collection[str], say: Say) -> None:
    """Remove what is no plugin and came just now, and say so."""
    new = [name for name in strangers if name not in before]
    if new:
        _pip(["uninstall", "--yes", *new], say)
    raise PluginError(
        f"expected plugins, found that {', '.join(strangers)} has no entry point in the group "
        f"{PROJECT!r}; {'removed it again, though not what it needs' if new else 'left it as is'}"
    )


def _distribution(name: str, known: list[Row]) -> str:
    """Return the distribution of the plugin called `name`, or of that name."""
    if canonical(name) in {PROJECT, f"{PROJECT}-builtins"}:
        raise UsageError(
            f"{name} is luvcolor itself, which stays; `{sys.executable} -m pip uninstall {PROJECT}`"
            " removes it and leaves its plugins without it"
        )
    for row in known:
        if canonical(name) in {canonical(row["name"]), canonical(row["distribution"])}:
            distribution: str = row["distribution"]
            return distribution
    listed = ", ".join(f"{row['name']} ({row['distribution']})" for row in known)
    raise UsageError(f"no plugin is called {name!r}; installed plugins: {listed or 'none'}")


def _pip(words: list[str], say: Say) -> None:
    _check_environment()
    command = [*PYTHON, "pip", "--quiet", "--disable-pip-version-check", "--no-input", *words]
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    done = subprocess.run(command, stdout=pipe, stderr=both, text=True, errors="replace")
    for line in done.stdout.splitlines():
        say(line)
    if done.returncode:
        raise OutputError(f"expected pip to {words[0]}, found that it failed; its words are above")


def _check_environment() -> None:
    """Refuse where there is no pip, or where the operating system looks after the packages."""
    if util.find_spec("pip") is None:
        raise OutputError(
            f"expected pip beside {sys.executable}, found none; `{sys.executable} -m ensurepip` "
            "brings it, or install the plugin with what made this environment"
        )
    marker = Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
    own = sys.prefix != sys.base_prefix or os.environ.get("PIP_BREAK_SYSTEM_PACKAGES")
    if marker.exists() and not own:
        raise OutputError(
            f"expected an environment of your own, found the operating system's ({marker}); make "
            f"one with `{sys.executable} -m venv ENV`, install luvcolor and the plugin in it"
        )
