"""The command line pays for what it imports."""

import subprocess
import sys


def test_importing_io_loads_no_codec() -> None:
    code = "import luvcolor.io, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"PIL", "tifffile", "imagecodecs", "torch", "numba", "zarr", "skimage", "scipy"}
    assert not heavy & set(done.stdout.split())
