"""Strangers' graphs, made here by hand, colour as their declarations say."""

from __future__ import annotations

import doctest
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from skimage import color

import luvcolor_onnx
from luvcolor.checkpoint import short_hash
from luvcolor.configuration import from_mapping
from luvcolor.errors import LuvcolorError, PluginError, UsageError
from luvcolor.runtimes.decoding import enlarge
from luvcolor_kernels import merge_chroma, rgb_to_luv
from luvcolor_onnx import ONNX, ONNXConfig
from luvcolor_onnx_declaration import Declaration, Input, Output, read_declaration

PAGE = Path(__file__).parents[2] / "docs" / "onnx.md"
HEAD = {"name": "tiny", "licence": "CC0-1.0"}


def graph(
    path: Path,
    weight: NDArray[Any],
    *,
    shape: tuple[Any, ...] = (1, None, "h", "w"),
    nodes: tuple[Any, ...] = (),
    kind: int = TensorProto.FLOAT,
    outputs: tuple[str, ...] = ("y",),
) -> Path:
    """Write a graph: a 1 x 1 convolution by `weight` (out, in), unless there are other nodes."""
    inside = nodes or (helper.make_node("Conv", ["x", "weight"], ["y"]),)
    channels = [side or weight.shape[1] for side in shape]
    stored = numpy_helper.from_array(
        weight[..., None, None].astype(helper.tensor_dtype_to_np_dtype(kind)), "weight"
    )
    made = helper.make_graph(
        list(inside),
        "tiny",
        [helper.make_tensor_value_info("x", kind, channels)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [stored],
    )
    opset = [helper.make_opsetid("", 17)]
    path.write_bytes(
        helper.make_model(made, opset_imports=opset, ir_version=10).SerializeToString()
    )
    return path


def declared(path: Path, input_: dict[str, Any], output: dict[str, Any], **rest: Any) -> ONNX:
    """Write the declaration of a graph, and open both."""
    raw = HEAD | {"input": input_, "output": output} | rest
    path.with_suffix(".json").write_text(json.dumps(raw))
    model: ONNX = ONNX(ONNXConfig(str(path)))
    return model


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tiny.onnx"


def luma(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


def uv_of(model: ONNX, x: torch.Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = model.predict(x).uv.numpy()
    return found


def gray_of(x: torch.Tensor) -> NDArray[np.float32]:
    """The sRGB gray of L / 100 (N, 1, H, W), three times (N, 3, H, W)."""
    none = np.zeros((len(x), 2, 1, 1), np.float32)
    gray: NDArray[np.float32] = merge_chroma(
        100 * x[:, 0].numpy(), none, dtype=np.float32, channel_axis=-3
    )
    return gray


def test_chroma_in_uv_comes_out_as_it_is(path: Path) -> None:
    graph(path, np.array([[2.0], [-3.0]], np.float32))
    model = declared(
        path,
        {"channels": "L", "mean": 50, "std": 100},
        {"channels": "uv", "mean": [1, 2], "std": [10, 20]},
    )
    x = luma(2, 1, 7, 9)
    scaled = (100 * x.numpy() - 50) / 100
    truth = np.concatenate([2 * scaled * 10 + 1, -3 * scaled * 20 + 2], 1)
    np.testing.assert_allclose(uv_of(model, x), truth, atol=1e-4)


def test_ab_becomes_uv_at_the_lightness_of_the_picture(path: Path) -> None:
    graph(path, np.array([[0.4], [-0.7]], np.float32))
    model = declared(path, {"channels": "L"}, {"channels": "ab"})
    x = 0.02 + 0.98 * luma(1, 1, 16, 16)
    L = 100 * x.numpy().astype(np.float64)
    lab = np.concatenate([L, 0.4 * L, -0.7 * L], 1)
    convert: Any = color
    truth = convert.xyz2luv(convert.lab2xyz(lab, channel_axis=1), channel_axis=1)[:, 1:]
    np.testing.assert_allclose(uv_of(model, x), truth, atol=0.02)


@pytest.mark.parametrize("channels", ["rgb", "bgr"])
def test_rgb_gives_its_chroma(path: Path, channels: str) -> None:
    tint = np.diag([1.0, 0.8, 0.5]).astype(np.float32)
    graph(path, 255 * tint)
    model = declared(path, {"channels": "rgb"}, {"channels": channels, "std": 1 / 255})
    x = luma(2, 1, 5, 6)
    rgb = gray_of(x) * np.array([1, 0.8, 0.5], np.float32).reshape(3, 1, 1)
    rgb = rgb if channels == "rgb" else rgb[:, ::-1]
    truth = rgb_to_luv(np.ascontiguousarray(rgb), channel_axis=-3)[:, 1:]
    np.testing.assert_allclose(uv_of(model, x), truth, atol=0.01)


def test_the_channels_may_come_last(path: Path) -> None:
    nodes = (helper.make_node("Concat", ["x", "x"], ["y"], axis=3),)
    graph(path, np.zeros((1, 1)), shape=(1, "h", "w", 1), nodes=nodes)
    model = declared(
        path, {"channels": "gray", "layout": "NHWC"}, {"channels": "uv", "layout": "NHWC"}
    )
    x = luma(1, 1, 3, 4)
    np.testing.assert_allclose(uv_of(model, x), np.repeat(gray_of(x)[:, :1], 2, 1), atol=1e-5)


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_the_graph_says_what_numbers_it_takes(path: Path, kind: int) -> None:
    nodes = (
        helper.make_node("Concat", ["x", "x"], ["z"], axis=1),
        helper.make_node("Cast", ["z"], ["y"], to=TensorProto.FLOAT),
    )
    graph(path, np.zeros((1, 1)), nodes=nodes, kind=kind)
    model = declared(path, {"channels": "L"}, {"channels": "uv"})
    found = uv_of(model, torch.full((1, 1, 2, 2), 0.25))
    np.testing.assert_allclose(found, 25, atol=0.02)


def test_values_for_bytes_are_rounded(path: Path) -> None:
    nodes = (
        helper.make_node("Cast", ["x"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Concat", ["f", "f"], ["y"], axis=1),
    )
    graph(path, np.zeros((1, 1)), nodes=nodes, kind=TensorProto.UINT8)
    model = declared(path, {"channels": "L", "std": 100 / 255}, {"channels": "uv"})
    assert set(uv_of(model, torch.full((1, 1, 2, 2), 0.5)).ravel()) == {128.0}


def test_a_smaller_answer_is_enlarged_linearly(path: Path) -> None:
    nodes = (
        helper.make_node("Conv", ["x", "weight"], ["c"]),
        helper.make_node("AveragePool", ["c"], ["y"], kernel_shape=[2, 2], strides=[2, 2]),
    )
    graph(path, np.array([[1.0], [-1.0]]), nodes=nodes)
    model = declared(path, {"channels": "L", "multiple": 4}, {"channels": "uv"})
    x = luma(1, 1, 8, 12)
    pooled = torch.nn.functional.avg_pool2d(100 * x, 2).numpy()
    truth = enlarge(np.concatenate([pooled, -pooled], 1), (8, 12))
    np.testing.assert_allclose(uv_of(model, x), truth, atol=1e-3)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (17, 23)])
@pytest.mark.parametrize("seen", [None, 16, [16, 24]])
def test_pictures_of_any_size_are_answered(path: Path, size: tuple[int, int], seen: Any) -> None:
    graph(path, np.array([[0.5], [1.0]]))
    model = declared(path, {"channels": "L", "size": seen, "multiple": 8}, {"channels": "uv"})
    found = uv_of(model, torch.full((2, 1, *size), 0.5))
    np.testing.assert_allclose(found, np.broadcast_to([[[25]], [[50]]], (2, 2, *size)), atol=1e-3)


def test_a_graph_of_one_size_needs_no_other_word(path: Path) -> None:
    graph(path, np.array([[0.5], [1.0]]), shape=(1, 1, 12, 16))
    model = declared(path, {"channels": "L"}, {"channels": "uv"})
    assert model.size == [12, 16]
    assert model.largest == 12
    assert uv_of(model, luma(3, 1, 30, 20)).shape == (3, 2, 30, 20)


def test_one_of_several_outputs_is_named(path: Path) -> None:
    nodes = (
        helper.make_node("Identity", ["x"], ["z"]),
        helper.make_node("Concat", ["x", "x"], ["y"], axis=1),
    )
    graph(path, np.zeros((1, 1)), nodes=nodes, outputs=("z", "y"))
    with pytest.raises(UsageError, match=r"expected one output.*found z, y"):
        declared(path, {"channels": "L"}, {"channels": "uv"})
    model = declared(path, {"channels": "L"}, {"channels": "uv", "tensor": "y"})
    assert uv_of(model, luma(1, 1, 4, 4)).shape == (1, 2, 4, 4)


def test_the_model_says_whose_graph_it_is(path: Path) -> None:
    graph(path, np.array([[0.5], [1.0]]))
    model = declared(path, {"channels": "L"}, {"channels": "uv"}, citation="Nobody, Nothing, 2000")
    assert model.about == {
        "name": "tiny",
        "licence": "CC0-1.0",
        "citation": "Nobody, Nothing, 2000",
        "sha256": short_hash(path),
    }
    assert from_mapping(ONNXConfig, {"file": str(path)}) == model.config


def refused(path: Path, raw: Any) -> str:
    path.with_suffix(".json").write_text(raw if isinstance(raw, str) else json.dumps(raw))
    with pytest.raises(UsageError) as caught:
        read_declaration(path.with_suffix(".json"))
    assert str(caught.value).endswith("see docs/onnx.md")
    return str(caught.value)


@pytest.mark.parametrize(
    ("side", "change", "words"),
    [
        ("input", {"chanels": "L"}, "expected the fields channels, .* in input, found 'chanels'"),
        ("input", {"channels": "Lab"}, "channels is to be one of L, gray, rgb, found 'Lab'"),
        ("input", {"channels": ["L"]}, "channels is to be one of L, gray, rgb, found"),
        ("input", {"layout": "CHW"}, "layout is to be one of NCHW, NHWC, found 'CHW'"),
        ("input", {"mean": [1, 2]}, r"mean is to be a number or a list of 1, found \[1, 2\]"),
        ("input", {"mean": 10**400}, "mean is to be a number"),
        ("output", {"std": 0}, "std is to be a number or a list of 2, not 0, found 0"),
        ("output", {"std": [1, 0]}, "std is to be a number or a list of 2, not 0"),
        ("input", {"size": 0}, "size is to be a short side in pixels, or .*, found 0"),
        ("input", {"size": [256]}, "size is to be"),
        ("input", {"multiple": 1.5}, "multiple is to be a whole number from 1, found 1.5"),
        ("output", {"tensor": 3}, "tensor is to be text, found 3"),
    ],
)
def test_a_wrong_field_is_refused_in_words(
    path: Path, side: str, change: dict[str, Any], words: str
) -> None:
    raw: dict[str, Any] = HEAD | {"input": {"channels": "L"}, "output": {"channels": "uv"}}
    assert re.search(words, refused(path, raw | {side: raw[side] | change}))


def test_missing_fields_and_files_are_refused_in_words(path: Path) -> None:
    sides: dict[str, Any] = {"input": {"channels": "L"}, "output": {"channels": "uv"}}
    assert "found no 'licence'" in refused(path, {"name": "tiny", **sides})
    assert "found no 'channels'" in refused(path, HEAD | sides | {"input": {}})
    assert "name is to be text, found 3" in refused(path, HEAD | sides | {"name": 3})
    assert "input is to be an object, found 'L'" in refused(path, HEAD | sides | {"input": "L"})
    assert "declaration is to be an object" in refused(path, [1])
    assert "line 1" in refused(path, "{")
    assert "recursion" in refused(path, "[" * 100_000)
    path.with_suffix(".json").unlink()
    with pytest.raises(UsageError, match=r"tiny\.json.*found no such file"):
        ONNX(ONNXConfig(str(path)))
    with pytest.raises(UsageError, match=r"--set file=FILE\.onnx"):
        ONNX()


def test_what_is_no_graph_is_refused_in_words(path: Path) -> None:
    path.write_bytes(b"not a graph")
    with pytest.raises(UsageError, match="expected an ONNX file that ONNX Runtime can load"):
        declared(path, {"channels": "L"}, {"channels": "uv"})


def test_a_graph_of_other_channels_is_refused_in_words(path: Path) -> None:
    graph(path, np.eye(3))
    with pytest.raises(UsageError, match=r"expected one input of 1 channels \(L\).*3, 'h', 'w'"):
        declared(path, {"channels": "L"}, {"channels": "rgb"})
    with pytest.raises(PluginError, match=r"of 2 channels \(ab\).*found the shape \(1, 3, 4, 5\)"):
        declared(path, {"channels": "rgb"}, {"channels": "ab"}).predict(luma(1, 1, 4, 5))


def test_a_graph_that_answers_nan_is_reported_in_words(path: Path) -> None:
    nodes = (
        helper.make_node("Sqrt", ["x"], ["s"]),
        helper.make_node("Concat", ["s", "s"], ["y"], axis=1),
    )
    graph(path, np.zeros((1, 1)), nodes=nodes)
    model = declared(path, {"channels": "L", "mean": 50}, {"channels": "uv"})
    with pytest.raises(PluginError, match="expected an answer in numbers, found NaN"):
        model.predict(torch.zeros(1, 1, 4, 4))


def test_a_graph_that_fails_is_reported_in_words(path: Path) -> None:
    graph(path, np.array([[0.5], [1.0]]), shape=(1, 1, 12, 16))
    model = declared(path, {"channels": "L", "size": [8, 8]}, {"channels": "uv"})
    with pytest.raises(PluginError, match=r"takes the shape \(1, 1, 8, 8\).*correct size"):
        model.predict(luma(1, 1, 4, 4))


def test_the_page_names_every_field_and_its_example_is_read(path: Path) -> None:
    text = PAGE.read_text()
    for kind in (Declaration, Input, Output):
        assert [field.name for field in fields(kind) if f"`{field.name}`" not in text] == []
    for kind in (Input, Output):
        assert [name for name in kind.KNOWN if f'`"{name}"`' not in text] == []
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    path.with_suffix(".json").write_text(example)
    assert read_declaration(path.with_suffix(".json")).input.size == [256, 256]


def test_every_error_is_one_of_luvcolors(path: Path) -> None:
    onnx.save(helper.make_model(helper.make_graph([], "none", [], [])), str(path))
    with pytest.raises(LuvcolorError):
        declared(path, {"channels": "L"}, {"channels": "uv"})


def test_examples_run() -> None:
    assert doctest.testmod(luvcolor_onnx).failed == 0
