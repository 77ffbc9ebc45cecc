"""Every command is tested, documented and light, and its examples are right."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from luvcolor.cli.chain import split_chain
from luvcolor.cli.main import ALONE, cli
from luvcolor.commands import COMMANDS

EXAMPLE = re.compile(r"(?:^|\| )luvcolor ((?:[^|>]|\|(?! ))+)")
"""What follows ``luvcolor`` in an example, up to a pipe or a redirection."""


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert isinstance(found, click.Command)
    return found


def examples(name: str) -> list[str]:
    _, _, text = (command(name).help or "").partition("Examples:\n")
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("name", COMMANDS)
def test_it_has_a_test_file(name: str) -> None:
    assert Path(__file__).with_name(f"test_cli_{name.replace('-', '_')}.py").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_parses(name: str) -> None:
    assert examples(name), f"{name} needs Examples: in its docstring"
    for line in examples(name):
        found = EXAMPLE.findall(re.sub(r"^(LUVCOLOR_\w+=\S* |cat \S+ )", "", line).lstrip())
        assert found, line
        for words in found:
            for stage, *rest in split_chain(shlex.split(words)):
                command(stage).make_context(stage, rest).close()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name: str) -> None:
    for parameter in command(name).params:
        if isinstance(parameter, click.Option):
            assert parameter.help or parameter.show_default, parameter.opts


@pytest.mark.parametrize("name", COMMANDS)
def test_its_summary_fits_the_list(name: str) -> None:
    assert COMMANDS[name].endswith(".")
    assert (command(name).help or "").split()[0] == COMMANDS[name].split()[0]


def test_those_that_stand_alone_are_commands() -> None:
    assert set(ALONE) < set(COMMANDS)
    assert not {"inputs"} & {p.name for name in ALONE for p in command(name).params}


def test_the_overview_shows_its_examples_line_by_line() -> None:
    assert "\b\n" in (cli.help or "")
