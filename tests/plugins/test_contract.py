"""Every built-in model keeps the contract; a new one is tested by being registered."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from luvcolor.batches import to_batch
from luvcolor.checkpoint import card_of, load, save
from luvcolor.configuration import from_mapping, to_mapping
from luvcolor.dataset import Dataset
from luvcolor.model import Batch, Colorizer
from luvcolor.registry import build_registry, builtin_plugins

REGISTRY = build_registry(builtin_plugins())
SMALL: dict[str, dict[str, Any]] = {
    "regression": {"width": 4, "depth": 2},
    "cnn": {"width": 4, "depth": 2, "detail": 4, "colors": 6},
    "unet": {"width": 4, "depth": 2, "colors": 6},
    "gan": {"width": 8, "depth": 3, "judge_depth": 2},
    "lite": {"width": 12, "colors": 8},
}
"""Settings that make a model small; a model without an entry is tested as it is."""
SIZES = [(1, 1), (1, 40), (17, 23), (32, 64), (33, 32)]

pytestmark = pytest.mark.parametrize("name", sorted(REGISTRY.models))


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Compute on one thread: models this small only wait for the others."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def without_pretrained_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the encoder of `lite` begin at random: its weights are a package of their own."""
    monkeypatch.setattr("luvcolor_lite.Encoder.load_pretrained", lambda encoder: None)


def small(name: str) -> Colorizer:
    torch.manual_seed(0)
    model_class = REGISTRY.model_class(name)
    model: Colorizer = model_class(from_mapping(model_class.Config, SMALL.get(name, {})))
    return model


def fitted(name: str, dataset: Dataset) -> Colorizer:
    model = small(name)
    model.fit_to(dataset, palette=None, seed=0)
    return model.eval()


def luma_of(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1))


def four_pictures(dataset: Dataset) -> Batch:
    return to_batch(np.stack(list(dataset.pictures("train"))[:4]))


def test_registering_imports_nothing_heavy(name: str) -> None:
    code = (
        "import sys; from luvcolor.registry import *; "
        f"assert {name!r} in build_registry(()).models or {name!r} in registry().models; "
        "print(sorted({'torch', 'lightning', 'numba', 'zarr'} & set(sys.modules)))"
    )
    path = [entry for entry in sys.path if entry]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_of_any_size_is_answered(
    name: str, dataset: Dataset, size: tuple[int, int]
) -> None:
    model = fitted(name, dataset)
    with torch.inference_mode():
        answer = model.predict(luma_of(2, 1, *size))
    assert answer.uv.shape == (2, 2, *size)
    assert answer.uv.is_floating_point()
    assert answer.uv.isfinite().all()
    if answer.confidence is not None:
        assert answer.confidence.shape == (2, 1, *size)
        assert 0 <= answer.confidence.min() <= answer.confidence.max() <= 1


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_black_and_white_are_answered(name: str, dataset: Dataset, level: float) -> None:
    with torch.inference_mode():
        uv = fitted(name, dataset).predict(torch.full((1, 1, 32, 32), level)).uv
    assert uv.isfinite().all()


def test_a_picture_is_answered_alike_alone_and_among_others(name: str, dataset: Dataset) -> None:
    model, luma = fitted(name, dataset), luma_of(3, 1, 32, 40)
    with torch.inference_mode():
        together = model.predict(luma).uv
        alone = torch.cat([model.predict(one[None]).uv for one in luma])
    torch.testing.assert_close(together, alone, atol=1e-2, rtol=1e-4)


def test_the_same_seed_draws_the_same_colours(name: str, dataset: Dataset) -> None:
    model, luma = fitted(name, dataset), luma_of(2, 1, 32, 32)

    def drawn(seed: int) -> Tensor:
        with torch.inference_mode():
            generator = torch.Generator().manual_seed(seed)
            return model.predict(luma, temperature=0.1, generator=generator).uv

    torch.rand(1)  # the generator of everybody plays no part
    first = drawn(1)
    torch.rand(1)
    assert torch.equal(first, drawn(1))
    with torch.inference_mode():
        assert torch.equal(model.predict(luma).uv, model.predict(luma).uv)


