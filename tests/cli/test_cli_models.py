"""``luvcolor models``."""

from __future__ import annotations

import json

import pytest

from luvcolor.registry import registry
from tests.cli.conftest import Run


def test_all_models_and_what_ships(run: Run) -> None:
    text = run("models").out.decode()
    assert all(name in text for name in registry().models)
    assert "\n  default " in text
    assert not any(line.endswith((" ", ",")) for line in text.splitlines())


def test_all_models_as_json(run: Run) -> None:
    found = json.loads(run("models", "--json").out)
    assert set(found["models"]) == set(registry().models)
    assert found["checkpoints"]["default"]["model"] in found["models"]


@pytest.mark.parametrize("name", sorted(registry().models))
def test_one_model_and_its_settings(run: Run, name: str) -> None:
    found = json.loads(run("models", name, "--json").out)
    text = run("models", name).out.decode()
    assert found["settings"]
    assert all(f"  {key}={value}" in text for key, value in found["settings"].items())


def test_an_unknown_model(run: Run) -> None:
    ran = run("models", "nothing")
    assert (ran.status, ran.out) == (2, b"")
    assert "no model is called 'nothing'; known models: " in ran.error
