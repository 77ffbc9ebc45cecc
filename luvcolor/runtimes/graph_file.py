"""What an ONNX file of luvcolor's says of itself, read without any library for ONNX.

Two kinds are written: one that holds its weights, and a small one beside a checkpoint, whose
weights lie in that checkpoint and are found by offset.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO

from luvcolor.errors import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["GRAPH_KEY", "Graph", "belongs", "read_graph", "read_metadata", "weights_of"]

GRAPH_KEY = "luvcolor.graph"
FORMAT = 1
METADATA, KEY, VALUE = 14, 1, 2
"""Numbers of fields: ModelProto.metadata_props, StringStringEntryProto.key and .value.

Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""
VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5
"""Kinds of fields: https://protobuf.dev/programming-guides/encoding"""


@dataclass(frozen=True)
class Graph:
    """How the network in an ONNX file is to be used.

    Attributes
    ----------
    output
        ``"logits"`` over a palette, or ``"uv"``.
    multiple
        The sides of its input are multiples of this.
    temperature
        The model's own choice, where its output is logits.
    chroma
        (k, 2) u*, v* of the palette's colours, where its output is logits.
    checkpoint
        The first 12 hexadecimal digits of the SHA-256 of the checkpoint that it was made from.
    beside
        The name of the file that holds the weights; empty where the ONNX file itself does.
    format
        Counts up when any of these changes its meaning.
    """

    output: str
    multiple: int
    temperature: float | None
    chroma: list[list[float]]
    checkpoint: str
    beside: str = ""
    format: int = FORMAT

    def __post_init__(self) -> None:
        logits = self.output == "logits"
        if self.output not in {"logits", "uv"} or int(self.multiple) < 1:
            raise ValueError(f"output {self.output!r} of sides that are {self.multiple!r}-fold")
        if logits != bool(self.chroma) or logits != (self.temperature is not None):
            raise ValueError(f"chroma and temperature do not go with {self.output!r}")
        if any(len([float(part) for part in row]) != 2 for row in self.chroma):
            raise ValueError("colours are two numbers each")
        if PurePath(self.beside).name != self.beside:
            raise ValueError(f"weights elsewhere ({self.beside!r})")

    def to_json(self) -> str:
        """Return the text that `read_graph` reads."""
        return json.dumps(asdict(self))


def read_graph(path: Path) -> Graph:
    """Read how a graph is to be used; the graph itself stays on disk.

    Raises
    ------
    CheckpointError
        When the file is missing, or none that `luvcolor export` of this version wrote.
    """
    text = read_metadata(path).get(GRAPH_KEY)
    try:
        raw: dict[str, Any] = json.loads(text or "")
        if raw["format"] != FORMAT:
            raise ValueError(f"format {raw['format']}, this luvcolor reads {FORMAT}")
        return Graph(**raw)
    except (ValueError, TypeError, KeyError) as error:
        found = f"one with {error}" if text else "one without luvcolor's description"
        raise CheckpointError(
            f"{path}: expected an ONNX file that `luvcolor export` wrote, found {found}; "
            "export the checkpoint again"
        ) from None


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata of any ONNX file.

    Raises
    ------
    CheckpointError
        When the file is missing or no ONNX file.
    """
    try:
        with path.open("rb") as file:
            return dict(_entry(data) for number, data in _fields(file) if number == METADATA)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{path}: expected an ONNX file that `luvcolor export` wrote, "
            f"found a file that is none ({error})"
        ) from None


def weights_of(graph: Path, described: Graph) -> Path:
    """Return the file that holds the weights of a graph: itself, or the checkpoint beside it.

    Raises
    ------
    CheckpointError
        When the checkpoint beside it is missing, or is not the one it was made from.
    """
    from luvcolor.checkpoint import short_hash

    if not described.beside:
        return graph
    weights = graph.with_name(described.beside)
    if not weights.is_file():
        raise CheckpointError(
            f"{graph}: expected its weights in {weights}, found no such file; keep the two "
            "together, or use a file that `luvcolor export` wrote without --beside"
        )
    if (found := short_hash(weights)) != described.checkpoint:
        raise CheckpointError(
            f"{graph}: expected the checkpoint {described.checkpoint} in {weights.name}, found "
            f"{found}; run `luvcolor export --beside {weights}` again"
        )
    return weights


def belongs(graph: Path, checkpoint: Path) -> bool:
    """Whether a graph was made from a checkpoint as it is now."""
    from luvcolor.checkpoint import short_hash

    try:
        return read_graph(graph).checkpoint == short_hash(checkpoint)
    except CheckpointError:
        return False


def _entry(data: bytes) -> tuple[str, str]:
    import io

    found = dict(_fields(io.BytesIO(data), wanted=(KEY, VALUE)))
    return found.get(KEY, b"").decode(), found.get(VALUE, b"").decode()


def _fields(file: BinaryIO, wanted: tuple[int, ...] = (METADATA,)) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of the wanted fields of a message; skip over the others."""
    end = file.seek(0, 2)
    file.seek(0)
    while file.tell() < end:
        number, kind = divmod(_varint(file), 8)
        if kind == VARINT:
            _varint(file)
            continue
        if kind not in {EIGHT, BYTES, FOUR} or not number:
            raise ValueError(f"no field of protobuf at byte {file.tell()}")
        size = _varint(file) if kind == BYTES else {EIGHT: 8, FOUR: 4}[kind]
        if file.tell() + size > end:
            raise ValueError(f"{size} bytes expected at {file.tell()}, the file ends at {end}")
        if number in wanted:
            yield number, file.read(size)
        else:
            file.seek(size, 1)


def _varint(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 64, 7):
        byte = file.read(1)
        if not byte:
            raise ValueError("it ends in the middle of a field")
        value |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return value
    raise ValueError("a number of more than 64 bits")