def test_predicting_leaves_the_model_and_the_luma_as_they_were(name: str, dataset: Dataset) -> None:
    model, luma = fitted(name, dataset), luma_of(1, 1, 32, 32)
    state, before = {k: v.clone() for k, v in model.state_dict().items()}, luma.clone()
    with torch.inference_mode():
        model.predict(luma)
    assert torch.equal(luma, before)
    assert all(torch.equal(state[key], value) for key, value in model.state_dict().items())


def test_the_config_survives_json(name: str) -> None:
    config_class: type[Any] = REGISTRY.model_class(name).Config
    config = from_mapping(config_class, SMALL.get(name, {}))
    assert from_mapping(config_class, json.loads(json.dumps(to_mapping(config)))) == config
    first = fields(config)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(config, first, None)


def test_a_checkpoint_gives_the_model_back(name: str, dataset: Dataset, tmp_path: Path) -> None:
    model, path = fitted(name, dataset), tmp_path / "model.safetensors"
    save(path, model, card_of(model, name, 32))
    loaded, _ = load(path)
    assert set(load_file(path)) == set(model.state_dict())
    assert not loaded.training
    luma = luma_of(1, 1, 32, 32)
    with torch.inference_mode():
        assert torch.equal(loaded.predict(luma).uv, model.predict(luma).uv)


def test_every_yielded_loss_names_an_optimizer(name: str, dataset: Dataset) -> None:
    model = fitted(name, dataset)
    if not model.trainable:
        pytest.skip("it does not learn")
    losses = dict(model.losses(four_pictures(dataset)))
    assert set(losses) == set(model.optimizers())
    assert all(loss.ndim == 0 and loss.isfinite() for loss in losses.values())


def test_gradients_reach_every_trainable_parameter(name: str, dataset: Dataset) -> None:
    model = fitted(name, dataset).train()
    if not model.trainable:
        pytest.skip("it does not learn")
    for _, loss in model.losses(four_pictures(dataset)):
        loss.backward()  # type: ignore[no-untyped-call]
    stepped = {
        id(parameter)
        for optimizer in model.optimizers().values()
        for group in optimizer.param_groups
        for parameter in group["params"]
        if parameter.requires_grad
    }
    for label, parameter in model.named_parameters():
        assert (id(parameter) in stepped) == parameter.requires_grad, label
        if parameter.requires_grad:
            assert parameter.grad is not None, label
            assert parameter.grad.isfinite().all(), label
            assert parameter.grad.any(), label


def test_the_loss_falls_on_four_pictures(name: str, dataset: Dataset) -> None:
    model = fitted(name, dataset).train()
    if not model.trainable:
        pytest.skip("it does not learn")
    batch, optimizers = four_pictures(dataset), model.optimizers()
    history: list[float] = []
    for _ in range(25):
        total = 0.0
        for which, loss in model.losses(batch):
            optimizers[which].zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizers[which].step()
            total += loss.item()
        history.append(total)
    assert history[-1] < 0.9 * history[0]


def test_the_metrics_have_a_loss_to_go_by(name: str, dataset: Dataset) -> None:
    model = fitted(name, dataset)
    if not model.trainable:
        pytest.skip("it does not learn")
    with torch.no_grad():
        metrics = model.metrics(four_pictures(dataset))
    assert "loss" in metrics
    assert all(value.isfinite() for value in metrics.values())


def test_a_model_learns_from_pictures_of_any_side(name: str) -> None:
    model = small(name).train()
    if not model.trainable:
        pytest.skip("it does not learn")
    rgb = np.random.default_rng(0).integers(0, 256, (3, 30, 30, 3)).astype(np.uint8)
    assert all(loss.isfinite() for _, loss in model.losses(to_batch(rgb)))
