"""Checks of how a model is registered."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from luvcolor.discovery import BUILTINS, SELECTION
from luvcolor.registry import registry
from luvcolor.testing.subject import Subject
from luvcolor.testing.words import BrokenContractError, require

__all__ = ["check_registration", "check_spec"]

HEAVY = ("torch", "lightning", "numba", "scipy", "zarr")
"""What takes long to import, and is not needed to list models."""
SLOW = 0.5
"""Seconds of the processor that importing and registering a plugin takes at most; on a machine of
2020, it takes a thousandth of one."""

PROBE = """
import sys
sys.path[:0] = {path!r}
import importlib.abc, json, os, time, traceback, luvcolor, pluggy
from luvcolor.registry import registry
own = tuple(os.path.dirname(module.__file__) for module in (luvcolor, pluggy, importlib))
found = {{}}

class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {heavy!r}:
            places = [(f.filename, f.lineno) for f in traceback.extract_stack()]
            strange = [p for p in places if not p[0].startswith((*own, "<"))]
            found.setdefault(name, "%s, line %d" % strange[0])

sys.meta_path.insert(0, Watch())
begin = time.process_time()
names = list(registry().models)
print(json.dumps([names, time.process_time() - begin, found]), file=sys.stderr)
"""
"""Says which models are registered, how long that took, and which lines import what is heavy."""


def check_spec(subject: Subject) -> None:
    """Check that its ModelSpec says what it is, and whether it learns."""
    summary = subject.spec.summary
    require(
        summary.strip() and "\n" not in summary,
        expected="a summary of one line in its ModelSpec",
        found=repr(summary),
        advice="`luvcolor models` shows it: say in a few words how the model works.",
    )
    learns, trainable = subject.spec.learns, subject.new().trainable
    require(
        learns == trainable,
        expected=f"a model that {'implements' if learns else 'does not implement'} losses, for its "
        f"ModelSpec says learns={learns}",
        found=f"that it {'does' if trainable else 'does not'}",
        advice="Say learns=False for a model that needs no weights, and implement losses in one "
        "that does.",
    )


def check_registration(subject: Subject) -> None:
    """Check that registering it, in a fresh interpreter, is fast and imports nothing heavy."""
    owner = registry().owner(subject.spec)
    entry = owner.name if owner and owner.name not in BUILTINS else ""
    names, seconds, found = _probed(entry)
    require(
        subject.name in names,
        expected=f"the model {subject.name!r} in a fresh interpreter, with {SELECTION}={entry}",
        found=f"{', '.join(names) or 'no model'}",
        advice="Register it through the entry point of an installed distribution, always the same.",
    )
    places = "; ".join(f"{name} (by {place})" for name, place in found.items())
    require(
        not found,
        expected="registering to import nothing heavy, for every command waits for it",
        found=f"imports of {places}",
        advice="Name the model as a string, 'package.module:Class', and import those in that "
        "module.",
    )
    require(
        seconds <= SLOW,
        expected=f"registering to take no more than {SLOW} s, for every command waits for it",
        found=f"{seconds:.2f} s",
        advice="Move what takes long into the module of the model, or into a function.",
    )


def _probed(entry: str) -> tuple[list[str], float, dict[str, str]]:
    """Return what a fresh interpreter registers with one plugin alone; see `PROBE`."""
    code = PROBE.format(path=[each for each in sys.path if each], heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, SELECTION: entry},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BrokenContractError(
            "a fresh interpreter that registers the model",
            done.stderr.strip().splitlines()[-1],
            f"Run {SELECTION}={entry} luvcolor plugins, which says what is wrong.",
        )
    names, seconds, found = json.loads(done.stderr.splitlines()[-1])
    return names, seconds, found
