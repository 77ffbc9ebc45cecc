"""Plants bugs in a copy of the kernels."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.kernels.numba.processes import KERNELS


@dataclass(frozen=True)
class Mutant:
    """A bug: in which file of the package, what it replaces by what, and what the proof says."""

    file: str
    old: str
    new: str
    symptom: str


def planted(mutant: Mutant, folder: Path) -> Path:
    """Copy the kernels with a bug in them."""
    package = folder / "luvcolor_kernels"
    shutil.copytree(
        KERNELS / "luvcolor_kernels", package, ignore=shutil.ignore_patterns("__pycache__")
    )
    path = package / f"{mutant.file}.py"
    text = path.read_text(encoding="utf-8")
    assert mutant.old in text
    path.write_text(text.replace(mutant.old, mutant.new, 1), encoding="utf-8")
    return folder
