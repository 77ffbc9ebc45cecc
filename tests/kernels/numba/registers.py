"""What numba's kernels cost in registers, on record: ``python -m tests.kernels.numba.registers``.

That writes registers.json anew, where a change is meant to be.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.kernels.cuda.gates import ARCHITECTURES, Report, assemble
from tests.kernels.numba.processes import KERNELS, run_module

RECORD = Path(__file__).with_name("registers.json")


def compiled(arch: str, *kernels: str, source: Path = KERNELS) -> dict[str, str]:
    """Return the PTX of the variants of some kernels, or of all, for an architecture."""
    capability = arch.removeprefix("sm_")
    name = "tests.kernels.numba.compilation"
    done = run_module(name, capability[:-1], capability[-1], *kernels, kernels=source)
    if done.returncode:
        raise ValueError(done.stderr)
    table: dict[str, str] = json.loads(done.stdout)
    return table


def assembled(table: dict[str, str], arch: str) -> dict[str, Report]:
    """Assemble a table of PTX."""
    with ThreadPoolExecutor(2) as pool:
        reports = pool.map(lambda ptx: assemble(ptx, arch), table.values())
        return dict(zip(table, reports, strict=True))


def main() -> None:
    """Write the record."""
    found = {
        arch: {name: r.registers for name, r in assembled(compiled(arch), arch).items()}
        for arch in ARCHITECTURES
    }
    RECORD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
