"""`luvcolor colorize` as whole processes, in each runtime, beside a plain torch script.

Run by hand, as it needs photographs: ``python -m benchmarks.bench_colorize FOLDER``. One picture of
12 Mpixel in a cold process; a folder in one process; and how far the colours are apart. All peers
run once a round, one after the other, and ratios are of medians over the same rounds. CPU is
seconds of all cores together, memory the largest resident size of the process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import skimage.color

from benchmarks.common import photograph
from luvcolor.frame import Frame
from luvcolor.io import decode, encode
from luvcolor.runtimes import RUNTIMES

COLOR: Any = skimage.color
RUNTIME_NAMES = RUNTIMES[1:]
ROUNDS = int(os.environ.get("LUVCOLOR_BENCH_ROUNDS", 5))
SCRIPT = Path(__file__).with_name("torch_colorize.py")
ROOT = Path(__file__).parents[1]
PATHS = os.pathsep.join(str(ROOT / name) for name in ("", "kernels", "plugins"))
WRITE_LARGE = "import sys; from benchmarks import bench_colorize as b; b.write_large(sys.argv[1])"


class Used(NamedTuple):
    """What a process took: seconds, seconds of all cores, MiB."""

    wall: float
    busy: float
    peak: float


def used_by(command: list[str]) -> Used:
    """Run a process to its end."""
    # Threads of torch's that wait in a loop would take the time of others, on a busy machine.
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ, "PYTHONPATH": PATHS}
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: {said.decode()}")
    return Used(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def colorize(source: Path, target: Path, runtime: str, *options: str) -> list[str]:
    words = ["colorize", str(source), "-o", str(target), "--force", "--runtime", runtime]
    return [sys.executable, "-m", "luvcolor", *words, "--device", "cpu", *options]


def compared(title: str, commands: Mapping[str, list[str]], count: int) -> None:
    """Run every command once a round; print a table of medians for one of `count` pictures."""
    rounds: dict[str, list[Used]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            rounds[name].append(used_by(command))
    medians = {name: Used(*np.median(times, axis=0)) for name, times in rounds.items()}
    ours = medians["onnx"]
    print(f"\n| {title} | s | CPU s | MiB | time / onnx's | CPU / onnx's |\n|---{'|---:' * 5}|")
    for name, (wall, busy, peak) in medians.items():
        times = f"{wall / count:.3f} | {busy / count:.3f} | {peak:.0f}"
        print(f"| {name} | {times} | {wall / ours.wall:.2f} | {busy / ours.busy:.2f} |", flush=True)


def write_large(path: str) -> None:
    """Write a gray JPEG of 12 Mpixel."""
    gray = np.ascontiguousarray(photograph(3000, 4000)[..., 1])
    Path(path).write_bytes(encode(Frame(gray), "jpeg"))


def time_cold(folder: Path) -> None:
    """One picture of 12 Mpixel, in a process of its own."""
    source, target = folder / "large.jpg", folder / "new.jpg"
    # Elsewhere: what this process has resident would count as that of those it starts.
    used_by([sys.executable, "-c", WRITE_LARGE, str(source)])
    commands = {name: colorize(source, target, name) for name in RUNTIME_NAMES}
    compared("12 Mpixel, cold process", commands, 1)


def time_folder(source: Path, folder: Path) -> None:
    """All pictures of a folder, as JPEG."""
    small = folder / "small"
    small.mkdir()
    commands = {name: colorize(source, folder / name, name) for name in RUNTIME_NAMES}
    commands["torch script, 256 x 256"] = [sys.executable, str(SCRIPT), str(source), str(small)]
    count = len(list(source.iterdir()))
    compared(f"a picture of {count}, one process", commands, count)


def show_colours(source: Path, folder: Path) -> None:
    """Print by how much the runtimes' colours differ from torch's, in CIEDE2000."""
    for name in RUNTIME_NAMES:
        used_by(colorize(source, folder / f"{name} png", name, "--format", "png"))
    print(
        "\n| CIEDE2000 to torch's colours | mean | worst picture | largest |\n|---|---:|---:|---:|"
    )
    torch_ones = sorted((folder / "torch png").iterdir())
    for name in RUNTIME_NAMES[1:]:
        gaps = [_gap(path, folder / f"{name} png" / path.name) for path in torch_ones]
        means, largest = [gap.mean() for gap in gaps], max(gap.max() for gap in gaps)
        print(f"| {name} | {np.mean(means):.4f} | {max(means):.3f} | {largest:.2f} |")


def _gap(one: Path, other: Path) -> Any:
    first, second = (COLOR.rgb2lab(decode(path.read_bytes()).pixels) for path in (one, other))
    return COLOR.deltaE_ciede2000(first[::2, ::2], second[::2, ::2])


def main(source: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        time_cold(folder)
        time_folder(source, folder)
        show_colours(source, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
