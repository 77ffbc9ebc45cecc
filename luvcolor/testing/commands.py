"""Checks that a model works from the command line, which runs in this process."""

from __future__ import annotations

import io
import json
import runpy
import sys
from contextlib import redirect_stderr
from pathlib import Path
from unittest.mock import patch

from luvcolor.blame import described
from luvcolor.checkpoint import card_of, save
from luvcolor.testing.pictures import SIDE, write_picture
from luvcolor.testing.subject import Subject
from luvcolor.testing.words import BrokenContractError

__all__ = ["check_chain", "check_command_line"]

CPU = ("--device", "cpu")
RED, BLUE = "#d02020", "#2020d0"


def check_command_line(subject: Subject, folder: Path) -> None:
    """Check that ``luvcolor train`` and ``luvcolor colorize`` work with the model."""
    checkpoint = folder / "trained.safetensors"
    if subject.spec.learns:
        _luvcolor(subject, *_training(subject), "-o", checkpoint)
    gray, output = write_picture(folder / "gray.png"), folder / "coloured.png"
    _luvcolor(subject, "colorize", gray, *_model(subject, checkpoint), "-o", output)


def check_chain(subject: Subject, folder: Path) -> None:
    """Check that it colours in a chain of stages, joined with ``!``."""
    checkpoint = folder / "kept.safetensors"
    if subject.spec.learns:
        fitted = subject.fitted()
        save(checkpoint, fitted, card_of(fitted, subject.name, SIDE))
    first = ["gray", write_picture(folder / "colour.png")]
    last = ["resize", "--size", 80, 48, "-o", folder / "chained.png"]
    _luvcolor(subject, *first, "!", "colorize", *_model(subject, checkpoint), "!", *last)


def _training(subject: Subject) -> list[object]:
    """Return the words that train the model for one short epoch."""
    few = ["--epochs", 1, "--batch-size", 4, "--sheets", 0, *CPU]
    dataset = subject.dataset.path
    return ["train", dataset, "-m", subject.name, *_settings(subject), *few]


def _model(subject: Subject, checkpoint: Path) -> list[object]:
    """Return the words that choose the model, and give it the hints that it uses."""
    learned: list[object] = ["-m", checkpoint]
    words = learned if subject.spec.learns else ["-m", subject.name, *_settings(subject)]
    if "colours" in subject.model_class.uses:
        words += ["--hint", f"2,3={RED}", "--hint", f"30,20={BLUE}"]
    if "reference" in subject.model_class.uses:
        picture = write_picture(checkpoint.with_name("reference.png"), 30, 20)
        words += ["--reference", picture]
    return [*words, *CPU]


def _settings(subject: Subject) -> list[object]:
    settings = subject.settings.items()
    return [word for name, value in settings for word in ("--set", f"{name}={json.dumps(value)}")]


def _luvcolor(subject: Subject, *words: object) -> None:
    """Run the command line; what goes wrong is in its own words."""
    arguments = [str(word) for word in words]
    said = io.StringIO()
    with patch.object(sys, "argv", ["luvcolor", *arguments]), redirect_stderr(said):
        try:
            runpy.run_module("luvcolor", run_name="__main__")
        except SystemExit as end:
            status = end.code
        except Exception as error:
            said.write(described(error, subject.package))
            status = 1
    if status:
        raise BrokenContractError(
            f"`luvcolor {' '.join(arguments)}` to succeed",
            f"exit status {status}: {said.getvalue().strip()}",
            "Give the same command in a terminal, where a plugin can be tried further.",
        )
