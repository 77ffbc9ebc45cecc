"""The documents say what the code does."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import luvcolor_kernels
from luvcolor.commands import COMMANDS
from luvcolor.frame import Frame
from luvcolor.io import decode, encode
from luvcolor.registry import build_registry, builtin_plugins
from luvcolor.runtimes import RUNTIMES

ROOT = Path(__file__).parent.parent


PAGES = ("commands.md", "models.md", "reference.md")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``make docs`` would write; made in a process of its own, as there."""
    folder = tmp_path_factory.mktemp("docs")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), str(folder)]
    subprocess.run(command, check=True, env=environment)
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_are_up_to_date(page: str, generated: Path) -> None:
    made = (generated / page).read_text()
    assert made == (ROOT / "docs" / page).read_text(), "run `make docs`"


def test_the_readme_names_every_command_and_model() -> None:
    text = (ROOT / "README.md").read_text()
    for name in [*COMMANDS, *build_registry(builtin_plugins()).models]:
        assert f"`{name}`" in text, name


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/kernels.md",
        "docs/plugins.md",
        "docs/reference.md",
        "docs/runtimes.md",
        "docs/training.md",
        "docs/weights.md",
        "docs/colorize.md",
        "docs/hints.md",
        "docs/onnx.md",
        "docs/report/README.md",
        "docs/systems/README.md",
    ],
)
def test_links_inside_the_project_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text())
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", ["kernels.md", "colorize.md"])
def test_the_program_in_a_page_runs(page: str) -> None:
    outcome = doctest.testfile(str(ROOT / "docs" / page), module_relative=False)
    assert outcome.attempted >= 5
    assert outcome.failed == 0


def test_the_page_on_runtimes_names_them_all_and_its_program_runs() -> None:
    page = ROOT / "docs" / "runtimes.md"
    text = page.read_text()
    assert [name for name in RUNTIMES if f"`{name}`" not in text] == []
    outcome = doctest.testfile(str(page), module_relative=False)
    assert outcome.attempted >= 5
    assert outcome.failed == 0


def test_the_readme_and_the_page_on_kernels_name_every_kernel() -> None:
    kernels = [name for name in luvcolor_kernels.__all__ if name.islower()]
    for page in ("README.md", "docs/kernels.md"):
        text = (ROOT / page).read_text()
        assert [name for name in kernels if f"`{name}`" not in text] == [], page


def test_the_programs_in_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    gray = np.linspace(0, 255, 48 * 64).reshape(48, 64).astype(np.uint8)
    (tmp_path / "old.jpg").write_bytes(encode(Frame(gray), "jpeg"))
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert decode((tmp_path / "new.png").read_bytes()).pixels.shape == (48, 64, 3)
