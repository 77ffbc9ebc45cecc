"""The convolutions of VGG16: their shape, their weights from a file, and the way back up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from luvcolor.dataset import Dataset
from luvcolor.errors import CheckpointError, UsageError
from luvcolor.vgg import DEVIATION, MEAN, VGG16, Ascent, VGGColorizer, check_width

LAYERS = [(0, 3, 1), (2, 1, 1), (5, 1, 2), (7, 2, 2), (10, 2, 4), (12, 4, 4), (14, 4, 4)]
LAYERS += [(17, 4, 8), *((number, 8, 8) for number in (19, 21, 24, 26, 28))]
"""torchvision's number of each convolution, and its channels as multiples of the first block's; but
the first one sees 3 colours."""


def colour_weights(width: int) -> dict[str, Tensor]:
    """Weights with torchvision's names, for a VGG16 of another width."""
    torch.manual_seed(0)
    weights = {"classifier.0.weight": torch.rand(2, 2)}
    for number, inputs, outputs in LAYERS:
        seen = inputs if number == 0 else inputs * width
        drawn = torch.randn(outputs * width, seen, 3, 3)
        weights[f"features.{number}.weight"] = drawn / (3 * seen**0.5)
        weights[f"features.{number}.bias"] = torch.randn(outputs * width) / 10
    return weights


def in_colour(weights: dict[str, Tensor], x: Tensor) -> Tensor:
    """VGG16's convolutions on red, green and blue, by torch's functions alone."""
    for number, _, _ in LAYERS:
        if number in {5, 10, 17, 24}:
            x = torch.max_pool2d(x, 2)
        weight, bias = (weights[f"features.{number}.{kind}"] for kind in ("weight", "bias"))
        x = torch.conv2d(x, weight, bias, padding=1).relu()
    return x


def test_thirteen_layers_in_five_blocks() -> None:
    seen = VGG16(4)(torch.rand(2, 1, 32, 48))
    assert [len(block) for block in seen] == [2, 2, 3, 3, 3]
    shapes = [tuple(block[-1].shape[1:]) for block in seen]
    assert shapes == [(4, 32, 48), (8, 16, 24), (16, 8, 12), (32, 4, 6), (32, 2, 3)]


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_weights_of_a_file_see_luma_as_they_saw_gray_in_colour(tmp_path: Path, suffix: str) -> None:
    weights, path = colour_weights(4), tmp_path / f"vgg16{suffix}"
    save_file(weights, path) if suffix == ".safetensors" else torch.save(weights, path)
    body = VGG16(4, normalize=False)
    body.load(path)
    luma = torch.rand(1, 1, 32, 32)
    gray = ((luma - MEAN) / DEVIATION).expand(-1, 3, -1, -1)
    with torch.inference_mode():
        torch.testing.assert_close(body(luma)[-1][-1], in_colour(weights, gray))


def test_fewer_blocks_take_what_they_need_of_the_weights(tmp_path: Path) -> None:
    save_file(colour_weights(4), tmp_path / "vgg16.safetensors")
    body = VGG16(4, blocks=2, normalize=False)
    body.load(tmp_path / "vgg16.safetensors")
    assert len(body(torch.rand(1, 1, 4, 4))) == 2


def test_weights_of_another_shape_or_none_are_refused_by_name(tmp_path: Path) -> None:
    path, body = tmp_path / "vgg16.safetensors", VGG16(4, normalize=False)
    save_file(colour_weights(8), path)
    with pytest.raises(CheckpointError, match=r"features.0.weight of shape \(4, 1, 3, 3\), found"):
        body.load(path)
    weights = colour_weights(4)
    del weights["features.21.bias"]
    save_file(weights, path)
    with pytest.raises(CheckpointError, match=r"features.21.bias of shape \(32,\), found none"):
        body.load(path)


class Stranger:
    """What no file of weights should hold."""


