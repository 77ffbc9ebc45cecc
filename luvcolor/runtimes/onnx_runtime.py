"""Runs an exported graph with ONNX Runtime, which starts in a tenth of torch's time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luvcolor.errors import UsageError
from luvcolor.runtimes.graph_predictor import GraphPredictor, Run, open_graph
from luvcolor_kernels.threads import thread_count

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["load"]

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
SETTINGS = {
    # Threads that wait for work in a loop take the time of those that have some. Not
    # set_denormal_as_zero: it gains nothing here, and stays on for all that the caller computes.
    "session.intra_op.allow_spinning": "0",
}
ERRORS_ONLY = 3


def load(checkpoint: Path, device: str) -> GraphPredictor:
    """Start ONNX Runtime on the graph of a checkpoint.

    `device` is ``"auto"`` or ``"cpu"``; with the package onnxruntime-gpu, ``"cuda"`` or one with an
    index as well.

    Raises
    ------
    CheckpointError
        When there is no graph, or ONNX Runtime cannot read it.
    UsageError
        When the package is not installed, or has not that device.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise UsageError(
            "the runtime 'onnx' needs a package that is not installed; pip install onnxruntime, "
            "or use --runtime torch"
        ) from error
    place = "cpu" if device == "auto" else device
    provider = _provider(place, onnxruntime.get_available_providers())
    threads = thread_count()
    return open_graph(checkpoint, "onnx", place, lambda path: _start(path, provider, threads))


def _provider(device: str, available: list[str]) -> tuple[str, dict[str, str]]:
    """Return the execution provider for a device, with its options."""
    kind, _, index = device.partition(":")
    known = [name for name, provider in PROVIDERS.items() if provider in available]
    if kind not in known or (index and not index.isdigit()) or (kind == "cpu" and index):
        raise UsageError(
            f"expected a device that this ONNX Runtime has ({', '.join(known)}), found "
            f"{device!r}; use --runtime torch, or for cuda pip install onnxruntime-gpu"
        )
    return PROVIDERS[kind], {"device_id": index or "0"} if kind == "cuda" else {}


def _start(path: Path, provider: tuple[str, dict[str, str]], threads: int) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = ERRORS_ONLY
    options.intra_op_num_threads = threads
    for name, value in SETTINGS.items():
        options.add_session_config_entry(name, value)
    session: Any = onnxruntime.InferenceSession(str(path), options, providers=[provider])
    if session.get_providers()[0] != provider[0]:
        raise RuntimeError(f"{provider[0]} did not start; its libraries may be missing")
    name = session.get_inputs()[0].name

    def run(luma: NDArray[np.float32]) -> NDArray[np.float32]:
        answer: NDArray[np.float32] = session.run(None, {name: luma})[0]
        return answer

    return run
