"""``luvcolor new-plugin``."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from luvcolor.hookspecs import HOOKS_VERSION
from luvcolor.registry import Plugin, build_registry, registry
from tests.cli.conftest import Run, names

FILES = [
    ".github/workflows/test.yml",
    ".gitignore",
    "LICENSE",
    "README.md",
    "lvc_warm/__init__.py",
    "lvc_warm/model.py",
    "lvc_warm/py.typed",
    "pyproject.toml",
    "tests/test_model.py",
]


@pytest.fixture
def written(run: Run, tmp_path: Path) -> Iterator[Path]:
    """A project whose names are all of their own; what was imported of it is forgotten."""
    ran = run("new-plugin", "lvc-warm", "--model", "sepia", "-o", "made/here")
    assert (ran.status, ran.out) == (0, b"")
    assert ran.error.startswith("luvcolor: wrote made/here, which brings the model sepia; next: ")
    yield tmp_path / "made" / "here"
    for name in ("lvc_warm", "lvc_warm.model"):
        sys.modules.pop(name, None)


def test_it_writes_a_whole_project(written: Path) -> None:
    assert names(written) == FILES
    assert [path.name for path in written.parent.iterdir()] == ["here"]


def test_no_word_of_the_template_is_left(written: Path) -> None:
    for name in FILES:
        text = (written / name).read_text()
        assert not any(word in text for word in ("my_package", "my-model", "MyModel", "my-")), name


def test_its_names_fit_together(written: Path) -> None:
    project = tomllib.loads((written / "pyproject.toml").read_text())
    assert project["project"]["name"] == "luvcolor-lvc-warm"
    assert project["project"]["entry-points"]["luvcolor"] == {"lvc_warm": "lvc_warm"}
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["lvc_warm"]
    assert 'model = "sepia"' in (written / "tests" / "test_model.py").read_text()
    assert "class TestSepia(" in (written / "tests" / "test_model.py").read_text()


def test_it_registers_its_model(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(written))
    module = import_module("lvc_warm")
    assert module.luvcolor_hooks == HOOKS_VERSION
    registry = build_registry([Plugin("lvc_warm", "luvcolor-lvc-warm", "0.1", lambda: module)])
    assert registry.model_class("sepia").__name__ == "Sepia"


def test_registering_imports_nothing_heavy(written: Path) -> None:
    script = "import lvc_warm, sys; assert not {'torch', 'numpy'} & set(sys.modules)"
    path = f"import sys; sys.path[:0] = {[str(written), *sys.path]!r}; "
    subprocess.run([sys.executable, "-c", path + script], check=True)


def test_the_model_is_at_most_forty_lines(written: Path) -> None:
    assert len((written / "lvc_warm" / "model.py").read_text().splitlines()) <= 40


def test_the_names_are_those_of_the_plugin_unless_others_are_given(
    run: Run, tmp_path: Path
) -> None:
    assert run("new-plugin", "lvctint").status == 0
    assert '"lvctint.model:Lvctint"' in (tmp_path / "lvctint/lvctint/__init__.py").read_text()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["Warm"], "a plugin is called by lower-case letters and digits"),
        (["warm--sepia"], "found 'warm--sepia'"),
        (["../warm"], "found '../warm'"),
        (["tönung"], "such as warm-sepia"),
        (["class"], "'class' belongs to Python itself"),
        (["json"], "'json' belongs to Python itself"),
        (["tests"], "'tests' is another folder of the project"),
        (["numpy"], "a module 'numpy' is installed"),
        (["luvcolor-warm"], "names that begin with luvcolor are its own"),
        (["warm", "--model", "Unet"], "a model is called by lower-case letters"),
        (["warm", "--model", "unet"], "'unet' means something else already; give another"),
        (["warm", "--model", "default"], "'default' means something else already"),
        (["warm", "--model", "chroma"], "would be 'Chroma', which means something else"),
        (["warm", "--model", "none"], "would be 'None', which means something else"),
    ],
)
def test_names_that_cannot_be_used_are_refused(
    run: Run, tmp_path: Path, words: list[str], reason: str
) -> None:
    ran = run("new-plugin", *words, "-o", "here")
    assert ran.status == 2
    assert reason in ran.error
    assert not names(tmp_path)


def test_the_name_of_an_installed_plugin_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "somewhere" / "lvc_taken-3.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: lvc-taken\nVersion: 3\n")
    (info / "entry_points.txt").write_text("[luvcolor]\nlvctaken = lvc_other\n")
    monkeypatch.syspath_prepend(str(info.parent))
    monkeypatch.delenv("LUVCOLOR_PLUGINS", raising=False)
    registry.cache_clear()
    ran = run("new-plugin", "lvctaken")
    registry.cache_clear()
    assert ran.status == 2
    assert "plugin 'lvctaken' (lvc-taken 3) is installed already; give another" in ran.error


def test_nothing_is_overwritten(run: Run, written: Path) -> None:
    (written / "lvc_warm" / "model.py").write_text("mine")
    ran = run("new-plugin", "lvc-warm", "--model", "sepia", "-o", "made/here")
    assert ran.status == 1
    assert "made/here: expected to make a new folder, found something of that name" in ran.error
    assert (written / "lvc_warm" / "model.py").read_text() == "mine"


def test_a_folder_appears_whole_or_not_at_all(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str, *_: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", full)
    ran = run("new-plugin", "lvctint")
    assert ran.status == 1
    assert "lvctint: expected to write it, found 'No space left on device'" in ran.error
    assert not list(tmp_path.iterdir())
