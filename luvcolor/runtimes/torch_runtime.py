"""Runs any model with torch, on any of its devices."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from luvcolor.classify import PaletteHead
from luvcolor.devices import pick_device
from luvcolor.errors import UsageError
from luvcolor.model import Hints
from luvcolor.runtimes import Prediction

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from luvcolor.checkpoint import Card
    from luvcolor.hints import HintPlanes
    from luvcolor.model import Colorizer
    from luvcolor.weightless import WeightlessModel

__all__ = ["TorchPredictor", "load"]


class TorchPredictor:
    """A Colorizer in evaluation mode, on its device; see `luvcolor.runtimes.Predictor`."""

    runtime = "torch"

    def __init__(
        self,
        model: Colorizer,
        card: Card,
        digest: str = "",
        *,
        device: str | None = None,
        own_size: bool = False,
    ) -> None:
        self.model, self.card, self.digest, self.own_size = model, card, digest, own_size
        self._device = device

    @property
    def device(self) -> str:
        """The device of the model's weights, or the one it was given for lack of any."""
        return self._device or str(next(self.model.parameters(), torch.empty(0)).device)

    @property
    def uses(self) -> tuple[str, ...]:
        """Which hints the model makes use of."""
        return self.model.uses

    @property
    def palette(self) -> NDArray[np.float32] | None:
        """The chroma of the model's palette head, where it has one."""
        head = self._head
        return None if head is None else head.chroma.cpu().numpy()

    def repainted(self, chroma: NDArray[np.float32]) -> TorchPredictor:
        """Return a copy with other chroma for its palette's colours."""
        other = copy.copy(self)
        other.model = copy.deepcopy(self.model)
        assert other._head is not None
        other._head.chroma.copy_(torch.as_tensor(chroma))
        return other

    @property
    def _head(self) -> PaletteHead | None:
        head = getattr(self.model, "palette", None)
        return head if isinstance(head, PaletteHead) else None

    def __call__(
        self,
        luma: Any,
        *,
        temperature: float | None,
        seed: int | None,
        hints: HintPlanes | None = None,
    ) -> Prediction:
        """Predict chroma: NumPy in, NumPy out; tensor in, tensor on the device out."""
        x = torch.as_tensor(luma, device=self.device)
        generator = None if seed is None else torch.Generator(self.device).manual_seed(seed)
        before = torch.empty(0) if generator is None else generator.get_state()
        with torch.inference_mode():
            given = self._given(hints)
            answer = self.model.predict(x, temperature=temperature, generator=generator, **given)
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

    def _given(self, hints: HintPlanes | None) -> dict[str, Hints]:
        """Return what the model makes use of among hints, as it takes it."""
        kept = None if hints is None else hints.only(self.uses)
        if kept is None:
            return {}

        def placed(planes: NDArray[Any]) -> torch.Tensor:
            return torch.tensor(planes, device=self.device)

        reference = None if kept.reference is None else placed(kept.reference)
        return {"hints": Hints(placed(kept.uv), placed(kept.mask), reference)}


def load(checkpoint: Path | WeightlessModel, device: str) -> TorchPredictor:
    """Build the model that a checkpoint's card names, with its weights, on the device."""
    from luvcolor.checkpoint import load as load_model
    from luvcolor.checkpoint import short_hash
    from luvcolor.weightless import WeightlessModel

    place = pick_device(device)
    if isinstance(checkpoint, WeightlessModel):
        model, card = checkpoint.build()
        return TorchPredictor(model.to(place), card, device=place, own_size=True)
    model, card = load_model(checkpoint, device=place)
    return TorchPredictor(model, card, short_hash(checkpoint))
