"""The command line, run in this process with streams of its own, and what it works on."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from luvcolor.cli import main
from luvcolor.dataset import Dataset
from luvcolor.frame import Frame
from luvcolor.io.codec import decode, encode
from luvcolor.io.stream import read_frames
from tests.conftest import noisy


@dataclass(frozen=True)
class Ran:
    """What a run left: its exit status, standard output and the lines on standard error."""

    status: int
    out: bytes
    said: list[str]

    @property
    def frames(self) -> list[Frame]:
        """The pictures on standard output; fails if there is anything else."""
        found = list(read_frames(io.BytesIO(self.out)))
        assert all(isinstance(frame, Frame) for frame in found), found
        return [frame for frame in found if isinstance(frame, Frame)]

    @property
    def error(self) -> str:
        """The one line that was said."""
        assert len(self.said) == 1, self.said
        return self.said[0]


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `luvcolor` with some words in a folder of its own; `terminal` names what is one."""
    monkeypatch.chdir(tmp_path)

    def ran(*words: object, stdin: bytes = b"", terminal: str = "") -> Ran:
        out, err = io.BytesIO(), io.BytesIO()
        for name, stream in (("stdin", io.BytesIO(stdin)), ("stdout", out), ("stderr", err)):
            kind = Terminal if name in terminal.split() else io.TextIOWrapper
            monkeypatch.setattr(sys, name, kind(stream, encoding="utf-8", write_through=True))
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        assert isinstance(end.value.code, int)
        return Ran(end.value.code, out.getvalue(), err.getvalue().decode().splitlines())

    return ran


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A file with a picture in colour, 40 x 60."""
    path = tmp_path / "photo.png"
    path.write_bytes(encode(Frame(noisy(40, 60, 7)), "png"))
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three pictures in a folder: ``a.png``, ``b.jpg`` and ``sub/c.png``."""
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for seed, name in enumerate(("a.png", "b.jpg", "sub/c.png")):
        data = encode(Frame(noisy(30 + seed, 40, seed)), "jpeg" if "jpg" in name else "png")
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A text file that is called a picture."""
    path = tmp_path / "broken.jpg"
    path.write_text("hello, I am no picture")
    return path


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    """A checkpoint of a very small model that has learned nothing but its palette."""
    from luvcolor.checkpoint import card_of, save
    from luvcolor.registry import registry

    torch.manual_seed(0)
    unet = registry().model_class("unet")
    model = unet(unet.Config(width=4, depth=2, colors=4))
    model.fit_to(dataset, palette=None, seed=0)
    path = tmp_path_factory.mktemp("checkpoint") / "tiny.safetensors"
    save(path, model, card_of(model, "unet", 32, data={"mean_uv": [5.0, 9.0]}))
    return path


def names(folder: Path) -> list[str]:
    """Every file below a folder, hidden ones too."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def picture(path: Path) -> Frame:
    """The picture in a file."""
    return decode(path.read_bytes(), name=path.name)
