"""Runs any model with torch, on any of its devices."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from luvcolor.classify import PaletteHead
from luvcolor.devices import pick_device
from luvcolor.errors import UsageError
from luvcolor.runtimes import Prediction

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from luvcolor.checkpoint import Card
    from luvcolor.model import Colorizer

__all__ = ["TorchPredictor", "load"]


class TorchPredictor:
    """A Colorizer in evaluation mode, on its device; see `luvcolor.runtimes.Predictor`."""

    runtime = "torch"

    def __init__(self, model: Colorizer, card: Card, digest: str = "") -> None:
        self.model, self.card, self.digest = model, card, digest

    @property
    def device(self) -> str:
        """The device of the model's weights."""
        return str(next(self.model.parameters(), torch.empty(0)).device)

    @property
    def palette(self) -> NDArray[np.float32] | None:
        """The chroma of the model's palette head, where it has one."""
        head = self._head
        return None if head is None else head.chroma.cpu().numpy()

    def repainted(self, chroma: NDArray[np.float32]) -> TorchPredictor:
        """Return a copy with other chroma for its palette's colours."""
        other = TorchPredictor(copy.deepcopy(self.model), self.card, self.digest)
        assert other._head is not None
        other._head.chroma.copy_(torch.as_tensor(chroma))
        return other

    @property
    def _head(self) -> PaletteHead | None:
        head = getattr(self.model, "palette", None)
        return head if isinstance(head, PaletteHead) else None

    def __call__(self, luma: Any, *, temperature: float | None, seed: int | None) -> Prediction:
        """Predict chroma: NumPy in, NumPy out; tensor in, tensor on the device out."""
        x = torch.as_tensor(luma, device=self.device)
        generator = None if seed is None else torch.Generator(self.device).manual_seed(seed)
        before = torch.empty(0) if generator is None else generator.get_state()
        with torch.inference_mode():
            answer = self.model.predict(x, temperature=temperature, generator=generator)
            confidence = answer.confidence
            found = answer.uv.float(), None if confidence is None else confidence.float()
        if generator is not None and torch.equal(generator.get_state(), before):
            raise UsageError(
                f"the model {self.card.model!r} predicts one colouring and draws none by a seed; "
                "leave that out"
            )

        def returned(tensor: torch.Tensor | None) -> Any:
            if tensor is None or not isinstance(luma, np.ndarray):
                return tensor if tensor is None else tensor.contiguous()
            return tensor.cpu().numpy()

        return Prediction(*map(returned, found))


def load(checkpoint: Path, device: str) -> TorchPredictor:
    """Build the model that a checkpoint's card names, with its weights, on the device."""
    from luvcolor.checkpoint import load as load_model
    from luvcolor.checkpoint import short_hash

    model, card = load_model(checkpoint, device=pick_device(device))
    return TorchPredictor(model, card, short_hash(checkpoint))
