"""docs/hints.md says what the code does."""

from __future__ import annotations

import doctest
import json
import re
import shlex
from pathlib import Path

import pytest

from luvcolor.cli.colorize import colorize
from luvcolor.cli.evaluate import evaluate
from luvcolor.cli.hints import hint_options
from luvcolor.hints import Marks, Point, Stroke
from luvcolor.model import Colorizer
from luvcolor.model_description import list_models

PAGE = Path(__file__).parents[2] / "docs" / "hints.md"


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text()


def test_the_program_runs() -> None:
    outcome = doctest.testfile(str(PAGE), module_relative=False)
    assert outcome.attempted >= 8
    assert outcome.failed == 0


def test_its_file_is_one(text: str) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert Marks.from_json(json.loads(block)).count == 2


def test_its_commands_parse(text: str) -> None:
    commands = {"colorize": colorize, "evaluate": evaluate}
    lines = re.findall(r"^luvcolor (\w+ .*)$", text, re.MULTILINE)
    assert len(lines) >= 7
    for line in lines:
        name, *words = shlex.split(line)
        commands[name].make_context(name, words).close()


def test_it_names_every_option(text: str) -> None:
    added = [option.opts[0] for option in hint_options(lambda **_: None).__click_params__]  # type: ignore[attr-defined]
    assert [option for option in added if f"`{option}" not in text] == []


def test_its_figures_are_those_of_the_code(text: str) -> None:
    assert f"within `radius` (default {Point((0, 0), 'red').radius})" in text
    assert f"`width` wide (default {Stroke([(0, 0)], 'red').width})" in text
    assert f"above {Colorizer.largest} pixels" in text


def test_it_names_every_built_in_model_that_uses_hints(text: str) -> None:
    users = [
        name
        for name, one in list_models().items()
        if one["hints"] and one["plugin"] == "luvcolor_builtins"
    ]
    assert [name for name in users if f"\n| `{name}` |" not in text] == []
