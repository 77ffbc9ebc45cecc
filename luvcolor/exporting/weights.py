"""Gives a graph its weights: those of a checkpoint, as they are stored there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import onnx
from onnx import TensorProto, helper

from luvcolor.errors import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["attach"]

KINDS = {"F16": TensorProto.FLOAT16, "BF16": TensorProto.BFLOAT16, "F32": TensorProto.FLOAT}
"""Types by their names in safetensors: https://huggingface.co/docs/safetensors"""
STORED = ".stored"
LENGTH_BYTES = 8


def attach(proto: onnx.ModelProto, checkpoint: Path, *, beside: bool) -> None:
    """Turn all inputs of a graph but the first into weights.

    Parameters
    ----------
    proto
        A graph as `luvcolor.exporting.tracing.graph_of` makes it; changed in place.
    checkpoint
        The ``.safetensors`` file with weights of the inputs' names.
    beside
        Point to where they lie in that file, by name and offset, instead of copying them.

    Raises
    ------
    CheckpointError
        When a weight is missing or of another type than 16- or 32-bit floats.
    """
    graph = proto.graph
    names = [entry.name for entry in graph.input[1:]]
    stored, start = _table(checkpoint)
    casts = []
    with checkpoint.open("rb") as file:
        for name in names:
            row = stored.get(name, {})
            if row.get("dtype") not in KINDS:
                raise CheckpointError(
                    f"{checkpoint}: expected the weight {name} as {', '.join(KINDS)}, "
                    f"found {row.get('dtype', 'none')}"
                )
            first, last = (start + offset for offset in row["data_offsets"])
            narrow = row["dtype"] != "F32"
            tensor = TensorProto(
                name=name + STORED * narrow, data_type=KINDS[row["dtype"]], dims=row["shape"]
            )
            if beside:
                _point(tensor, checkpoint.name, first, last - first)
            else:
                file.seek(first)
                tensor.raw_data = file.read(last - first)
            graph.initializer.append(tensor)
            if narrow:
                casts.append(
                    helper.make_node("Cast", [tensor.name], [name], name=name, to=TensorProto.FLOAT)
                )
    del graph.input[1:]
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _table(checkpoint: Path) -> tuple[dict[str, Any], int]:
    """Return what a safetensors file says of its weights, and where their bytes begin."""
    with checkpoint.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        table: dict[str, Any] = json.loads(file.read(length))
    return table, LENGTH_BYTES + length


def _point(tensor: TensorProto, file: str, offset: int, length: int) -> None:
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": file, "offset": str(offset), "length": str(length)}.items():
        tensor.external_data.add(key=key, value=value)
