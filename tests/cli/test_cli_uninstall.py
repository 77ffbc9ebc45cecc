"""``luvcolor uninstall``, from throw-away environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.environments import Workplace
from tests.wheels import make_wheel


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """An environment with one plugin, as pip leaves it."""
    made = Workplace.make(tmp_path)
    wheel = make_wheel(tmp_path, "lvc-tint", "1.2", {"lvc_tint.py": ""}, "warm_tint = lvc_tint")
    made.environment.install(wheel)
    return made


@pytest.mark.parametrize("name", ["warm_tint", "warm-tint", "Lvc_Tint"])
def test_a_plugin_goes_by_its_name_or_its_distributions(workplace: Workplace, name: str) -> None:
    done = workplace.run(f"luvcolor uninstall {name}")
    assert (done.stdout, done.stderr) == ("", "luvcolor: removed warm_tint (lvc-tint 1.2)\n")
    assert not list(workplace.environment.packages.glob("lvc_tint*"))


@pytest.mark.parametrize("name", ["luvcolor", "luvcolor_builtins"])
def test_luvcolor_itself_stays(workplace: Workplace, name: str) -> None:
    done = workplace.run(f"luvcolor uninstall {name}", check=False)
    assert done.returncode == 2
    assert f"{name} is luvcolor itself, which stays" in done.stderr


def test_what_is_no_plugin_stays(workplace: Workplace) -> None:
    done = workplace.run("luvcolor uninstall numpy", check=False)
    assert done.returncode == 2
    assert "no plugin is called 'numpy'; installed plugins: warm_tint (lvc-tint)" in done.stderr


def test_what_pip_cannot_remove_is_said(workplace: Workplace) -> None:
    borrowed = workplace.folder / "borrowed"
    borrowed.mkdir()
    for path in workplace.environment.packages.glob("lvc_tint*"):
        path.rename(borrowed / path.name)
    (workplace.environment.packages / "more.pth").write_text(f"{borrowed}\n")
    done = workplace.run("luvcolor uninstall warm_tint", check=False)
    assert done.returncode == 1
    assert "pip left warm_tint where it is, outside of the environment" in done.stderr
    assert (borrowed / "lvc_tint.py").exists()
