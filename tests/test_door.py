"""Plugins that pip has installed, in an environment of their own: the broken break nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors.numpy import save_file

from luvcolor.frame import Frame
from luvcolor.io.codec import decode, encode
from tests.conftest import noisy
from tests.wheels import Environment, make_wheel

REGISTERS = """
from luvcolor import ModelSpec, hookimpl

@hookimpl
def luvcolor_register_models(register):
    register(ModelSpec("{model}", "One colour for everything.", "{package}.model:Tint"))
"""
MODEL = """
from dataclasses import dataclass

from luvcolor import Chroma, Colorizer

@dataclass(frozen=True)
class TintConfig:
    u: float = 40.0

class Tint(Colorizer):
    Config = TintConfig

    def predict(self, luma, **_):
        if self.config.u < 0:
            raise KeyError("no such tint")
        return Chroma((luma * 0 + self.config.u).expand(-1, 2, -1, -1))
"""

DISTRIBUTIONS = {
    "healthy": REGISTERS.format(model="tint", package="lvc_healthy"),
    "import": "import lvc_absent",
    "exit": "import sys; sys.exit('no licence found')",
    "hook": "from luvcolor import hookimpl\n\n@hookimpl\ndef luvcolor_register_models(reg): ...",
    "version": "luvcolor_hooks = 99",
    "twin": REGISTERS.format(model="tint", package="lvc_twin"),
}
"""What is installed: ``lvc-NAME`` 1.0 with the package and entry point ``lvc_NAME``."""

REASONS = {
    "import": "No module named 'lvc_absent' (lvc_import, line 1); install what brings 'lvc_absent'",
    "exit": "SystemExit: no licence found (lvc_exit, line 1)",
    "hook": "its luvcolor_register_models was to take register, and takes reg; rename reg",
    "version": "it was written for version 99 of the hooks, and this luvcolor has version 1",
    "twin": "its model 'tint' is already registered by plugin 'lvc_healthy' (lvc-healthy 1.0)",
    "lost": "its entry point names the module 'lvc_lost', and there is no 'lvc_lost'",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with one healthy plugin, and one of each way to be broken."""
    folder = tmp_path_factory.mktemp("door")
    wheels = [make_wheel(folder, "lvc-lost", "1.0", {}, "lvc_lost = lvc_lost")]
    for name, code in DISTRIBUTIONS.items():
        package = f"lvc_{name}"
        files = {f"{package}/__init__.py": code, f"{package}/model.py": MODEL}
        wheels.append(make_wheel(folder, f"lvc-{name}", "1.0", files, f"{package} = {package}"))
    made = Environment.make(folder / "env")
    made.install(*wheels)
    return made


@pytest.fixture
def gray(tmp_path: Path) -> Path:
    path = tmp_path / "gray.png"
    path.write_bytes(encode(Frame(noisy(24, 32)[..., 1]), "png"))
    return path


def checkpoint(path: Path, u: float) -> Path:
    """A checkpoint of the healthy plugin's model, which has no weights."""
    card = {"model": "tint", "config": {"u": u}, "size": 16}
    save_file({}, path, {"luvcolor": json.dumps(card)})
    return path


def test_every_plugin_is_listed_with_its_distribution_and_what_is_wrong(
    environment: Environment,
) -> None:
    ran = environment.luvcolor("plugins")
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    assert "lvc_healthy (lvc-healthy 1.0): brings model tint" in lines
    for name, reason in REASONS.items():
        (line,) = (x for x in lines if x.startswith(f"lvc_{name} (lvc-{name} 1.0): skipped: "))
        assert reason in line


def test_models_of_the_healthy_are_there(environment: Environment) -> None:
    ran = environment.luvcolor("models", "--json")
    found = json.loads(ran.stdout)["models"]
    assert {"unet", "tint"} <= set(found)
    assert found["tint"]["factory"] == "lvc_healthy.model:Tint"


@pytest.mark.slow
def test_the_healthy_colour_beside_the_broken(
    environment: Environment, gray: Path, tmp_path: Path
) -> None:
    tint = checkpoint(tmp_path / "tint.safetensors", 40.0)
    ran = environment.luvcolor("colorize", gray, "-m", tint, "-o", tmp_path / "out.png")
    assert ran.returncode == 0, ran.stderr
    red, green, _ = decode((tmp_path / "out.png").read_bytes()).pixels.mean((0, 1))
    assert red > green + 10


@pytest.mark.slow
def test_a_model_that_fails_names_plugin_distribution_and_version(
    environment: Environment, gray: Path, tmp_path: Path
) -> None:
    tint = checkpoint(tmp_path / "tint.safetensors", -1.0)
    ran = environment.luvcolor("colorize", gray, "-m", tint, "-o", tmp_path / "out.png")
    assert ran.returncode == 1
    assert "the model 'tint' of plugin 'lvc_healthy' (lvc-healthy 1.0) failed" in ran.stderr
    assert "no such tint" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_strict_refuses_and_names_the_first(environment: Environment, gray: Path) -> None:
    ran = environment.luvcolor("--strict-plugins", "gray", gray)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "plugin 'lvc_exit' (lvc-exit 1.0): SystemExit: no licence found" in ran.stderr


def test_the_environment_variable_chooses(environment: Environment) -> None:
    def brought(plugins: str) -> list[str]:
        ran = environment.luvcolor("plugins", plugins=plugins)
        return [line.split(" ")[0] for line in ran.stdout.splitlines()]

    assert brought("") == ["luvcolor_builtins"]
    assert brought("lvc_twin") == ["luvcolor_builtins", "lvc_twin"]
    unknown = environment.luvcolor("models", "tint", plugins="lvc_tnit")
    assert unknown.returncode == 2
    assert "no model is called 'tint'" in unknown.stderr
    assert "LUVCOLOR_PLUGINS names it, and no distribution has an entry point" in unknown.stderr
