"""Checks of how a model learns: losses, optimizers, gradients, and whether it gets anywhere."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from luvcolor.batches import to_batch
from luvcolor.model import Batch, Colorizer
from luvcolor.testing.pictures import picture
from luvcolor.testing.subject import Subject
from luvcolor.testing.words import expecting, require

__all__ = [
    "check_gradients",
    "check_learns",
    "check_losses",
    "check_metrics",
    "check_odd_sides",
]

MOST_STEPS = 300
FALL = 0.1
"""The share of its first value by which the loss has to fall, in so many steps at most."""
SMOOTH = 3
"""Steps whose mean has to be that low."""
FEW_STEPS = 3
"""Gradients may be zero at first, where layers start as nothing."""
LOOK = "Look at that line; losses gets a Batch(luma, uv, rgb) of any size."


def check_losses(subject: Subject) -> None:
    """Check that every loss is a number and names an optimizer, and each of those has one."""
    model = subject.fitted().train()
    losses = _losses(subject, model, subject.batch)
    optimizers = set(model.optimizers())
    require(
        set(losses) == optimizers,
        expected=f"a loss for each of its optimizers, which are {_listed(optimizers)}",
        found=f"losses for {_listed(losses)}",
        advice="Yield (name, loss), with the names that optimizers() returns; it is 'main' unless "
        "you write your own.",
    )
    for name, loss in losses.items():
        scalar = isinstance(loss, Tensor) and loss.ndim == 0
        require(
            scalar and loss.isfinite() and loss.requires_grad,
            expected=f"the loss {name!r} to be one finite number that can be differentiated",
            found=f"{loss!r}",
            advice="End with .mean() or .sum(), and detach nothing on the way.",
        )


def check_metrics(subject: Subject) -> None:
    """Check that metrics are numbers, with a loss among them to tell the best epoch by."""
    model = subject.fitted()
    advice = "Look at that line; metrics runs in evaluation mode, without gradients."
    with torch.no_grad(), expecting("metrics of a batch", package=subject.package, advice=advice):
        metrics = model.metrics(subject.batch)
    require(
        "loss" in metrics,
        expected="a metric called 'loss', which tells the best epoch",
        found=_listed(metrics),
        advice="Add one, the lower the better; or leave metrics out, for the sum of the losses.",
    )
    strange = {
        name: value
        for name, value in metrics.items()
        if not (isinstance(value, Tensor) and value.ndim == 0 and value.isfinite())
    }
    require(
        not strange,
        expected="metrics that are tensors of one finite number",
        found=", ".join(f"{name}: {value!r}" for name, value in strange.items()),
        advice="End with .mean().",
    )


def check_gradients(subject: Subject) -> None:
    """Check that gradients reach every parameter that is trained, and optimizers step it."""
    model = subject.fitted().train()
    optimizers = model.optimizers()
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    groups = [group for each in optimizers.values() for group in each.param_groups]
    stepped = {id(p) for group in groups for p in group["params"]}
    forgotten = [name for name, p in trained.items() if id(p) not in stepped]
    require(
        not forgotten,
        expected="every parameter in one of the optimizers",
        found=f"that {', '.join(forgotten)} is in none",
        advice="Add it, or call .requires_grad_(False) on what is to stay as it is.",
    )
    untouched = set(trained)
    for _ in range(FEW_STEPS):
        _step(subject, model, optimizers, subject.batch)
        untouched -= {n for n in untouched if (g := trained[n].grad) is not None and g.any()}
    require(
        not untouched,
        expected="a gradient for every parameter that is trained",
        found=f"none for {', '.join(sorted(untouched))}",
        advice="Something cuts it off, such as detach(), argmax, round() or a layer that is never "
        "called; or call .requires_grad_(False) on what is to stay as it is.",
    )


def check_learns(subject: Subject) -> None:
    """Check that the last loss yielded (a GAN's generator's) falls on four pictures."""
    model, batch = subject.fitted().train(), subject.batch
    optimizers = model.optimizers()
    history: list[float] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for _ in range(MOST_STEPS):
            history.append(_step(subject, model, optimizers, batch))
            if _has_fallen(history):
                return
    require(
        _has_fallen(history),
        expected=f"the loss to fall by {FALL:.0%} in {MOST_STEPS} steps on the same four pictures",
        found=f"{history[0]:.4g} at first, {float(np.mean(history[-SMOOTH:])):.4g} in the end",
        advice="Try other learning rates in optimizers() (`luvcolor train --find-rate` draws a "
        "curve), and see that predict and losses use the same layers.",
    )


def check_odd_sides(subject: Subject) -> None:
    """Check that it learns from pictures whose sides are multiples of nothing."""
    rgb = np.stack([picture(30, 30, seed) for seed in range(3)])
    losses = _losses(subject, subject.fitted().train(), to_batch(rgb))
    require(
        all(loss.isfinite() for loss in losses.values()),
        expected="finite losses for pictures of 30 x 30",
        found=", ".join(f"{name}: {loss.item()}" for name, loss in losses.items()),
        advice="Divide by no count that may be zero, and pad with luvcolor.model.pad_to_multiple.",
    )


def _losses(subject: Subject, model: Colorizer, batch: Batch) -> dict[str, Tensor]:
    side = batch.luma.shape[-1]
    expected = f"losses of {len(batch.luma)} pictures of {side} x {side}"
    with expecting(expected, package=subject.package, advice=LOOK):
        return dict(model.losses(batch))


def _step(
    subject: Subject, model: Colorizer, optimizers: dict[str, torch.optim.Optimizer], batch: Batch
) -> float:
    """Take a step for every loss; return the last."""
    value = 0.0
    with expecting("a step of training", package=subject.package, advice=LOOK):
        for name, loss in model.losses(batch):
            optimizers[name].zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizers[name].step()
            value = loss.item()
    return value


def _has_fallen(history: list[float]) -> bool:
    first, last = history[0], float(np.mean(history[-SMOOTH:]))
    return len(history) > SMOOTH and last <= first - FALL * abs(first)


def _listed(names: object) -> str:
    return ", ".join(sorted(map(repr, names))) or "none"  # type: ignore[call-overload]
