"""Every check of the conformance kit can fail, and says what to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module, invalidate_caches
from inspect import signature
from pathlib import Path
from pkgutil import iter_modules

import pytest

import luvcolor.testing
from luvcolor.registry import registry
from luvcolor.testing.answers import (
    check_batches,
    check_draws,
    check_finite,
    check_leaves_things_alone,
    check_needs_no_labels,
    check_signature,
    check_sizes,
)
from luvcolor.testing.commands import check_chain, check_command_line
from luvcolor.testing.configs import check_config
from luvcolor.testing.hinting import check_hints
from luvcolor.testing.learning import (
    check_gradients,
    check_learns,
    check_losses,
    check_metrics,
    check_odd_sides,
)
from luvcolor.testing.places import check_checkpoint, check_devices
from luvcolor.testing.registering import check_registration, check_spec
from luvcolor.testing.subject import Subject
from luvcolor.testing.words import BrokenContractError
from tests.testing import strangers

Check = Callable[..., None]
TryOut = Callable[[Check, str], None]
Plug = Callable[[str, str], None]

PLUGIN = """
import os
from luvcolor import ModelSpec, hookimpl

WEIGHTLESS = {weightless!r}

@hookimpl
def luvcolor_register_models(register):
    for name in {names!r}:
        factory = "tests.testing.strangers:" + name
        register(ModelSpec(name, "A model.", factory, learns=name not in WEIGHTLESS))
    register(ModelSpec("Liar", "A model.", "tests.testing.strangers:Tint", learns=False))
    register(ModelSpec("Idler", "A model.", "tests.testing.strangers:Gray"))
    register(ModelSpec("Wordy", "A model.\\nOf many words.", "tests.testing.strangers:Tint"))
    if os.getpid() == {pid}:
        register(ModelSpec("Elsewhere", "A model.", "tests.testing.strangers:Tint"))
"""
WEIGHTLESS = ("Wash", "Gray", "DemandsByFailing", "Deaf")
NAMES = [name for name, found in vars(strangers).items() if hasattr(found, "predict")]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kit") / "pictures"


@pytest.fixture(scope="module")
def plug(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plug]:
    """Install a plugin of one module, as pip leaves it, until the tests end."""
    folder = tmp_path_factory.mktemp("plugins")

    def plugged(module: str, code: str) -> None:
        (folder / f"{module}.py").write_text(code)
        info = folder / f"{module}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {module}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[luvcolor]\n{module} = {module}\n")
        patch.delitem(sys.modules, module, raising=False)  # of the same name, in another test
        invalidate_caches()  # of what lies in the folder, which is remembered by its time
        registry.cache_clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.delenv("LUVCOLOR_PLUGINS", raising=False)
        yield plugged
    registry.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def strange(plug: Plug) -> None:
    code = PLUGIN.format(weightless=WEIGHTLESS, names=NAMES, pid=os.getpid())
    plug("lvc_strange", code)
    assert "Tint" in registry().models, registry().plugins


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait no longer than the healthy model takes."""
    monkeypatch.setattr("luvcolor.testing.learning.MOST_STEPS", 30)


@pytest.fixture
def try_out(pictures: Path, tmp_path: Path) -> TryOut:
    """Put a model to a check."""

    def tried(check: Check, name: str) -> None:
        subject = Subject(name, {}, pictures)
        if len(signature(check).parameters) > 1:
            check(subject, tmp_path)
        else:
            check(subject)

    return tried


EVERY = (
    check_registration, check_spec, check_config, check_signature, check_sizes, check_finite,
    check_batches, check_draws, check_leaves_things_alone, check_needs_no_labels, check_hints,
    check_devices,
)  # fmt: skip
LEARNERS = (
    check_checkpoint, check_losses, check_gradients, check_learns, check_metrics, check_odd_sides,
)  # fmt: skip
COMMANDS = (check_command_line, check_chain)


@pytest.mark.parametrize("check", [*EVERY, *LEARNERS, *COMMANDS])
def test_a_model_that_learns_and_keeps_the_contract_passes(check: Check, try_out: TryOut) -> None:
    try_out(check, "Tint")


