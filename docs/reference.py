"""Makes the reference of hooks and contracts from their docstrings and signatures."""

import inspect
import re
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import luvcolor
from luvcolor.classify import PaletteColorizer, PaletteHead
from luvcolor.configuration import attribute_docstrings
from luvcolor.hookspecs import HOOKS_VERSION, CommandSpec, Hooks, ModelSpec
from luvcolor.model import Batch, Chroma, Colorizer, Hints

CONTRACTS = {
    "What a plugin says": (Hooks, ModelSpec, CommandSpec),
    "What a model is": (Colorizer, Batch, Chroma, Hints),
    "What models over a palette share": (PaletteHead, PaletteColorizer),
}
SECTION = re.compile(r"^(\w+)\n-+\n", re.MULTILINE)
WIDEST = 88


class Bare:
    """An annotation that is shown as it is written."""

    def __init__(self, annotation: Any) -> None:
        written = getattr(annotation, "__forward_arg__", annotation)
        self.text = written if isinstance(written, str) else inspect.formatannotation(written)

    def __repr__(self) -> str:
        return self.text


def reference_page() -> str:
    """Return the reference as one Markdown page."""
    parts = [
        "# Reference of hooks and contracts",
        "",
        "Made from the code by `make docs`; how to use it: [plugins.md](plugins.md). "
        f"This is version {HOOKS_VERSION} of the hooks: `luvcolor_hooks = {HOOKS_VERSION}`.",
        "",
    ]
    for title, classes in CONTRACTS.items():
        parts += [f"## {title}", ""]
        for each in classes:
            parts += _class(each)
    return "\n".join(parts)


def _class(each: type) -> Iterator[str]:
    home = "luvcolor" if each.__name__ in luvcolor.__all__ else each.__module__
    yield from (f"### {each.__name__}", "", f"`from {home} import {each.__name__}`", "")
    if each is not Hooks:
        yield from _fenced(_signature(each.__name__, each))
    yield from _text(inspect.getdoc(each) or "")
    beneath = dict(attribute_docstrings(each))
    if beneath:
        yield from (*(f"- `{name}`: {text}" for name, text in beneath.items()), "")
    for name, member in vars(each).items():
        text = inspect.getdoc(member)
        if text and not name.startswith("_") and isinstance(member, FunctionType | property):
            yield from (f"#### {each.__name__}.{name}", "")
            if isinstance(member, FunctionType):
                yield from _fenced(_signature(f"def {name}", member))
            yield from _text(text)


def _signature(name: str, called: Any) -> str:
    found = inspect.signature(called)
    parameters = [
        each if each.annotation is each.empty else each.replace(annotation=Bare(each.annotation))
        for each in found.parameters.values()
        if each.name != "self"
    ]
    returned = found.return_annotation
    tail = "" if name[0].isupper() or returned is found.empty else f" -> {Bare(returned)}"
    short = f"{name}{found.replace(parameters=parameters, return_annotation=found.empty)}{tail}"
    if len(short) <= WIDEST:
        return short
    words = [str(each) for each in parameters]
    named = [index for index, each in enumerate(parameters) if each.kind is each.KEYWORD_ONLY]
    if named:
        words.insert(named[0], "*")
    return "\n".join([f"{name}(", *(f"    {word}," for word in words), f"){tail}"])


def _text(docstring: str) -> Iterator[str]:
    """Turn the sections of a docstring into paragraphs, lists and programs."""
    first, *rest = SECTION.split(docstring)
    yield from (first.strip(), "")
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        if title == "Examples":
            yield from _fenced(body.strip())
            continue
        yield from (f"{title}:", "")
        for entry in re.split(r"\n(?=\S)", body.strip()):
            term, _, meaning = entry.partition("\n")
            meaning = " ".join(meaning.split())
            yield f"- {', '.join(f'`{word}`' for word in term.split(', '))}: {meaning}"
        yield ""


def _fenced(program: str) -> Iterator[str]:
    yield from ("```python", program, "```", "")
