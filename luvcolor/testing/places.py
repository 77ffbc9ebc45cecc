"""Checks of where a model's tensors are: on the device it was moved to, and in its checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from luvcolor.checkpoint import card_of, load, save
from luvcolor.errors import CheckpointError
from luvcolor.model import Colorizer
from luvcolor.testing.pictures import SIDE, luma_of
from luvcolor.testing.subject import Subject
from luvcolor.testing.words import BrokenContractError, require

__all__ = ["check_checkpoint", "check_devices"]

NEAR = 1.0
"""Devices may differ by this much chroma, in u*, v*: they round products differently."""
ALIKE = 1e-3


def check_devices(subject: Subject) -> None:
    """Check that everything goes where the model goes, and it answers there as on the CPU."""
    luma = luma_of(2, 32, 40)
    expected = subject.answer(subject.fitted(), luma).uv
    for device in devices():
        model = subject.fitted().to(device)
        _check_moved(model, device)
        if device != "meta":
            found = subject.answer(model, luma.to(device)).uv
            apart = float((found.cpu() - expected).abs().max())
            require(
                found.device.type == device and apart <= NEAR,
                expected=f"on {device} the answer of the CPU",
                found=f"chroma on {found.device} that differs by up to {apart:.3g}",
                advice="Make tensors where the luma is: `torch.zeros(..., device=luma.device)`.",
            )


def devices() -> list[str]:
    """Return the kinds of device there are, and torch's stand-in for one, which always is."""
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return ["cpu", *(name for name, there in here.items() if there), "meta"]


def check_checkpoint(subject: Subject, folder: Path) -> None:
    """Check that a checkpoint holds all of the weights, and gives the model back."""
    model, path = subject.fitted(), folder / "kept.safetensors"
    state: dict[str, Any] = model.state_dict()
    strange = [f"{k} ({type(v).__name__})" for k, v in state.items() if not isinstance(v, Tensor)]
    require(
        not strange,
        expected="tensors alone in state_dict(), for a checkpoint is a safetensors file, which "
        "holds no Python objects and so runs no code when it is opened",
        found=", ".join(strange),
        advice="Keep settings in Config and everything else in buffers; get_extra_state has no "
        "place here.",
    )
    save(path, model, card_of(model, subject.name, SIDE))
    _check_loaded(subject, model, path)


def _check_loaded(subject: Subject, model: Colorizer, path: Path) -> None:
    advice = "Let __init__ make all parameters and buffers in their final shapes from the Config "
    advice += "alone; fit_to fills them (`self.table.copy_(...)`) and does not make or resize them."
    try:
        loaded, _ = load(path)
    except CheckpointError as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise BrokenContractError("a model back from its checkpoint", reason, advice) from error
    luma = luma_of(1, 32, 32)
    apart = (subject.answer(loaded, luma).uv - subject.answer(model, luma).uv).abs().max()
    require(
        float(apart) <= ALIKE and not loaded.training,
        expected="the model from a checkpoint to answer as the one that was saved",
        found=f"chroma that differs by up to {float(apart):.3g}",
        advice="Keep everything that was learned in parameters and buffers, and everything else "
        "in Config.",
    )


def _check_moved(model: Colorizer, device: str) -> None:
    left = [name for name, tensor in _tensors(model) if tensor.device.type != device]
    require(
        not left,
        expected=f"every tensor of the model on the device it was moved to, {device}",
        found=f"that {', '.join(left)} stayed behind",
        advice="Use self.register_buffer(NAME, tensor) for what is no parameter, and "
        "nn.ParameterList or nn.ModuleList instead of a list: plain attributes are not moved, and "
        "not kept in checkpoints.",
    )


def _tensors(model: Colorizer) -> Iterator[tuple[str, Tensor]]:
    """Yield parameters and buffers, and tensors among the plain attributes of every module."""
    yield from model.named_parameters()
    yield from model.named_buffers()
    for prefix, module in model.named_modules():
        for name, value in vars(module).items():
            if not name.startswith("_") or isinstance(value, Tensor):
                for tensor in _inside(value):
                    yield f"{prefix}.{name}".lstrip("."), tensor


def _inside(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _inside(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _inside(each)
