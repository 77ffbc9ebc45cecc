"""What the numba backend does up to the launch, and what it says where it cannot run."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from luvcolor_kernels.backends import BackendError
from luvcolor_kernels.libraries import Place
from luvcolor_kernels.views import View

pytestmark = pytest.mark.proof
numba_cuda = pytest.importorskip("luvcolor_kernels.numba_cuda", exc_type=ImportError)

VARIANT = {"LIGHT": "float32", "UV": "float32"}


def test_a_launch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays go by address, to a kernel of the device, on the caller's stream."""
    calls: list[Any] = []

    def launcher(*configuration: Any) -> Any:
        return lambda *values: calls.append((configuration, values))

    monkeypatch.setattr(numba_cuda, "_check_driver", lambda: None)
    monkeypatch.setattr(numba_cuda, "compiled", lambda *key: key)
    monkeypatch.setattr(numba_cuda, "launcher", launcher)
    monkeypatch.setattr(numba_cuda.cuda, "gpus", {3: nullcontext()})
    view = View(1 << 40, (4, 5), (-5, 1), "float32", None)
    arguments = [view, np.int64(7), np.float32(0.5)]
    numba_cuda.NumbaEngine().run("any", VARIANT, (9, 2), (256, 1), arguments, Place(3, 77))
    key = ("any", tuple(sorted(VARIANT.items())), 3)
    assert calls == [((key, (9, 2), (256, 1), 77), (1 << 40, np.int64(7), np.float32(0.5)))]


@pytest.mark.parametrize(("reason", "said"), [("no\n driver", "no driver"), (None, "libNVVM")])
def test_no_gpu(monkeypatch: pytest.MonkeyPatch, reason: str | None, said: str) -> None:
    monkeypatch.setattr(numba_cuda.cuda, "is_available", lambda: False)
    monkeypatch.setattr(numba_cuda.cuda, "cuda_error", lambda: reason)
    with pytest.raises(BackendError, match=rf"{said}.*luvcolor\[cuda12\]"):
        numba_cuda._check_driver.__wrapped__()
    monkeypatch.setattr(numba_cuda, "_check_driver", numba_cuda._check_driver.__wrapped__)
    assert said in numba_cuda.problem()


def test_a_compiler_that_is_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> bool:
        raise RuntimeError("no libnvvm.so.4\n in any folder")

    monkeypatch.setattr(numba_cuda.cuda, "is_available", fail)
    with pytest.raises(BackendError, match=r"libNVVM.* libnvvm.so.4 in any .*luvcolor\[cuda12\]"):
        numba_cuda._check_driver.__wrapped__()


@pytest.mark.parametrize("error", numba_cuda.UNSUPPORTED)
def test_a_compiler_that_does_not_fit(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*arguments: Any, **named: Any) -> Any:
        raise error("too new")

    monkeypatch.setattr(numba_cuda.cuda, "jit", fail)
    with pytest.raises(BackendError, match=r"too new.*luvcolor"):
        numba_cuda.compiled.__wrapped__("local_slope", tuple(VARIANT.items()), 0)


def test_every_kernel_of_the_cuda_sources_is_there() -> None:
    from luvcolor_kernels import cuda_source, gpu_launches

    assert tuple(sorted(numba_cuda.MAKERS)) == cuda_source.KERNELS
    assert tuple(numba_cuda.CLUSTERING) == gpu_launches.KERNELS


@pytest.mark.parametrize("name", ["histogram", "kmeans", "nearest", "soft_assign"])
def test_clustering_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from luvcolor_kernels import backends, gpu_clustering

    monkeypatch.setattr(gpu_clustering.Clustering, name, lambda self, given: (self.engine, given))
    run = backends.implementation(name, None, "numba")
    assert run(7) == (numba_cuda._kernels.engine, 7)


def test_clustering_is_compiled_to_round_as_the_cpu_does() -> None:
    assert not numba_cuda.options("assign")["fastmath"]
    assert numba_cuda.options("rgb_to_luv")["fastmath"]


@pytest.mark.parametrize("kernel", numba_cuda.MAKERS)
def test_arguments_are_those_of_the_cuda_source(kernel: str) -> None:
    """As many, in the same order: pointers and whole numbers are int64 alike, floats are floats."""
    from luvcolor_kernels import cuda_source
    from tests.kernels.cuda.toolchain import parameters
    from tests.kernels.numba.variants import VARIANTS

    variant = next(variant for name, variant in VARIANTS if name == kernel)
    _, wanted = parameters(cuda_source.source(kernel, variant))
    kinds = numba_cuda.MAKERS[kernel](**variant).__annotations__
    del kinds["return"]
    floats = [parameter.type == "float" and not parameter.pointer for parameter in wanted]
    assert [kind == "float" for kind in kinds.values()] == floats
