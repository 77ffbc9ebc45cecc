"""Plugins come in through the real door; a broken one is named and left out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from luvcolor.errors import PluginError, UsageError
from luvcolor.registry import (
    Registry,
    build_registry,
    builtin_plugins,
    installed_plugins,
    model_and_plugin,
    model_at_work,
    registry,
)

HEALTHY = """
from luvcolor import CommandSpec, ModelSpec, hookimpl

@hookimpl
def luvcolor_register_models(register):
    register(ModelSpec("{model}", "One colour.", "{module}:Tint"))
"""
BARE = """
from luvcolor import CommandSpec, ModelSpec, hookimpl

@hookimpl
def luvcolor_register_models(register):
    {}
"""
UNCITED = {"onnx"}
"""What comes from no paper: the graphs that it runs bring their own."""
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
    assert spec.citation or name in UNCITED
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
        ("raise OSError('disk on fire')", "disk on fire (lvc_broken, line 1)"),
        ("def broken(:", "SyntaxError"),
        ("import sys; sys.exit('needs a licence')", "SystemExit: needs a licence"),
        ("class Mine(BaseException): ...\nraise Mine", "Mine (lvc_broken, line 2)"),
        ("import lvc_absent", "No module named 'lvc_absent' (lvc_broken, line 1); install what"),
        ("luvcolor_hooks = 99", "version 99 of the hooks, and this luvcolor has version 1"),
        ("luvcolor_hooks = 99", "install a newer version of luvcolor"),
        ("luvcolor_hooks = 0", "install a newer version of it"),
        (BARE.format("raise KeyError('oops')"), "KeyError: 'oops' (lvc_broken, line 6)"),
        (BARE.format("raise SystemExit(3)"), "SystemExit: 3"),
        (BARE.replace("(register)", "(reg)").format("..."), "to take register, and takes reg"),
        (
            BARE.replace("_models", "_model").format("..."),
            "luvcolor_register_model, which is no hook; those there are: "
            "luvcolor_register_commands, luvcolor_register_models",
        ),
        ("def luvcolor_paint(register): ...", "luvcolor_paint, which is no hook"),
        ("def luvcolor_register_models(register): ...", "never called; mark it with @hookimpl"),
        (BARE.format("register('tint')"), "to register a ModelSpec, and registers 'tint'"),
        (BARE.format("register(CommandSpec('a', 'b', 'c:d'))"), "to register a ModelSpec"),
        (BARE.format("register(ModelSpec('', 'b', 'c:d'))"), "and not ''; rename it"),
        (BARE.format("register(ModelSpec('a b', 'b', 'c:d'))"), "and not 'a b'; rename it"),
        (BARE.format("register(ModelSpec('a.onnx', 'b', 'c:d'))"), "and not 'a.onnx'"),
        (BARE.format("register(ModelSpec('default', 'b', 'c:d'))"), "luvcolor's own word"),
        (BARE.format("register(ModelSpec('a', 'b', 'c'))"), "written 'module:name', and not 'c'"),
        (BARE.format("register(ModelSpec('a', 'b', dict))"), "written 'module:name'"),
        (BARE.format("register(ModelSpec('a', None, 'c:d'))"), "one line of text, and not None"),
        (BARE.format("[register(ModelSpec('a', 'b', 'c:d')) for _ in 'ab']"), "'a' twice"),
        (
            BARE.replace("_models", "_commands").format("register(CommandSpec('gray', '', 'c:d'))"),
            "'gray' is luvcolor's own word, and cannot be its command's name",
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


@pytest.mark.parametrize(
    "code", ["raise KeyboardInterrupt", BARE.format("raise KeyboardInterrupt")]
)
def test_an_interrupt_is_none_of_a_plugins_failures(install: Install, code: str) -> None:
    install("lvc_slow", code)
    with pytest.raises(KeyboardInterrupt):
        build_registry(installed_plugins())


def test_a_plugin_that_fails_half_way_leaves_nothing(install: Install) -> None:
    install("lvc_half", HEALTHY.format(model="half", module="lvc_half") + "    raise ValueError")
    registry = build_registry(installed_plugins())
    assert not registry.models
    assert registry.broken[0].error == "ValueError (lvc_half, line 7)"


def test_a_hook_of_another_function_name_or_of_the_future_is_allowed(install: Install) -> None:
    install(
        "lvc_tint",
        "from luvcolor import ModelSpec, hookimpl\n"
        "@hookimpl(specname='luvcolor_register_models')\n"
        "def mine(register):\n    register(ModelSpec('tint', '', 'a:B'))\n"
        "@hookimpl(optionalhook=True)\ndef luvcolor_register_brushes(register): ...\n",
    )
    registry = build_registry(installed_plugins())
    assert not registry.broken
    assert list(registry.models) == ["tint"]


def test_what_a_plugin_prints_does_not_mix_with_pictures(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("lvc_loud", "print('hello')\n" + BARE.format("print('and again')"))
    assert not build_registry(installed_plugins()).broken
    assert capsys.readouterr() == ("", "hello\nand again\n")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("lvc_gone", "names the module 'lvc_gone', and there is no 'lvc_gone'; install it anew"),
        ("lvc_tint.hooks:it", "names the module 'lvc_tint.hooks', and there is no 'lvc_tint.hoo"),
        ("lvc_tint:nothing", "has no attribute 'nothing'"),
        ("lvc tint", "MODULE or MODULE:OBJECT, found 'lvc tint'"),
    ],
)
def test_an_entry_point_that_leads_nowhere_says_so(
    install: Install, tmp_path: Path, entry: str, reason: str
) -> None:
    install("lvc_tint", HEALTHY.format(model="tint", module="lvc_tint"))
    (tmp_path / "lvc_tint").mkdir()
    (tmp_path / "lvc_tint.py").rename(tmp_path / "lvc_tint" / "__init__.py")
    listed = f"[luvcolor]\nlvc_lost = {entry}\n"
    (tmp_path / "lvc_tint_dist-1.2.dist-info" / "entry_points.txt").write_text(listed)
    (broken,) = build_registry(installed_plugins()).broken
    assert reason in str(broken.error)


def test_entry_points_that_cannot_be_read_break_nothing_else(
    install: Install, tmp_path: Path
) -> None:
    install("lvc_tint", HEALTHY.format(model="tint", module="lvc_tint"))
    install("lvc_torn", "")
    install("lvc_noise", "")
    (tmp_path / "lvc_torn_dist-1.2.dist-info" / "entry_points.txt").write_text("[luvcolor]\nlvc")
    (tmp_path / "lvc_noise_dist-1.2.dist-info" / "entry_points.txt").write_bytes(b"\xff\xfe")
    registry = build_registry(installed_plugins())
    assert list(registry.models) == ["tint"]
    (broken,) = registry.broken
    assert (broken.distribution, broken.version) == ("lvc_torn-dist", "1.2")
    assert "its entry points cannot be read" in str(broken.error)


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
        build_registry(installed_plugins()).refuse_broken()


def test_the_environment_chooses_plugins(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("lvc_tint", HEALTHY.format(model="tint", module="lvc_tint"))
    install("lvc_wash", HEALTHY.format(model="wash", module="lvc_wash"))
    monkeypatch.setenv("LUVCOLOR_PLUGINS", "lvc_wash")
    assert list(build_registry(installed_plugins()).models) == ["wash"]
    monkeypatch.setenv("LUVCOLOR_PLUGINS", "")
    assert list(installed_plugins()) == []


def test_an_unknown_name_in_the_environment_says_what_is_installed(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("lvc_tint", HEALTHY.format(model="tint", module="lvc_tint"))
    monkeypatch.setenv("LUVCOLOR_PLUGINS", " lvc_tint, ,lvc_tnit")
    registry = build_registry(installed_plugins())
    assert list(registry.models) == ["tint"]
    (broken,) = registry.broken
    assert broken.name == "lvc_tnit"
    assert "LUVCOLOR_PLUGINS names it" in str(broken.error)
    assert "installed plugins: lvc_tint;" in str(broken.error)


def test_the_built_ins_may_be_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUVCOLOR_PLUGINS", "luvcolor_builtins")
    assert list(installed_plugins()) == []


def test_an_unknown_model_lists_the_known() -> None:
    known = ", ".join(sorted(build_registry(builtin_plugins()).models))
    with pytest.raises(UsageError, match=f"known models: {known}"):
        build_registry(builtin_plugins()).model("nothing")


@pytest.fixture
def fresh() -> Iterator[None]:
    """Build the registry of this process anew, before and after."""
    registry.cache_clear()
    yield
    registry.cache_clear()


@pytest.mark.usefixtures("fresh")
def test_the_registry_of_the_process_is_built_once(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("lvc_broken", "raise OSError('disk on fire')")
    built: list[Registry] = []

    def build(*plugins: object) -> Registry:
        built.append(build_registry(*plugins))  # type: ignore[arg-type]
        return built[-1]

    monkeypatch.setattr("luvcolor.registry.build_registry", build)
    assert registry() is registry(strict=False) is built[0]
    with pytest.raises(PluginError, match="disk on fire"):
        registry(strict=True)
    assert len(built) == 1


@pytest.mark.usefixtures("fresh")
def test_what_a_model_raises_names_model_plugin_and_line(install: Install) -> None:
    code = HEALTHY.format(model="tint", module="lvc_tint")
    install("lvc_tint", f"{code}\ndef fail():\n    raise ValueError('no colour left')\n")
    whole = "the model 'tint' of plugin 'lvc_tint' (lvc_tint-dist 1.2)"
    assert model_and_plugin("tint") == whole
    registry().plugins[-1].load()
    with pytest.raises(PluginError) as raised, model_at_work("tint", "in losses"):
        sys.modules["lvc_tint"].fail()
    assert str(raised.value) == (
        f"{whole} failed in losses: ValueError: no colour left (lvc_tint, line 9)"
    )


@pytest.mark.parametrize(
    "error", [UsageError("give a file"), MemoryError("out of memory"), SystemExit(1)]
)
def test_what_is_no_fault_of_a_model_passes_as_it_is(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, model_at_work("unet", "in losses"):
        raise error
    assert raised.value is error


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
