"""``--runtime``: what runs, what is loaded for it, and what is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from luvcolor.io.comments import RECEIPT_KEY
from tests.cli.conftest import Run, picture
from tests.conftest import Exported

HEAVY = {"torch", "onnx", "onnxscript", "lightning", "zarr", "matplotlib"}
SCRIPT = """
import sys
from luvcolor.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code
print(*sys.modules)
"""


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_a_cold_colorize_loads_no_torch(photo: Path, runtime: str) -> None:
    pytest.importorskip({"onnx": "onnxruntime"}.get(runtime, runtime))
    words = ["colorize", str(photo), "-o", "new.png", "--runtime", runtime, "--device", "cpu"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words], cwd=photo.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert f"with {runtime}" in done.stderr
    loaded = set(done.stdout.split())
    assert not loaded & HEAVY
    others = {"onnx": "openvino", "openvino": "onnxruntime"}
    assert others[runtime] not in loaded
    receipt = json.loads(picture(photo.parent / "new.png").metadata.text[RECEIPT_KEY])
    assert (receipt["runtime"], receipt["device"]) == (runtime, "cpu")


def test_an_exported_file_runs_in_every_runtime_but_torch(
    run: Run, photo: Path, unet_graph: Exported
) -> None:
    ran = run("colorize", photo, "-m", unet_graph.alone, "--runtime", "torch", "-o", "new.png")
    assert ran.status == 2
    assert "use --runtime onnx" in ran.error
    ran = run("colorize", photo, "-m", unet_graph.alone, "-o", "new.png")
    assert ran.status == 0
    assert "unet from unet.onnx" in ran.said[0]


def test_a_file_that_only_ends_like_a_graph_is_none(run: Run, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_text("hello, I am no graph")
    ran = run("colorize", photo, "-m", "broken.onnx", "-o", "new.png")
    assert ran.status == 2
    assert "broken.onnx: expected an ONNX file" in ran.error
    assert not Path("new.png").exists()
