"""A model's network as an ONNX graph whose weights are inputs, yet to be given."""

from __future__ import annotations

import logging
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from typing import Any, NamedTuple

import onnx
import onnxscript.optimizer
import torch
from onnx import helper
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from luvcolor.classify import PaletteHead
from luvcolor.errors import UsageError
from luvcolor.model import Colorizer

__all__ = ["Traced", "multiple_of", "trace"]

LUMA = "luma"
INNER = "model."
TALKATIVE = "torch"
LARGEST = 4096
"""Sides of what is traced are at most this many multiples; a graph does not keep to it."""


class Network(nn.Module):
    """The part of a model that a graph holds: luma to logits, or to chroma without a palette."""

    def __init__(self, model: Colorizer) -> None:
        super().__init__()
        self.model = model
        self.classifies = isinstance(getattr(model, "palette", None), PaletteHead)

    def forward(self, luma: Tensor) -> Tensor:
        """(N, 1, H, W) -> (N, colours or 2, h, w)."""
        answer: Tensor = self.model(luma) if self.classifies else self.model.predict(luma).uv
        return answer


class Traced(NamedTuple):
    """A graph, and what the sides of its input are multiples of."""

    proto: onnx.ModelProto
    multiple: int


def trace(model: Colorizer, name: str) -> Traced:
    """Trace a model for any number of pictures of any size.

    Parameters
    ----------
    model
        In evaluation mode.
    name
        What it is called, for errors.

    Returns
    -------
    Traced
        The graph's first input is ``luma``; the others are weights under their names in the state
        dictionary.

    Raises
    ------
    UsageError
        When the model does what a graph cannot hold.
    """
    try:
        multiple = multiple_of(model)
        with _quiet():
            proto = _traced(Network(model).eval(), multiple)
            _loosen(proto, set(model.state_dict()))
            simplified: onnx.ModelProto = onnxscript.optimizer.optimize(proto)
    except Exception as error:
        reason = textwrap.shorten(str(error), 300)
        raise UsageError(
            f"the model {name!r} cannot be exported: tracing it failed with "
            f"{type(error).__name__}: {reason}; use --runtime torch"
        ) from error
    _strip(simplified)
    return Traced(simplified, multiple)


def multiple_of(model: Colorizer) -> int:
    """Return what the sides of a model's input are padded to multiples of, by repeating edges.

    Found by looking at what it does with a picture of one pixel; 1 where it pads nothing.
    """
    seen = _Paddings()
    with seen, torch.inference_mode():
        model.predict(torch.zeros(1, 1, 1, 1))
    return seen.largest


class _Paddings(TorchFunctionMode):
    """Watches how far edges are repeated."""

    def __init__(self) -> None:
        super().__init__()
        self.largest: int = 1

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func is F.pad and "replicate" in {*args[2:3], (kwargs or {}).get("mode")}:
            self.largest = max(self.largest, *map(int, result.shape[-2:]))
        return result


def _traced(network: Network, multiple: int) -> onnx.ModelProto:
    count = torch.export.Dim("count", min=1, max=LARGEST)
    sides = [multiple * torch.export.Dim(side, min=1, max=LARGEST) for side in ("rows", "columns")]
    # No two of its sides are alike, or tracing would take them for one.
    luma = torch.rand(2, 1, 3 * multiple, 5 * multiple)
    shapes = {LUMA: {0: count, 2: sides[0], 3: sides[1]}}
    with torch.inference_mode():
        traced = torch.export.export(network, (luma,), dynamic_shapes=shapes)
        program = torch.onnx.export(
            traced, optimize=False, verbose=False, input_names=[LUMA], output_names=["answer"]
        )
    assert program is not None
    proto: onnx.ModelProto = program.model_proto
    return proto


def _loosen(proto: onnx.ModelProto, weights: set[str]) -> None:
    """Make inputs of the weights, so that simplifying the graph does not work them into others."""
    kept = []
    for constant in proto.graph.initializer:
        name = constant.name.removeprefix(INNER)
        if name in weights and constant.data_type == onnx.TensorProto.FLOAT:
            shape = list(constant.dims)
            entry = helper.make_tensor_value_info(constant.name, constant.data_type, shape)
            proto.graph.input.append(entry)
        else:
            kept.append(constant)
    del proto.graph.initializer[:]
    proto.graph.initializer.extend(kept)


def _strip(proto: onnx.ModelProto) -> None:
    """Remove what only helps to debug the tracing: stack traces, shapes in between, long names."""
    graph = proto.graph
    del graph.value_info[:]
    del proto.metadata_props[:]
    for part in (*graph.node, *graph.initializer, *graph.input, *graph.output):
        part.ClearField("doc_string")
        del part.metadata_props[:]
    for number, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{number}"
        for place, name in enumerate(node.input):
            node.input[place] = name.removeprefix(INNER)
    for entry in graph.input:
        entry.name = entry.name.removeprefix(INNER)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep torch from speaking of packages it misses, and from printing what it cannot trace."""
    logger = logging.getLogger(TALKATIVE)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stderr(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
