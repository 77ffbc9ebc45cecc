"""Which implementation runs: chosen by the type of the array, or by name."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any, Final

BACKENDS: Final[dict[str, str]] = {
    "cpu": "luvcolor_kernels.cpu",
    "numba": "luvcolor_kernels.numba_cuda",
    "cupy": "luvcolor_kernels.cupy_cuda",
}
"""Module of every backend. They load at the first call, because compilers are slow to import."""


class BackendError(RuntimeError):
    """A backend that was asked for cannot run here."""


def resolve(array: Any, backend: str | None) -> ModuleType:
    """Return the module that runs kernels on ``array``.

    Raises
    ------
    ValueError
        If ``backend`` is not a known name.
    BackendError
        If that backend cannot run here. Nothing else is tried in its place.
    TypeError
        If no backend takes such arrays.
    """
    return load(_backend_of(array) if backend is None else backend)


def load(name: str) -> ModuleType:
    """Return the module of the backend called ``name``.

    Raises
    ------
    ValueError
        If it is not a known name.
    BackendError
        If it cannot run here.
    """
    if name not in BACKENDS:
        raise ValueError(f"unknown backend {name!r}; known are: {', '.join(BACKENDS)}")
    try:
        return import_module(BACKENDS[name])
    except ImportError as error:
        if error.name == BACKENDS[name]:
            raise BackendError(f"backend {name!r} is not part of this version") from None
        raise BackendError(
            f"backend {name!r} cannot run here: {error}; install what it needs, or leave "
            "backend=None and pass NumPy arrays to run on the CPU"
        ) from error


def _backend_of(array: Any) -> str:
    package = type(array).__module__.partition(".")[0]
    if package == "cupy":
        return "cupy"
    if package == "torch":
        if getattr(array, "is_cuda", False):
            return "cupy"
        raise TypeError(
            "expected a NumPy or CuPy array or a torch tensor on a CUDA device, found a torch "
            f"tensor on {array.device}; pass tensor.numpy()"
        )
    return "cpu"
