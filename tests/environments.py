"""A throw-away environment to work in as a person would: a folder, a shell, commands by name."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.wheels import Environment

SCRIPTS = {
    "luvcolor": "from luvcolor.cli import main; main()",
    "pytest": "import sys, pytest; sys.exit(pytest.main())",
}
OURS = ("LUVCOLOR_", "PYTEST_", "PYTHONPATH", "PIP_")
"""How variables begin that are for this process, and not for those in the environment."""
OFFLINE = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_NO_BUILD_ISOLATION": "0",  # which means: no isolation
    "PIP_NO_DEPS": "1",
    "PIP_NO_INDEX": "1",
}


@dataclass(frozen=True)
class Workplace:
    """A throw-away environment, and the folder in which commands run."""

    environment: Environment
    folder: Path

    @classmethod
    def make(cls, root: Path) -> Workplace:
        """Make both below `root`, with the commands that pip would have installed."""
        made = cls(Environment.make(root / "env"), root / "work")
        made.folder.mkdir()
        for name, program in SCRIPTS.items():
            script = made.environment.python.with_name(name)
            python = made.environment.python
            script.write_text(f"#!/bin/sh\nexec '{python}' -P -c '{program}' \"$@\"\n")
            script.chmod(0o755)
        return made

    def run(self, command: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a shell command that finds those of the environment first."""
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", command],
            cwd=self.folder,
            env=self._variables(),
            capture_output=True,
            text=True,
        )
        assert not check or done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
        return done

    def _variables(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        path = f"{self.environment.python.parent}{os.pathsep}{kept['PATH']}"
        return {**kept, **OFFLINE, "PATH": path, "OMP_NUM_THREADS": "1"}
