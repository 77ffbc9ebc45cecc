"""The tests that a model's author inherits; each is one rule of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
import torch

from luvcolor.errors import LuvcolorError
from luvcolor.registry import registry
from luvcolor.testing import answers, commands, configs, hinting, learning, places, registering
from luvcolor.testing.subject import Subject
from luvcolor.testing.words import BrokenContractError

__all__ = ["ModelConformance"]

Test = TypeVar("Test", bound=Callable[..., None])
LEARNERS = "luvcolor_learners"


def _for_learners(test: Test) -> Test:
    """Mark a test that only a model that learns can be put to."""
    setattr(test, LEARNERS, True)
    return test


class ModelConformance:
    """What every model has to keep to; derive from it, and name the model.

    Attributes
    ----------
    model
        The registered name.
    settings
        Hyperparameters that make it small, so that the tests take seconds.

    Examples
    --------
    >>> class TestMyModel(ModelConformance):
    ...     model = "regression"
    ...     settings = {"width": 4, "depth": 2}
    """

    model: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]] = {}

    _subject: ClassVar[Subject | None] = None

    def __init_subclass__(cls, **rest: Any) -> None:
        """Leave out, for a model that does not learn, what only those that do are put to."""
        super().__init_subclass__(**rest)
        cls._subject = None
        spec = registry().models.get(getattr(cls, "model", ""))
        if spec is not None and not spec.learns:
            for name in dir(cls):
                if hasattr(getattr(cls, name), LEARNERS):
                    setattr(cls, name, None)

    def make_settings(self, folder: Path) -> Mapping[str, Any]:
        """Return the settings; override it where one names a file that has to be made first.

        Parameters
        ----------
        folder
            Empty, and there until the tests end.
        """
        return self.settings

    @pytest.fixture(autouse=True)
    def _one_thread(self) -> Iterator[None]:
        """Compute on one thread: models this small only wait for the others."""
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        yield
        torch.set_num_threads(before)

    @pytest.fixture
    def subject(self, tmp_path_factory: pytest.TempPathFactory) -> Subject:
        """Return the model, which is fitted once for all tests of a class."""
        kind = type(self)
        if kind._subject is None:
            made = self.make_settings(tmp_path_factory.mktemp("settings"))
            pictures = tmp_path_factory.getbasetemp() / "luvcolor-pictures"
            kind._subject = Subject(self.model, made, pictures)
        return kind._subject

    def test_it_is_registered_fast_and_without_torch(self, subject: Subject) -> None:
        """See `luvcolor.testing.registering.check_registration`."""
        _keeps(subject, registering.check_registration)

    def test_it_says_what_it_is_and_whether_it_learns(self, subject: Subject) -> None:
        """See `luvcolor.testing.registering.check_spec`."""
        _keeps(subject, registering.check_spec)

    def test_its_config_comes_back_from_json_and_set(self, subject: Subject) -> None:
        """See `luvcolor.testing.configs.check_config`."""
        _keeps(subject, configs.check_config)

    def test_predict_takes_luma_and_three_keywords(self, subject: Subject) -> None:
        """See `luvcolor.testing.answers.check_signature`."""
        _keeps(subject, answers.check_signature)

    def test_it_answers_pictures_of_any_size(self, subject: Subject) -> None:
        """See `luvcolor.testing.answers.check_sizes`."""
        _keeps(subject, answers.check_sizes)

    def test_it_answers_with_finite_numbers(self, subject: Subject) -> None:
        """See `luvcolor.testing.answers.check_finite`."""
        _keeps(subject, answers.check_finite)

    def test_it_answers_alike_alone_and_in_a_batch(self, subject: Subject) -> None:
        """See `luvcolor.testing.answers.check_batches`."""
        _keeps(subject, answers.check_batches)

    def test_a_seed_decides_what_is_drawn(self, subject: Subject) -> None:
        """See `luvcolor.testing.answers.check_draws`."""
        _keeps(subject, answers.check_draws)

    def test_predict_changes_neither_luma_nor_model(self, subject: Subject) -> None:
        """See `luvcolor.testing.answers.check_leaves_things_alone`."""
        _keeps(subject, answers.check_leaves_things_alone)

    def test_predict_needs_no_labels(self, subject: Subject) -> None:
        """See `luvcolor.testing.answers.check_needs_no_labels`."""
        _keeps(subject, answers.check_needs_no_labels)

    def test_it_uses_the_hints_that_it_says(self, subject: Subject) -> None:
        """See `luvcolor.testing.hinting.check_hints`."""
        _keeps(subject, hinting.check_hints)

    def test_it_moves_to_every_device(self, subject: Subject) -> None:
        """See `luvcolor.testing.places.check_devices`."""
        _keeps(subject, places.check_devices)

    @_for_learners
    def test_a_checkpoint_gives_it_back(self, subject: Subject, tmp_path: Path) -> None:
        """See `luvcolor.testing.places.check_checkpoint`."""
        _keeps(subject, places.check_checkpoint, tmp_path)

    @_for_learners
    def test_its_losses_name_optimizers(self, subject: Subject) -> None:
        """See `luvcolor.testing.learning.check_losses`."""
        _keeps(subject, learning.check_losses)

    @_for_learners
    def test_gradients_reach_every_parameter(self, subject: Subject) -> None:
        """See `luvcolor.testing.learning.check_gradients`."""
        _keeps(subject, learning.check_gradients)

    @_for_learners
    def test_its_loss_falls_on_four_pictures(self, subject: Subject) -> None:
        """See `luvcolor.testing.learning.check_learns`."""
        _keeps(subject, learning.check_learns)

    @_for_learners
    def test_its_metrics_have_a_loss(self, subject: Subject) -> None:
        """See `luvcolor.testing.learning.check_metrics`."""
        _keeps(subject, learning.check_metrics)

    @_for_learners
    def test_it_learns_from_pictures_of_any_side(self, subject: Subject) -> None:
        """See `luvcolor.testing.learning.check_odd_sides`."""
        _keeps(subject, learning.check_odd_sides)

    def test_it_works_from_the_command_line(self, subject: Subject, tmp_path: Path) -> None:
        """See `luvcolor.testing.commands.check_command_line`."""
        _keeps(subject, commands.check_command_line, tmp_path)

    def test_it_works_in_a_chain(self, subject: Subject, tmp_path: Path) -> None:
        """See `luvcolor.testing.commands.check_chain`."""
        _keeps(subject, commands.check_chain, tmp_path)


def _keeps(subject: Subject, check: Callable[..., None], *rest: Path) -> None:
    """Fail in words alone where a check does: how the kit found out is of no interest."""
    if failure := _failure(subject, check, *rest):
        pytest.fail(failure, pytrace=False)


def _failure(subject: Subject, check: Callable[..., None], *rest: Path) -> str:
    try:
        check(subject, *rest)
    except BrokenContractError as error:
        return f"{subject} does not keep its contract:\n{error}"
    except LuvcolorError as error:
        return str(error)
    return ""
