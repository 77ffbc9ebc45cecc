"""``luvcolor models``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from luvcolor.configuration import describe_settings
from luvcolor.hookspecs import ModelSpec
from luvcolor.registry import Plugin, Registry, registry
from tests.cli.conftest import Run

STRANGE = """
class Strange:
    Config = dict
    uses = ()

    def predict(self):
        pass
"""


def test_all_models_and_what_ships(run: Run) -> None:
    text = run("models").out.decode()
    assert all(name in text for name in registry().models)
    assert "\n  default " in text
    assert not any(line.endswith((" ", ",")) for line in text.splitlines())


def test_the_table_says_what_learns_what_uses_hints_and_whose_it_is(run: Run) -> None:
    head, *rows = run("models").out.decode().split("\n\n")[0].splitlines()
    assert head.split() == ["model", "learns", "hints", "plugin"]
    (unet,) = (row.split() for row in rows if row.startswith("unet "))
    assert unet[:4] == ["unet", "yes", "none", "luvcolor_builtins"]


def test_all_models_as_json(run: Run) -> None:
    found = json.loads(run("models", "--json").out)
    assert set(found["models"]) == set(registry().models)
    assert found["checkpoints"]["default"]["model"] in found["models"]


def test_hints_in_the_list_are_those_of_the_classes(run: Run) -> None:
    found = json.loads(run("models", "--json").out)["models"]
    stated = {name: row["hints"] for name, row in found.items()}
    assert stated == {name: list(registry().model_class(name).uses) for name in stated}


def test_the_list_imports_nothing_heavy() -> None:
    script = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from luvcolor.cli import main\n"
        "try: main(['models'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {'torch', 'numba', 'scipy', 'lightning'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("name", sorted(registry().models))
def test_one_model_and_its_settings(run: Run, name: str) -> None:
    found = json.loads(run("models", name, "--json").out)
    text = run("models", name).out.decode()
    settings = describe_settings(registry().model_class(name).Config)
    lines = [f"  {row.name}: {row.kind} = {row.default or repr(row.default)}" for row in settings]
    assert lines
    assert [row["name"] for row in found["settings"]] == [row.name for row in settings]
    assert all(line in text for line in lines)
    assert found["citation"] in text
    assert f"from: luvcolor_builtins (luvcolor {found['version']})" in text


def test_settings_are_explained_by_what_is_written_beneath_them(run: Run) -> None:
    text = run("models", "regression").out.decode()
    assert "  depth: int = 3\n      How often the encoder halves the picture.\n" in text


def test_checkpoints_that_ship_and_those_here(run: Run, tiny: Path, tmp_path: Path) -> None:
    shutil.copy(tiny, tmp_path / "mine.safetensors")
    (tmp_path / "other.safetensors").write_bytes(b"weights of something else")
    assert "\n  mine.safetensors: unet, sees 32 pixels\n" in run("models", "unet").out.decode()
    shipped = json.loads(run("models", "lite", "--json").out)["checkpoints"]
    assert [(Path(card["path"]).name, card["ships"]) for card in shipped] == [
        ("default.safetensors", True)
    ]


def test_where_there_is_no_checkpoint_it_says_how_to_get_one(run: Run) -> None:
    text = run("models", "regression").out.decode()
    assert "checkpoints: none here; `luvcolor train DATASET -m regression -o " in text


def test_an_unknown_model(run: Run) -> None:
    ran = run("models", "nothing")
    assert (ran.status, ran.out) == (2, b"")
    assert "no model is called 'nothing'; known models: " in ran.error


def test_a_checkpoint_names_its_model(run: Run) -> None:
    ran = run("models", "default")
    assert (ran.status, ran.out) == (2, b"")
    assert "a checkpoint of the model 'lite'; see `luvcolor models lite`" in ran.error


def test_a_model_without_settings_of_its_own_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lvc_strange.py").write_text(STRANGE)
    monkeypatch.syspath_prepend(str(tmp_path))
    spec = ModelSpec("strange", "Strange.", "lvc_strange:Strange")
    plugin = Plugin("odd", "lvc-odd", "2", object, models=[spec])
    found = Registry([plugin], {"strange": spec})
    monkeypatch.setattr("luvcolor.model_description.registry", lambda: found)
    ran = run("models", "strange")
    assert ran.status == 1
    assert "'strange' of plugin 'odd' (lvc-odd 2): expected a Colorizer whose Config" in ran.error
