"""Every example in a docstring runs."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import luvcolor

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(luvcolor.__path__, "luvcolor.")
    if module.name != "luvcolor.__main__"
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0
