"""``luvcolor install``, into throw-away environments."""

from __future__ import annotations

import sysconfig
from importlib import util
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.environments import Workplace
from tests.wheels import make_wheel

HEALTHY = """
from luvcolor import CommandSpec, ModelSpec, hookimpl

@hookimpl
def luvcolor_register_models(register):
    register(ModelSpec("lvc-tint", "One colour.", "lvc_tint:Tint"))

@hookimpl
def luvcolor_register_commands(register):
    register(CommandSpec("lvc-hello", "Say hello.", "lvc_tint:hello"))
"""


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace.make(tmp_path)


def wheel(workplace: Workplace, module: str, code: str, *, entry: str | None = None) -> str:
    """Make a distribution of one module, version 1.2, in a file; return the file's name."""
    files = {f"{module}.py": code}
    entry = f"{module} = {module}" if entry is None else entry
    return make_wheel(workplace.folder, module, "1.2", files, entry).name


@pytest.mark.slow
def test_it_says_what_was_brought(workplace: Workplace) -> None:
    name = wheel(workplace, "lvc_tint", HEALTHY)
    done = workplace.run(f"luvcolor install {name}")
    line = "lvc_tint (lvc_tint 1.2): brings model lvc-tint; command lvc-hello"
    assert done.stdout == ""
    assert done.stderr == f"luvcolor: installing {name} with pip\nluvcolor: {line}\n"
    assert line in workplace.run("luvcolor plugins").stdout
    again = workplace.run(f"luvcolor install {name}")
    assert line in again.stderr
    assert line in workplace.run("luvcolor install 'Lvc-Tint>=1'").stderr


def test_a_broken_one_is_named_and_stays(workplace: Workplace) -> None:
    name = wheel(workplace, "lvc_sick", "raise OSError('disk on fire')")
    done = workplace.run(f"luvcolor install {name}", check=False)
    assert done.returncode == 1
    assert "lvc_sick (lvc_sick 1.2): skipped: OSError: disk on fire" in done.stderr
    assert "expected healthy plugins" in done.stderr
    assert (workplace.environment.packages / "lvc_sick.py").exists()


@pytest.mark.slow
def test_what_is_no_plugin_is_removed_again(workplace: Workplace) -> None:
    name = wheel(workplace, "lvc_stranger", "", entry="")
    done = workplace.run(f"luvcolor install {name}", check=False)
    assert done.returncode == 1
    assert "lvc-stranger has no entry point in the group 'luvcolor'; removed it" in done.stderr
    assert not (workplace.environment.packages / "lvc_stranger.py").exists()


def test_what_is_no_plugin_and_was_there_stays(workplace: Workplace) -> None:
    done = workplace.run("luvcolor install 'numpy'", check=False)
    assert done.returncode == 1
    assert "numpy has no entry point in the group 'luvcolor'; left it as is" in done.stderr


def test_a_folder_comes_before_a_distribution_of_its_name(workplace: Workplace) -> None:
    (workplace.folder / "numpy").mkdir()
    done = workplace.run("luvcolor install 'numpy'", check=False)
    assert done.returncode == 1
    assert str(workplace.folder / "numpy") in done.stderr
    assert "expected pip to install, found that it failed; its words are above" in done.stderr


def test_without_pip(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    ran = run("install", "luvcolor-mytint")
    assert (ran.status, ran.out) == (1, b"")
    assert "found none; `" in ran.said[-1]
    assert "-m ensurepip` brings it" in ran.said[-1]


def test_where_the_operating_system_looks_after_packages(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr("sys.prefix", "/usr")
    monkeypatch.setattr("sys.base_prefix", "/usr")
    monkeypatch.delenv("PIP_BREAK_SYSTEM_PACKAGES", raising=False)
    ran = run("install", "luvcolor-mytint")
    assert ran.status == 1
    assert "expected an environment of your own, found the operating system's" in ran.said[-1]
    assert "-m venv ENV`" in ran.said[-1]