def test_a_file_that_is_missing_broken_or_more_than_weights_is_refused(tmp_path: Path) -> None:
    body = VGG16(4, normalize=False)
    with pytest.raises(CheckpointError, match=r"expected a file of VGG16's weights, found none"):
        body.load(tmp_path / "vgg16.pth")
    for name in ("broken.safetensors", "broken.pth"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
        with pytest.raises(CheckpointError, match="found a file that is neither"):
            body.load(tmp_path / name)
    torch.save(Stranger(), tmp_path / "code.pth")
    with pytest.raises(CheckpointError, match="found a file that is neither"):
        body.load(tmp_path / "code.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(CheckpointError, match="found a file that is neither"):
        body.load(tmp_path / "list.pth")


def test_another_width_than_that_of_the_weights_is_refused() -> None:
    check_width(16, "")
    check_width(64, "vgg16.pth")
    with pytest.raises(UsageError, match="found width=16; set width=64, or leave weights out"):
        check_width(16, "vgg16.pth")
    with pytest.raises(UsageError, match="width is at least 1; found 0"):
        check_width(0, "")


def test_batches_are_normalized_unless_weights_are_to_come() -> None:
    def norms(body: VGG16) -> int:
        return sum(isinstance(part, nn.BatchNorm2d) for part in body.modules())

    assert norms(VGG16(4)) == 13
    assert norms(VGG16(4, normalize=False)) == 0


def test_the_ascent_adds_what_every_size_has_to_say() -> None:
    ascent = Ascent([2, 4, 8]).eval()
    features = [torch.rand(1, width, 8 // 2**i, 8 // 2**i) for i, width in enumerate((2, 4, 8))]
    with torch.inference_mode():
        whole = ascent(features)
        assert whole.shape == (1, 2, 8, 8)
        for level in range(3):
            fewer = [x * (i != level) for i, x in enumerate(features)]
            assert not torch.equal(ascent(fewer), whole)
        for parameter in ascent.rises[0].parameters():
            parameter.zero_()
        torch.testing.assert_close(ascent(features), ascent.norms[0](features[0]))


@dataclass(frozen=True)
class TinyConfig:
    weights: str = ""
    learning_rate: float = 0.01
    body_rate: float = 0.1


class Tiny(VGGColorizer):
    Config = TinyConfig

    def __init__(self, config: TinyConfig | None = None) -> None:
        super().__init__(config)
        self.body = VGG16(4, blocks=1, normalize=False)
        self.last = nn.Conv2d(4, 2, 1)


@pytest.mark.parametrize(("weights", "rate"), [("", 0.01), ("vgg16.pth", 0.001)])
def test_weights_that_were_given_learn_at_a_rate_of_their_own(weights: str, rate: float) -> None:
    model = Tiny(TinyConfig(weights=weights))
    rest, slow = model.optimizers()["main"].param_groups
    assert (rest["lr"], slow["lr"]) == (0.01, pytest.approx(rate))
    assert {id(p) for p in slow["params"]} == {id(p) for p in model.body.parameters()}
    assert len(rest["params"]) == 2


def test_weights_are_loaded_before_training_where_a_file_is_given(
    dataset: Dataset, tmp_path: Path
) -> None:
    path, weights = tmp_path / "vgg16.safetensors", colour_weights(4)
    model = Tiny(TinyConfig(weights=str(path)))
    with pytest.raises(CheckpointError, match="expected a file of VGG16's weights, found none"):
        model.fit_to(dataset, palette=None, seed=0)
    save_file(weights, path)
    model.fit_to(dataset, palette=None, seed=0)
    assert torch.equal(next(model.body.parameters())[:, 0], weights["features.0.weight"].sum(1))
    untouched = Tiny()
    before = next(untouched.body.parameters()).clone()
    untouched.fit_to(dataset, palette=None, seed=0)
    assert torch.equal(next(untouched.body.parameters()), before)
