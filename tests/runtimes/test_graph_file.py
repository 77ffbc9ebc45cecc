"""Reading what an ONNX file says of itself, from whole files and from broken ones."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvcolor.checkpoint import short_hash
from luvcolor.errors import CheckpointError
from luvcolor.runtimes.graph_file import (
    GRAPH_KEY,
    Graph,
    belongs,
    read_graph,
    read_metadata,
    weights_of,
)
from tests.conftest import Exported

GRAPH = Graph("logits", 8, 0.5, [[1.0, 2.0]], "0123456789ab")


def written(path: Path, **metadata: str) -> Path:
    """Write an ONNX file with nothing but metadata, and something of every other kind."""
    proto = onnx.ModelProto(ir_version=10, producer_name="test", model_version=1 << 40)
    proto.graph.name = "g" * 130
    for key, value in metadata.items():
        proto.metadata_props.add(key=key, value=value)
    path.write_bytes(proto.SerializeToString())
    return path


def described(path: Path, **changes: object) -> Path:
    text = json.dumps({**json.loads(GRAPH.to_json()), **changes})
    return written(path, **{GRAPH_KEY: text})


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_metadata_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, metadata: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("graph") / "a.onnx"
    assert read_metadata(written(path, **metadata)) == metadata


def test_a_description_comes_back_as_it_was(tmp_path: Path) -> None:
    assert read_graph(described(tmp_path / "a.onnx")) == GRAPH


def test_a_file_cut_off_anywhere_is_none(tmp_path: Path) -> None:
    path = described(tmp_path / "a.onnx")
    data = path.read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(CheckpointError, match=r"a\.onnx: expected an ONNX file"):
            read_graph(path)


@given(st.binary(max_size=60))
def test_of_any_bytes_nothing_comes_but_metadata_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("graph") / "a.onnx"
    path.write_bytes(data)
    with suppress(CheckpointError):
        assert isinstance(read_metadata(path), dict)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": 2}, "format 2, this luvcolor reads 1"),
        ({"colour": 1}, "colour"),
        ({"output": "rgb"}, "output 'rgb'"),
        ({"multiple": 0}, "sides that are 0-fold"),
        ({"multiple": None}, "NoneType"),
        ({"temperature": None}, "do not go with 'logits'"),
        ({"chroma": []}, "do not go with 'logits'"),
        ({"chroma": [[1]]}, "two numbers"),
        ({"chroma": 3}, "not iterable"),
        ({"beside": "../mine.safetensors"}, "weights elsewhere"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(CheckpointError, match=f"{reason}.*export the checkpoint again"):
        read_graph(described(tmp_path / "a.onnx", **changes))


def test_an_onnx_file_of_others_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="without luvcolor's description"):
        read_graph(written(tmp_path / "a.onnx"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"a\.onnx: there is no such file"):
        read_graph(tmp_path / "a.onnx")


def test_weights_are_in_the_file_or_beside_it(unet_graph: Exported) -> None:
    for path, weights in (
        (unet_graph.alone, unet_graph.alone),
        (unet_graph.beside, unet_graph.checkpoint),
    ):
        assert weights_of(path, read_graph(path)) == weights
        assert belongs(path, unet_graph.checkpoint)


def test_weights_beside_that_are_missing_or_others_are_named(
    unet_graph: Exported, regression_graph: Exported, tmp_path: Path
) -> None:
    graph = Path(shutil.copy(unet_graph.beside, tmp_path))
    with pytest.raises(CheckpointError, match=r"in .*unet\.safetensors, found no such file"):
        weights_of(graph, read_graph(graph))
    other = shutil.copy(regression_graph.checkpoint, tmp_path / "unet.safetensors")
    with pytest.raises(CheckpointError, match=r"--beside .*unet\.safetensors` again") as error:
        weights_of(graph, read_graph(graph))
    for digest in (short_hash(unet_graph.checkpoint), short_hash(Path(other))):
        assert digest in str(error.value)
    assert not belongs(graph, Path(other))
    assert not belongs(Path(other), Path(other))
