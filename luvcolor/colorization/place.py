"""Where pictures of full size lie while the kernels work on them: on the CPU, or on a GPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from luvcolor.colorization.planes import on_host
from luvcolor.errors import OutOfMemoryError
from luvcolor.runtimes.memory import is_out_of_memory
from luvcolor_kernels.backends import gpu_backend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.colorization.thrift import Thrifty

__all__ = ["Place"]

Result = TypeVar("Result")


class Place:
    """The device of a network, where the kernels have a backend for it; otherwise the CPU.

    Pictures go to a GPU once and come back once. When its memory does not suffice for them, they
    stay on the CPU from then on, and only what the model sees leaves it.

    Parameters
    ----------
    network
        Whose device, strictness and notes these are.

    Attributes
    ----------
    on_gpu
        Whether pictures go to the GPU by now.
    """

    def __init__(self, network: Thrifty) -> None:
        predictor = network.predictor
        on_cuda = predictor.runtime == "torch" and predictor.device.startswith("cuda")
        self.on_gpu = on_cuda and gpu_backend() is not None
        self._network, self._device = network, predictor.device

    def put(self, pixels: NDArray[Any]) -> Any:
        """Return pixels where the kernels are to read them."""
        if not self.on_gpu:
            return pixels
        import torch

        # torch.from_numpy would warn of pixels that are read-only.
        return torch.tensor(np.ascontiguousarray(pixels), device=self._device)

    def bring(self, array: Any) -> Any:
        """Return what was put on the GPU before its memory was full where it is to be by now."""
        return array if self.on_gpu else on_host(array)

    def run(self, work: Callable[[], Result]) -> Result:
        """Do work on pictures; a second time, on the CPU, where a GPU's memory does not suffice.

        Raises
        ------
        OutOfMemoryError
            When the CPU's memory does not suffice either; at the first want of it, if strict.
        """
        try:
            return work()
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if self._network.strict or not self.on_gpu:
                raise OutOfMemoryError(
                    "expected memory for the pixels of a picture in full size, found too little; "
                    "end other programs, or make the picture smaller with `luvcolor resize`"
                ) from error
        self.on_gpu = False
        self._network.note("pictures stay on the CPU, and only what the model sees leaves it")
        return self.run(work)