@pytest.mark.parametrize("check", [*EVERY, *COMMANDS])
@pytest.mark.parametrize("name", ["Wash", "Gray"])
def test_one_that_needs_no_weights_passes(check: Check, name: str, try_out: TryOut) -> None:
    try_out(check, name)


BROKEN = [
    (check_registration, "Elsewhere", "LUVCOLOR_PLUGINS=lvc_strange", "always the same"),
    (check_spec, "Wordy", "a summary of one line", "say in a few words"),
    (check_spec, "Liar", "does not implement losses, for its ModelSpec says learns=False", "does"),
    (check_spec, "Idler", "implements losses, for its ModelSpec says learns=True", "does not"),
    (check_spec, "NoColorizer", "derives from luvcolor.Colorizer", "(Colorizer):`"),
    (check_spec, "TakesMore", "a model from its Config", "super().__init__(config)"),
    (check_config, "ThawedConfig", "a frozen dataclass", "@dataclass(frozen=True)"),
    (check_config, "BareConfig", "a default for every field", "none for levels"),
    (check_config, "ChoosyConfig", "a Config of defaults", "levels are at least 1"),
    (check_config, "UnkeptConfig", "come back from JSON", "frozenset is not JSON serializable"),
    (check_config, "UnequalConfig", "come back from JSON", "own `==`"),
    (check_config, "DropsConfig", "keep its Config as self.config", "levels=99"),
    (check_signature, "NoGenerator", "generator=None)", "no parameter generator"),
    (check_signature, "NeedsLabels", "need the luma alone", "it needs labels beside luma"),
    (check_sizes, "BareTensor", "with a luvcolor.Chroma", "`return Chroma(uv)`"),
    (check_sizes, "Halved", "of shape (2, 2, 1, 1)", "shape (2, 2, 2, 2)"),
    (check_sizes, "OneChannel", "of shape (2, 2, 1, 1)", "shape (2, 1, 1, 1)"),
    (check_sizes, "NoTensor", "chroma (uv) of shape", "a ndarray"),
    (check_sizes, "Reflecting", "2 pictures of 1 x 1", "RuntimeError: Argument #4"),
    (check_sizes, "Reflecting", "2 pictures of 1 x 1", "(tests.testing.strangers, line "),
    (check_sizes, "Integers", "in floating point", "torch.int64"),
    (check_sizes, "TooSure", "confidence between 0 and 1", " to 1."),
    (check_sizes, "SureOfBoth", "confidence of shape (2, 1, 1, 1)", "shape (2, 2, 1, 1)"),
    (check_batches, "Batchwise", "alone as among two others", "over the batch"),
    (check_draws, "DrawsAnyhow", "the same chroma twice for one seed", "from `generator` alone"),
    (check_draws, "DrawsElsewhere", "the same chroma twice for one seed", "`generator` alone"),
    (check_finite, "Logarithmic", "finite chroma for black", "NaN or infinite"),
    (check_finite, "DividesByTemperature", "at temperature 0.0", "the temperature 0"),
    (check_leaves_things_alone, "InPlace", "leave the luma as it is", "`luma.mul_(2)`"),
    (check_leaves_things_alone, "Counting", "leave the model as it is", "a change of count"),
    (check_leaves_things_alone, "StaysInTraining", "the model as it is", "in training mode now"),
    (check_needs_no_labels, "Remembers", "never saw a label", "differs by up to 40"),
    (check_hints, "UsesWord", "uses to be a tuple", "'colours'"),
    (check_hints, "UsesUnknown", "uses to be a tuple", "('strokes',)"),
    (check_hints, "DemandsInWords", "for uses is empty", "give --hint"),
    (check_hints, "DemandsByFailing", "UsageError that says which", "if hints is None"),
    (check_hints, "Deaf", "other chroma for other hints", "the same chroma"),
    (check_devices, "PlainTensor", "moved to, meta", "that shift stayed behind"),
    (check_devices, "PlainList", "moved to, meta", "that shifts stayed behind"),
    (check_checkpoint, "ExtraState", "tensors alone in state_dict()", "_extra_state (dict)"),
    (check_checkpoint, "Growing", "back from its checkpoint", "does not make or resize them"),
    (check_checkpoint, "Remembers", "answer as the one that was saved", "differs by up to 40"),
    (check_losses, "WrongName", "its optimizers, which are 'main'", "losses for 'other'"),
    (check_losses, "VectorLoss", "one finite number", "End with .mean()"),
    (check_losses, "Detached", "can be differentiated", "detach nothing"),
    (check_losses, "Raising", "losses of 4 pictures of 32 x 32", "KeyError: 'no such loss'"),
    (check_losses, "FailsToFit", "fit_to to look at a dataset", "KeyError: 'no such picture'"),
    (check_metrics, "NoLossMetric", "a metric called 'loss'", "'right'"),
    (check_metrics, "FloatMetric", "tensors of one finite number", "loss: 1.0"),
    (check_metrics, "NeedsGradients", "metrics of a batch", "without gradients"),
    (check_gradients, "Forgotten", "in one of the optimizers", "that extra is in none"),
    (check_gradients, "Unused", "a gradient for every parameter", "none for extra"),
    (check_learns, "Stuck", "fall by 10% in 30 steps", "learning rates"),
    (check_odd_sides, "OneSideOnly", "losses of 3 pictures of 30 x 30", "shape '[-1, 32, 32]'"),
    (check_odd_sides, "NoNumber", "finite losses for pictures of 30 x 30", "main: nan"),
    (check_command_line, "FailsInLightning", "luvcolor train", "ValueError: no validation here"),
    (check_command_line, "SquareOnly", "luvcolor colorize", "no such shape"),
    (check_chain, "SquareOnly", "` to succeed", "no such shape"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "name", "expected", "found"),
    BROKEN,
    ids=[f"{check.__name__}-{name}" for check, name, *_ in BROKEN],
)
def test_a_rule_that_is_broken_is_explained(
    check: Check, name: str, expected: str, found: str, try_out: TryOut
) -> None:
    with pytest.raises(BrokenContractError) as raised:
        try_out(check, name)
    assert expected in raised.value.expected
    assert found in f"{raised.value.found}\n{raised.value.advice}"
    assert raised.value.advice.endswith((".", ")"))


