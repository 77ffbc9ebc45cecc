"""Which implementation runs: chosen by the type of the array, or by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final, NoReturn

BACKENDS: Final[dict[str, str]] = {
    "cpu": "luvcolor_kernels.cpu",
    "numba": "luvcolor_kernels.numba_cuda",
    "cupy": "luvcolor_kernels.cupy_cuda",
}
"""Module of every backend. They load at the first call, because compilers are slow to import."""


class BackendError(RuntimeError):
    """A backend that was asked for cannot run here."""


def implementation(kernel: str, array: Any, backend: str | None) -> Callable[..., Any]:
    """Return the function that runs ``kernel`` on ``array``.

    Raises
    ------
    ValueError, TypeError
        As resolve does.
    BackendError
        If that backend cannot run here, or does not have the kernel. Nothing else is tried in its
        place.
    """
    module = resolve(array, backend)
    function: Callable[..., Any] | None = getattr(module, kernel, None)
    if function is None:
        name = module.__name__.rpartition(".")[2]
        raise BackendError(
            f"{name} has no {kernel} in this version; copy the array to the host and run it on the "
            "CPU"
        )
    return function


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


def problem(name: str) -> str | None:
    """Return why the backend called ``name`` cannot run here, or None if it can."""
    try:
        module = load(name)
    except BackendError as error:
        return str(error)
    find: Callable[[], str | None] = getattr(module, "problem", lambda: None)
    return find()


def _backend_of(array: Any) -> str:
    """Choose by the type of an array: torch tensors on a GPU run on what is installed."""
    package = type(array).__module__.partition(".")[0]
    if package == "cupy":
        return "cupy"
    if package in ("numba", "numba_cuda"):
        return "numba"
    if package == "torch":
        if getattr(array, "is_cuda", False):
            return gpu_backend() or _none_installed()
        raise TypeError(
            "expected a NumPy or CuPy array or a torch tensor on a CUDA device, found a torch "
            f"tensor on {array.device}; pass tensor.numpy()"
        )
    return "cpu"


def gpu_backend() -> str | None:
    """Return the backend for arrays on a GPU, CuPy before numba; None if neither is installed."""
    needed = {"cupy": "cupy", "numba": "numba_cuda"}
    return next((name for name, module in needed.items() if find_spec(module)), None)


def _none_installed() -> NoReturn:
    raise BackendError(
        "expected CuPy or numba-cuda for a tensor on a GPU, found neither; install "
        "luvcolor[cuda12] or luvcolor[cuda13], or pass tensor.cpu().numpy() to run on the CPU"
    )
