"""Two networks against each other: who steps when, what each is after, what predicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from luvcolor.batches import to_batch
from luvcolor.checkpoint import card_of, load, save
from luvcolor.errors import UsageError
from luvcolor.model import Batch
from luvcolor_gan import ADVERSARIAL, GAN, Discriminator, GANConfig, Generator, compare
from tests.conftest import noisy


def small(**settings: object) -> GAN:
    torch.manual_seed(0)
    sizes = {"width": 8, "depth": 3, "judge_depth": 2, **settings}
    return GAN(GANConfig(**sizes))  # type: ignore[arg-type]


@pytest.fixture
def batch() -> Batch:
    return to_batch(np.stack([noisy(16, 16, seed) for seed in range(4)]))


def state_of(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def weights_of(module: nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in module.parameters()]


def same(before: list[Tensor], module: nn.Module) -> list[bool]:
    return [torch.equal(a, b) for a, b in zip(before, module.parameters(), strict=True)]


def step(model: GAN, losses: Iterator[tuple[str, Tensor]], expected: str) -> None:
    name, loss = next(losses)
    assert name == expected
    optimizer = model.optimizers()[name]
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def kinds(block: nn.Module) -> list[type[nn.Module]]:
    return [type(layer) for layer in block.children()]


def train(model: GAN, batch: Batch, steps: int) -> None:
    optimizers = model.optimizers()
    for _ in range(steps):
        for name, loss in model.losses(batch):
            optimizers[name].zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizers[name].step()


@pytest.mark.parametrize("spectral", [False, True])
@pytest.mark.parametrize("adversarial", sorted(ADVERSARIAL))
def test_each_step_leaves_the_other_network_alone(
    adversarial: str, spectral: bool, batch: Batch
) -> None:
    model = small(adversarial=adversarial, spectral_norm=spectral).train()
    generator, discriminator = weights_of(model.generator), weights_of(model.discriminator)
    losses = model.losses(batch)
    step(model, losses, "discriminator")
    assert all(same(generator, model.generator))
    assert not all(same(discriminator, model.discriminator))
    judged = weights_of(model.discriminator)
    step(model, losses, "generator")
    assert all(same(judged, model.discriminator))
    assert not all(same(generator, model.generator))
    assert next(losses, None) is None
    assert all(parameter.requires_grad for parameter in model.discriminator.parameters())


def test_the_generators_loss_sends_no_gradients_to_the_discriminator(batch: Batch) -> None:
    model = small().train()
    (_, first), (_, second) = model.losses(batch)
    first.backward()  # type: ignore[no-untyped-call]
    assert all(parameter.grad is None for parameter in model.generator.parameters())
    model.zero_grad()
    second.backward()  # type: ignore[no-untyped-call]
    assert all(parameter.grad is None for parameter in model.discriminator.parameters())
    assert all(parameter.grad is not None for parameter in model.generator.parameters())


@pytest.mark.parametrize("spectral", [False, True])
@pytest.mark.parametrize("autocast", [False, True])
def test_the_generator_is_judged_by_the_discriminator_that_has_stepped(
    autocast: bool, spectral: bool, batch: Batch
) -> None:
    model = small(chroma_weight=0.0, adversarial="hinge", spectral_norm=spectral).train()
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        losses = model.losses(batch)
        next(losses)
        with torch.no_grad():
            model.discriminator.verdict.bias.add_(1000)
        _, loss = next(losses)
    assert loss.item() == pytest.approx(-1000, rel=0.02)


@pytest.mark.parametrize(
    ("adversarial", "real", "fake", "fooled"),
    # 4 is the end of what is tried: the more, the better.
    [("bce", 4, -4, 4), ("least-squares", 1, 0, 1), ("hinge", 1, -1, 4)],
)
def test_each_loss_is_least_where_its_owner_wants_the_verdict(
    adversarial: str, real: int, fake: int, fooled: int
) -> None:
    loss, verdicts = ADVERSARIAL[adversarial], torch.arange(-4.0, 5.0)

    def least(losses: Tensor) -> list[int]:
        return [int(v) for v in verdicts[losses == losses.min()]]

    beyond = adversarial == "hinge"  # a margin: what lies beyond it costs nothing either
    assert least(loss.real(verdicts)) == (list(range(real, 5)) if beyond else [real])
    assert least(loss.fake(verdicts)) == (list(range(-4, fake + 1)) if beyond else [fake])
    assert least(loss.fooled(verdicts)) == [fooled]


@pytest.mark.parametrize("adversarial", sorted(ADVERSARIAL))
def test_a_discriminator_that_cannot_tell_is_indifferent(adversarial: str) -> None:
    """Where real and fake are alike, the best verdict is the middle: no net gradient there."""
    loss = ADVERSARIAL[adversarial]
    middle = {"bce": 0.0, "least-squares": 0.5, "hinge": 0.0}[adversarial]
    verdict = torch.tensor(middle, requires_grad=True)
    (loss.real(verdict) + loss.fake(verdict)).backward()  # type: ignore[no-untyped-call]
    assert verdict.grad is not None
    assert verdict.grad.item() == pytest.approx(0, abs=1e-6)


def test_bce_is_the_cross_entropy_of_a_sigmoid() -> None:
    loss, verdicts = ADVERSARIAL["bce"], torch.tensor([-3.0, 0.0, 2.0])
    truth = verdicts.sigmoid()
    torch.testing.assert_close(loss.real(verdicts), -truth.log())
    torch.testing.assert_close(loss.fake(verdicts), -(1 - truth).log())
    assert loss.fake(torch.tensor(1e4)).isfinite()


def test_the_average_follows_and_is_what_predicts(batch: Batch) -> None:
    model = small(decay=0.9).train()
    assert model.average is not None
    before = state_of(model.average)
    start = weights_of(model.generator)
    train(model, batch, 1)
    # The first share is 9 / 10, for the average has nothing to remember yet.
    for old, now, mean in zip(
        start, model.generator.parameters(), model.average.parameters(), strict=True
    ):
        torch.testing.assert_close(mean, old.lerp(now, 0.9))
    train(model, batch, 3)
    after = model.average.state_dict()
    assert not any(torch.equal(before[name], after[name]) for name in before)
    assert not any(parameter.requires_grad for parameter in model.average.parameters())
    model.eval()
    with torch.inference_mode():
        assert torch.equal(model(batch.luma), model.average(batch.luma))
        assert not torch.equal(model(batch.luma), model.generator(batch.luma))
    assert int(model.steps) == 4


def test_the_average_moves_by_its_decay_in_the_end(batch: Batch) -> None:
    model = small(decay=0.9)
    assert model.average is not None
    model.steps.fill_(10_000)
    for parameter in model.generator.parameters():
        parameter.data.add_(1)
    before = weights_of(model.average)
    model._follow()
    for old, mean in zip(before, model.average.parameters(), strict=True):
        torch.testing.assert_close(mean, old + 0.1)


def test_without_decay_the_generator_predicts(batch: Batch) -> None:
    model = small(decay=0.0).train()
    train(model, batch, 1)
    model.eval()
    assert model.average is None
    assert not any(name.startswith("average") for name in model.state_dict())
    with torch.inference_mode():
        assert torch.equal(model(batch.luma), model.generator(batch.luma))


def test_spectral_normalization_bounds_every_weight(batch: Batch) -> None:
    torch.manual_seed(0)
    discriminator = Discriminator([8, 16], spectral=True).train()
    layers = [m for m in discriminator.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    assert len(layers) == 3
    for layer in layers:  # as training might leave them
        layer.parametrizations.weight.original.data.mul_(50)  # type: ignore[union-attr, operator]
    for _ in range(30):
        discriminator(batch.luma, batch.uv / 100)
    for layer in layers:
        largest = torch.linalg.svdvals(layer.weight.detach().flatten(1)).max().item()
        assert largest == pytest.approx(1, abs=0.02)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in discriminator.modules())


def test_without_spectral_normalization_blocks_are_the_reports() -> None:
    discriminator = Discriminator([8, 16], spectral=False)
    for block in discriminator.blocks:
        assert kinds(block) == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU]
    assert all("parametrizations" not in name for name in discriminator.state_dict())


def test_the_generator_has_five_blocks_each_way_and_one_size() -> None:
    generator = Generator([4, 8, 16, 16, 16])
    for blocks, kind in ((generator.down, nn.Conv2d), (generator.up, nn.ConvTranspose2d)):
        assert [kinds(block) for block in blocks] == [[kind, nn.BatchNorm2d, nn.ReLU]] * 5
    assert len(small(depth=5).generator.down) == len(GAN().generator.down) == 5


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (33, 7), (50, 64)])
def test_pictures_of_any_size_are_made_and_judged(size: tuple[int, int]) -> None:
    generator = Generator([4, 8, 16, 16, 16]).eval()
    with torch.inference_mode():
        made = generator(torch.rand(2, 1, *size))
        assert made.shape == (2, 2, *size)
        for spectral in (False, True):
            judge = Discriminator([4, 8, 16], spectral=spectral).eval()
            assert judge(torch.rand(2, 1, *size), made).shape == (2, 1)


@pytest.mark.parametrize("level", [0, 1])
def test_every_skip_reaches_the_chroma(level: int) -> None:
    generator = Generator([4, 8, 16])
    seen: list[Tensor] = []
    generator.down[level].register_forward_hook(lambda module, given, out: seen.append(out))
    for parameter in generator.down[level + 1].parameters():
        nn.init.zeros_(parameter)  # the way down is cut
    (gradient,) = torch.autograd.grad(generator(torch.rand(2, 1, 16, 16)).sum(), seen[-1:])
    assert gradient.any()


@pytest.mark.parametrize("adversarial", sorted(ADVERSARIAL))
def test_a_few_steps_bring_the_chroma_nearer(adversarial: str) -> None:
    """Red on the left, blue on the right, at lightnesses that tell: trivial."""
    rgb = np.zeros((4, 16, 16, 3), np.uint8)
    rgb[:, :, :8, 0] = 200
    rgb[:, :, 8:] = (90, 120, 255)
    batch = to_batch(rgb)
    model = small(adversarial=adversarial, learning_rate=2e-3)
    before = model.eval().metrics(batch)["chroma_error"]
    train(model.train(), batch, 120)
    after = model.eval().metrics(batch)
    assert after["chroma_error"] < 0.5 * before
    assert 0.5 < after["colourfulness"] < 1.5


def test_the_loss_that_decides_is_the_error_and_what_is_amiss_in_colourfulness(
    batch: Batch,
) -> None:
    model = small().eval()
    metrics = model.metrics(batch)
    assert set(metrics) == {"loss", "chroma_error", "colourfulness", "psnr"}
    assert not any(value.requires_grad for value in metrics.values())
    error = (model.predict(batch.luma).uv - batch.uv).abs().mean() / 100
    assert metrics["chroma_error"].item() == pytest.approx(error.item())
    amiss = abs(1 - metrics["colourfulness"].item())
    assert metrics["loss"].item() == pytest.approx(error.item() * (1 + amiss))


def test_pictures_are_compared_with_the_truth(batch: Batch) -> None:
    same, gray = compare(batch, batch.uv), compare(batch, torch.zeros_like(batch.uv))
    assert same["colourfulness"] == pytest.approx(1, abs=0.01)
    assert same["psnr"] > 45 > 25 > gray["psnr"]
    assert gray["colourfulness"] < 0.05
    colourless = batch._replace(uv=0 * batch.uv, rgb=torch.full_like(batch.rgb, 128))
    assert np.isfinite(compare(colourless, batch.uv)["colourfulness"])


@pytest.mark.parametrize("spectral", [False, True])
@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_everything_travels_in_the_checkpoint(
    decay: float, spectral: bool, batch: Batch, tmp_path: Path
) -> None:
    model = small(decay=decay, spectral_norm=spectral).train()
    train(model, batch, 2)
    model.eval()
    save(tmp_path / "gan.safetensors", model, card_of(model, "gan", 16))
    loaded, _ = load(tmp_path / "gan.safetensors")
    assert isinstance(loaded, GAN)
    state = loaded.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    with torch.inference_mode():
        assert torch.equal(loaded(batch.luma), model(batch.luma))
        judged = [one.discriminator(batch.luma, batch.uv / 100) for one in (loaded, model)]
    assert torch.equal(*judged)
    assert int(loaded.steps) == (2 if decay else 0)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"adversarial": "wasserstein"}, "one of bce, least-squares, hinge; found 'wasserstein'"),
        ({"decay": 1.0}, "below 1; found 1.0"),
        ({"decay": -0.1}, "at least 0, which is off"),
        ({"chroma_weight": -1.0}, "not negative; found -1.0"),
        ({"chroma_weight": float("nan")}, "found nan"),
        ({"depth": 1}, "depth is at least 2"),
        ({"judge_depth": 0}, "found 3 and 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        small(**settings)
