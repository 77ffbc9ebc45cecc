"""What a class says of itself, read without importing it."""

from __future__ import annotations

from pathlib import Path

import pytest

from luvcolor.source import class_constant

FILES = {
    "__init__.py": "raise RuntimeError('imported')\nfrom .base import Base as Root\n",
    "base.py": "class Base:\n    uses: tuple[str, ...] = ('colours',)\n",
    "inner/__init__.py": "from lvc_said import Root\nfrom ..base import Base\n",
    "inner/models.py": """
from lvc_said.inner import Root
from ..base import Base
import torch

class Own(Root):
    uses = ("reference",)

class Inherits(torch.nn.Module, Base): ...
class Renamed(Root): ...
class Grandchild(Renamed): ...
class Computed(Base):
    uses = tuple(["colours"])
class Declared(Base):
    uses: tuple[str, ...]
class Silent: ...
class Circle(Circle): ...
""",
    "broken.py": "class Broken(:",
}


@pytest.fixture(autouse=True)
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that cannot be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, text in FILES.items():
        path = tmp_path / "lvc_said" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("name", "uses"),
    [
        ("Own", ("reference",)),
        ("Inherits", ("colours",)),
        ("Renamed", ("colours",)),
        ("Grandchild", ("colours",)),
        ("Declared", ("colours",)),
    ],
)
def test_what_a_class_or_its_base_says(name: str, uses: tuple[str, ...]) -> None:
    assert class_constant(f"lvc_said.inner.models:{name}", "uses") == uses


@pytest.mark.parametrize(
    "path",
    [
        "lvc_said.inner.models:Computed",
        "lvc_said.inner.models:Silent",
        "lvc_said.inner.models:Circle",
        "lvc_said.inner.models:Missing",
        "lvc_said.missing:Own",
        "lvc_said.broken:Broken",
        "lvc_nowhere:Own",
        "sys:Own",
        "lvc_said",
    ],
)
def test_what_is_not_said_outright_is_a_lookup_error(path: str) -> None:
    with pytest.raises(LookupError):
        class_constant(path, "uses")
