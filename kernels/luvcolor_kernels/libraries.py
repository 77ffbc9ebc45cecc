"""The libraries whose arrays live on a GPU: how to look at one, and how to make one.

Nothing here copies or waits, but for to_host and from_host. torch is asked for its current stream,
CuPy for its own; memory that these libraries hand out belongs to that stream, so a kernel on it
comes after what wrote its input and before what reads its result.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from luvcolor_kernels.views import View

HostArray = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kernel runs: the index of a device and the address of a stream on it."""

    device: int
    stream: int

    def __cuda_stream__(self) -> tuple[int, int]:
        """Version and address, by the protocol that libraries hand streams over by."""
        return 0, self.stream


class Library(Protocol):
    """What the kernels need of an array library."""

    name: str

    def view(self, array: Any) -> View:
        """Look at the memory of an array."""
        ...

    def place(self, array: Any) -> Place:
        """Return the device of an array and the caller's current stream there."""
        ...

    def empty(self, shape: tuple[int, ...], dtype: str, like: Any) -> Any:
        """Make an array on the device of ``like``, its elements unset."""
        ...

    def to_host(self, array: Any) -> HostArray:
        """Copy an array to the host, once all work before it on the current stream is done."""
        ...

    def from_host(self, array: HostArray, like: Any) -> Any:
        """Copy an array to the device of ``like``, before all later work on the current stream."""
        ...


class Torch:
    """torch tensors on a CUDA device."""

    name = "torch"

    def view(self, array: Any) -> View:
        """See Library."""
        name = str(array.dtype).removeprefix("torch.")
        return View(array.data_ptr(), tuple(array.shape), tuple(array.stride()), name, array)

    def place(self, array: Any) -> Place:
        """See Library."""
        torch = sys.modules["torch"]
        index = array.get_device()
        return Place(index, torch.cuda.current_stream(index).cuda_stream)

    def empty(self, shape: tuple[int, ...], dtype: str, like: Any) -> Any:
        """See Library."""
        torch = sys.modules["torch"]
        return torch.empty(shape, dtype=getattr(torch, dtype), device=like.device)

    def to_host(self, array: Any) -> HostArray:
        """See Library."""
        copy: HostArray = array.detach().cpu().numpy()
        return copy

    def from_host(self, array: HostArray, like: Any) -> Any:
        """See Library."""
        torch = sys.modules["torch"]
        # a copy, because torch warns of memory that is read-only; pinned, so that nothing waits
        copy = torch.from_numpy(np.array(array, order="C"))
        copy = copy.pin_memory() if like.is_cuda else copy
        return copy.to(like.device, non_blocking=True)


class Cupy:
    """CuPy arrays."""

    name = "cupy"

    def view(self, array: Any) -> View:
        """See Library."""
        strides = tuple(stride // array.itemsize for stride in array.strides)
        return View(array.data.ptr, array.shape, strides, array.dtype.name, array)

    def place(self, array: Any) -> Place:
        """See Library."""
        stream = sys.modules["cupy"].cuda.get_current_stream(array.device.id)
        return Place(array.device.id, stream.ptr)

    def empty(self, shape: tuple[int, ...], dtype: str, like: Any) -> Any:
        """See Library."""
        cupy, name = sys.modules["cupy"], _known_to_numpy(dtype)
        with cupy.cuda.Device(like.device.id):
            return cupy.empty(shape, name)

    def to_host(self, array: Any) -> HostArray:
        """See Library."""
        with sys.modules["cupy"].cuda.Device(array.device.id):
            copy: HostArray = array.get()
        return copy

    def from_host(self, array: HostArray, like: Any) -> Any:
        """See Library."""
        cupy = sys.modules["cupy"]
        with cupy.cuda.Device(like.device.id):
            return cupy.asarray(np.ascontiguousarray(array))


class Numba:
    """Device arrays of numba-cuda; they have no current stream, so the default one is used."""

    name = "numba"

    def view(self, array: Any) -> View:
        """See Library."""
        item = array.dtype.itemsize
        strides = tuple(stride // item for stride in array.strides)
        address = array.__cuda_array_interface__["data"][0]
        return View(address, array.shape, strides, array.dtype.name, array)

    def place(self, array: Any) -> Place:
        """See Library."""
        return Place(array.gpu_data.context.device.id, 0)

    def empty(self, shape: tuple[int, ...], dtype: str, like: Any) -> Any:
        """See Library."""
        from numba import cuda

        name = _known_to_numpy(dtype)
        with cuda.gpus[self.place(like).device]:
            return cuda.device_array(shape, name)

    def to_host(self, array: Any) -> HostArray:
        """See Library."""
        copy: HostArray = array.copy_to_host()
        return copy

    def from_host(self, array: HostArray, like: Any) -> Any:
        """See Library."""
        from numba import cuda

        with cuda.gpus[self.place(like).device]:
            return cuda.to_device(np.ascontiguousarray(array))


def _known_to_numpy(dtype: str) -> str:
    """Return a type that libraries with NumPy's types have."""
    if dtype == "bfloat16":
        raise TypeError(
            "expected a type that the library has, found bfloat16; ask for float16 or float32, "
            "or pass a torch tensor"
        )
    return dtype


LIBRARIES: dict[str, Library] = {"torch": Torch(), "cupy": Cupy(), "numba": Numba()}
"""By the first part of the name of the module that an array's type comes from."""


def library_of(array: Any) -> Library:
    """Return the library that ``array`` belongs to.

    Raises
    ------
    TypeError
        If it is none whose arrays live on a GPU, or the tensor does not.
    """
    name = type(array).__module__.partition(".")[0].removesuffix("_cuda")
    library = LIBRARIES.get(name)
    if library is None:
        raise TypeError(
            f"expected an array on a GPU (torch, CuPy or numba), found {type(array).__name__}; "
            "move it there with torch.from_numpy(a).cuda() or cupy.asarray(a), or leave "
            "backend=None to run on the CPU"
        )
    if name == "torch" and not array.is_cuda:
        raise TypeError(
            f"expected a tensor on a CUDA device, found one on {array.device}; pass tensor.cuda(), "
            "or tensor.numpy() to run on the CPU"
        )
    return library
