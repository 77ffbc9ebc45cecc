"""quantize beside pngquant: time, size and error of a folder of photographs.

Run by hand, as it needs pngquant and pictures: ``python benchmarks/bench_quantize.py FOLDER``.
Both read the same PNGs. pngquant is one process a picture, luvcolor one for the folder; seconds of
all CPUs together are given too, because pngquant works on one. Errors are means over all pixels.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import skimage.color

from luvcolor.io import decode, encode

COLOR: Any = skimage.color
COLORS = (256, 64, 24, 16)
DITHERS = {"none": ["--nofs"], "floyd-steinberg": [], "blue-noise": None}
Run = Callable[[Path, Path], None]


def pngquant(k: int, options: list[str]) -> Run:
    def run(source: Path, target: Path) -> None:
        for path in sorted(source.iterdir()):
            command = ["pngquant", str(k), *options, "-o", str(target / path.name), str(path)]
            subprocess.run(command, check=True)

    return run


def luvcolor(k: int, space: str, dither: str) -> Run:
    def run(source: Path, target: Path) -> None:
        options = ["-k", str(k), "--space", space, "--dither", dither]
        command = [sys.executable, "-m", "luvcolor", "quantize", str(source), "-o", str(target)]
        subprocess.run([*command, *options], check=True, stderr=subprocess.DEVNULL)

    return run


def measured(run: Run, source: Path) -> dict[str, float]:
    """Return seconds a picture, and what came out."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        busy, wall = _cpu_seconds(), time.perf_counter()
        run(source, target)
        wall, busy = time.perf_counter() - wall, _cpu_seconds() - busy
        count = len(list(source.iterdir()))
        errors = [_errors(path, target / path.name) for path in sorted(source.iterdir())]
        size = sum(path.stat().st_size for path in target.iterdir())
    mse, delta = np.mean(errors, axis=0)
    times = {"ms": wall * 1e3 / count, "CPU ms": busy * 1e3 / count}
    return {**times, "KB": size / count / 1e3, "MSE": mse, "CIEDE2000": delta}


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _errors(before: Path, after: Path) -> tuple[float, float]:
    true, found = (_rgb(path) for path in (before, after))
    gap = float(np.square(true.astype(float) - found).mean())
    return gap, float(
        COLOR.deltaE_ciede2000(COLOR.rgb2lab(true[::2, ::2]), COLOR.rgb2lab(found[::2, ::2])).mean()
    )


def _rgb(path: Path) -> Any:
    pixels = decode(path.read_bytes()).pixels
    return pixels if pixels.ndim == 3 else np.dstack([pixels] * 3)


def as_png(folder: Path, target: Path) -> None:
    """Write the pictures of a folder as PNG, which pngquant reads."""
    for path in sorted(folder.iterdir()):
        frame = decode(path.read_bytes(), name=path.name)
        (target / path.with_suffix(".png").name).write_bytes(encode(frame, "png"))


def main(folder: Path) -> None:
    print("| k | dither | | ms | CPU ms | KB | MSE | CIEDE2000 |\n|---" + "|---:" * 7 + "|")
    with tempfile.TemporaryDirectory() as pngs:
        source = Path(pngs)
        as_png(folder, source)
        for k in COLORS:
            for dither, options in DITHERS.items():
                runs = {
                    f"luvcolor, {space}": luvcolor(k, space, dither) for space in ("rgb", "luv")
                }
                if options is not None and shutil.which("pngquant"):
                    runs["pngquant"] = pngquant(k, options)
                for peer, run in runs.items():
                    cells = " | ".join(f"{value:.3g}" for value in measured(run, source).values())
                    print(f"| {k} | {dither} | {peer} | {cells} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
