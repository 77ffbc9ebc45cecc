"""Brings the model ``my-model`` to luvcolor."""

from collections.abc import Callable

from luvcolor import ModelSpec, hookimpl

luvcolor_hooks = 1

MODEL = ModelSpec(
    "my-model",
    "Three convolutions that regress chroma.",
    "my_package.model:MyModel",
    licence="MIT",
)


@hookimpl
def luvcolor_register_models(register: Callable[[ModelSpec], None]) -> None:
    """Every command runs this file, so it imports nothing heavy: the model comes when used."""
    register(MODEL)
