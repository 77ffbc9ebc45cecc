"""The first classifier: what its blocks are, and what it sees at full size."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from luvcolor.batches import to_batch
from luvcolor.checkpoint import card_of, load, save
from luvcolor.errors import UsageError
from luvcolor_cnn import CNN, CNNConfig
from tests.conftest import noisy


def small(**settings: object) -> CNN:
    torch.manual_seed(0)
    sizes = {"width": 4, "depth": 3, "detail": 4, "colors": 6, **settings}
    return CNN(CNNConfig(**sizes))  # type: ignore[arg-type]


def with_palette(model: CNN) -> CNN:
    generator = torch.Generator().manual_seed(1)
    model.palette.centers.copy_(255 * torch.rand(6, 3, generator=generator))
    model.palette.chroma.copy_(100 * torch.rand(6, 2, generator=generator) - 50)
    return model


def test_every_block_convolves_pools_normalizes_and_activates() -> None:
    for block in small().blocks:
        kinds = [type(layer) for layer in block.children()]
        assert kinds == [nn.Conv2d, nn.MaxPool2d, nn.BatchNorm2d, nn.ReLU]


def test_blocks_widen_up_to_the_widest() -> None:
    model = small(widest=10)
    convolutions = [layer for layer in model.blocks.modules() if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [4, 8, 10]


@pytest.mark.parametrize("size", [(8, 8), (1, 1), (13, 30)])
def test_every_pixel_gets_logits(size: tuple[int, int]) -> None:
    assert small().eval()(torch.rand(2, 1, *size)).shape == (2, 6, *size)


@pytest.mark.parametrize(("detail", "told_apart"), [(0, False), (16, True)])
def test_the_luma_of_one_pixel_counts_at_full_size_alone(detail: int, told_apart: bool) -> None:
    model = small(detail=detail).eval()
    # Both pictures have the same brightest pixel, which is all that passes the pooling.
    model.blocks = nn.Sequential(nn.MaxPool2d(8), nn.Conv2d(1, 16, 1))
    luma = torch.full((1, 1, 8, 8), 0.5)
    luma[..., 0, 0] = 1
    darker = luma.clone()
    darker[..., 5, 5] = 0.1
    with torch.inference_mode():
        changed = (model(luma) != model(darker)).any(1)[0]
    assert bool(changed[5, 5]) == told_apart
    assert not changed[0, 0]


def test_without_detail_there_is_no_layer_at_full_size() -> None:
    model = small(detail=0)
    assert model.fine is None
    assert model.coarse.out_channels == 6


def test_a_distribution_is_learned_for_a_few_pictures() -> None:
    model = with_palette(small()).train()
    batch = to_batch(noisy(32, 32)[None].repeat(2, 0))
    optimizer = model.optimizers()["main"]
    history = []
    for _ in range(80):
        ((_, loss),) = model.losses(batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        history.append(loss.item())
    assert history[-1] < 0.8 * history[0]
    with torch.no_grad():
        metrics = model.metrics(batch)
    assert set(metrics) == {"loss", "accuracy"}


def test_the_temperature_is_the_configured_one_unless_given() -> None:
    model, luma = with_palette(small(temperature=1.0)).eval(), torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        assert torch.equal(model.predict(luma).uv, model.predict(luma, temperature=1.0).uv)
        assert not torch.equal(model.predict(luma).uv, model.predict(luma, temperature=0.01).uv)


@pytest.mark.parametrize("detail", [0, 4])
def test_the_palette_and_the_statistics_travel_in_the_checkpoint(
    detail: int, tmp_path: Path
) -> None:
    model = with_palette(small(detail=detail)).train()
    list(model.losses(to_batch(noisy(32, 32)[None].repeat(2, 0))))
    model.eval()
    save(tmp_path / "cnn.safetensors", model, card_of(model, "cnn", 32))
    loaded, card = load(tmp_path / "cnn.safetensors")
    assert card.config["detail"] == detail
    state = loaded.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_an_unknown_space_lists_the_known() -> None:
    with pytest.raises(UsageError, match="space is one of rgb, luv, uv; found 'lab'"):
        small(space="lab")
