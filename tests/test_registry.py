"""Plugins come in through the real door; a broken one is named and left out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from luvcolor.errors import PluginError, UsageError
from luvcolor.registry import build_registry, builtin_plugins, installed_plugins

HEALTHY = """
from luvcolor import CommandSpec, ModelSpec, hookimpl

@hookimpl
def luvcolor_register_models(register):
    register(ModelSpec("{model}", "One colour.", "{module}:Tint"))
"""
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a distribution of one module, as pip leaves it, on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("LUVCOLOR_PLUGINS", raising=False)

    def installed(module: str, code: str, version: str = "1.2") -> None:
        (tmp_path / f"{module}.py").write_text(code)
        info = tmp_path / f"{module}_dist-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {module}-dist\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[luvcolor]\n{module} = {module}\n")
        monkeypatch.delitem(sys.modules, module, raising=False)

    return installed


def test_built_ins_come_through_the_same_hook() -> None:
    registry = build_registry(builtin_plugins())
    assert {"cnn", "gan", "lite", "regression", "unet"} <= set(registry.models)
    assert not registry.broken


@pytest.mark.parametrize("name", sorted(build_registry(builtin_plugins()).models))
def test_every_built_in_model_says_what_it_is(name: str) -> None:
    registry = build_registry(builtin_plugins())
    spec = registry.model(name)
    assert spec.summary
    assert spec.citation
    assert spec.licence
    assert registry.model_class(name).__doc__


def test_an_installed_plugin_brings_its_model(install: Install) -> None:
    install("lvc_tint", HEALTHY.format(model="tint", module="lvc_tint"))
    registry = build_registry(installed_plugins())
    assert registry.models["tint"].factory == "lvc_tint:Tint"
    assert [(p.distribution, p.version) for p in registry.plugins] == [("lvc_tint-dist", "1.2")]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise OSError('disk on fire')", "disk on fire"),
        ("def broken(:", "SyntaxError"),
        ("luvcolor_hooks = 99", "version 99 of the hooks"),
        (
            "from luvcolor import hookimpl\n"
            "@hookimpl\ndef luvcolor_register_models(register): raise KeyError('oops')",
            "oops",
        ),
        (
            "from luvcolor import hookimpl\n@hookimpl\ndef luvcolor_register_model(register): ...",
            "luvcolor_register_model",
        ),
        (
            "from luvcolor import hookimpl\n@hookimpl\ndef luvcolor_register_models(reg): ...",
            "reg",
        ),
        (HEALTHY.format(model="unet", module="x"), "already registered by plugin 'luvcolor_built"),
    ],
)
def test_a_broken_plugin_is_named_and_the_rest_goes_on(
    install: Install, code: str, reason: str
) -> None:
    install("lvc_broken", code, version="0.3")
    install("lvc_tint", HEALTHY.format(model="tint", module="lvc_tint"))
    registry = build_registry([*builtin_plugins(), *installed_plugins()])
    (broken,) = registry.broken
    assert str(broken) == "plugin 'lvc_broken' (lvc_broken-dist 0.3)"
    assert reason in str(broken.error)
    assert {"unet", "tint"} <= set(registry.models)
    assert registry.models["unet"].factory == "luvcolor_unet:UNet"


def test_a_plugin_that_fails_half_way_leaves_nothing(install: Install) -> None:
    install("lvc_half", HEALTHY.format(model="half", module="lvc_half") + "    raise ValueError")
    registry = build_registry(installed_plugins())
    assert not registry.models
    assert registry.broken[0].error == "ValueError"


def test_a_missing_model_names_the_plugins_that_were_skipped(install: Install) -> None:
    install("lvc_broken", "raise OSError('disk on fire')", version="0.3")
    with pytest.raises(UsageError, match=r"lvc_broken-dist 0\.3\): OSError: disk on fire"):
        build_registry(installed_plugins()).model("tint")


def test_a_factory_that_makes_no_colorizer_is_refused(install: Install) -> None:
    code = HEALTHY.format(model="tint", module="lvc_tint") + "\nclass Tint: ...\n"
    install("lvc_tint", code)
    with pytest.raises(PluginError, match="to be a Colorizer with a Config"):
        build_registry(installed_plugins()).model_class("tint")


def test_strict_refuses_a_broken_plugin(install: Install) -> None:
    install("lvc_broken", "raise OSError('disk on fire')")
    with pytest.raises(PluginError, match=r"lvc_broken.*disk on fire"):
        build_registry(installed_plugins(), strict=True)


def test_the_environment_chooses_plugins(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("lvc_tint", HEALTHY.format(model="tint", module="lvc_tint"))
    install("lvc_wash", HEALTHY.format(model="wash", module="lvc_wash"))
    monkeypatch.setenv("LUVCOLOR_PLUGINS", "lvc_wash")
    assert list(build_registry(installed_plugins()).models) == ["wash"]
    monkeypatch.setenv("LUVCOLOR_PLUGINS", "")
    assert list(installed_plugins()) == []


def test_an_unknown_model_lists_the_known() -> None:
    with pytest.raises(UsageError, match="known models: cnn, gan, lite, regression, unet"):
        build_registry(builtin_plugins()).model("nothing")


def test_a_model_that_cannot_be_imported_names_its_plugin(install: Install) -> None:
    install("lvc_tint", HEALTHY.format(model="tint", module="lvc_tint"))
    with pytest.raises(PluginError, match=r"model 'tint' of plugin 'lvc_tint' \(lvc_tint-dist"):
        build_registry(installed_plugins()).model_class("tint")


def test_a_plugin_adds_a_command_to_the_command_line(install: Install, tmp_path: Path) -> None:
    install(
        "lvc_hello",
        "import click\nfrom luvcolor import CommandSpec, hookimpl\n"
        "@hookimpl\ndef luvcolor_register_commands(register):\n"
        "    register(CommandSpec('hello', 'Say hello.', 'lvc_hello:hello'))\n"
        "@click.command()\ndef hello():\n    click.echo('hello from a plugin')\n",
    )
    paths = [str(tmp_path), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "luvcolor"]

    def run(*args: str) -> str:
        done = subprocess.run(
            [*command, *args], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert "Say hello." in run("--help")
    assert run("hello") == "hello from a plugin\n"
