"""``luvcolor plugins``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from luvcolor.hookspecs import HOOKS_VERSION
from luvcolor.registry import registry
from tests.cli.conftest import Run

ABOUT = """\
Name: lvc-sick
Version: 3
License: Zlib
 and a page of it
Project-URL: Source Code, somewhere/else
Project-URL: Homepage, somewhere/sick
"""


@pytest.fixture
def sick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed plugin that cannot be imported."""
    (tmp_path / "lvc_sick.py").write_text("raise OSError('disk on fire')")
    info = tmp_path / "lvc_sick-3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(ABOUT)
    (info / "entry_points.txt").write_text("[luvcolor]\nsick = lvc_sick\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("LUVCOLOR_PLUGINS", raising=False)
    monkeypatch.delitem(sys.modules, "lvc_sick", raising=False)
    registry.cache_clear()
    yield
    registry.cache_clear()


def test_the_built_ins(run: Run) -> None:
    ran = run("plugins")
    assert (ran.status, ran.said) == (0, [])
    assert "luvcolor_builtins (luvcolor " in ran.out.decode()
    (row,) = (r for r in json.loads(run("plugins", "--json").out) if r["models"])
    assert {"regression", "unet"} <= set(row["models"])
    assert (row["health"], row["reason"]) == ("ok", None)
    assert row["hooks"] == ["luvcolor_register_models"]
    assert row["hooks_version"] == HOOKS_VERSION


@pytest.mark.usefixtures("sick")
def test_a_broken_one_is_named_and_breaks_nothing(run: Run, photo: Path) -> None:
    assert "sick (lvc-sick 3): skipped: OSError: disk on fire" in run("plugins").out.decode()
    assert run("gray", photo, "-o", "gray.png").status == 0


@pytest.mark.usefixtures("sick")
def test_what_is_known_of_a_broken_one_as_json(run: Run) -> None:
    (row,) = (r for r in json.loads(run("plugins", "--json").out) if r["name"] == "sick")
    assert row.pop("reason").startswith("OSError: disk on fire")
    assert row == {
        "name": "sick",
        "distribution": "lvc-sick",
        "version": "3",
        "licence": "Zlib",
        "homepage": "somewhere/sick",
        "hooks": [],
        "hooks_version": None,
        "models": [],
        "commands": [],
        "health": "skipped",
    }


@pytest.mark.usefixtures("sick")
def test_unless_it_is_to_be_strict(run: Run, photo: Path) -> None:
    ran = run("--strict-plugins", "gray", photo, "-o", "gray.png")
    assert ran.status == 1
    assert "plugin 'sick' (lvc-sick 3): OSError: disk on fire" in ran.error
