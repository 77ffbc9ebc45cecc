"""Wheels made by hand, and throw-away environments to install them in."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

HEADER = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def make_wheel(folder: Path, name: str, version: str, files: Mapping[str, str], entry: str) -> Path:
    """Write a wheel with `files` and the entry point `entry`, such as ``tint = tint``."""
    stem = f"{name.replace('-', '_')}-{version}"
    about = {
        "METADATA": HEADER.format(name, version),
        "WHEEL": WHEEL,
        "entry_points.txt": f"[luvcolor]\n{entry}\n",
    }
    whole = {**files, **{f"{stem}.dist-info/{key}": text for key, text in about.items()}}
    record = f"{stem}.dist-info/RECORD"
    whole[record] = "".join(f"{path},,\n" for path in [*whole, record])
    path = folder / f"{stem}-py3-none-any.whl"
    with ZipFile(path, "w") as wheel:
        for inside, text in whole.items():
            wheel.writestr(inside, text)
    return path


@dataclass(frozen=True)
class Environment:
    """A virtual environment that sees luvcolor, and what luvcolor needs, where they are now."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Environment:
        """Make one; what is installed in it comes before what this interpreter sees."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        made = cls(folder)
        seen = [path for path in sys.path if Path(path).is_dir()]
        (made.packages / "seen.pth").write_text("\n".join(seen))
        return made

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def packages(self) -> Path:
        """Where what is installed in it lies."""
        base = {"base": str(self.folder), "platbase": str(self.folder)}
        return Path(sysconfig.get_path("purelib", "venv", vars=base))

    def install(self, *wheels: Path) -> None:
        """Install wheels with pip, without an index."""
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python"]
        options = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
        subprocess.run([*pip, self.python, *options, *wheels], check=True)

    def luvcolor(
        self, *words: object, plugins: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``luvcolor`` in it, with the plugins selected; all of them where None."""
        kept = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "LUVCOLOR_PLUGINS"}}
        chosen = {} if plugins is None else {"LUVCOLOR_PLUGINS": plugins}
        command = [str(self.python), "-m", "luvcolor", *map(str, words)]
        return subprocess.run(command, env=kept | chosen, capture_output=True, text=True)
