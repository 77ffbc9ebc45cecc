"""Array libraries: whose array it is, what a kernel sees of it, and what is refused."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from luvcolor_kernels import BackendError, backends, rgb_to_luv
from luvcolor_kernels.libraries import LIBRARIES, Cupy, Numba, Place, Torch, library_of
from luvcolor_kernels.views import View


def foreign(module: str, **attributes: Any) -> Any:
    """An object whose type comes from ``module``."""
    return type("Array", (), {"__module__": module, **attributes})()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("torch", "torch"),
        ("cupy", "cupy"),
        ("cupy._core.core", "cupy"),
        ("numba.cuda.cudadrv.devicearray", "numba"),
        ("numba_cuda.numba.cuda.cudadrv.devicearray", "numba"),
    ],
)
def test_the_module_of_a_type_tells_whose_array_it_is(module: str, name: str) -> None:
    assert library_of(foreign(module, is_cuda=True)) is LIBRARIES[name]


def test_arrays_that_are_on_no_gpu_are_refused() -> None:
    with pytest.raises(TypeError, match=r"found ndarray; move it there with torch\.from_numpy"):
        library_of(np.zeros(3))
    with pytest.raises(TypeError, match=r"found one on cpu; pass tensor\.cuda\(\)"):
        library_of(torch.zeros(3))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "bfloat16", "float32"])
def test_a_tensor_is_seen_by_address_shape_strides_and_type(dtype: str) -> None:
    tensor = torch.zeros(4, 6, 5, dtype=getattr(torch, dtype))[1:, ::2].transpose(1, 2)
    view = Torch().view(tensor)
    assert view.address == tensor.data_ptr()
    assert (view.shape, view.strides) == ((3, 5, 3), (30, 1, 10))
    assert view.dtype == dtype
    assert view.item_size == tensor.element_size()
    assert view.owner is tensor


def test_a_new_tensor_is_like_the_old_one() -> None:
    made = Torch().empty((2, 3), "bfloat16", torch.zeros(1))
    assert (made.shape, made.dtype) == ((2, 3), torch.bfloat16)


def test_the_stream_of_a_tensor_is_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = {1: SimpleNamespace(cuda_stream=77)}
    monkeypatch.setattr(torch.cuda, "current_stream", lambda index: streams[index])
    assert Torch().place(SimpleNamespace(get_device=lambda: 1)) == Place(device=1, stream=77)


def test_strides_of_other_libraries_count_elements_too() -> None:
    array = np.zeros((4, 6, 3), np.float32)[:, ::-2]
    like_cupy = SimpleNamespace(
        data=SimpleNamespace(ptr=1024),
        shape=array.shape,
        strides=array.strides,
        dtype=array.dtype,
        itemsize=array.itemsize,
    )
    assert Cupy().view(like_cupy).strides == (18, -6, 1)
    like_numba = SimpleNamespace(
        __cuda_array_interface__={"data": (1024, False)},
        shape=array.shape,
        strides=array.strides,
        dtype=array.dtype,
    )
    assert Numba().view(like_numba).address == 1024
    assert Numba().view(like_numba).strides == (18, -6, 1)


def test_the_stream_of_a_cupy_array_is_its_librarys(monkeypatch: pytest.MonkeyPatch) -> None:
    cupy = ModuleType("cupy")
    streams = {2: SimpleNamespace(ptr=99)}
    cupy.cuda = SimpleNamespace(  # type: ignore[attr-defined]
        get_current_stream=lambda index: streams[index]
    )
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    assert Cupy().place(SimpleNamespace(device=SimpleNamespace(id=2))) == Place(2, 99)


def test_tensors_on_a_gpu_run_on_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"cupy", "numba_cuda"}
    monkeypatch.setattr(backends, "find_spec", lambda name: name if name in found else None)
    assert backends.gpu_backend() == "cupy"
    found.remove("cupy")
    assert backends.gpu_backend() == "numba"
    found.clear()
    assert backends.gpu_backend() is None
    with pytest.raises(BackendError, match=r"found neither; install luvcolor\[cuda12\]"):
        rgb_to_luv(foreign("torch", is_cuda=True))


def test_a_kernel_that_a_backend_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "luvcolor_kernels.fake", ModuleType("luvcolor_kernels.fake"))
    monkeypatch.setitem(backends.BACKENDS, "cupy", "luvcolor_kernels.fake")
    with pytest.raises(BackendError, match="fake has no kmeans in this version; copy the array"):
        backends.implementation("kmeans", np.zeros(3), "cupy")


@pytest.mark.parametrize("name", ["cupy", "numba"])
def test_a_type_that_a_library_lacks_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cuda: Any = SimpleNamespace(Device=lambda index: nullcontext(), gpus=[nullcontext()])
    for library in ("cupy", "numba"):
        module: Any = ModuleType(library)
        module.cuda = cuda
        monkeypatch.setitem(sys.modules, library, module)
    device = SimpleNamespace(id=0)
    like = SimpleNamespace(
        device=device, gpu_data=SimpleNamespace(context=SimpleNamespace(device=device))
    )
    with pytest.raises(TypeError, match="found bfloat16; ask for float16 or float32"):
        LIBRARIES[name].empty((1, 1, 2, 2), "bfloat16", like)


def test_a_launch_by_cupy_leaves_the_current_stream_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays go by address, to a kernel of the device, on a stream that is only handed over."""
    cupy = pytest.importorskip("cupy")
    from luvcolor_kernels import cupy_cuda

    calls: list[Any] = []

    def kernel(*launch: Any, stream: Any) -> None:
        calls.append((launch, stream.ptr))

    monkeypatch.setattr(cupy.cuda, "Device", lambda index: nullcontext())
    monkeypatch.setattr(cupy_cuda, "compiled", lambda *key: kernel)
    arguments: list[Any] = [
        View(1 << 40, (4, 5), (5, 1), "float32", None),
        np.int64(7),
        np.float32(0.5),
    ]
    for stream in (0, 77):
        cupy_cuda.CupyEngine().run("any", {}, (9, 2), (256, 1), arguments, Place(3, stream))
        launch = (9, 2), (256, 1), (np.uint64(1 << 40), np.int64(7), np.float32(0.5))
        assert calls.pop() == (launch, stream)


def test_a_kernel_that_cannot_be_compiled_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cupy = pytest.importorskip("cupy")
    from luvcolor_kernels import cupy_cuda

    class Broken:
        def __init__(self, *arguments: Any, **options: Any) -> None:
            pass

        @property
        def kernel(self) -> Any:
            raise RuntimeError("no libnvrtc")

    monkeypatch.setattr(cupy, "RawKernel", Broken)
    variant = (("IN", "uint8"), ("IN_LAYOUT", 0), ("OUT", "float32"), ("OUT_LAYOUT", 0))
    with pytest.raises(BackendError, match=r"compile rgb_to_luv: no libnvrtc; install the CuPy"):
        cupy_cuda.compiled("rgb_to_luv", variant, 99)
