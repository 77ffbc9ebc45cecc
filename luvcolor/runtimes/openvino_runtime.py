"""Runs an exported graph with OpenVINO, in float32."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from luvcolor.errors import UsageError
from luvcolor.runtimes.graph_predictor import GraphPredictor, Run, open_graph
from luvcolor_kernels.threads import thread_count

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["load"]

# Left to itself, OpenVINO takes bfloat16 where the processor has it, which changes colours visibly
# and saves little of a whole run.
SETTINGS = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}


def load(checkpoint: Path, device: str) -> GraphPredictor:
    """Start OpenVINO on the graph of a checkpoint; `device` is ``"auto"`` or ``"cpu"``.

    Raises
    ------
    CheckpointError
        When there is no graph, or OpenVINO cannot read it.
    UsageError
        When the package is not installed, or another device was asked for.
    """
    try:
        import openvino  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "the runtime 'openvino' needs a package that is not installed; pip install openvino, "
            "or use --runtime onnx or torch"
        ) from error
    if device not in {"auto", "cpu"}:
        raise UsageError(
            f"expected the device cpu, which is where luvcolor runs OpenVINO, found {device!r}; "
            "use --runtime torch"
        )
    threads = thread_count()
    return open_graph(checkpoint, "openvino", "cpu", lambda path: _start(path, threads))


def _start(path: Path, threads: int) -> Run:
    import openvino

    settings = {**SETTINGS, "INFERENCE_NUM_THREADS": threads}
    compiled = openvino.Core().compile_model(str(path), "CPU", settings)

    def run(luma: NDArray[np.float32]) -> NDArray[np.float32]:
        # Copied: the memory of the answer is used again in the next call.
        return np.array(compiled(luma)[0], np.float32)

    return run
