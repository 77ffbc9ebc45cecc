"""Checks of what a model answers: shapes, sizes, batches, draws, numbers."""

from __future__ import annotations

import inspect

import torch
from torch import Tensor

from luvcolor.model import Chroma
from luvcolor.testing.pictures import luma_of
from luvcolor.testing.subject import Subject, in_words
from luvcolor.testing.words import require

__all__ = [
    "check_batches",
    "check_draws",
    "check_finite",
    "check_leaves_things_alone",
    "check_needs_no_labels",
    "check_signature",
    "check_sizes",
]

SIZES = ((1, 1), (1, 40), (40, 1), (17, 23), (33, 32), (7, 96))
"""Height and width: one pixel, a line, odd, around a power of two, elongated."""
KEYWORDS = ("hints", "temperature", "generator")
ALIKE = 1e-3
"""Chroma that differs by no more, in u*, v*, is the same."""
NEAR = 1e-2
"""The same for a batch, where sums may be taken in another order."""


def check_signature(subject: Subject) -> None:
    """Check that `predict` can be called as luvcolor does: with luma, and three keywords."""
    parameters = inspect.signature(subject.model_class.predict).parameters.values()
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    taken = {p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    missing = [] if takes_any else [name for name in KEYWORDS if name not in taken]
    require(
        not missing,
        expected="predict(luma, *, hints=None, temperature=None, generator=None)",
        found=f"no parameter {', '.join(missing)}",
        advice="Add what is missing, or **_ for all that the model has no use for.",
    )
    luma, *others = [p for p in parameters if p.name != "self"]
    needed = [p.name for p in others if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    require(
        not needed,
        expected="predict to need the luma alone: no labels, and nothing else",
        found=f"that it needs {', '.join(needed)} beside {luma.name}",
        advice="Give those a default; what was learned belongs to the weights.",
    )


def check_sizes(subject: Subject) -> None:
    """Check that pictures of any size are answered, with chroma of their size."""
    model = subject.fitted()
    for size in SIZES:
        luma = luma_of(2, *size)
        _check_answer(subject.answer(model, luma), luma)


def check_batches(subject: Subject) -> None:
    """Check that a picture is answered alike alone and among others."""
    model, luma = subject.fitted(), luma_of(3, 32, 40)
    together = subject.answer(model, luma).uv
    alone = torch.cat([subject.answer(model, one[None]).uv for one in luma])
    _check_alike(
        "the same chroma for a picture alone as among two others",
        together,
        alone,
        NEAR,
        "Nothing may be computed over the batch: no mean or quantile over dimension 0, and batch "
        "normalization in evaluation mode. luvcolor predicts as many at once as there is room for.",
    )


def check_draws(subject: Subject) -> None:
    """Check that a seed decides what is drawn, and nothing is drawn without one."""
    model, luma = subject.fitted(), luma_of(2, 32, 32)

    def drawn(seed: int | None) -> Tensor:
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        return subject.answer(model, luma, temperature=0.1, generator=generator).uv

    advice = "Draw from `generator` alone, as in torch.rand(shape, generator=generator); without "
    advice += "one, answer with the central colouring. Dropout stays out of evaluation mode."
    for seed, when in ((1, "for one seed"), (None, "without a seed")):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            first = drawn(seed)
            torch.manual_seed(2)
            second = drawn(seed)
        _check_alike(f"the same chroma twice {when}", first, second, ALIKE, advice)


def check_finite(subject: Subject) -> None:
    """Check that black, white, gray and noise are answered with numbers, however bold."""
    model = subject.fitted()
    noise = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    pictures = {
        "black": torch.zeros_like(noise),
        "white": torch.ones_like(noise),
        "gray": torch.full_like(noise, 0.5),
        "noise": noise,
    }
    for name, luma in pictures.items():
        for temperature in (None, 0.0, 1.0):
            uv = subject.answer(model, luma, temperature=temperature).uv
            require(
                uv.isfinite().all(),
                expected=f"finite chroma for {name}, at temperature {temperature}",
                found=f"{int((~uv.isfinite()).sum())} of {uv.numel()} numbers NaN or infinite",
                advice="Keep divisors and arguments of logarithms from zero, such as by "
                "`.clamp_min(1e-6)`: a picture may be of one lightness, and the temperature 0.",
            )


def check_leaves_things_alone(subject: Subject) -> None:
    """Check that predicting changes neither the luma nor the model."""
    model, luma = subject.fitted(), luma_of(1, 32, 32)
    before = luma.clone()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    subject.answer(model, luma)
    require(
        torch.equal(luma, before),
        expected="predict to leave the luma as it is: it is the content of the picture",
        found=f"other numbers in it, by up to {float((luma - before).abs().max()):.3g}",
        advice="Work on a copy: `luma * 2 - 1` and not `luma.mul_(2)`, nor `luma += ...`.",
    )
    changed = [k for k, v in model.state_dict().items() if not torch.equal(state[k], v)]
    require(
        not changed and not model.training,
        expected="predict to leave the model as it is",
        found=f"a change of {', '.join(changed) or 'the mode: it is in training mode now'}",
        advice="Write to no parameter or buffer in predict, and call neither train() nor a layer "
        "that keeps statistics in training mode.",
    )


def check_needs_no_labels(subject: Subject) -> None:
    """Check that a model which has its weights, but never saw a picture, answers alike."""
    taught, untaught = subject.fitted(), subject.new()
    untaught.load_state_dict(taught.state_dict())
    if subject.spec.learns:
        list(taught.losses(subject.batch))
    luma = luma_of(1, 32, 32)
    _check_alike(
        "a model with the same weights to answer the same, though it never saw a label",
        subject.answer(taught.eval(), luma).uv,
        subject.answer(untaught.eval(), luma).uv,
        ALIKE,
        "Keep what fit_to and losses find out in buffers (`self.register_buffer(...)`), which go "
        "into checkpoints; plain attributes are lost.",
    )


def _check_answer(answer: Chroma, luma: Tensor) -> None:
    count, _, height, width = luma.shape
    advice = "Pad with luvcolor.model.pad_to_multiple, and cut the answer to the size of the luma."
    _check_plane("chroma (uv)", answer.uv, (count, 2, height, width), luma, advice)
    if answer.confidence is not None:
        _check_plane("confidence", answer.confidence, (count, 1, height, width), luma, advice)
        low, high = float(answer.confidence.min()), float(answer.confidence.max())
        require(
            0 <= low <= high <= 1,
            expected="confidence between 0 and 1",
            found=f"{low:.3g} to {high:.3g}",
            advice="End with a sigmoid or `.clamp(0, 1)`; or answer with None if it cannot tell.",
        )


def _check_plane(what: str, x: object, shape: tuple[int, ...], luma: Tensor, advice: str) -> None:
    kept = isinstance(x, Tensor) and x.shape == shape
    require(
        kept,
        expected=f"{what} of shape {shape} for {in_words(luma)}",
        found=f"shape {tuple(x.shape)}" if isinstance(x, Tensor) else f"a {type(x).__name__}",
        advice=advice,
    )
    assert isinstance(x, Tensor)
    require(
        x.is_floating_point() and x.device == luma.device,
        expected=f"{what} in floating point, on {luma.device} as the luma",
        found=f"{x.dtype} on {x.device}",
        advice="Compute with the tensors that come in, or bring others to `luma.device`.",
    )


def _check_alike(expected: str, one: Tensor, other: Tensor, near: float, advice: str) -> None:
    apart = float((one - other).abs().max()) if one.shape == other.shape else float("inf")
    require(
        apart <= near + 1e-4 * float(other.abs().max()),
        expected=expected,
        found=f"chroma that differs by up to {apart:.3g}",
        advice=advice,
    )