def test_every_check_of_the_kit_is_broken_here_and_asked_for_by_a_test() -> None:
    modules = [m.name for m in iter_modules(luvcolor.testing.__path__, "luvcolor.testing.")]
    found = {
        getattr(module, name)
        for module in map(import_module, modules)
        for name in vars(module)
        if name.startswith("check_")
    }
    assert found == {check for check, *_ in BROKEN}
    class_ = Path(import_module("luvcolor.testing.conformance").__file__ or "").read_text()
    assert all(f".{check.__name__}" in class_ for check in found)


@pytest.mark.parametrize(
    ("module", "line", "expected", "found"),
    [
        ("lvc_heavy", "import scipy", "import nothing heavy", "lvc_heavy.py, line 3"),
        pytest.param(
            *("lvc_sly", "from luvcolor import Colorizer", "nothing heavy", "lvc_sly.py, line 3"),
            marks=pytest.mark.slow,
        ),
        ("lvc_slow", "while time.process_time() < 0.9: pass", "no more than 0.5 s", " s"),
    ],
)
def test_a_plugin_that_is_slow_to_register_is_told_where(
    plug: Plug, try_out: TryOut, module: str, line: str, expected: str, found: str
) -> None:
    register = PLUGIN.partition("WEIGHTLESS")[2].partition("@hookimpl")[2].partition("    for")[0]
    hook = f"@hookimpl{register}    register(ModelSpec('{module}', 'One.', 'tests.testing:A'))"
    plug(module, f"import time\nfrom luvcolor import ModelSpec, hookimpl\n{line}\n{hook}\n")
    with pytest.raises(BrokenContractError) as raised:
        try_out(check_registration, module)
    assert expected in raised.value.expected
    assert found in raised.value.found
